from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from model import learner
from model.figures import calibration_error
from model.fitting import recency
from model.recipe import QUICK
from tests.model.conftest import FEATURES, leads


def fit(rows, **more):
    return learner.fit(rows, FEATURES, **({"recipe": QUICK, "seed": 1, "threads": 1} | more))


@pytest.mark.parametrize("in_time", [True, False])
def test_it_ranks_and_its_likelihoods_come_true(in_time):
    learned = fit(leads(4_000), in_time=in_time)
    later = leads(4_000, seed=2)
    label, likelihood = later["label"].to_numpy(), learned.ensemble.likelihood(later)

    assert learned.choices["usable"]
    assert roc_auc_score(label, likelihood) > 0.72
    assert calibration_error(label, likelihood) < 0.05


def test_the_same_rows_and_seed_give_the_same_model():
    one, other = (fit(leads(1_500)).ensemble.margins(leads(200, seed=3)) for _ in range(2))

    assert np.array_equal(one, other)


def test_without_signal_it_says_so_and_every_likelihood_is_the_base_rate():
    rows = leads(3_000, signal=0.0)
    rows = rows.with_columns(rows["label"].shuffle(seed=5))

    learned = fit(rows)

    assert not learned.choices["usable"]
    assert np.allclose(learned.ensemble.likelihood(leads(50, seed=2)), rows["label"].mean(), atol=0.01)


def test_new_rows_weigh_more_where_the_market_has_moved():
    quiet, moved = leads(3_000), leads(3_000)
    latest = pl.int_range(pl.len()) >= 2_400
    moved = moved.with_columns((pl.col("label") | (latest & (pl.int_range(pl.len()) % 2 == 0))).alias("label"))

    assert fit(quiet).choices["recency"] == 0
    assert fit(moved).choices["recency"] == QUICK.recency
    assert fit(moved, in_time=False).choices["recency"] == 0


def test_a_rate_that_differs_by_chance_among_few_wins_is_no_moved_market():
    few = np.array(([1] + [0] * 9) * 16 + [1, 0, 0, 0, 0] * 8)
    many = np.array(([1] + [0] * 9) * 160 + [1, 0, 0, 0, 0] * 80)

    assert recency(few, QUICK) is None
    assert recency(many, QUICK) is not None


def test_the_linear_half_joins_where_it_tells_as_much_and_stays_out_where_it_does_not():
    straight = leads(4_000)
    draw = np.random.default_rng(1)
    crossed = straight.with_columns(
        pl.Series("label", (straight["visits"].to_numpy() > 2) ^ (straight["has_phone"].to_numpy() > 0))
        ^ pl.Series(draw.random(4_000) < 0.05)
    )

    assert fit(straight).choices["linear_share"] == QUICK.linear_share
    assert fit(crossed).choices["linear_share"] == 0


def test_a_monotone_feature_never_lowers_the_score():
    features = tuple(replace(feature, monotone=1 if feature.name == "visits" else 0) for feature in FEATURES)
    learned = learner.fit(leads(2_000), features, recipe=QUICK, seed=1, threads=1)
    lead = leads(1, seed=4)
    rising = pl.concat([lead.with_columns(pl.lit(float(visits)).alias("visits")) for visits in range(12)])

    assert learned.ensemble.line is None or learned.ensemble.line_share > 0
    trees = learned.ensemble.tables.margins(rising)
    assert (np.diff(trees) >= -1e-9).all()


def test_a_number_that_was_never_missing_counts_as_usual_when_it_is_missing_now():
    rows = leads(3_000)
    learned = fit(rows).ensemble
    lead = leads(200, seed=4)
    gone = lead.with_columns(pl.lit(None, dtype=pl.Float64).alias("visits"))
    usual = lead.with_columns(pl.lit(rows["visits"].quantile(0.5, "nearest")).alias("visits"))

    assert np.allclose(learned.margins(gone), learned.margins(usual))
    parts, base = learned.contributions(gone)
    assert np.allclose(parts.sum(axis=1) + base, learned.margins(gone), atol=1e-5)
