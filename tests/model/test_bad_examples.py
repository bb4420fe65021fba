"""What is wrong with examples or with leads to score is a clear sentence or a right answer, and never anything else."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from model import learn
from model.errors import NotEnoughHistory, UnsuitableFrame
from model.suitable import suitable
from tests.model.conftest import FEATURES, NOW, leads, train

ROWS = 800
OUTCOMES = pl.lit(None, dtype=pl.Boolean)


def every(step, value, name):
    """Put a value into each so many-th row of a column."""
    return pl.when(pl.int_range(pl.len()) % step == 0).then(value).otherwise(name).alias(name)


def is_sound(model, frame):
    scored = model.score(frame)
    numbers = scored.select("likelihood", "margin").to_numpy()
    return bool(np.isfinite(numbers).all() and scored["likelihood"].is_between(0, 1).all())


@pytest.mark.parametrize("won", [True, False])
def test_leads_that_all_ended_alike_are_no_history(won):
    with pytest.raises(NotEnoughHistory, match=rf"{ROWS if won else 0} of them won") as told:
        train(leads(ROWS).with_columns(pl.lit(won).alias("label")))

    assert "milestone" in told.value.fix


def test_ten_leads_are_no_history():
    with pytest.raises(NotEnoughHistory, match="There are 10 leads") as told:
        train(leads(10))

    assert "Wait" in told.value.fix


@pytest.mark.parametrize(
    "value",
    [pl.lit(7.0), pl.lit(None, dtype=pl.Float64), pl.lit(None), pl.lit(float("inf")), pl.lit(float("nan"))],
    ids=["one value", "all missing", "without a type", "infinite", "no number"],
)
def test_a_column_that_says_nothing_is_named_and_left_out(value):
    examples = leads(ROWS).with_columns(value.alias("visits"))

    model = train(examples)

    assert model.card["constant"] == ["visits"]
    assert "visits" not in [feature.name for feature in model.features]
    assert is_sound(model, examples)


def test_ten_thousand_categories_are_learned_from_and_unseen_ones_scored():
    draw = np.random.default_rng(4)
    names = [f"company {number}" for number in draw.integers(0, 10_000, 14_000)]
    examples = leads(14_000).with_columns(pl.Series("industry", names))
    unseen = leads(50, seed=9).with_columns(pl.lit("never heard of").alias("industry"))

    model = train(examples)

    assert examples["industry"].n_unique() > 7_000
    assert is_sound(model, unseen)


def test_infinities_and_numbers_beyond_counting_are_taken_as_not_known():
    odd = leads(ROWS).with_columns(every(5, float("inf"), "visits"), every(7, -1e300, "employees"))
    odd = odd.with_columns(every(11, float("-inf"), "visits"), every(13, float("nan"), "employees"))
    missing = odd.with_columns(pl.when(pl.col(name).abs() < 1e30).then(name) for name in ("visits", "employees"))

    model = train(odd)

    assert model.version == train(missing).version
    assert is_sound(model, odd)


def test_an_id_that_stands_twice_is_told_without_saying_it():
    examples = leads(ROWS)
    doubled = pl.concat([examples, examples[10:13]])

    with pytest.raises(UnsuitableFrame, match=r"id holds 3 ids .* row 11.*Keep one row") as told:
        train(doubled)

    assert "L10" not in str(told.value)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (every(4, OUTCOMES, "label"), "label is empty for 200 of 800 leads"),
        (OUTCOMES.alias("label"), "label is empty for 800 of 800 leads"),
        (pl.col("label").cast(pl.Int64), "label is Int64"),
        (pl.col("label").cast(pl.String), "label is String"),
    ],
    ids=["some null", "all null", "numbers", "text"],
)
def test_outcomes_that_are_not_known_are_told(label, words):
    with pytest.raises(UnsuitableFrame, match=words):
        train(leads(ROWS).with_columns(label))


@pytest.mark.parametrize("name", ["id", "created_at", "label", "industry", "visits"])
def test_a_column_that_examples_lack_is_named(name):
    with pytest.raises(UnsuitableFrame, match=f"The column {name} is missing"):
        train(leads(ROWS).drop(name))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("visits", pl.col("visits").cast(pl.String)),
        ("visits", pl.col("created_at").dt.date()),
        ("industry", pl.lit(date(2026, 1, 1))),
        ("industry", pl.col("visits")),
        ("has_phone", pl.lit("yes")),
        ("created_at", pl.col("created_at").cast(pl.String)),
    ],
)
def test_a_column_of_another_kind_is_named(name, values):
    odd = leads(ROWS).with_columns(values.alias(name))

    with pytest.raises(UnsuitableFrame, match=f"The column {name} is"):
        train(odd)


def test_a_feature_that_is_there_twice_is_named():
    options = {"seed": 1, "now": NOW, "horizon_days": 90, "milestone": "won"}

    with pytest.raises(UnsuitableFrame, match="several features named industry"):
        learn.train(leads(ROWS), (FEATURES[0], *FEATURES), **options)


def test_dates_typed_as_text_are_a_category_like_any_other():
    examples = leads(ROWS).with_columns(pl.col("created_at").dt.strftime("%d.%m.%Y").alias("industry"))

    assert is_sound(train(examples), examples)


@pytest.mark.parametrize("name", ["industry", "employees", "has_phone", "visits"])
def test_a_feature_that_vanished_since_training_is_named(model, name):
    with pytest.raises(UnsuitableFrame, match=f"The column {name} is missing"):
        model.score(leads(20).drop(name))


@pytest.mark.parametrize(
    ("name", "kind"), [("visits", pl.String), ("industry", pl.Categorical), ("has_phone", pl.Int8)]
)
def test_a_feature_that_has_another_kind_since_training_is_named(model, name, kind):
    with pytest.raises(UnsuitableFrame, match=f"The column {name} is"):
        model.score(leads(20).with_columns(pl.col(name).cast(kind)))


def test_odd_values_of_a_lead_are_scored_as_best_as_can_be(model):
    odd = leads(4).with_columns(
        pl.Series("visits", [float("inf"), float("-inf"), float("nan"), None]),
        pl.Series("employees", [1e300, -1e300, None, float("nan")]),
        pl.Series("industry", ["", "x" * 100_000, None, "\0"]),
    )

    assert is_sound(model, odd)


def test_no_leads_have_no_scores(model):
    assert model.score(leads(20)[:0]).height == 0


def test_sound_examples_pass_as_they_are():
    examples = leads(50)

    assert suitable(examples, FEATURES).equals(examples)
