"""When a sync tries for the first model."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.verbs import first_model

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def empty(store):
    store.migrate()
    return store


def test_it_is_due_until_a_try_has_failed_and_again_the_next_day(empty):
    assert first_model.is_due(empty, "acme", now=NOW)

    first_model.put_off(empty, "acme", now=NOW)
    first_model.put_off(empty, "acme", now=NOW)

    assert not first_model.is_due(empty, "acme", now=NOW + timedelta(hours=11))
    assert first_model.is_due(empty, "acme", now=NOW + timedelta(hours=12))
    assert first_model.is_due(empty, "other", now=NOW)
