"""Deals that are pursued: the same by the same seed, told as of now, and won by a truth that shows beforehand."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connector.clock import MovableClock
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.pursued import pursued
from connector.simulator.pursuits import STAGES
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.world import generate

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def bare():
    return generate(leads=200, seed=4, now=NOW)


@pytest.fixture(scope="module")
def world(bare):
    return pursued(bare, deals=1_500)


def test_the_same_seed_gives_the_same_deals_and_leaves_the_world_as_it_is(bare, world):
    again = pursued(bare, deals=1_500)

    for name in ("deals", "moves", "actions", "truth"):
        assert_frame_equal(getattr(again.pursuits, name), getattr(world.pursuits, name))
    assert_frame_equal(world.leads, bare.leads)
    assert_frame_equal(world.deals.head(bare.deals.height), bare.deals)
    assert bare.pursuits is None


def test_nothing_is_told_that_lies_ahead_and_every_deal_has_its_moves(world):
    moves = world.pursuits.moves
    ends = moves.group_by("deal_key", maintain_order=True).last().join(world.deals, left_on="deal_key", right_on="key")

    assert moves["at"].max() < NOW
    assert world.pursuits.actions["at"].max() < NOW
    assert set(moves["deal_key"]) == set(world.deals["key"])
    closed = ends.filter(pl.col("stage") >= STAGES)
    assert set(closed["stage_right"]) == {"won", "lost"}
    assert set(ends.filter(pl.col("stage") < STAGES)["stage_right"]) == {"open"}
    assert (closed["at"] - closed["closed_at"]).abs().max() < timedelta(seconds=1)


def test_deals_are_won_as_often_as_the_truth_says_and_it_shows_beforehand(world):
    truth = world.pursuits.truth
    assert abs(truth["probability"].mean() - truth["won"].mean()) < 0.05

    first = world.pursuits.moves.join(world.deals.select(deal_key="key", made="created_at"), on="deal_key")
    early = first.filter(pl.col("at") < pl.col("made") + timedelta(days=30), pl.col("stage") < STAGES)
    shown = early.group_by("deal_key").agg(pl.col("stage").max(), pl.col("closes_on").n_unique().alias("dates"))
    by_end = shown.join(truth, on="deal_key").group_by("won").mean().sort("won")
    assert by_end["stage"][1] > by_end["stage"][0]
    assert by_end["dates"][1] < by_end["dates"][0]


def test_an_org_shows_each_state_of_a_deal_and_keeps_the_next_one(bare):
    small, clock = pursued(bare, deals=30), MovableClock(NOW)
    org = SalesforceOrg(small, clock=clock)
    deal = org.pick("Opportunity", {"IsClosed": False})[0]
    held = org.read("Opportunity", deal)
    states = [row for row in org.snapshot("OpportunityHistory").values() if row["OpportunityId"] == deal]

    assert max(states, key=lambda row: row["CreatedDate"])["StageName"] == held["StageName"]
    clock.advance(timedelta(hours=1))
    org.edit("Opportunity", deal, {"CloseDate": "2026-12-31"})
    org.edit("Opportunity", deal, {"NextStep": "Call"})
    org.edit("Opportunity", deal, {"StageName": "Closed Won"})
    added = [row for row in org.snapshot("OpportunityHistory").values() if row["OpportunityId"] == deal][len(states) :]
    assert [(row["StageName"], row["PrevCloseDate"]) for row in added] == [
        (held["StageName"], held["CloseDate"]),
        ("Closed Won", "2026-12-31"),
    ]
    won = org.read("Opportunity", deal)
    assert (won["IsClosed"], won["IsWon"], won["Probability"]) == (True, True, 100)
    assert won["LastStageChangeDate"].startswith("2026-01-02T13")
    assert set(org.truth([deal])) == {deal}
    org.close()


def test_a_portal_shows_what_a_deal_was_before(bare):
    small = pursued(generate(leads=60, seed=4, now=NOW, shown="hubspot"), deals=30)
    portal = HubSpotPortal(small, clock=MovableClock(NOW))
    deals = portal.snapshot("deals")
    [won] = portal.pick("deals", {"dealstage": "closedwon"})

    assert len(deals) == small.deals.height
    assert deals[won]["hs_v2_date_entered_current_stage"] == deals[won]["hs_v2_date_entered_closedwon"]
    assert set(portal.truth(list(deals))) >= set(list(deals)[-30:])
    assert sum(values["hs_is_closed"] != "true" for values in deals.values()) > 0
    portal.close()
