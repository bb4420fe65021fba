from datetime import timedelta

import pytest

from tasks.store import models
from tasks.store.models import Verdict


@pytest.fixture
def register(shelf):
    def register(version, days=0, **how):
        own = {"path": f"m/{version}", "card": {"auc": 0.8}, "now": shelf.now + timedelta(days=days)}
        models.register(shelf.store, shelf.name, version=version, **own, **how)

    return register


def test_the_last_registered_model_scores(shelf, register):
    assert models.current(shelf.store, shelf.name) is None

    register("one")
    register("two", days=1)

    assert models.current(shelf.store, shelf.name).version == "two"
    assert models.current(shelf.store, shelf.name).card == {"auc": 0.8}
    assert models.current(shelf.store, "other") is None


def test_an_earlier_model_can_score_again(shelf, register):
    register("one")
    register("two", days=1)

    assert models.use(shelf.store, shelf.name, "one", told="by hand")
    assert not models.use(shelf.store, shelf.name, "three", told="by hand")

    assert [(model.version, model.is_current) for model in models.every(shelf.store, shelf.name)] == [
        ("two", False),
        ("one", True),
    ]


def test_registering_a_model_again_is_no_second_model(shelf, register):
    register("one")
    register("one", days=1)

    assert len(models.every(shelf.store, shelf.name)) == 1


def test_a_model_that_did_not_take_over_is_kept_with_the_reason(shelf, register):
    register("one", told="It is the first model.")
    register("two", days=1, verdict=Verdict.STAYED, told="The model stays.")
    register("three", days=2, verdict=Verdict.REPLACED, told="Better.")
    register("four", days=3, verdict=Verdict.STAYED, told="The model stays.")

    assert models.current(shelf.store, shelf.name).version == "three"
    assert [(model.version, model.verdict, model.told) for model in models.every(shelf.store, shelf.name)] == [
        ("four", Verdict.STAYED, "The model stays."),
        ("three", Verdict.REPLACED, "Better."),
        ("two", Verdict.STAYED, "The model stays."),
        ("one", Verdict.CHAMPION, "It is the first model."),
    ]


def test_the_last_learning_counts_whether_or_not_its_model_took_over(shelf, register):
    assert models.last_learned_at(shelf.store, shelf.name) is None

    register("one")
    register("two", days=4, verdict=Verdict.STAYED)

    assert models.last_learned_at(shelf.store, shelf.name) == shelf.now + timedelta(days=4)
