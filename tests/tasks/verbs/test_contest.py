"""Champion and challenger: what a newly learned model has to show before it scores."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.clock import MovableClock
from model.grades import Grades
from model.model import load
from model.scorecard import NO_RULES
from tasks.store import models
from tasks.store.engine import open_store
from tasks.store.models import Verdict
from tasks.verbs.contest import contest
from tests.tasks.verbs.conftest import opened

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


NARROW = {"has_phone", "country"}
LONG = timedelta(days=300)


@pytest.fixture(scope="module")
def narrow(world, tmp_path_factory):
    """A model that was learned long ago, from two features alone."""
    folder = tmp_path_factory.mktemp("narrow")
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    store.migrate()
    with opened(store, world, folder) as house:
        house.pull()
        rules = tuple(rule for rule in house.mapping.rules if rule.feature.name in NARROW)
        house.mapping = replace(house.mapping, rules=rules, points=NO_RULES)
        house.clock = MovableClock(house.clock.now() - LONG)
        yield house.train()
    store.close()


@pytest.fixture
def crowned(learned, narrow):
    """A house whose model is that one."""
    at = learned.clock.now() - LONG
    models.register(
        learned.store, learned.name, version=narrow.version, path=str(narrow.path), card=narrow.card, now=at
    )
    return learned


@pytest.fixture
def ruled(learned, taught):
    """A house whose model is as good as one that is learned today."""
    learned.use(taught)
    return learned


def current(house):
    return models.current(house.store, house.name)


def test_a_model_that_is_better_on_the_latest_outcomes_takes_over_and_says_why(crowned):
    old = current(crowned)

    trained = crowned.train()

    assert trained.verdict is Verdict.REPLACED
    assert current(crowned).version == trained.version
    assert "log-loss" in current(crowned).told
    assert trained.told.endswith(current(crowned).told)
    assert [model.version for model in models.every(crowned.store, crowned.name)] == [trained.version, old.version]
    # Only leads that the old model has not learned from decide.
    since = int(current(crowned).told.partition("On the ")[2].partition(" leads")[0].replace(",", ""))
    later = [row for row in crowned.examples()["created_at"].sort()[-since:] if str(row) > old.card["data"]["last"]]
    assert len(later) == since >= 200


def test_a_model_that_cannot_be_told_from_the_old_one_does_not_and_is_kept(ruled, taught):
    second = ruled.train(seed=2)

    assert second.verdict is Verdict.STAYED
    assert current(ruled).version == taught.version
    assert "The model stays: since it learned, 0 leads have ended" in second.told
    kept = {model.version: model for model in models.every(ruled.store, ruled.name)}
    assert (ruled.models_folder / kept[second.version].path / "model.json").is_file()


def test_the_same_model_once_more_changes_nothing(ruled, taught):
    before = current(ruled)

    again = ruled.train()

    assert (again.version, again.verdict) == (taught.version, Verdict.CHAMPION)
    assert current(ruled).told == before.told


def contested(house, challenger, *, force=False):
    """Let a model that was learned from the house's leads challenge the one that scores."""
    how = {"connection": house.name, "models_folder": house.models_folder, "seed": 2, "force": force}
    return contest(house.store, house.mapping, load(challenger.path), house.examples(), **how)


def test_it_takes_over_anyway_when_that_is_asked_for(ruled, second):
    assert contested(ruled, second, force=True) == (Verdict.CHAMPION, "It takes over because that was asked for.")
    assert contested(ruled, second)[0] is Verdict.STAYED


def test_a_model_that_cannot_be_read_any_more_is_replaced(learned, taught, second, tmp_path):
    learned.use(replace(taught, path=shutil.copytree(taught.path, tmp_path / "damaged")))
    (tmp_path / "damaged" / "model.json").unlink()

    verdict, told = contested(learned, second)

    assert verdict is Verdict.CHAMPION
    assert "cannot be read" in told


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda mapping: replace(mapping, rules=mapping.rules[3:], points=NO_RULES), "other features"),
        (lambda mapping: replace(mapping, outcome=replace(mapping.outcome, horizon_days=60)), "within 60 days"),
        (lambda mapping: replace(mapping, grades=Grades("likelihood", 0.4, 0.2, 0.1)), "asks for other grades"),
    ],
)
def test_a_model_that_does_not_fit_the_mapping_any_more_is_replaced(ruled, second, change, reason):
    ruled.mapping = change(ruled.mapping)

    verdict, told = contested(ruled, second)

    assert verdict is Verdict.CHAMPION
    assert reason in told


def test_points_give_way_to_the_first_model(learned):
    now = learned.clock.now()
    models.register(learned.store, learned.name, version="points", path="", card={}, now=now)

    assert learned.train().took_over

    assert "points were all there was" in current(learned).told
