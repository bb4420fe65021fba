"""The figures that the report adds: what the top leads hold, intervals of AUC, and stability."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from model.figures import auc, auc_interval, captured, stability_by_chance, stability_index

SHARES = np.linspace(0, 1, 11)
orders = st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1_000)), min_size=1, max_size=40)
counts = st.lists(st.integers(0, 500), min_size=2, max_size=12)


@given(orders)
def test_more_work_never_meets_less_and_all_work_meets_all(rows):
    order, worth = (np.array(column, dtype=float) for column in zip(*rows, strict=True))

    met = captured(order, worth, SHARES)

    if met is None:
        assert worth.sum() <= 0
    else:
        assert met[0] == 0
        assert met[-1] == pytest.approx(1)
        assert (np.diff(met) >= -1e-12).all()


@given(orders)
def test_only_the_order_counts_and_not_how_far_apart_leads_are(rows):
    order, worth = (np.array(column, dtype=float) for column in zip(*rows, strict=True))

    met, other = captured(order, worth, SHARES), captured(np.exp(order), worth, SHARES)

    assert (met is None and other is None) or met == pytest.approx(other)


def test_ties_meet_the_mean_of_all_orders_and_the_unknown_comes_last():
    worth = np.array([0.0, 3.0, 0.0, 1.0])

    assert captured(np.zeros(4), worth, np.array([0.25, 0.5])) == pytest.approx([0.25, 0.5])
    assert captured(np.array([1.0, np.nan, 0.0, 2.0]), worth, np.array([0.75])) == pytest.approx([0.25])


@given(counts)
def test_nothing_moved_is_zero_and_a_move_is_above(then):
    now = np.roll(then, 1)

    assert stability_index(np.array(then), np.array(then)) == 0
    assert stability_index(np.array(then), now) >= 0


def test_what_chance_explains_is_exceeded_once_in_twenty_times():
    draw = np.random.default_rng(7)
    shares = np.full(10, 0.1)

    beyond = [
        stability_index(then, now) > stability_by_chance(then, now)
        for then, now in zip(draw.multinomial(2_000, shares, 2_000), draw.multinomial(500, shares, 2_000), strict=True)
    ]

    assert 0.035 < np.mean(beyond) < 0.065


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 1.0]) | st.floats(0, 1)), max_size=40))
def test_the_area_by_ranks_is_the_area_under_the_curve(rows):
    label, likelihood = (np.array(column) for column in zip((True, 0.5), (False, 0.5), *rows, strict=True))

    assert auc(label, likelihood) == pytest.approx(roc_auc_score(label, likelihood))
    assert auc(label.astype(np.int8), likelihood) == auc(label, likelihood)


def test_the_interval_of_auc_holds_the_truth_about_as_often_as_it_says():
    draw, truth = np.random.default_rng(3), 0.7602  # of two normal scores that lie one standard deviation apart
    label = np.repeat([1, 0], [60, 140])

    held = 0
    for _ in range(400):
        low, high = auc_interval(auc(label, draw.normal(0, 1, 200) + label), wins=60, losses=140)
        held += low <= truth <= high

    assert 0.91 < held / 400 < 0.98
