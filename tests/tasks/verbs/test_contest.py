"""Champion and challenger: what a newly learned model has to show before it scores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.clock import MovableClock
from model.grades import Grades
from model.scorecard import NO_RULES
from tasks.store import models
from tasks.store.models import Verdict

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def crowned(learned):
    """A house whose model was learned long ago, with two features alone."""
    whole, today = learned.mapping, learned.clock
    narrow = tuple(rule for rule in whole.rules if rule.feature.name in NARROW)
    learned.mapping = replace(whole, rules=narrow, points=NO_RULES)
    learned.clock = MovableClock(today.now() - timedelta(days=300))
    learned.train()
    learned.mapping, learned.clock = whole, today
    return learned


NARROW = {"has_phone", "country"}


def current(house):
    return models.current(house.store, house.name)


def test_the_first_model_always_scores(learned):
    trained = learned.train()

    assert (trained.verdict, trained.took_over) == (Verdict.CHAMPION, True)
    assert current(learned).told == "It is the first model."


def test_a_model_that_is_better_on_the_latest_outcomes_takes_over_and_says_why(crowned):
    old = current(crowned)

    trained = crowned.train()

    assert trained.verdict is Verdict.REPLACED
    assert current(crowned).version == trained.version
    assert "log-loss" in current(crowned).told
    assert trained.told.endswith(current(crowned).told)
    assert [model.version for model in models.every(crowned.store, crowned.name)] == [trained.version, old.version]


def test_a_model_that_cannot_be_told_from_the_old_one_does_not_and_is_kept(learned):
    first = learned.train()

    second = learned.train(seed=2)

    assert second.verdict is Verdict.STAYED
    assert current(learned).version == first.version
    assert "The model stays: since it learned, 0 leads have ended" in second.told
    kept = {model.version: model for model in models.every(learned.store, learned.name)}
    assert (learned.models_folder / kept[second.version].path / "model.json").is_file()


def test_only_leads_that_the_old_model_has_not_learned_from_decide(crowned):
    last = current(crowned).card["data"]["last"]

    crowned.train()

    since = int(current(crowned).told.partition("On the ")[2].partition(" leads")[0].replace(",", ""))
    later = [row for row in crowned.examples()["created_at"].sort()[-since:] if str(row) > last]
    assert len(later) == since >= 200


def test_it_takes_over_anyway_when_that_is_asked_for(learned):
    learned.train()

    forced = learned.train(seed=2, force=True)

    assert forced.verdict is Verdict.CHAMPION
    assert current(learned).version == forced.version


def test_the_same_model_once_more_changes_nothing(learned):
    first = learned.train()

    again = learned.train()

    assert (again.version, again.verdict) == (first.version, Verdict.CHAMPION)
    assert current(learned).told == "It is the first model."


def test_a_model_that_cannot_be_read_any_more_is_replaced(learned):
    first = learned.train()
    (first.path / "model.json").unlink()

    second = learned.train(seed=2)

    assert second.took_over
    assert "cannot be read" in current(learned).told


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda mapping: replace(mapping, rules=mapping.rules[3:], points=NO_RULES), "other features"),
        (lambda mapping: replace(mapping, outcome=replace(mapping.outcome, horizon_days=60)), "within 60 days"),
        (lambda mapping: replace(mapping, grades=Grades("likelihood", 0.4, 0.2, 0.1)), "asks for other grades"),
    ],
)
def test_a_model_that_does_not_fit_the_mapping_any_more_is_replaced(learned, change, reason):
    learned.train()
    learned.mapping = change(learned.mapping)

    assert learned.train(seed=2).took_over

    assert reason in current(learned).told


def test_points_give_way_to_the_first_model(learned):
    now = learned.clock.now()
    models.register(learned.store, learned.name, version="points", path="", card={}, now=now)

    assert learned.train().took_over

    assert "points were all there was" in current(learned).told
