import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import DamagedModel, UnsuitableFrame
from model.model import load
from model.pool import to_pool
from tests.model.conftest import FEATURES, leads

FRAMES = st.lists(
    st.tuples(
        st.sampled_from(["banking", "energy", "retail", "never seen", None]),
        st.one_of(st.none(), st.floats(0, 1e7)),
        st.one_of(st.none(), st.booleans()),
        st.one_of(st.none(), st.floats(0, 500)),
    ),
    min_size=1,
    max_size=20,
)


def frame(rows):
    return pl.DataFrame(
        [(str(number), *row) for number, row in enumerate(rows)],
        schema={
            "id": pl.String,
            "industry": pl.String,
            "employees": pl.Float64,
            "has_phone": pl.Boolean,
            "visits": pl.Float64,
        },
        orient="row",
    )


@given(FRAMES)
@settings(max_examples=40)
def test_reasons_add_up_to_the_score(model, rows):
    base, parts = model.contributions(frame(rows))
    scored = model.score(frame(rows))

    assert np.allclose(base + parts.sum_horizontal(), scored["margin"], atol=1e-9)
    assert np.allclose(1 / (1 + np.exp(-scored["margin"])), scored["likelihood"])
    assert np.allclose(model.ensemble.margins(frame(rows)), scored["margin"], atol=1e-6)


@given(FRAMES)
@settings(max_examples=40)
def test_one_lead_scores_as_it_does_among_others(model, rows):
    together = model.score(frame(rows)).drop("id")
    alone = pl.concat([model.score(frame([row])).drop("id") for row in rows])

    assert together.drop("reasons", "likelihood", "margin").equals(alone.drop("reasons", "likelihood", "margin"))
    assert np.allclose(together["margin"], alone["margin"], atol=1e-9)


def test_a_higher_likelihood_never_has_a_lower_score_or_grade(model):
    scored = model.score(leads(2_000, seed=9)).sort("likelihood")

    assert scored["score"].is_sorted()
    assert scored["grade"].is_sorted(descending=True)
    assert set(scored["grade"]) == {"A", "B", "C", "D"}
    assert scored["score"].min() >= 1
    assert scored["score"].max() <= 99


def test_likelihoods_come_true_on_leads_it_has_never_seen(model):
    later = leads(4_000, seed=11)
    scored = model.score(later)

    assert abs(scored["likelihood"].mean() - later["label"].mean()) < 0.03


def test_reasons_are_sentences_strongest_first_with_stable_codes(model):
    reasons = model.score(leads(50, seed=2))["reasons"].explode().struct.unnest()

    assert reasons["code"].str.contains(r"^[A-Z_]+[+-]$").all()
    assert reasons["text"].str.contains("Industry|Employees|Phone number|Visits").all()
    for row in model.score(leads(50, seed=2))["reasons"]:
        effects = [abs(reason["effect"]) for reason in row.to_list()]
        assert effects == sorted(effects, reverse=True)


def test_no_leads_give_no_scores(model):
    assert model.score(leads(0)).height == 0


def test_a_model_is_kept_and_read_back_the_same(model, tmp_path):
    model.save(tmp_path / "kept")

    again = load(tmp_path / "kept")

    some = leads(200, seed=5)
    assert again.score(some).equals(model.score(some))
    assert json.loads(json.dumps(again.card)) == model.card
    assert again.backtest.equals(model.backtest)


@pytest.mark.parametrize("damage", ["model.json", "member-0.cbm", "backtest.parquet"])
def test_a_damaged_model_is_refused_by_name(model, tmp_path, damage):
    model.save(tmp_path / "kept")
    (tmp_path / "kept" / damage).unlink()

    with pytest.raises(DamagedModel, match="kept"):
        load(tmp_path / "kept")


def test_a_column_that_is_missing_or_of_the_wrong_kind_is_named(model):
    with pytest.raises(UnsuitableFrame, match="visits"):
        model.score(leads(5).drop("visits"))
    with pytest.raises(UnsuitableFrame, match="employees"):
        model.score(leads(5).with_columns(pl.col("employees").cast(pl.String)))


@pytest.mark.parametrize("kind", [pl.Categorical(), pl.Date()])
def test_what_would_kill_the_interpreter_does_not_get_through_the_door(kind):
    with pytest.raises(UnsuitableFrame, match="industry"):
        to_pool(leads(5).with_columns(pl.lit(None).cast(kind).alias("industry")), FEATURES)


def test_naming_features_loads_no_learner():
    code = "import sys, model.features; sys.exit('catboost' in sys.modules or 'polars' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
