"""Deals as examples: their own end, the day on which each is looked at, and no look into the future."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.file.load import load_preset
from mappings.frames.as_of import CHANGES, Past, no_changes
from mappings.frames.examples import examples, funnel
from mappings.frames.outcomes import outcomes, writable
from tests.mappings.conftest import frame

SALESFORCE, HUBSPOT = load_preset("salesforce-deals"), load_preset("hubspot-deals")
CREATED = datetime(2025, 3, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 8, 1, tzinfo=UTC)
NOTHING = frame()
LOOKS = SALESFORCE.outcome.looks


def text(days):
    return f"{CREATED + timedelta(days=days):%Y-%m-%dT%H:%M:%S.000Z}"


def deal(one="D", *, ended=None, won=False, **values):
    closed = ended is not None
    flags = {"IsClosed": str(closed).lower(), "IsWon": str(won).lower(), "LastStageChangeDate": closed and text(ended)}
    return {"id": one, "CreatedDate": text(0), "Amount": "100"} | {k: v or None for k, v in flags.items()} | values


def state(days, stage, one="D", **values):
    row = {"id": f"{one}{days}{stage}", "link": one, "entity": "object:OpportunityHistory", "StageName": stage}
    return row | {"CreatedDate": text(days), "CloseDate": "2025-06-01", "Amount": "100"} | values


def told(mapping, *deals):
    return outcomes(mapping, frame(*deals), NOTHING, now=NOW).to_dicts()


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (deal(), ("open", False)),
        (deal(ended=120, won=True), ("won", True)),
        (deal(ended=179, won=True), ("won", True)),
        (deal(ended=181, won=True), ("won", False)),
        (deal(ended=120), ("lost", False)),
    ],
)
def test_a_deals_end_stands_on_the_deal(one, wanted):
    (row,) = told(SALESFORCE, one)

    assert (row["outcome"], row["reached"]) == wanted
    assert writable(SALESFORCE, frame(one)).to_list() == [wanted[0] == "open"]


def test_a_hubspot_deal_whose_amount_is_a_feature_ends_as_well():
    flags = {"hs_is_closed": "true", "hs_is_closed_won": "true", "hs_v2_date_entered_current_stage": text(20)}
    (row,) = told(HUBSPOT, {"id": "7", "createdate": text(0), "amount": "250"} | flags)

    assert (row["outcome"], row["reached"], row["amount"]) == ("won", True, 250.0)


def test_each_deal_is_looked_at_once_and_all_of_them_at_every_age():
    ids = [f"0065g{number:010}" for number in range(600)]
    rows = told(SALESFORCE, *(deal(one) for one in ids))
    ages = [(row["as_of"] - row["created_at"]).days for row in rows]

    assert set(ages) == set(LOOKS)
    assert max(map(ages.count, LOOKS)) < 2 * min(map(ages.count, LOOKS))
    again = told(SALESFORCE, *(deal(one) for one in reversed(ids)))
    assert {row["id"]: row["as_of"] for row in again} == {row["id"]: row["as_of"] for row in rows}


def test_who_has_ended_before_the_look_is_no_example_and_the_funnel_says_so():
    frame_of = outcomes(SALESFORCE, frame(deal(ended=1, won=True), deal("E")), NOTHING, now=NOW)
    counts = {name: (number, words) for name, number, words in funnel(SALESFORCE, frame_of)}

    assert counts["decided before"][0] == 1
    assert "3, 14, 30, 50, 75 or 105 days" in counts["decided before"][1]
    assert counts["examples"][0] == 1


STAGES = st.sampled_from(["Prospecting", "Needs Analysis", "Negotiation/Review", "Closed Won", "Closed Lost"])


@given(
    st.lists(st.tuples(st.floats(0, 400), STAGES), max_size=8),
    st.sampled_from(["D", "E", "F", "G", "H", "I"]),
)
def test_what_comes_after_the_look_changes_no_example(states, one):
    look = told(SALESFORCE, deal(one))[0]["as_of"] - CREATED
    rows = [state(days, stage, one) for days, stage in states]
    before = [row for row, (days, _) in zip(rows, states, strict=True) if timedelta(days=int(days)) <= look]
    before = [row for row in before if row["CreatedDate"] <= f"{CREATED + look:%Y-%m-%dT%H:%M:%S.000Z}"]

    def made(activities):
        shape = state(0, "x")
        found = examples(SALESFORCE, frame(deal(one)), NOTHING, frame(*activities, fields=shape), NOTHING, now=NOW)
        return found.to_dicts()

    assert made(rows) == made(before)


def test_a_hubspot_deal_is_as_it_was_when_it_was_looked_at():
    now = {"dealstage": "closedwon", "closedate": text(100), "hs_is_closed": "true", "hs_is_closed_won": "true"}
    one = {"id": "7", "createdate": text(0), "hs_v2_date_entered_current_stage": text(150)} | now
    look = told(HUBSPOT, one)[0]["as_of"] - CREATED
    after = text(look.days + 1)
    changed = [("7", "dealstage", after, "qualifiedtobuy"), ("7", "closedate", after, text(60))]
    past = Past(pl.DataFrame(changed, CHANGES, orient="row"), no_changes(), no_changes())

    (made,) = examples(HUBSPOT, frame(one), NOTHING, NOTHING, NOTHING, now=NOW, past=past).to_dicts()

    assert (made["label"], made["stage"], made["planned_days"]) == (True, "qualifiedtobuy", 60.0)
