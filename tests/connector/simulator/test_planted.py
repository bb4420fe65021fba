from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connector.simulator.planted import LEAKS, NULLS, leaks, nulls
from connector.simulator.world import generate

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    return generate(leads=20_000, seed=3, now=NOW)


@pytest.fixture(scope="module")
def ended(world):
    """Leads whose horizon has passed: their planted fields, and whether they won."""
    is_mature = world.leads["created_at"] <= NOW - timedelta(days=world.horizon_days)
    return leaks(world, 5).filter(is_mature), world.truth["wins"].filter(is_mature)


@pytest.mark.parametrize(("make", "listed"), [(leaks, LEAKS), (nulls, NULLS)])
def test_the_planted_columns_are_those_that_are_listed(make, listed, world):
    made = make(world, 5)

    assert made.columns == list(listed)
    assert made.height == world.leads.height


@pytest.mark.parametrize("make", [leaks, nulls])
def test_the_same_world_and_seed_plant_the_same(make, world):
    assert_frame_equal(make(world, 5), make(world, 5))


def test_amounts_are_there_for_winners_alone(ended):
    fields, wins = ended

    assert fields["deal_amount"].is_not_null().equals(wins)


def test_winners_are_closed_and_have_no_reason_lost(ended):
    fields, wins = ended
    won = fields.filter(wins)

    assert set(won["status"]) == {"Closed - Converted"}
    assert won["lost_reason"].null_count() == won.height
    assert won["days_to_close"].null_count() == 0
    assert fields["lost_reason"].null_count() < fields.height


def test_the_score_the_calls_and_the_copy_know_the_outcome(ended):
    fields, wins = ended
    for name in ("later_score", "calls_logged"):
        of_winners, of_others = fields[name].filter(wins), fields[name].filter(~wins)

        assert of_winners.mean() > of_others.mean() + of_others.std()
    assert (fields["nearly_the_outcome"] == wins).mean() == pytest.approx(0.98, abs=0.01)


def test_days_are_never_negative(ended):
    fields, _ = ended

    assert fields.select(pl.min("days_to_close", "days_to_last_change")).to_numpy().min() >= 0


def test_every_lead_has_a_number_and_an_identifier_of_its_own(ended):
    fields, _ = ended

    assert fields["row_number"].n_unique() == fields["identifier"].n_unique() == fields.height


def test_nulls_know_nothing(world):
    wins, fields = world.truth["wins"].to_numpy(), nulls(world, 5)

    assert abs(np.corrcoef(fields["noise_number"].to_numpy(), wins)[0, 1]) < 0.03
    assert fields["noise_of_5000"].n_unique() > 4_000
    shuffled, source = fields["shuffled"], world.leads["source"]
    assert shuffled.value_counts().sort("shuffled").rows() == source.value_counts().sort("source").rows()
    assert (shuffled == source).mean() < 0.5
