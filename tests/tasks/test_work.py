"""How each unit ends, on a simulated portal: done, put back, paused, or parked for a person."""

import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import update

from connector.simulator.hubspot.auth import INTEGRATION_SCOPES
from tasks import duties, lease, work
from tasks.store import backfills, leases, pauses, quotas, units
from tasks.store.tables import units as unit_rows
from tasks.store.units import New, State
from tasks.turns import turn
from tests.tasks.installation import GOOD, NAME, WRONG, made_world, opened
from tests.tasks.killing import Killed

GRANT = 1_000
OTHER = "globex"


@pytest.fixture(scope="module")
def world():
    return made_world(60)


SETUP = {"names": (NAME, OTHER), "more": f"daily_calls: {GRANT}"}


@pytest.fixture
def plant(tmp_path, world, _sqlite_template):
    """An installation on a small portal, with two connections to it."""
    url = f"sqlite:///{shutil.copy(_sqlite_template, tmp_path / 'plant.db')}"
    with opened(tmp_path / "home", world, database_url=url, **SETUP) as plant:
        yield plant


@pytest.fixture
def shared(tmp_path, world, database_url):
    """The same, once on each kind of database: for what many workers do at once."""
    with opened(tmp_path / "home", world, database_url=database_url, **SETUP) as plant:
        yield plant


def broken(key="bug", **more):
    """A unit that can only fail: there is no such verb."""
    return New(key, NAME, units.LIVE, "no such verb", **more)


def mend(plant, key="bug"):
    with plant.store.write() as tx:
        tx.execute(update(unit_rows).where(unit_rows.c.id == key).values(verb="sync"))


def spend(plant, number, purpose):
    """Let so many calls of the day be used."""
    now = plant.clock.now()
    with plant.store.write() as tx:
        quotas.count(tx, NAME, purpose, hour=quotas.hour_of(now), number=number)


class Dead(NamedTuple):
    """What a worker had that died."""

    unit: units.Unit
    held: lease.Held


def dies(plant, queue=units.LIVE):
    """Claim a unit as a worker does that is killed then: it says no more."""
    until = plant.clock.now() + timedelta(seconds=plant.wiring.settings.lease_s)
    token = uuid.uuid4().hex
    leases.make(plant.store, token, holds="queue", host="there", until=until, now=plant.clock.now())
    unit = units.claim(plant.store, queue, token=token, now=plant.clock.now(), at_a_time=4)
    return None if unit is None else Dead(unit, lease.Held(token))


def test_a_unit_is_done_with_its_counts(plant):
    unit = plant.sync()

    assert (unit.state, unit.error) == (State.DONE, None)
    assert unit.counts["written"] == len(plant.in_crm()) > 0
    assert plant.work() is None
    assert leases.all_living(plant.store, plant.clock.now()) == []


def test_what_can_be_tried_again_is_put_back_and_tried_then(plant):
    plant.simulator.faults.add("hubspot", "any", "503", times=50)
    unit = plant.sync()
    plant.simulator.faults.clear()
    too_early = plant.work()
    plant.later(seconds=work.LONGEST_RETRY_S)

    plant.work()

    assert (unit.state, unit.attempts) == (State.WAITING, 0)
    assert plant.clock.now() >= unit.not_before
    assert unit.error
    assert too_early is None
    assert plant.unit(unit.id).state is State.DONE
    assert pauses.of(plant.store, NAME) is None


def test_spent_calls_of_fresh_leads_pause_the_connection_until_they_return(plant):
    spend(plant, GRANT, units.LIVE)

    unit = plant.sync()
    other = plant.sync(OTHER)
    pause = pauses.of(plant.store, NAME)
    early = plant.work()
    plant.clock.advance(pause.until - plant.clock.now())
    plant.work()

    assert (unit.state, unit.attempts) == (State.WAITING, 0)
    assert (pause.kind, pause.until) == (pauses.QUOTA, unit.not_before)
    assert f"The {GRANT:,} calls a day" in pause.reason
    assert (other.state, early) == (State.DONE, None)
    assert plant.unit(unit.id).state is State.DONE
    assert pauses.of(plant.store, NAME) is None


def test_spent_calls_of_a_backfill_put_it_off_while_fresh_leads_go_on(plant):
    plant.sync()
    spend(plant, int(GRANT * 0.8), units.BACKFILL)
    key = plant.start(reload=True)

    plant.work(units.BACKFILL)
    [unit] = units.of_backfill(plant.store, key)
    fresh = plant.sync()

    assert unit.state is State.WAITING
    assert unit.not_before > plant.clock.now()
    assert pauses.of(plant.store, NAME) is None
    assert fresh.state is State.DONE


def test_a_connection_that_a_person_has_to_mend_is_paused_and_the_others_go_on(plant):
    plant.secret(NAME, WRONG)

    unit, other = plant.sync(), plant.sync(OTHER, after_s=1)
    pause = pauses.of(plant.store, NAME)

    assert (unit.state, unit.attempts, other.state) == (State.WAITING, 0, State.DONE)
    assert (pause.kind, pause.until) == (pauses.MISCONFIGURED, unit.not_before)
    assert pause.fix
    assert pauses.of(plant.store, OTHER) is None


def test_a_pause_ends_by_itself_when_the_connection_was_mended(plant):
    plant.secret(NAME, WRONG)
    unit = plant.sync()
    plant.later(minutes=5)
    plant.work()
    longer = pauses.of(plant.store, NAME)
    plant.secret(NAME, GOOD)
    too_early = plant.work()
    plant.later(minutes=10)

    plant.work()

    assert longer.until - longer.since == timedelta(minutes=15)
    assert too_early is None
    assert plant.unit(unit.id).state is State.DONE
    assert pauses.of(plant.store, NAME) is None


def test_a_permission_that_is_withdrawn_pauses_and_given_back_lets_it_go_on(plant):
    plant.sync()
    plant.portal.set_scopes(GOOD, sorted(INTEGRATION_SCOPES - {"crm.objects.contacts.read"}))
    unit = plant.sync()
    paused = pauses.of(plant.store, NAME)
    plant.portal.set_scopes(GOOD, sorted(INTEGRATION_SCOPES))
    plant.later(minutes=5)

    plant.work()

    assert (unit.state, paused.kind) == (State.WAITING, pauses.MISCONFIGURED)
    assert "crm.objects.contacts.read" in paused.reason + paused.fix
    assert plant.unit(unit.id).state is State.DONE


def test_what_asks_nothing_of_the_crm_ends_no_pause(plant):
    plant.sync()
    plant.secret(NAME, WRONG)
    unit = plant.sync()
    plant.later(minutes=5)
    plant.add(duties.train_unit(NAME, "1"))

    plant.work(units.TRAIN)
    plant.work()

    assert plant.unit("train:acme:1").state is State.DONE
    assert plant.unit(unit.id).not_before - plant.clock.now() == timedelta(minutes=10)
    assert pauses.of(plant.store, NAME).times == 2


def test_a_bug_is_tried_a_few_times_at_growing_intervals_and_then_parked(plant):
    plant.add(broken())
    waits = []
    while plant.work() is not None:
        unit = plant.unit("bug")
        waits.append((unit.not_before - plant.clock.now()).total_seconds())
        plant.clock.advance(unit.not_before - plant.clock.now())

    assert waits[:-1] == [60, 120, 240, 480]
    assert len(waits) == work.MOST_FAILURES
    assert unit.state is State.PARKED
    assert "KeyError: a bug of ours" in unit.error
    assert pauses.of(plant.store, NAME) is None
    assert plant.sync().state is State.DONE


def test_a_disk_that_is_full_is_no_bug_and_is_waited_for(plant, monkeypatch):
    monkeypatch.setitem(duties.DUTIES, "fill", lambda *_: Path("/dev/full").write_bytes(b"more"))
    plant.add(New("full", NAME, units.LIVE, "fill"))
    for _ in range(work.MOST_FAILURES + 1):
        plant.work()
        plant.later(seconds=work.LONGEST_RETRY_S)

    unit = plant.unit("full")

    assert (unit.state, unit.attempts, unit.error) == (State.WAITING, 0, work.DISK_IS_FULL)


def test_a_bug_in_its_last_unit_sticks_a_backfill_and_resuming_tries_it_again(plant):
    plant.sync()
    key = plant.start()
    with plant.store.write() as tx:
        tx.execute(update(unit_rows).where(unit_rows.c.backfill == key).values(verb="no such verb"))
    for _ in range(work.MOST_FAILURES):
        plant.work(units.BACKFILL)
        plant.later(hours=1)
    stuck = plant.backfill().state
    left_alone = plant.work(units.BACKFILL)

    with plant.store.write() as tx:
        tx.execute(update(unit_rows).where(unit_rows.c.backfill == key).values(verb="backfill.plan"))
    backfills.set_state(plant.store, key, backfills.State.RUNNING, now=plant.clock.now())
    plant.work_off()

    assert (stuck, left_alone) == (backfills.State.STUCK, None)
    assert plant.backfill().state is backfills.State.DONE


def test_what_is_put_back_of_a_backfill_that_was_cancelled_meanwhile_is_cancelled_too(plant):
    key = plant.start()
    dead = dies(plant, units.BACKFILL)
    backfills.set_state(plant.store, key, backfills.State.CANCELLED, now=plant.clock.now())

    work._put_back(plant.wiring, *dead, plant.clock.now(), "try again")

    assert plant.unit(dead.unit.id).state is State.CANCELLED
    assert units.parked(plant.store) == []


def test_a_worker_waits_for_no_command_by_hand_and_does_what_else_there_is(plant):
    with turn(plant.home / "turns", NAME, wait=lambda: None):
        kept_waiting, other = plant.sync(), plant.sync(OTHER, after_s=1)
    plant.later(minutes=1)

    plant.work()

    assert (kept_waiting.state, kept_waiting.attempts) == (State.WAITING, 0)
    assert "at work on this machine" in kept_waiting.error
    assert other.state is State.DONE
    assert plant.unit(kept_waiting.id).state is State.DONE


def test_what_a_worker_that_died_had_is_done_by_another_when_its_lease_has_ended(plant):
    plant.add(duties.sync_unit(NAME, "1"))
    dead = dies(plant)
    too_early = plant.work()
    plant.later(seconds=plant.wiring.settings.lease_s + 1)

    done = plant.work()

    assert (dead.unit.id, too_early, done.id) == ("sync:acme:1", None, "sync:acme:1")
    assert plant.unit(done.id).state is State.DONE


def test_a_worker_that_comes_back_from_the_dead_changes_nothing_of_the_other_s(plant):
    plant.add(broken())
    late = dies(plant)
    mend(plant)
    plant.later(seconds=plant.wiring.settings.lease_s + 1)
    plant.work()
    done = plant.unit("bug")

    work._failed(plant.wiring, *late, ZeroDivisionError())
    work._put_back(plant.wiring, *late, plant.clock.now(), "too late")
    work._end(plant.wiring, *late, duties.Done({"pulled": 99}))

    assert plant.unit("bug") == done
    assert done.state is State.DONE


def test_a_worker_that_is_killed_in_the_middle_leaves_its_unit_to_the_next(plant):
    plant.add(duties.sync_unit(NAME, "1"))
    plant.die_at(12)
    with pytest.raises(Killed):
        plant.work()
    left = plant.unit("sync:acme:1").state

    plant.work()

    assert left is State.WORKING
    assert plant.unit("sync:acme:1").state is State.DONE
    assert plant.in_crm()


def test_two_syncs_of_a_connection_are_done_one_after_the_other(plant):
    plant.add(duties.sync_unit(NAME, "1"), duties.sync_unit(NAME, "2"), duties.sync_unit(OTHER, "1"))
    dies(plant)

    worked = [plant.work(), plant.work()]

    assert [unit and unit.id for unit in worked] == ["sync:globex:1", None]


def test_of_a_backfill_so_many_parts_are_worked_on_at_once_as_the_settings_say(plant):
    most = plant.wiring.settings.backfill_units
    plant.add(*(New(f"part {number}", NAME, units.BACKFILL, "backfill.load") for number in range(most + 1)))
    for _ in range(most):
        assert dies(plant, units.BACKFILL) is not None

    assert plant.work(units.BACKFILL) is None
    assert units.due(plant.store, plant.clock.now()) == {units.BACKFILL: 1}


def test_many_workers_at_once_do_each_unit_once(shared):
    plant = shared
    plant.sync()
    plant.sync(OTHER)
    for number in range(6):
        plant.add(duties.sync_unit(NAME, f"{number}"), duties.sync_unit(OTHER, f"{number}"))
    others = [plant.another_worker() for _ in range(3)]

    def work_off(worker):
        done = []
        while (unit := worker.work()) is not None:
            done.append(unit.id)
        return done

    with ThreadPoolExecutor(3) as threads:
        done = [unit for part in threads.map(work_off, others) for unit in part]

    assert len(done) == len(set(done))
    while (unit := plant.work()) is not None:  # a worker that found the turns taken has gone home
        done.append(unit.id)
    assert len(done) == len(set(done)) == 12
    for worker in others:
        worker.store.close()


def test_messages_are_told_for_what_is_due_up_to_a_number_for_each_queue(plant):
    plant.add(*(New(f"load {number}", NAME, units.BACKFILL, "backfill.load") for number in range(9)))
    plant.add(duties.sync_unit(NAME, "1"))

    told = sorted(work.messages(plant.wiring, most=4))

    assert told == [units.BACKFILL] * 4 + [units.LIVE]
