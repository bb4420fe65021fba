"""Decisions by hand in the store: each queues exactly its lead, and leaves a line in the audit."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tasks.store import audit, marks, overrides, stale
from tasks.store.overrides import Override
from tasks.store.tables import stale as queue
from tests.tasks.store.conftest import NOW

DAY = timedelta(days=1)


def decided(lead="L0001", until=NOW + DAY, grade="A"):
    return Override(lead, grade, None, "board member", "command line", NOW, until)


@pytest.fixture
def two(shelf):
    """Two leads, with nothing in the queue."""
    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2)))
    stale.mark(shelf.store, shelf.name, model="m")
    with shelf.store.write() as tx:
        stale.done(tx, shelf.name, stale.Span("", "zzz", marks.read(tx, shelf.name).version))
    return shelf


def queued(shelf):
    with shelf.store.read() as tx:
        return set(tx.execute(select(queue.c.lead_id)).scalars())


def lines(shelf):
    return [(line.action, line.actor, line.subject, line.detail) for line in audit.newest(shelf.store, limit=9)]


def test_one_that_is_set_holds_until_its_end_and_queues_its_lead(two):
    overrides.put(two.store, two.name, decided())

    def holding(now):
        return overrides.holding(two.store, two.name, ["L0001", "L0002"], now=now)

    assert holding(NOW) == {"L0001": decided()}
    assert holding(NOW + DAY) == {}
    assert queued(two) == {"L0001"}


def test_a_scoring_that_began_before_leaves_its_lead_in_the_queue(two):
    with two.store.read() as tx:
        began = marks.read(tx, two.name).version
    overrides.put(two.store, two.name, decided())

    with two.store.write() as tx:
        stale.done(tx, two.name, stale.Span("", "zzz", began))

    assert queued(two) == {"L0001"}


def test_a_later_one_takes_the_place_of_the_earlier(two):
    overrides.put(two.store, two.name, decided())
    overrides.put(two.store, two.name, decided(grade="B"))

    assert overrides.every(two.store, two.name) == [decided(grade="B")]


def test_one_that_is_ended_is_gone_and_says_by_whom_without_the_reason(two):
    overrides.put(two.store, two.name, decided())
    ended = overrides.end(two.store, two.name, "L0001", now=NOW, actor="ann")

    assert ended == decided()
    assert overrides.end(two.store, two.name, "L0001", now=NOW, actor="ann") is None
    assert overrides.every(two.store, two.name) == []
    until = "2026-03-02T12:00:00.000Z"
    detail = {"grade": "A", "route": None, "until": until}
    assert lines(two) == [
        ("override ended", "ann", "salesforce L0001", detail),
        ("override set", "command line", "salesforce L0001", detail),
    ]


def test_what_has_run_out_goes_once_and_queues_its_lead_alone(two):
    overrides.put(two.store, two.name, decided())
    overrides.put(two.store, two.name, decided("L0002", until=NOW + 2 * DAY))
    with two.store.write() as tx:
        stale.done(tx, two.name, stale.Span("", "zzz", marks.read(tx, two.name).version))

    assert overrides.expire(two.store, two.name, now=NOW) == 0
    assert overrides.expire(two.store, two.name, now=NOW + DAY) == 1
    assert overrides.expire(two.store, two.name, now=NOW + DAY) == 0
    assert queued(two) == {"L0001"}
    assert [one.lead_id for one in overrides.every(two.store, two.name)] == ["L0002"]
    assert lines(two)[0][:2] == ("override expired", "Truegrade itself")


def test_one_connection_s_are_not_another_s(two):
    overrides.put(two.store, "hubspot", decided())

    assert overrides.every(two.store, two.name) == []
    assert overrides.holding(two.store, two.name, ["L0001"], now=NOW) == {}
    assert overrides.expire(two.store, two.name, now=NOW + DAY) == 0
