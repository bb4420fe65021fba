from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connector.simulator.families import alive, early, log_odds
from connector.simulator.happenings import LATEST_DAYS, Happenings
from connector.simulator.truth import STRENGTH
from connector.simulator.world import generate
from tests.connector.simulator.test_world import auc

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
BOTH = ("salesforce", "hubspot")
FRAMES = [frame.name for frame in fields(Happenings)]
FAMILIES = {"salesforce": ["junk", "online", "e-mail", "social", "company"]}
FAMILIES["hubspot"] = ["junk", "online", "social", "company"]  # e-mail and demographic decide by what was there already
# What they are of a lead at its creation, or of its company.
SAME = ("key", "created_at", "title", "country", "source", "company_key", "website", "industry", "opted_out")


def how(shown, leads=20_000):
    return {"leads": leads, "seed": 3, "now": NOW, "horizon_days": 90, "years": 2.0, "shown": shown}


@pytest.fixture(scope="module")
def worlds():
    return {shown: alive(**how(shown)) for shown in BOTH}


@pytest.fixture(scope="module")
def bare():
    return {shown: generate(**how(shown)) for shown in BOTH}


@pytest.mark.parametrize("shown", BOTH)
def test_the_same_arguments_make_the_same_world(shown):
    first, second = (alive(**how(shown, leads=300)) for _ in range(2))

    assert_frame_equal(first.leads, second.leads)
    assert_frame_equal(first.truth, second.truth)
    for name in FRAMES:
        assert_frame_equal(getattr(first.happenings, name), getattr(second.happenings, name))


@pytest.mark.parametrize("leads", [1, 2, 40])
def test_a_tiny_world_is_a_world(leads):
    for shown in BOTH:
        assert alive(**how(shown, leads=leads)).leads.height == leads


@pytest.mark.parametrize("shown", BOTH)
def test_a_plain_world_stays_beneath_it(worlds, bare, shown):
    world, plain = worlds[shown], bare[shown]

    assert plain.happenings is None
    assert_frame_equal(world.leads.select(SAME), plain.leads.select(SAME))
    untouched = [name for name in plain.companies.columns if name != "name"]
    assert_frame_equal(world.companies.select(untouched), plain.companies.select(untouched))
    assert_frame_equal(world.responses, plain.responses)
    assert world.truth["wins"].mean() == pytest.approx(plain.truth["wins"].mean(), abs=0.01)


@pytest.mark.parametrize("shown", BOTH)
def test_all_happens_in_the_first_days_and_in_the_past(worlds, shown):
    created = worlds[shown].leads.select(lead_key="key", created_at="created_at")

    for name in FRAMES:
        frame = getattr(worlds[shown].happenings, name).join(created, on="lead_key")
        after = frame["at"] - frame["created_at"]
        assert frame["at"].is_between(frame["created_at"], NOW).all(), name
        assert (after <= timedelta(days=LATEST_DAYS)).all(), name


@pytest.mark.parametrize("shown", BOTH)
def test_what_is_drawn_knows_nothing_of_the_outcome(bare, shown):
    """The families are drawn for the leads as they are before it is known who buys: of that nothing is looked at."""
    plain = bare[shown]
    outcome = ("status", "converted_at", "disqualified_at", "deal_key", "updated_at", "last_visit_at")
    blind = early(replace(plain, leads=plain.leads.drop(outcome), truth=plain.truth.clear()), shown)

    assert_frame_equal(blind.done.mails, early(plain, shown).done.mails)
    assert np.array_equal(blind.junk.signs, early(plain, shown).junk.signs)


@pytest.mark.parametrize("shown", BOTH)
def test_each_family_is_worth_something_and_none_settles_it(worlds, bare, shown):
    world = worlds[shown]
    chance, wins = world.truth["probability"].to_numpy(), world.truth["wins"].to_numpy()
    whole = np.log(chance / (1 - chance))
    told = log_odds(bare[shown], early(bare[shown], shown), shown)

    assert auc(wins, whole) < 0.94
    for family in FAMILIES[shown]:
        without = whole - STRENGTH * told[family]
        assert auc(wins, whole) - auc(wins, without) > 0.005, family
        assert auc(wins, told[family]) < 0.8, family


@pytest.mark.parametrize("shown", BOTH)
def test_counts_and_moments_agree(worlds, shown):
    leads, done = worlds[shown].leads, worlds[shown].happenings
    settled = leads.filter(pl.col("created_at") < NOW - timedelta(days=14))
    kinds = {
        "emails_delivered": "sent",
        "emails_opened": "opened",
        "emails_clicked": "clicked",
        "emails_replied": "reply",
    }

    for column, kind in kinds.items():
        told = done.mails.filter(pl.col("kind") == kind).group_by("lead_key").len()
        joined = settled.join(told, left_on="key", right_on="lead_key", how="left")
        assert (joined[column].fill_null(0) == joined["len"].fill_null(0)).all(), column
    seen = settled.join(done.visits.group_by("lead_key").len(), left_on="key", right_on="lead_key", how="left")
    assert (seen["visits"].fill_null(0) == seen["len"].fill_null(0)).all()
    assert (seen["last_visit_at"].is_not_null() == (seen["visits"].fill_null(0) > 0)).all()


def test_a_record_that_shows_them_moves_with_its_happenings(worlds):
    leads, done = worlds["hubspot"].leads, worlds["hubspot"].happenings
    last = pl.concat(frame.select("lead_key", "at") for frame in (done.visits, done.mails, done.touches))
    last = last.group_by("lead_key").agg(pl.col("at").max())

    joined = leads.join(last, left_on="key", right_on="lead_key")
    assert (joined["updated_at"] >= joined["at"]).all()


def test_only_reps_of_salesforce_log_calls_and_meetings(worlds):
    assert worlds["salesforce"].happenings.meetings.height > 1_000
    assert worlds["hubspot"].happenings.meetings.is_empty()
    assert worlds["hubspot"].happenings.calls.is_empty()


def test_a_language_follows_the_country_more_often_than_not(worlds):
    leads = worlds["hubspot"].leads.filter(pl.col("language").is_not_null())
    germans = leads.filter(pl.col("country") == "Germany")["language"]

    assert 0.1 < worlds["hubspot"].leads["language"].is_null().mean() < 0.3
    assert 0.7 < (germans == "de").mean() < 0.95
