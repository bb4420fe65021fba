import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.drift import Drift, Truth, baseline, drift, truth
from tests.model.conftest import FEATURES, leads


def likelihoods(rows):
    """A rank of made-up likelihoods: any function of the inputs will do."""
    return 1 / (1 + np.exp(-(rows["visits"].to_numpy() - 4)))


def frozen(rows):
    return baseline(rows, FEATURES, likelihoods(rows))


def measured(then, now):
    return drift(json.loads(json.dumps(frozen(then))), now, likelihoods(now))


def test_leads_of_the_same_market_are_steady():
    found = measured(leads(6_000), leads(2_000, seed=9))

    assert found.verdict == "steady"
    assert max(found.features.values()) < 0.03
    assert found.score < 0.03


def test_the_same_leads_have_not_moved_at_all():
    found = measured(leads(3_000), leads(3_000))

    assert max([found.score, *found.features.values()]) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("industry", pl.lit("shipping")),
        ("employees", pl.col("employees") * 20),
        ("employees", pl.lit(None, dtype=pl.Float64)),
        ("has_phone", ~pl.col("has_phone") & pl.lit(value=False)),
        ("visits", pl.col("visits") + 4),
    ],
)
def test_an_input_that_shifted_is_named_and_no_other(name, changed):
    found = measured(leads(6_000), leads(2_000, seed=9).with_columns(changed.alias(name)))

    assert found.verdict == "shifted"
    assert found.features[name] > 0.25
    assert all(psi < 0.1 for other, psi in found.features.items() if other != name)


def test_a_part_of_the_leads_that_differs_has_moved():
    now = leads(2_000, seed=9)
    some = pl.int_range(pl.len()) % 4 == 0
    mixed = now.with_columns(pl.when(some).then(pl.lit("shipping")).otherwise("industry").alias("industry"))

    assert measured(leads(6_000), mixed).features["industry"] > 0.1


def test_few_leads_are_no_alarm():
    assert measured(leads(6_000), leads(200, seed=9).with_columns(pl.lit("x").alias("industry"))).verdict == "few"


def test_an_index_agrees_with_its_formula():
    then = leads(400).with_columns(pl.Series("has_phone", [True] * 100 + [False] * 300))
    now = leads(400).with_columns(pl.Series("has_phone", [True] * 200 + [False] * 200))

    psi = measured(then, now).features["has_phone"]

    assert psi == pytest.approx((0.5 - 0.25) * np.log(0.5 / 0.25) + (0.5 - 0.75) * np.log(0.5 / 0.75), abs=0.005)


def test_a_baseline_is_of_the_newest_examples_and_names_no_rare_value():
    rows = leads(25_000).with_columns(
        industry=pl.when(pl.int_range(pl.len()) < 5_000).then(pl.lit("long ago")).otherwise("industry"),
    )
    rows[24_999, "industry"] = "The one and only"

    told = frozen(rows.sample(fraction=1.0, shuffle=True, seed=3))

    assert told["rows"] == 20_000
    assert told["features"]["industry"]["values"] == ["banking", "energy", "retail"]
    assert sum(told["features"]["industry"]["shares"]) == pytest.approx(1)


numbers = st.lists(st.none() | st.floats() | st.sampled_from([0.0, 1.0]), min_size=1, max_size=40)


@given(numbers, numbers)
def test_whatever_the_numbers_an_index_is_finite_and_not_below_zero(then, now):
    frames = [leads(len(some)).with_columns(pl.Series("visits", some, dtype=pl.Float64)) for some in (then, now)]

    told = json.dumps(baseline(frames[0], FEATURES, np.full(len(then), 0.5)), allow_nan=False)
    found = drift(json.loads(told), frames[1], np.full(len(now), 0.5))

    assert all(np.isfinite(psi) and psi >= 0 for psi in (found.score, *found.features.values()))


def test_likelihoods_that_come_true_are_not_off():
    draw = np.random.default_rng(5)
    likely = draw.beta(2, 6, 5_000)

    told = truth((draw.random(5_000) < likely).astype(int), likely)

    assert not told.is_off
    assert abs(told.z) < 3


@pytest.mark.parametrize("factor", [0.5, 1.6])
def test_likelihoods_that_do_not_come_true_are_off_and_ask_for_a_new_model(factor):
    draw = np.random.default_rng(5)
    likely = draw.beta(2, 6, 5_000)

    told = truth((draw.random(5_000) < likely * factor).astype(int), likely)

    assert told.is_off
    assert (told.z > 0) == (factor > 1)
    assert Drift(10, {}, 0.0, told).verdict == "shifted"


def test_what_nobody_would_notice_is_not_off_however_sure_it_is():
    likely = np.full(1_000_000, 0.2)
    label = (np.arange(1_000_000) % 1_000 < 205).astype(int)

    told = truth(label, likely)

    assert (told.z > 10, told.is_off) == (True, False)


def test_too_few_outcomes_tell_nothing():
    assert truth(np.ones(150, dtype=int), np.full(150, 0.1)) is None
    assert truth(np.zeros(900, dtype=int), np.full(900, 0.01)) is None


def test_a_measurement_is_plain_json():
    found = Drift(600, {"visits": 0.2}, 0.05, Truth(900, 90.5, 95, 0.5, is_off=False))

    told = json.loads(json.dumps(found.as_dict()))

    assert (told["verdict"], told["truth"]["happened"]) == ("moved", 95)
