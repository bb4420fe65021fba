from datetime import timedelta

import pytest

from tasks.store import backfills, leases, units
from tasks.store.backfills import Stage, State

ID = "backfill:acme"


@pytest.fixture
def desk(store, shelf):
    return Desk(store, shelf.now)


class Desk:
    """A backfill and one worker."""

    def __init__(self, store, now):
        self.store, self.now = store, now
        leases.make(store, "me", holds="queue", host="here", until=now + timedelta(minutes=30), now=now)

    def start(self, key=ID, stage=Stage.BEGIN, **more):
        new = backfills.New(key, "acme", "load", stage, {"all": True}, {"leads": 9}, "me", **more)
        return backfills.start(self.store, new, now=self.now)

    def claim(self, queue=units.BACKFILL):
        return units.claim(self.store, queue, token="me", now=self.now, at_a_time=9)

    def end(self, unit, then=()):
        with self.store.write() as tx:
            units.end(tx, unit, counts={}, now=self.now)
            backfills.advance(tx, unit.backfill, then=then, now=self.now)

    def park(self, unit):
        with self.store.write() as tx:
            units.park(tx, unit, error="a bug", now=self.now)

    def parts(self, stage, number):
        return [
            units.New(f"{ID}:{stage}:{part}", "acme", units.BACKFILL, f"backfill.{stage}", backfill=ID)
            for part in range(number)
        ]

    def set(self, state):
        return backfills.set_state(self.store, ID, state, now=self.now)

    @property
    def it(self):
        return backfills.get(self.store, ID)

    def stands(self):
        return self.it.state, self.it.stage


def test_it_begins_with_the_one_unit_of_its_first_stage(desk):
    assert desk.start()

    unit = desk.claim()

    assert (unit.verb, unit.backfill, unit.priority) == ("backfill.begin", ID, 100)
    assert desk.claim() is None
    assert (desk.it.selection, desk.it.plan, desk.it.asked_by) == ({"all": True}, {"leads": 9}, "me")


def test_one_that_is_there_already_is_not_started_twice(desk):
    desk.start()
    desk.end(desk.claim(), desk.parts("load", 2))

    assert not desk.start()
    assert desk.it.stage is Stage.LOAD
    assert backfills.by_state(desk.store, ID)["backfill.begin", units.State.DONE] == 1


def test_the_last_unit_of_a_stage_begins_the_next_until_all_is_done(desk):
    desk.start()
    seen = [desk.stands()]
    desk.end(desk.claim(), desk.parts("load", 2))
    seen.append(desk.stands())
    first, second = desk.claim(), desk.claim()
    desk.end(first)
    seen.append(desk.stands())
    desk.end(second)
    seen.append(desk.stands())
    desk.end(desk.claim())
    seen.append(desk.stands())
    desk.end(desk.claim(units.TRAIN))
    seen.append(desk.stands())
    desk.end(desk.claim(), desk.parts("score", 1))
    seen.append(desk.stands())
    desk.end(desk.claim())

    stages = [Stage.BEGIN, Stage.LOAD, Stage.LOAD, Stage.SETTLE, Stage.LEARN, Stage.PLAN, Stage.SCORE]
    assert seen == [(State.RUNNING, stage) for stage in stages]
    assert desk.stands() == (State.DONE, Stage.SCORE)
    assert desk.it.finished_at == desk.now


def test_with_nothing_to_load_or_to_score_the_next_stage_begins(desk):
    desk.start()
    desk.end(desk.claim())
    loaded = desk.stands()
    desk.end(desk.claim())
    desk.end(desk.claim(units.TRAIN))
    desk.end(desk.claim())

    assert loaded == (State.RUNNING, Stage.SETTLE)
    assert desk.it.state is State.DONE


def test_ending_a_unit_twice_begins_nothing_twice(desk):
    desk.start(stage=Stage.PLAN)
    unit = desk.claim()
    desk.end(unit, desk.parts("score", 2))
    desk.end(unit, desk.parts("score", 2))

    assert len(units.of_backfill(desk.store, ID)) == 3


def test_a_paused_one_rests_and_goes_on_where_it_was(desk):
    desk.start(stage=Stage.PLAN)
    desk.end(desk.claim(), desk.parts("score", 2))
    working = desk.claim()
    assert desk.set(State.PAUSED)

    rested = desk.claim()
    desk.end(working)  # what was begun comes to its end
    assert desk.set(State.RUNNING)

    assert rested is None
    assert desk.claim().id == f"{ID}:score:1"


def test_one_whose_last_unit_ends_while_it_is_paused_goes_on_when_it_is_told_to(desk):
    desk.start(stage=Stage.SETTLE)
    unit = desk.claim()
    desk.set(State.PAUSED)
    desk.end(unit)

    paused = desk.stands()
    desk.set(State.RUNNING)

    assert paused == (State.PAUSED, Stage.LEARN)
    assert desk.claim(units.TRAIN).verb == "backfill.learn"


def test_one_whose_very_last_unit_ends_while_it_is_paused_is_done(desk):
    desk.start(stage=Stage.PLAN)
    unit = desk.claim()
    desk.set(State.PAUSED)
    desk.end(unit)

    assert desk.it.state is State.DONE


def test_a_cancelled_one_does_no_more_and_stays_cancelled(desk):
    desk.start(stage=Stage.PLAN)
    desk.end(desk.claim(), desk.parts("score", 3))
    working = desk.claim()

    assert desk.set(State.CANCELLED)
    desk.end(working)

    assert (desk.claim(), desk.it.state, desk.it.finished_at) == (None, State.CANCELLED, desk.now)
    assert backfills.by_state(desk.store, ID)["backfill.score", units.State.CANCELLED] == 2
    assert not desk.set(State.RUNNING)


def test_what_a_unit_of_a_cancelled_one_would_begin_is_not_begun(desk):
    desk.start(stage=Stage.PLAN)
    planning = desk.claim()
    desk.set(State.CANCELLED)

    desk.end(planning, desk.parts("score", 3))

    assert [unit.state for unit in units.of_backfill(desk.store, ID)] == [units.State.DONE]
    assert desk.it.stage is Stage.PLAN


def test_what_a_dead_worker_of_a_cancelled_one_had_is_left(desk):
    desk.start(stage=Stage.PLAN)
    desk.claim()
    desk.set(State.CANCELLED)
    desk.now += timedelta(hours=1)

    assert desk.claim() is None
    assert units.due(desk.store, desk.now) == {}


def test_a_parked_unit_sticks_it_when_the_others_are_through_and_resuming_tries_it_again(desk):
    desk.start(stage=Stage.PLAN)
    desk.end(desk.claim(), desk.parts("score", 2))
    first, second = desk.claim(), desk.claim()
    desk.park(first)
    meanwhile = desk.it.state
    desk.end(second)

    stuck = desk.it.state
    desk.set(State.RUNNING)
    desk.end(desk.claim())

    assert (meanwhile, stuck, desk.it.state) == (State.RUNNING, State.STUCK, State.DONE)


def test_a_parked_last_unit_sticks_it_at_once(desk):
    desk.start(stage=Stage.PLAN)

    desk.park(desk.claim())

    assert desk.it.state is State.STUCK


def test_a_unit_that_kills_its_workers_sticks_it(desk):
    desk.start(stage=Stage.PLAN)
    desk.claim()
    desk.now += timedelta(hours=1)

    assert units.claim(desk.store, units.BACKFILL, token="me", now=desk.now, at_a_time=9, attempts=1) is None
    assert desk.it.state is State.STUCK


def test_its_units_go_before_those_of_another_as_told(desk):
    desk.start(stage=Stage.PLAN)
    desk.start("a backfill before it by name", stage=Stage.PLAN)

    backfills.set_priority(desk.store, ID, 1)

    assert desk.claim().backfill == ID
    assert desk.it.priority == 1


def test_those_that_have_not_ended_are_known(desk):
    desk.start(stage=Stage.PLAN)
    desk.start("other", stage=Stage.PLAN, priority=5)
    both = [one.id for one in backfills.open_ones(desk.store, "acme")]
    desk.set(State.CANCELLED)

    assert both == ["other", ID]
    assert [one.id for one in backfills.open_ones(desk.store, "acme")] == ["other"]
    assert {one.id for one in backfills.newest(desk.store)} == {"other", ID}


def test_what_people_should_know_is_kept(desk):
    desk.start()

    backfills.tell(desk.store, ID, "There was too little history.")

    assert desk.it.told == "There was too little history."


def test_what_was_reckoned_since_replaces_the_plan(desk):
    desk.start()

    backfills.set_plan(desk.store, ID, desk.it.plan | {"above": 7})

    assert desk.it.plan == {"leads": 9, "above": 7}
