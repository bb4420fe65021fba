"""What the tick lets go once a day, noted as a run."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from tasks import jobs
from tasks.store import runs, tables
from tasks.store.times import to_text
from tests.tasks.installation import made_world, opened


@pytest.fixture
def plant(tmp_path):
    with opened(tmp_path / "home", made_world(20), keep_audit_days=10, keep_runs_days=0) as plant:
        yield plant


def put_audit(plant, days_ago):
    line = {"at": to_text(plant.clock.now() - timedelta(days=days_ago)), "actor": "me", "action": "a", "subject": "s"}
    with plant.store.write() as tx:
        tx.execute(insert(tables.audit).values(**line, detail="{}"))


def retained(plant):
    jobs.forget_what_is_long_done(plant.wiring)
    return runs.newest(plant.store, jobs.EVERY_CONNECTION, limit=9)


def test_the_tick_counts_what_it_lets_go_in_a_run_once_a_day(plant):
    retained(plant)  # the slot of the day on which the installation began
    plant.later(days=1)
    put_audit(plant, 11)
    put_audit(plant, 2)

    told = retained(plant)
    again = retained(plant)

    assert len(again) == len(told)
    assert told[0].verb == "retention"
    assert told[0].counts["audit"] == 1
    assert "runs" not in told[0].counts  # kept for ever
