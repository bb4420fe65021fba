import json

import numpy as np
import polars as pl
import pytest

from model.baselines import BASELINES
from model.evaluation import OURS, evaluate
from model.features import Feature
from model.recipe import QUICK
from model.splits import five_fold, forward
from tests.model.conftest import FEATURES, leads


def told(rows, features=FEATURES, splits=None, **more):
    rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias("group"))
    return evaluate(rows, features, splits or [forward(rows)], seed=1, threads=1, recipe=QUICK, **more)


@pytest.fixture(scope="module")
def measured():
    return told(leads(3_000))


def test_every_model_is_measured_on_the_same_rows(measured):
    for name in (*BASELINES, OURS):
        assert measured[name]["rows"] == 600
        assert 0 <= measured[name]["brier"] <= 1
        assert measured[name]["fit_cpu_s"] >= 0
    assert measured["about"]["in_time"]
    assert json.loads(json.dumps(measured)) == measured


def test_ours_beats_guessing_by_far_and_is_near_the_best(measured):
    best = max(measured[name]["auc"] for name in BASELINES)

    assert measured["prior"]["auc"] == 0.5
    assert measured[OURS]["log_loss"] < measured["prior"]["log_loss"] - 0.05
    assert measured[OURS]["auc"] > best - 0.02
    assert measured["usable"]


def test_what_leaks_is_left_out_for_all_models_unless_asked_otherwise():
    rows = leads(2_000)
    leaked = rows.with_columns(
        pl.when(pl.col("label")).then(pl.lit("Closed - Converted")).otherwise(pl.lit("Unqualified")).alias("status")
    )
    features = (*FEATURES, Feature("status", "Status", "category", "fit"))

    screened, all_of_it = told(leaked, features), told(leaked, features, screening=False)

    assert [finding["feature"] for finding in screened["findings"]] == ["status"]
    assert max(screened[name]["auc"] for name in (*BASELINES, OURS)) < 0.95
    assert all_of_it[OURS]["auc"] > 0.99


def test_figures_of_several_splits_are_their_mean():
    rows = leads(600).with_columns(pl.lit(None, dtype=pl.String).alias("group"))
    splits = five_fold(rows, seed=7)[:2]
    measured = told(rows, splits=splits)

    assert measured["about"]["splits"] == 2
    assert measured[OURS]["rows"] == sum(len(split.tested) for split in splits)
    assert measured["prior"]["log_loss"] == pytest.approx(
        np.mean([told(rows, splits=[split])["prior"]["log_loss"] for split in splits]), abs=1e-9
    )
