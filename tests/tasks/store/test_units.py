from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import true

from tasks.store import backfills, leases, pauses, units
from tasks.store.backfills import Stage
from tasks.store.units import New, State


@pytest.fixture
def yard(store, shelf):
    return Yard(store, shelf.now)


class Yard:
    """Units and workers, in the words of these tests: a worker is a token, and works until its lease ends."""

    def __init__(self, store, now):
        self.store, self.now = store, now

    def later(self, **by):
        self.now += timedelta(**by)

    def add(self, *ids, connection="acme", queue=units.BACKFILL, verb="sync", **more):
        with self.store.write() as tx:
            units.add(tx, [New(key, connection, queue, verb, **more) for key in ids], now=self.now)

    def work(self, token, *, queue=units.BACKFILL, at_a_time=4, for_s=60.0, **more):
        until = self.now + timedelta(seconds=for_s)
        leases.make(self.store, token, holds="queue", host="here", until=until, now=self.now)
        return units.claim(self.store, queue, token=token, now=self.now, at_a_time=at_a_time, **more)

    def end(self, unit, **counts):
        with self.store.write() as tx:
            units.end(tx, unit, counts=counts, now=self.now)

    def put_back(self, unit, *, again=True, **wait):
        with self.store.write() as tx:
            units.postpone(tx, unit, until=self.now + timedelta(**wait), error="busy", again=again)

    def is_mine(self, unit, token):
        with self.store.read() as tx:
            return units.is_mine(tx, unit, token)

    def due(self):
        return units.due(self.store, self.now)


def test_a_unit_is_claimed_once_with_all_it_says(yard):
    yard.add("one", arguments={"part": 3})

    claimed, second = yard.work("me"), yard.work("you")

    assert (claimed.id, claimed.connection, claimed.arguments) == ("one", "acme", {"part": 3})
    assert second is None
    assert yard.is_mine(claimed, "me")
    assert not yard.is_mine(claimed, "you")


def test_of_many_workers_at_once_each_gets_another_unit(yard):
    yard.add(*(f"unit {number}" for number in range(6)))

    with ThreadPoolExecutor(8) as workers:
        claimed = list(workers.map(lambda token: yard.work(f"{token}", at_a_time=100), range(8)))

    assert sorted(unit.id for unit in claimed if unit) == [f"unit {number}" for number in range(6)]


def test_a_unit_that_is_there_already_stays_as_it_is(yard):
    yard.add("one")
    yard.end(yard.work("me"))

    yard.add("one")

    assert yard.work("me again") is None
    assert yard.due() == {}


def test_the_most_urgent_goes_first_and_then_the_lowest_id(yard):
    yard.add("a", "b", priority=100)
    yard.add("z", priority=1)

    assert [yard.work(token).id for token in ("1", "2", "3")] == ["z", "a", "b"]


def test_each_queue_is_served_by_itself(yard):
    yard.add("load", queue=units.BACKFILL)
    yard.add("sync", queue=units.LIVE)

    assert yard.work("live", queue=units.LIVE).id == "sync"
    assert yard.work("live too", queue=units.LIVE) is None
    assert yard.due() == {units.BACKFILL: 1}


def test_of_those_that_exclude_each_other_one_at_a_time_is_worked_on(yard):
    yard.add("sync 1", "sync 2", exclusive="sync:acme")
    first = yard.work("me")

    assert yard.work("you") is None
    yard.end(first)
    assert yard.work("then").id == "sync 2"


def test_a_connection_has_so_many_workers_at_a_time_and_others_have_theirs(yard):
    yard.add("a1", "a2", "a3")
    yard.add("b1", connection="globex")

    claimed = [yard.work(token, at_a_time=2) for token in ("1", "2", "3", "4")]

    assert [unit and unit.id for unit in claimed] == ["a1", "a2", "b1", None]


def test_a_connection_with_many_units_does_not_hide_the_others(yard):
    yard.add(*(f"a{number:03}" for number in range(units.LOOKED_AT + 10)))
    yard.add("b1", connection="globex")
    yard.work("me", at_a_time=1)

    assert yard.work("you", at_a_time=1).id == "b1"


def test_units_that_exclude_each_other_do_not_hide_the_others(yard):
    yard.add(*(f"a{number:03}" for number in range(units.LOOKED_AT + 10)), exclusive="sync:acme")
    yard.add("b1", connection="globex", exclusive="sync:globex")
    yard.work("me")

    assert yard.work("you").id == "b1"


def test_what_a_dead_worker_had_goes_to_another_when_its_lease_has_ended(yard):
    yard.add("one")
    claimed = yard.work("dead", for_s=60)
    yard.later(seconds=59)
    too_early = yard.work("me")
    yard.later(seconds=2)

    again = yard.work("you")

    assert too_early is None
    assert (again.id, again.attempts) == ("one", 1)
    assert not yard.is_mine(claimed, "dead")


def test_the_place_of_a_dead_worker_is_free(yard):
    yard.add("a1", "a2", "a3", exclusive=None)
    yard.work("dead", at_a_time=1)
    yard.later(seconds=61)

    assert yard.work("me", at_a_time=1).id == "a1"
    assert yard.work("you", at_a_time=1) is None


def test_the_turn_of_a_dead_worker_is_free(yard):
    yard.add("sync 1", "sync 2", exclusive="sync:acme")
    yard.work("dead")
    yard.later(seconds=61)

    assert yard.work("me").id == "sync 1"
    assert yard.work("you") is None


def test_a_unit_that_kills_its_workers_is_parked_and_the_others_go_on(yard):
    yard.add("a poison")
    for number in range(3):
        assert yard.work(f"dead {number}", attempts=3).id == "a poison"
        yard.later(seconds=61)
    yard.add("b good")

    assert yard.work("me", attempts=3).id == "b good"
    [poison] = units.parked(yard.store, "acme")
    assert (poison.id, poison.error) == ("a poison", units.DIED)
    assert units.parked(yard.store, "globex") == []


def test_a_parked_unit_is_tried_again_when_a_person_says_so(yard):
    yard.add("poison")
    yard.work("dead", attempts=1)
    yard.later(seconds=61)
    yard.work("me", attempts=1)

    with yard.store.write() as tx:
        released = units.release(tx, true(), now=yard.now)

    assert released == 1
    assert yard.work("you", attempts=1).id == "poison"


def test_what_was_put_back_waits_until_its_time(yard):
    yard.add("one")
    yard.put_back(yard.work("me"), minutes=5)

    assert (yard.work("early"), yard.due()) == (None, {})
    yard.later(minutes=5, seconds=1)
    assert yard.work("then").id == "one"


def test_only_failures_of_the_unit_itself_are_counted(yard):
    yard.add("one")
    yard.put_back(yard.work("1"), again=False, seconds=0)
    failed = yard.work("2")
    yard.put_back(failed, again=True, seconds=0)

    assert failed.attempts == 1
    assert yard.work("3").attempts == 0


def test_a_clock_that_was_put_back_by_a_year_keeps_nothing_waiting(yard):
    yard.add("put off", "left behind")
    yard.put_back(yard.work("1"), hours=1)
    yard.work("dead")
    yard.later(days=-365)

    assert {yard.work("2").id, yard.work("3").id} == {"put off", "left behind"}


def test_what_ended_is_known_with_its_counts_and_nobody_s_any_more(yard):
    backfills.start(yard.store, backfills.New("all", "acme", "rescore", Stage.PLAN, {}, {}, "me"), now=yard.now)
    claimed = yard.work("me")
    yard.end(claimed, ranges=7)

    [ended] = units.of_backfill(yard.store, "all")

    assert (ended.state, ended.counts, ended.finished_at) == (State.DONE, {"ranges": 7}, yard.now)
    assert not yard.is_mine(claimed, "me")


def test_a_paused_connection_is_left_alone_until_its_time_and_the_others_go_on(yard):
    yard.add("a")
    yard.add("b", connection="globex")
    until = pauses.until_mended(yard.store, "acme", reason="no", fix="do", now=yard.now)

    assert yard.due() == {units.BACKFILL: 1}
    assert [yard.work("1").id, yard.work("2")] == ["b", None]
    yard.now = until
    assert yard.work("3").id == "a"


def test_it_is_told_whether_a_unit_waits_or_is_worked_on(yard):
    def is_open():
        with yard.store.read() as tx:
            return units.is_open(tx, "sync:acme", "sync")

    told = [is_open()]
    yard.add("one", exclusive="sync:acme")
    told.append(is_open())
    claimed = yard.work("me")
    told.append(is_open())
    yard.end(claimed)

    assert [*told, is_open()] == [False, True, True, False]


def test_old_units_are_forgotten_but_not_those_that_are_open_or_of_a_backfill(yard):
    yard.add("done", "open")
    yard.end(yard.work("me"))
    yard.later(days=31)

    assert units.forget(yard.store, before=yard.now - timedelta(days=30)) == 1
    assert yard.work("me too").id == "open"
