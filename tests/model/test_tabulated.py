"""Tables against the library: margins, contributions and their sum, over models and frames of every kind."""

import numpy as np
import polars as pl
import pytest
from catboost import CatBoostClassifier
from hypothesis import given, settings
from hypothesis import strategies as st

from model.codes import categories, encode, known_values
from model.errors import UnsuitableFrame
from model.features import Feature
from model.pool import MISSING, to_pool
from model.tabulated import tabulate

CLOSE = 1e-5
KINDS = ("category", "number", "boolean")
NUMBERS = (None, float("nan"), float("inf"), float("-inf"), 1e300, -1e300, -0.0)

SHAPES = st.fixed_dictionaries(
    {
        "depth": st.integers(1, 8),
        "iterations": st.integers(1, 12),
        "max_ctr_complexity": st.sampled_from([1, 1, 2, 3]),
        "one_hot_max_size": st.sampled_from([2, 2, 50]),
        "nan_mode": st.sampled_from(["Min", "Max"]),
        "boost_from_average": st.booleans(),
        "learning_rate": st.sampled_from([0.1, 0.5]),
        "random_seed": st.integers(0, 9),
    }
)


def features(*kinds):
    return tuple(Feature(f"f{place}", f"Field {place}", kind, "fit") for place, kind in enumerate(kinds))


def column(draw, feature, rows):
    absent = draw.random(rows) < 0.15
    match feature.kind:
        case "category":
            values = np.array([f"value {number}" for number in range(draw.integers(1, 9))])
            return pl.Series(np.where(absent, None, draw.choice(values, rows)).tolist(), dtype=pl.String)
        case "number":
            return pl.Series(np.where(absent, np.nan, np.round(draw.normal(0, 3, rows), 1))).fill_nan(None)
        case _:
            return pl.Series([None if gone else bool(draw.integers(2)) for gone in absent], dtype=pl.Boolean)


def learned_from(columns, seed, rows=150):
    draw = np.random.default_rng(seed)
    frame = pl.DataFrame({feature.name: column(draw, feature, rows) for feature in columns})
    margin = sum(
        (frame[feature.name].rank("dense").fill_null(0).to_numpy() % 5 - 2 for feature in columns), np.zeros(rows)
    )
    label = (draw.random(rows) < 1 / (1 + np.exp(-margin))).astype(int)
    label[:2] = 0, 1
    return frame, label


def fitted(frame, columns, label, **shape):
    member = CatBoostClassifier(**shape, thread_count=1, verbose=0, allow_writing_files=False)
    return member.fit(to_pool(frame, columns, label))


def odd(frame, columns, seed):
    """The frame, some of its values replaced by what learning never saw."""
    draw = np.random.default_rng(seed)
    strange = {
        "category": ["never seen", "", None, MISSING, "value 1 "],
        "number": list(NUMBERS),
        "boolean": [True, False, None],
    }
    return frame.with_columns(
        pl.Series(
            feature.name,
            [
                strange[feature.kind][draw.integers(len(strange[feature.kind]))] if draw.random() < 0.3 else value
                for value in frame[feature.name].to_list()
            ],
            dtype=frame[feature.name].dtype,
        )
        for feature in columns
    )


def by_the_library(members, frame, columns):
    pool = to_pool(frame, columns)
    shap = np.mean([m.get_feature_importance(pool, type="ShapValues", thread_count=1) for m in members], axis=0)
    raw = np.mean([m.predict(pool, prediction_type="RawFormulaVal") for m in members], axis=0)
    return shap[:, :-1], shap[0, -1], raw


@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=6), shapes=st.lists(SHAPES, min_size=1, max_size=3),
       seed=st.integers(0, 10_000))  # fmt: skip
@settings(max_examples=60)
def test_it_says_what_the_library_says_of_any_model_and_any_lead(kinds, shapes, seed):
    columns = features(*kinds)
    frame, label = learned_from(columns, seed)
    members = [fitted(frame, columns, label, **shape) for shape in shapes]
    leads = pl.concat([frame, odd(frame, columns, seed)])

    tables = tabulate(members, columns, known_values(frame, columns))
    parts, base = tables.contributions(leads)

    theirs, their_base, raw = by_the_library(members, leads, columns)
    assert np.abs(parts - theirs).max() < CLOSE
    assert abs(base - their_base) < CLOSE
    assert np.abs(parts.sum(axis=1) + base - raw).max() < CLOSE
    assert np.abs(tables.margins(leads) - raw).max() < CLOSE


@pytest.mark.parametrize("count", [1, 8, 9, 33, 70])
def test_it_is_exact_for_any_number_of_columns(count):
    columns = features(*["number"] * count)
    frame, label = learned_from(columns, seed=count)
    member = fitted(frame, columns, label, depth=4, iterations=40, random_seed=1)

    parts, base = tabulate([member], columns, {}).contributions(frame)

    theirs, their_base, _ = by_the_library([member], frame, columns)
    assert np.abs(parts - theirs).max() < CLOSE
    assert abs(base - their_base) < CLOSE


@pytest.mark.parametrize("count", [255, 256, 257, 10_000])
def test_a_category_may_have_any_number_of_values(count):
    columns = features("category")
    values = [f"value {number}" for number in range(count)]
    frame = pl.DataFrame({"f0": values * 2})
    label = np.arange(2 * count) % 7 % 2
    member = fitted(frame, columns, label, depth=2, iterations=10, max_ctr_complexity=1, random_seed=1)
    leads = pl.DataFrame({"f0": [*values, "never seen", None, MISSING]}, schema={"f0": pl.String})

    tables = tabulate([member], columns, {"f0": values})

    assert np.abs(tables.margins(leads) - by_the_library([member], leads, columns)[2]).max() < CLOSE


def test_a_model_that_learned_nothing_gives_everyone_its_base():
    columns = features("number", "category")
    frame = pl.DataFrame({"f0": [1.0] * 60, "f1": ["same"] * 59 + ["other"]})
    label = np.arange(60) % 2
    member = fitted(frame, columns, label, depth=3, iterations=3, random_seed=1)

    tables = tabulate([member], columns, known_values(frame, columns))
    parts, base = tables.contributions(frame)

    _, their_base, raw = by_the_library([member], frame, columns)
    assert abs(base - their_base) < CLOSE
    assert np.abs(parts.sum(axis=1) + base - raw).max() < CLOSE


def test_monotone_models_add_up_too_and_one_lead_is_explained_as_it_is_among_others():
    columns = features("number", "number", "number")
    frame, label = learned_from(columns, seed=3, rows=60)
    member = fitted(frame, columns, label, depth=6, iterations=20, monotone_constraints=[1, -1, 0], random_seed=1)

    tables = tabulate([member], columns, {})
    parts, base = tables.contributions(frame)
    alone = np.concatenate([tables.contributions(frame[row : row + 1])[0] for row in range(frame.height)])

    assert np.abs(parts.sum(axis=1) + base - by_the_library([member], frame, columns)[2]).max() < CLOSE
    assert (parts == alone).all()


def test_no_leads_have_no_margins():
    columns = features("number")
    frame, label = learned_from(columns, seed=1)
    tables = tabulate([fitted(frame, columns, label, depth=2, iterations=2)], columns, {})

    assert tables.margins(frame[:0]).shape == (0,)
    assert tables.contributions(frame[:0])[0].shape == (0, 1)


@pytest.mark.parametrize("shape", [{"grow_policy": "Depthwise"}, {"depth": 9}])
def test_trees_of_another_shape_are_refused_with_what_to_do(shape):
    columns = features("number")
    frame, label = learned_from(columns, seed=1)
    member = fitted(frame, columns, label, iterations=2, **shape)

    with pytest.raises(ValueError, match="Train with"):
        tabulate([member], columns, {})


def test_a_column_that_is_missing_or_of_the_wrong_kind_is_named_even_where_no_split_reads_it():
    columns = features("number", "category")
    frame, label = learned_from(columns, seed=1)
    flat = frame.with_columns(pl.lit("same").alias("f1"))
    tables = tabulate([fitted(flat, columns, label, iterations=3)], columns, known_values(flat, columns))

    with pytest.raises(UnsuitableFrame, match="f1"):
        tables.margins(frame.drop("f1"))
    with pytest.raises(UnsuitableFrame, match="f1"):
        tables.contributions(frame.with_columns(pl.lit(1).alias("f1")))


@given(st.lists(st.sampled_from(["a", "b", "", "never seen", None]), min_size=1, max_size=20))
def test_a_category_never_seen_has_a_code_of_its_own(values):
    coding = categories("industry", ["a", "b", ""])
    [codes] = encode(pl.DataFrame({"industry": pl.Series(values, dtype=pl.String)}), [coding])

    known = sorted(["", MISSING, "a", "b"])
    assert codes.tolist() == [known.index(MISSING if v is None else v) if v != "never seen" else 4 for v in values]
