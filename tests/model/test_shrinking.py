"""Small data shrinks towards the rules: how much, that all adds up, and what it is worth."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from sklearn.metrics import log_loss, roc_auc_score

from model.card import describe
from model.errors import NotEnoughHistory
from model.model import load
from model.points import Points, calibrated
from model.scorecard import Decay, PointsRule, Scorecard, When
from model.shrinking import PRIOR_WINS, share_of_rules
from tests.model.conftest import FEATURES, leads, train
from tests.model.test_model import FRAMES, frame

CARD = Scorecard(
    (
        PointsRule("industry", When(values=("banking",)), 10),
        PointsRule("employees", When(low=300), 10),
        PointsRule("visits", When(low=3), 5),
        PointsRule("visits", When(low=6), 10),
        PointsRule("has_phone", When(values=("true",)), 5),
    ),
    caps=(("fit", 20),),
)
POINTS = Points(CARD, FEATURES)


@pytest.fixture(scope="module")
def leaning():
    """A model of 600 leads, learned beside rules."""
    return train(leads(600), points=POINTS)


@pytest.mark.parametrize(("wins", "share"), [(20, 50 / 70), (50, 0.5), (450, 0.1), (950, 0.05), (951, 0.0), (10**6, 0)])
def test_the_rules_weigh_the_less_the_more_outcomes_there_are(wins, share):
    won = np.repeat([1, 0], [wins, 10**6])

    assert share_of_rules(won) == pytest.approx(share)
    assert share_of_rules(1 - won) == share_of_rules(won)


def test_the_margin_is_the_average_of_what_was_learned_and_the_calibrated_rules(leaning):
    ensemble, later = leaning.ensemble, leads(500, seed=8)
    share = PRIOR_WINS / (PRIOR_WINS + leaning.card["data"]["wins"])

    alone = replace(ensemble, rules=None, rules_share=0.0)

    rules = calibrated(POINTS, leads(600)).log_odds(later)
    learned = ensemble.calibrator.calibrated(alone.margins(later))
    assert ensemble.rules_share == leaning.card["choices"]["rules_share"] == pytest.approx(share)
    assert np.allclose(
        ensemble.calibrator.calibrated(ensemble.margins(later)), (1 - share) * learned + share * rules, atol=1e-9
    )


@given(FRAMES)
@settings(max_examples=40)
def test_reasons_add_up_with_rules_beside(leaning, rows):
    parts, base = leaning.ensemble.contributions(frame(rows))
    scored = leaning.score(frame(rows))

    assert np.allclose(base + parts.sum(axis=1), scored["margin"], atol=1e-9)
    assert np.allclose(leaning.ensemble.margins(frame(rows)), scored["margin"], atol=1e-5)


def test_a_model_with_rules_is_kept_as_plain_json_and_read_back_the_same(leaning, tmp_path):
    leaning.save(tmp_path / "kept")

    again = load(tmp_path / "kept")

    assert again.ensemble.rules == leaning.ensemble.rules
    assert again.score(leads(200, seed=5)).equals(leaning.score(leads(200, seed=5)))
    assert json.loads((tmp_path / "kept" / "model.json").read_text())["format"] == 2


def test_on_small_data_shrinking_serves_better_than_either_alone():
    later = leads(3_000, seed=999)
    label = later["label"].to_numpy()
    found = []
    for seed in range(3):
        examples = leads(220, seed=seed)
        told = [train(examples, points=points).score(later)["likelihood"].to_numpy() for points in (None, POINTS)]
        found.append([log_loss(label, one) for one in told] + [roc_auc_score(label, one) for one in told])

    loss_alone, loss, auc_alone, auc = np.mean(found, axis=0)
    assert loss < loss_alone
    assert auc > auc_alone


def test_with_rules_half_as_much_history_is_enough_and_no_less():
    few = leads(120)

    model = train(few, points=POINTS)

    assert model.card["data"]["rows"] == 120
    with pytest.raises(NotEnoughHistory, match="needs 200, with 40 won"):
        train(few)
    with pytest.raises(NotEnoughHistory, match="needs 200"):
        train(few, points=Points(Scorecard(), FEATURES))
    with pytest.raises(NotEnoughHistory, match="needs 100, with 20 won and 20 not"):
        train(leads(99), points=POINTS)


def test_where_the_history_alone_tells_nothing_yet_the_rules_are_the_score():
    model = train(leads(100), points=POINTS)

    later = leads(1_000, seed=5)
    assert model.ensemble.rules_share == 1
    assert np.allclose(model.ensemble.margins(later), calibrated(POINTS, leads(100)).log_odds(later))
    assert "100 % of the score is the points rules" in model.card["sureness"]


def test_rules_that_tell_nothing_either_do_not_score():
    contrary = Points(replace(CARD, rules=tuple(replace(rule, points=-rule.points) for rule in CARD.rules)), FEATURES)

    model = train(leads(100), points=contrary)

    assert model.ensemble.rules is None
    assert "No usable signal" in model.card["verdict"] or model.card["figures"]["auc"] is None


def test_rules_on_what_is_not_learned_from_do_not_count():
    decayed = Points(replace(CARD, decay=Decay(30, "visits")), FEATURES)
    flat = leads(600).with_columns(pl.lit(4.0).alias("visits"))

    model = train(flat, points=decayed)

    rules = model.ensemble.rules
    assert {rule.feature for rule in rules.scorecard.rules} == {"industry", "employees", "has_phone"}
    assert rules.scorecard.decay is None
    assert model.ensemble.rules_share > 0


def test_large_data_is_left_alone(model):
    examples = leads(3_000)  # 690 wins or so: the rules have 7 % of it
    many = leads(5_000)

    assert 0.05 < train(examples, points=POINTS).ensemble.rules_share < 0.1
    assert train(many, points=POINTS).ensemble.rules is None
    assert model.ensemble.rules is None


def test_the_card_says_how_sure_it_is(leaning, model):
    wins = leaning.card["data"]["wins"]

    assert leaning.card["sureness"].startswith("Sure to within 0.")
    assert f"AUC (95 %): learned from {wins} wins; " in leaning.card["sureness"]
    assert leaning.card["sureness"] in describe(leaning.card)
    assert "points rules" not in model.card["sureness"]


@pytest.mark.parametrize(("won", "who"), [(slice(80, 100), "none"), (slice(0, 80), "all")])
def test_outcomes_that_came_apart_in_time_are_told(won, who):
    label = np.zeros(100, bool)
    label[won] = True

    with pytest.raises(NotEnoughHistory, match=f"first 64 leads to learn from, {who} won"):
        train(leads(100).with_columns(pl.Series("label", label)), points=POINTS)
