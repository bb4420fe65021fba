from datetime import timedelta

import pytest

from connector.clock import MovableClock
from connector.errors import Misconfigured
from tasks.lease import held
from tasks.store import runs


@pytest.fixture
def clock(shelf):
    return MovableClock(shelf.now)


def test_a_run_that_ends_well_keeps_its_counts(shelf, clock):
    with runs.recorded(shelf.store, shelf.name, "pull", clock) as run:
        clock.advance(timedelta(seconds=5))
        run.counts["new"] = 7

    [kept] = runs.newest(shelf.store, shelf.name, limit=5)
    assert (kept.verb, kept.state, kept.counts, kept.error) == ("pull", runs.State.SUCCEEDED, {"new": 7}, None)
    assert kept.finished_at - kept.started_at == timedelta(seconds=5)
    assert runs.last_success(shelf.store, shelf.name, "pull") == kept
    assert runs.last_success(shelf.store, shelf.name, "push") is None


def test_a_failed_run_tells_what_a_person_must_do(shelf, clock):
    with pytest.raises(Misconfigured), runs.recorded(shelf.store, shelf.name, "pull", clock):
        raise Misconfigured("No access.", fix="Grant it.")

    assert runs.newest(shelf.store, shelf.name, limit=1)[0].error == "No access. Grant it."


def test_a_bug_is_kept_by_its_kind_alone_for_its_message_may_hold_data(shelf, clock):
    with pytest.raises(ValueError, match="ann@"), runs.recorded(shelf.store, shelf.name, "pull", clock):
        raise ValueError("ann@acme.com")

    [kept] = runs.newest(shelf.store, shelf.name, limit=1)
    assert (kept.state, kept.error) == (runs.State.FAILED, "ValueError")


def test_runs_that_fell_silent_are_closed(shelf, clock):
    runs.begin(shelf.store, shelf.name, "pull", now=clock.now() - timedelta(hours=2), lease="dead")
    with held(shelf.store, clock, holds="pull") as lease:
        runs.begin(shelf.store, shelf.name, "pull", now=clock.now(), lease=lease.token)

        assert runs.close_silent(shelf.store, shelf.name, now=clock.now()) == 1

    states = [run.state for run in runs.newest(shelf.store, shelf.name, limit=5)]
    assert states == [runs.State.RUNNING, runs.State.FAILED]
