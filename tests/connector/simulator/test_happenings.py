import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from connector.simulator.happenings import LATEST_DAYS, counts, last_days, repeated, shuffled, within

COUNTS = st.lists(st.integers(0, 5), min_size=1, max_size=30)


@given(COUNTS, st.integers(0, 5))
def test_each_leads_rows_are_numbered_from_zero(counted, seed):
    lead = repeated(np.array(counted))

    rank = shuffled(np.random.default_rng(seed), lead)

    for place, count in enumerate(counted):
        assert sorted(rank[lead == place]) == list(range(count))


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_days_are_pressed_into_the_window_in_their_order(days):
    pressed = within(np.sort(np.array(days)))

    assert (pressed <= LATEST_DAYS).all()
    assert (np.diff(pressed) >= 0).all()


def test_rows_are_counted_and_the_last_of_them_dated():
    day = 86_400_000
    drawn = pl.DataFrame({"lead_key": [0, 0, 2], "at_ms": [1 * day, 3 * day, 12 * day]})

    assert list(counts(drawn, 3)) == [2, 0, 1]
    assert np.array_equal(last_days(drawn, np.array([0, 0, 10 * day])), [3.0, np.nan, 2.0], equal_nan=True)
