import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from model.splits import five_fold, forward, later
from tests.model.conftest import leads


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
