from datetime import timedelta

import pytest

from tasks.store import models


@pytest.fixture
def register(shelf):
    def register(version, days=0):
        now = shelf.now + timedelta(days=days)
        models.register(shelf.store, shelf.name, version=version, path=f"m/{version}", card={"auc": 0.8}, now=now)

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

    assert models.use(shelf.store, shelf.name, "one")
    assert not models.use(shelf.store, shelf.name, "three")

    assert [(model.version, model.is_current) for model in models.every(shelf.store, shelf.name)] == [
        ("two", False),
        ("one", True),
    ]


def test_registering_a_model_again_is_no_second_model(shelf, register):
    register("one")
    register("one", days=1)

    assert len(models.every(shelf.store, shelf.name)) == 1
