from datetime import UTC, date, datetime

import polars as pl
import pytest

from mappings.file.load import parse, preset_text
from mappings.frames.outcomes import outcomes
from mappings.frames.rolling_up import open_leads, past_ends

DAY = date(2026, 11, 3)
MAPPING = parse(
    preset_text("hubspot")
    + "\ncompanies: {roles: {boss: {seniority: [c_level, vp]}, buyer: {seniority: [vp], department: [purchasing]}}}\n",
    "own.yaml",
)
NONE = pl.DataFrame(schema=dict.fromkeys(("id", "key", "link"), pl.String))


def lead(created="2026-10-01T10:00:00.000Z", **values):
    return {"id": "1", "link": "7", "createdate": created, **values}


def opened(*leads, day=DAY):
    frame = pl.DataFrame(list(leads)).cast(pl.String)
    return open_leads(MAPPING, frame, NONE, day=day)


def test_a_lead_is_open_until_its_horizon_has_passed():
    within, over = (opened(lead(), day=day) for day in (date(2026, 12, 30), date(2026, 12, 31)))

    assert within["weeks"].to_list() == [12]
    assert over.is_empty()


@pytest.mark.parametrize("values", [{"hs_lead_status": "UNQUALIFIED"}, {"createdate": None}])
def test_one_that_was_turned_down_or_was_created_nobody_knows_when_is_not_open(values):
    assert opened(lead() | values).is_empty()


def test_a_lead_has_a_role_when_all_that_it_asks_for_holds():
    found = opened(lead(jobtitle="VP of Purchasing"), lead(jobtitle="Chief Executive Officer"), lead(jobtitle=None))

    assert found.select("role 0", "role 1").rows() == [(True, True), (True, False), (False, False)]


def test_a_lead_that_is_created_today_has_waited_no_week():
    assert opened(lead("2026-11-03T23:59:00.000Z"))["weeks"].to_list() == [0]


def test_the_past_tells_when_leads_ended_and_which_won_in_time():
    leads = pl.DataFrame([lead("2026-01-01T10:00:00.000Z") | {"id": one} for one in ("1", "2", "3")])
    deals = pl.DataFrame(
        [
            {"id": "a", "associations.contacts": "1", "closedate": "2026-02-10", "hs_is_closed_won": "true"},
            {"id": "b", "associations.contacts": "2", "closedate": "2026-02-20", "hs_is_closed_won": "false"},
        ]
    ).with_columns(pl.lit("true").alias("hs_is_closed"), pl.col("associations.contacts").alias("link"))

    told = outcomes(MAPPING, leads, deals, now=datetime(2026, 11, 3, tzinfo=UTC))
    won, lost, still = past_ends(MAPPING, told, leads).rows(named=True)

    assert won["won_at"] == won["ended_at"] == datetime(2026, 2, 10, tzinfo=UTC)
    assert (lost["won_at"], lost["ended_at"]) == (None, datetime(2026, 2, 20, tzinfo=UTC))
    assert (still["won_at"], still["ended_at"]) == (None, None)
