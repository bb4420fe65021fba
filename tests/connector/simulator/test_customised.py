from collections import Counter
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from connector.clock import MovableClock
from connector.crm import Entity, Part
from connector.limiter import MemoryLimiter
from connector.salesforce.adapter import connect
from connector.salesforce.signin import ClientCredentials
from connector.simulator.customised import JUNK, LEAK, NOISE, PLAN, SIGNAL, customised
from connector.simulator.spec import Contents, Spec, build
from connector.simulator.world import generate

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SIGN_IN = ClientCredentials(client_id="truegrade", client_secret="truegrade-secret", url="https://sim.invalid")
HOW = {"leads": 4_000, "seed": 3, "now": NOW, "horizon_days": 90, "years": 2.0}


@pytest.fixture(scope="module")
def world():
    return customised(**HOW, fields=60)


def test_the_plan_has_so_many_of_each_role():
    assert Counter(one.role for one in PLAN) == {SIGNAL: 12, LEAK: 6, JUNK: 10, NOISE: 32}
    assert len({one.name for one in PLAN}) == 60


def test_the_same_arguments_make_the_same_world(world):
    assert_frame_equal(customised(**HOW, fields=60).leads, world.leads)


def test_a_field_is_drawn_alike_however_many_there_are(world):
    few = customised(**HOW, fields=4)

    assert [one.name for one in few.custom] == [one.name for one in PLAN[:4]]
    for one in PLAN[:4]:
        if one.role in {SIGNAL, NOISE} and one.kind != "date":  # nothing of them comes from who buys
            assert_series_equal(few.leads[one.name], world.leads[one.name])


def test_without_fields_it_is_the_world_that_it_always_was():
    plain = customised(**HOW, fields=0)

    assert_frame_equal(plain.leads, generate(leads=4_000, seed=3, now=NOW).leads)
    assert not plain.custom


def test_more_fields_than_are_planned_are_refused():
    with pytest.raises(ValueError, match="60 custom fields"):
        customised(**HOW, fields=61)


@pytest.mark.parametrize("one", [one for one in PLAN if one.role == SIGNAL], ids=lambda one: one.name)
def test_a_signal_moves_the_probability(one, world):
    column, chance = world.leads[one.name], world.truth["probability"]
    if column.dtype == pl.Float64:
        ranked = np.corrcoef(column.fill_null(strategy="mean").rank(), chance.rank())[0, 1]
        assert abs(ranked) > 0.08
    else:
        means = pl.DataFrame({"value": column, "chance": chance}).group_by("value").agg(pl.col("chance").mean())
        assert means["chance"].max() > 1.3 * means["chance"].min()


def test_leaks_are_filled_on_leads_that_ended_alone(world):
    is_open = world.leads["converted_at"].is_null() & world.leads["disqualified_at"].is_null()

    for name in ("Misc_7", "Budget_Range", "Preferred_Start", "Response_Time"):
        assert world.leads[name].filter(is_open).null_count() == is_open.sum(), name
        assert world.leads[name].null_count() < len(is_open), name


def test_the_org_describes_them_by_their_own_types_and_holds_their_values():
    spec = Spec(salesforce=Contents(leads=50, custom_fields=60))

    assert Spec.from_json(spec.to_json()) == spec
    clock = MovableClock(NOW)
    with build(spec, clock) as simulator:
        reader = connect(SIGN_IN, base_url=simulator.url, clock=clock, limiter=MemoryLimiter(clock, {}), jitter=float)
        fields = {field.name: field for field in reader.describe(Entity.LEAD)}
        names = [f"{one.name}__c" for one in PLAN]
        [page] = reader.everything(Entity.LEAD, names, Part())
        reader.close()

    assert [fields[name].kind for name in names] == [one.kind for one in PLAN]
    assert fields["Misc_3__c"].options == ("I", "II", "III", "IV")
    assert all(fields[name].custom for name in names)
    assert len(page.records) == 50
