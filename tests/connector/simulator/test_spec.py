from datetime import UTC, datetime, timedelta

import pytest
import requests

from connector.clock import MovableClock, ShiftedClock, SystemClock
from connector.simulator.spec import Contents, Spec, Table, build, clock_of

CLOCK = MovableClock(datetime(2026, 1, 5, 12, tzinfo=UTC))
TABLE = Table(path="leads.csv", outcome="Converted", positive="1", name="leads", drop=("Id", "Notes"))


@pytest.mark.parametrize(
    "spec",
    [
        Spec(),
        Spec(hubspot=Contents(leads=7, families=True)),
        Spec(salesforce=Contents(leads=7), seed=3, years=0.5, port=8080),
        Spec(hubspot=Contents(table=TABLE, options={"search_page": 50, "daily": None}), horizon_days=30),
    ],
)
def test_a_spec_survives_being_written_down(spec):
    assert Spec.from_json(spec.to_json()) == spec
    assert "\n" not in spec.to_json()


def test_a_spec_builds_what_it_names():
    spec = Spec(salesforce=Contents(leads=50), hubspot=Contents(leads=60, options={"search_page": 50}))

    with build(spec, CLOCK) as simulator:
        health = requests.get(simulator.url + "/simulator/health", timeout=10).json()

        assert health["result"] == {"crms": ["salesforce", "hubspot"]}
        assert simulator.hubspot.options.search_page == 50
        assert len(simulator.hubspot.snapshot("contacts")) == 60
        assert len(simulator.salesforce.snapshot("Lead")) == 50


def test_families_are_shown_where_they_are_asked_for():
    spec = Spec(salesforce=Contents(leads=50, families=True), hubspot=Contents(leads=50))

    with build(spec, CLOCK) as simulator:
        assert simulator.salesforce.snapshot("Task")
        contacts = simulator.hubspot.snapshot("contacts").values()
        assert {contact["hs_social_last_engagement"] for contact in contacts} == {None}


def test_a_table_can_be_what_a_crm_holds(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text("Origin,Converted\nAPI,1\nForm,0\nForm,0\n")
    table = Table(path=str(path), outcome="Converted", positive="1", name="leads")

    with build(Spec(hubspot=Contents(table=table)), CLOCK) as simulator:
        contacts = simulator.hubspot.snapshot("contacts")

    assert sorted(values["origin"] for values in contacts.values()) == ["API", "Form", "Form"]


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="search_pages"):
        build(Spec(hubspot=Contents(leads=1, options={"search_pages": 50})), CLOCK)


def test_worlds_told_at_one_moment_are_equal_whenever_they_are_made():
    spec = Spec(salesforce=Contents(leads=40), at="2026-03-02T04:10:00+00:00")
    later = MovableClock(CLOCK.now() + timedelta(days=200))

    with build(spec, CLOCK) as one, build(spec, later) as other:
        assert one.salesforce.digest("Lead") == other.salesforce.digest("Lead")


def test_a_clock_file_moves_the_time(tmp_path):
    clock = clock_of(Spec(clock_file=str(tmp_path / "offset")))
    before = clock.now()

    ShiftedClock(tmp_path / "offset").advance(timedelta(hours=1))

    assert clock.now() - before >= timedelta(hours=1)
    assert isinstance(clock_of(Spec()), SystemClock)
