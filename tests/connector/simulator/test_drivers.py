from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from connector.simulator.drivers import drivers
from connector.simulator.people import meanings
from connector.simulator.truth import STRENGTH
from connector.simulator.world import generate

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    return generate(leads=20_000, seed=3, now=NOW)


@pytest.fixture(scope="module")
def found(world):
    return drivers(world)


def test_drivers_add_up_to_the_truth(world, found):
    seasoned = (world.leads["created_at"] <= NOW - timedelta(days=5)).to_numpy()
    truth = world.truth["probability"].to_numpy()[seasoned]

    rest = np.log(truth / (1 - truth)) - found.sum_horizontal().to_numpy()[seasoned]

    assert rest.max() - rest.min() < 1e-9


def test_each_driver_is_measured_from_the_average_lead(found):
    assert np.abs(found.to_numpy().mean(axis=0)).max() < 1e-9


def test_what_sets_two_leads_apart_is_the_tables_effect(world, found):
    industry = world.leads.select("industry").with_columns(found["industry"].alias("effect"))
    by_name = dict(industry.group_by("industry").agg(pl.col("effect").first()).iter_rows())

    assert by_name["Technology"] - by_name["Government"] == pytest.approx(STRENGTH * 1.5)
    assert by_name["Technology"] - by_name[None] == pytest.approx(STRENGTH * 0.8)


def test_what_two_values_add_together_is_shared_by_both(world, found):
    leads = world.leads.with_columns(found["seniority"], found["size"])
    owners = leads.filter(pl.col("title").str.to_lowercase() == "owner")
    tiny, giant = owners.filter(pl.col("employees") < 20), owners.filter(pl.col("employees") >= 10_000)

    # An owner of a tiny firm is no catch, a chief of a giant is: 1.5 between them, half of it each one's.
    assert giant["seniority"][0] - tiny["seniority"][0] == pytest.approx(STRENGTH * 1.5 / 2, abs=0.1)


def test_every_title_has_one_meaning():
    told = meanings()

    assert told["title"].n_unique() == told.height
    assert told["seniority"].null_count() == 0
    assert told.row(by_predicate=pl.col("title") == "head of marketing")[1:] == ("director", "marketing")
