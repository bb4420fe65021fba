"""Hand-overs in the store: once for an occasion, one at a time, with waits that grow."""

from datetime import timedelta

import pytest

from tasks.store import handovers
from tasks.store.handovers import MOST_TRIES, Rise, State
from tests.tasks.store.conftest import NOW

KIND = "webhook"
RISE = Rise("L0001", "2026-03-01T10:00:00.000Z", "A", "C")


def add(shelf, *rises):
    with shelf.store.write() as tx:
        handovers.add(tx, shelf.name, KIND, rises, now=NOW)


def due(shelf, *, after=timedelta()):
    return handovers.due(shelf.store, shelf.name, KIND, now=NOW + after, limit=10)


@pytest.fixture
def one(shelf):
    add(shelf, RISE)
    return shelf


def test_a_rise_is_kept_once_for_its_occasion(one):
    add(one, RISE)
    add(one, Rise("L0001", "2026-03-01T11:00:00.000Z", "A", "B"))

    assert len(due(one)) == 2
    assert due(one)[0].rise == RISE
    assert handovers.connections_due(one.store, now=NOW) == [one.name]


def test_of_several_that_would_try_one_does(one):
    (waiting,) = due(one)

    assert handovers.claim(one.store, waiting, now=NOW)
    assert not handovers.claim(one.store, waiting, now=NOW)
    assert due(one) == []


def test_a_try_whose_process_died_is_repeated(one):
    handovers.claim(one.store, due(one)[0], now=NOW)

    assert [again.tries for again in due(one, after=timedelta(minutes=2))] == [1]


@pytest.mark.parametrize(("tries", "minutes"), [(0, 1), (1, 2), (4, 16), (6, 60), (20, 60)])
def test_what_fails_is_tried_again_after_waits_that_grow_to_an_hour(one, tries, minutes):
    for _ in range(tries):
        handovers.claim(one.store, due(one, after=timedelta(days=9))[0], now=NOW)
    (waiting,) = due(one, after=timedelta(days=9))
    handovers.claim(one.store, waiting, now=NOW)
    handovers.failed(one.store, waiting, "it answered 500", now=NOW)

    assert due(one, after=timedelta(minutes=minutes, seconds=-1)) == []
    assert [again.told for again in due(one, after=timedelta(minutes=minutes))] == ["it answered 500"]


def test_what_fails_too_often_waits_for_a_person(one):
    for _ in range(MOST_TRIES):
        (waiting,) = due(one, after=timedelta(days=9))
        handovers.claim(one.store, waiting, now=NOW)
        handovers.failed(one.store, waiting, "down", now=NOW)

    assert due(one, after=timedelta(days=9)) == []
    assert handovers.counts(one.store, one.name) == {State.FAILED: 1}
    assert handovers.retry(one.store, one.name, now=NOW) == 1
    assert [again.tries for again in due(one)] == [0]


def test_what_ended_is_never_tried_again(one):
    handovers.ended(one.store, due(one)[0], State.SENT)

    assert due(one, after=timedelta(days=9)) == []
    assert handovers.retry(one.store, one.name, now=NOW) == 0
    assert [ended.state for ended in handovers.newest(one.store, one.name, limit=5)] == [State.SENT]
