import json

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from model.challenge import decide


def market(rows, seed=3, rate=-1.0):
    draw = np.random.default_rng(seed)
    truth = draw.normal(rate, 1.3, rows)
    return (draw.random(rows) < 1 / (1 + np.exp(-truth))).astype(int), truth, draw


def likely(margins):
    return 1 / (1 + np.exp(-margins))


def test_a_better_challenger_takes_over_and_says_by_how_much():
    label, truth, draw = market(3_000)

    decided = decide(label, likely(truth + draw.normal(0, 1, 3_000)), likely(truth), seed=1)

    assert decided.takes_over
    assert decided.log_loss.high < 0
    assert "better by more than noise" in decided.sentence
    assert f"{decided.log_loss.challenger:.4f} against {decided.log_loss.champion:.4f}" in decided.sentence


def test_an_equal_challenger_does_not():
    label, truth, draw = market(3_000)

    decided = decide(label, *(likely(truth + draw.normal(0, 0.3, 3_000)) for _ in range(2)), seed=1)

    assert not decided.takes_over
    assert decided.sentence.startswith("The model stays")
    assert decided.log_loss.low < 0 < decided.log_loss.high


def test_a_worse_challenger_does_not():
    label, truth, draw = market(3_000)

    decided = decide(label, likely(truth), likely(truth + draw.normal(0, 1, 3_000)), seed=1)

    assert not decided.takes_over


def test_a_champion_whose_likelihoods_do_not_come_true_goes():
    label, truth, draw = market(600, rate=-1.5)

    decided = decide(label, *(likely(truth + off + draw.normal(0, 0.6, 600)) for off in (0.4, 0.1)), seed=1)

    assert decided.champion_truth.is_off
    assert decided.log_loss.low < 0 < decided.log_loss.high
    assert decided.takes_over
    assert "come true" in decided.sentence


def test_better_likelihoods_do_not_make_up_for_a_worse_ranking():
    label, truth, draw = market(5_000)

    decided = decide(label, likely(truth + 2), likely(truth + draw.normal(0, 0.9, 5_000)), seed=1)

    assert decided.log_loss.high < 0
    assert not decided.takes_over
    assert "ranks worse" in decided.sentence


@pytest.mark.parametrize(("rows", "wins"), [(0, 0), (199, 90), (5_000, 19), (5_000, 4_990)])
def test_too_few_outcomes_leave_the_champion_and_say_how_many_there_were(rows, wins):
    label = np.array([1] * wins + [0] * (rows - wins))

    decided = decide(label, np.full(rows, 0.5), np.full(rows, 0.5), seed=1)

    assert not decided.takes_over
    assert f"{rows:,} leads have ended, {wins:,} of them won" in decided.sentence


def test_the_figures_are_those_of_the_textbook_ties_included():
    label, truth, draw = market(2_000)
    one, other = (np.round(likely(truth + draw.normal(0, 0.5, 2_000)), 1).clip(0.01, 0.99) for _ in range(2))

    decided = decide(label, one, other, seed=1)

    assert decided.auc.champion == pytest.approx(roc_auc_score(label, one))
    assert decided.auc.challenger == pytest.approx(roc_auc_score(label, other))
    assert decided.log_loss.challenger == pytest.approx(log_loss(label, other))


def test_the_interval_is_as_wide_as_that_of_the_mean():
    label, truth, draw = market(4_000)
    one, other = (likely(truth + draw.normal(0, 0.5, 4_000)) for _ in range(2))

    found = decide(label, one, other, seed=1).log_loss

    losses = [-np.where(label == 1, np.log(p), np.log1p(-p)) for p in (one, other)]
    error = (losses[1] - losses[0]).std() / np.sqrt(4_000)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_equal_seeds_decide_alike_and_all_of_it_is_plain_json():
    label, truth, draw = market(800)
    one, other = (likely(truth + draw.normal(0, 0.5, 800)) for _ in range(2))

    assert decide(label, one, other, seed=4) == decide(label, one, other, seed=4)
    json.dumps(decide(label, one, other, seed=4).as_dict(), allow_nan=False)


def test_a_challenger_that_is_no_better_seldom_takes_over():
    taken = 0
    for seed in range(60):
        label, truth, draw = market(500, seed=seed)
        taken += decide(label, *(likely(truth + draw.normal(0, 0.4, 500)) for _ in range(2)), seed=1).takes_over

    assert taken <= 6
