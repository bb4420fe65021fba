import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import linear
from tests.model.conftest import FEATURES, leads


@pytest.fixture(scope="module")
def line():
    rows = leads(3_000)
    return linear.fit(rows, FEATURES, rows["label"].cast(pl.Int8).to_numpy(), None)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["banking", "energy", "retail", "never seen", None]),
        st.one_of(st.none(), st.floats(allow_nan=False)),
        st.one_of(st.none(), st.booleans()),
        st.one_of(st.none(), st.floats(-1e6, 1e6)),
    ),
    min_size=1,
    max_size=10,
)


def frame(rows):
    schema = {"industry": pl.String, "employees": pl.Float64, "has_phone": pl.Boolean, "visits": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


@given(ROWS)
@settings(max_examples=60)
def test_effects_add_up_and_stay_finite_whatever_the_values(line, rows):
    parts, base = line.contributions(frame(rows))

    assert np.isfinite(parts).all()
    assert np.allclose(parts.sum(axis=1) + base, line.margins(frame(rows)))


def test_effects_are_centred_on_the_rows_they_were_learned_from(line):
    parts, _ = line.contributions(leads(3_000))

    assert np.abs(parts.mean(axis=0)).max() < 1e-6


def test_it_agrees_with_the_truth_about_what_helps(line):
    better, worse = frame([("banking", 5_000.0, True, 9.0), ("retail", 5.0, True, 0.0)]).iter_slices(1)

    assert line.margins(better)[0] > line.margins(worse)[0] + 1


def test_a_number_beyond_all_that_was_seen_counts_as_the_last_one(line):
    far, farther = frame([("retail", 1e9, True, 1.0), ("retail", 1e30, True, 1.0)]).iter_slices(1)

    assert line.margins(far) == line.margins(farther)


def test_it_is_kept_as_plain_json(line):
    again = linear.read(json.loads(json.dumps(line.as_dict())))

    assert np.array_equal(again.margins(leads(100, seed=4)), line.margins(leads(100, seed=4)))
