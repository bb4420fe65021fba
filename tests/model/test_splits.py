import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from model.fitting import Setting, splits
from model.recipe import QUICK
from model.splits import five_fold, forward, later
from tests.model.conftest import FEATURES, leads


def grouped(rows, companies, seed):
    draw = np.random.default_rng(seed)
    names = [f"company {draw.integers(companies)}" if draw.random() < 0.8 else None for _ in range(rows)]
    return leads(rows, seed).with_columns(pl.Series("group", names, dtype=pl.String))


@given(st.integers(1, 400), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_no_company_is_on_both_sides(companies, seed):
    rows = grouped(500, companies, seed)
    for split in (later(rows, share=0.2, seed=1), forward(rows), *five_fold(rows, seed=7)):
        learned, tested = (set(rows["group"][places].drop_nulls()) for places in (split.learned, split.tested))

        assert not learned & tested


def choosing(rows, *, in_time):
    """The splits by which the learner chooses, of rows that it learns from."""
    label = rows["label"].cast(pl.Int8).to_numpy()
    return list(splits(Setting(rows, tuple(FEATURES), label, QUICK, 1, 1, in_time)))


@given(st.integers(100, 400), st.integers(0, 5), st.booleans())
@settings(max_examples=30, deadline=None)
def test_no_company_is_on_both_sides_where_the_learner_chooses(companies, seed, in_time):
    rows = grouped(500, companies, seed)
    for learned, tested in choosing(rows, in_time=in_time):
        assert len(learned) > 100
        assert not set(rows["group"][learned].drop_nulls()) & set(rows["group"][tested].drop_nulls())


@given(st.integers(1, 3), st.booleans())
@settings(max_examples=20, deadline=None)
def test_a_giant_company_leaves_both_sides_something_to_learn_and_choose_by(companies, in_time):
    rows = grouped(500, companies, 1)
    for learned, tested in choosing(rows, in_time=in_time):
        assert rows["label"][learned].n_unique() == rows["label"][tested].n_unique() == 2


def test_a_person_who_is_there_twice_never_straddles():
    rows = leads(600)
    pairs = np.random.default_rng(4).permutation(600).reshape(-1, 2)[:200]
    names = np.full(600, None, object)
    names[pairs] = [[f"same person {place}"] * 2 for place in range(200)]
    rows = rows.with_columns(pl.Series("group", names.tolist(), dtype=pl.String))
    made = [later(rows, share=0.2, seed=1), forward(rows), *five_fold(rows, seed=7)]
    sides = [(split.learned, split.tested) for split in made]
    sides += [*choosing(rows, in_time=True), *choosing(rows, in_time=False)]

    for learned, tested in sides:
        assert not (np.isin(pairs, learned).any(axis=1) & np.isin(pairs, tested).any(axis=1)).any()


def test_what_is_tested_is_later_than_all_that_teaches():
    split = later(leads(1_000), share=0.2, seed=1)
    at = leads(1_000)["created_at"]

    assert split.in_time
    assert at[split.learned].max() < at[split.tested].min()
    assert len(split.tested) == 200


def test_without_times_chance_draws_and_the_rates_are_alike():
    rows = leads(1_000).with_columns(pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias("created_at"))
    split = later(rows, share=0.2, seed=1)

    assert not split.in_time
    assert abs(rows["label"][split.learned].mean() - rows["label"][split.tested].mean()) < 0.01


def test_five_folds_test_each_row_once():
    rows = grouped(500, 100, 3)

    tested = np.concatenate([split.tested for split in five_fold(rows, seed=7)])

    assert sorted(tested) == list(range(500))
