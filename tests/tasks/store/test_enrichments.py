from datetime import UTC, datetime, timedelta

import pytest

from tasks.store import enrichments
from tasks.store.enrichments import Filled, Told
from tests.tasks.store.conftest import hold

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TOOLS = {"industry": "Tools"}


@pytest.fixture(autouse=True)
def leads(store):
    hold(store, "sf", "L1", "L2", "L3")


def wanted(store, **keys):
    return enrichments.wanted(store, "sf", "p", keys, now=NOW)


def due(store, now=NOW, number=10):
    return enrichments.due(store, "sf", "p", now=now, number=number)


def fill(store, *rows, now=NOW):
    with store.write() as tx:
        return enrichments.fill(tx, "sf", "p", rows, now=now)


def test_a_lead_with_a_key_waits_until_it_is_answered(store):
    assert wanted(store, L1="a", L2="b", L3=None) == 2
    assert wanted(store, L1="a", L2="b") == 0

    assert due(store) == ["L1", "L2"]
    assert fill(store, Filled("L1", "a", TOOLS, NOW + DAY), Filled("L2", "b", None, NOW + DAY)) == ["L1"]
    assert due(store) == []
    assert due(store, now=NOW + DAY) == ["L1", "L2"]
    assert enrichments.of(store, "sf", ["L1", "L2", "L3"]) == {
        "L1": [Told("p", TOOLS, NOW)], "L2": [Told("p", {}, NOW)],
    }  # fmt: skip
    assert enrichments.waiting(store, "sf", "p", now=NOW) == (0, 1)


def test_only_what_is_told_anew_moves_a_lead(store):
    fill(store, Filled("L1", "a", TOOLS, NOW))

    assert fill(store, Filled("L1", "a", dict(TOOLS), NOW)) == []
    assert fill(store, Filled("L1", "a", {}, NOW)) == ["L1"]


def test_another_key_forgets_what_was_told_of_the_first(store):
    fill(store, Filled("L1", "a", TOOLS, NOW + DAY))

    assert wanted(store, L1="b") == 1

    assert due(store) == ["L1"]
    assert enrichments.of(store, "sf", ["L1"]) == {"L1": [Told("p", {}, None)]}


def test_a_lead_that_has_no_key_any_more_is_told_nothing(store):
    fill(store, Filled("L1", "a", TOOLS, NOW + DAY))

    wanted(store, L1=None)

    assert enrichments.of(store, "sf", ["L1"]) == {}


def test_a_lead_that_is_put_off_keeps_what_it_was_told(store):
    fill(store, Filled("L1", "a", TOOLS, NOW))
    with store.write() as tx:
        enrichments.put_off(tx, "sf", "p", ["L1"], until=NOW + DAY)

    assert due(store) == []
    assert enrichments.of(store, "sf", ["L1"]) == {"L1": [Told("p", TOOLS, NOW)]}
    assert due(store, now=NOW + DAY) == ["L1"]


def test_nothing_is_kept_of_a_lead_that_went_while_it_was_asked_for(store):
    assert wanted(store, L1="a", gone="a") == 1

    assert fill(store, Filled("gone", "a", TOOLS, NOW + DAY)) == []

    assert enrichments.of(store, "sf", ["gone"]) == {}
    with store.read() as tx:
        assert enrichments.are_any(tx, "sf", "p", ["L1", "gone"])
        assert not enrichments.are_any(tx, "sf", "p", ["gone"])
