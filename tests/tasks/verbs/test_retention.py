"""What the tick lets go once a day, noted as a run."""

from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import insert

from tasks import jobs, run
from tasks.store import models, runs, tables
from tasks.store.times import to_text
from tests.tasks.installation import NAME, made_world, opened


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


def test_a_lead_that_the_crm_erased_is_named_by_no_model_s_back_test_a_day_later(plant):
    gone, stays = plant.portal.pick("contacts", limit=2)
    run.pull(plant.wiring, NAME)
    folder = plant.wiring.settings.models_folder / NAME / "1"
    folder.mkdir(parents=True)
    rows = {"id": [gone, stays], "label": [True, False], "likelihood": [0.1, 0.2]}
    pl.DataFrame(rows).write_parquet(folder / "backtest.parquet")
    (folder / "model.json").write_text("{}")
    models.register(plant.store, NAME, version="1", path=f"{NAME}/1", card={}, now=plant.clock.now())
    retained(plant)
    plant.portal.gdpr_delete([gone])
    run.reconcile(plant.wiring, NAME)
    plant.later(days=1)

    told = retained(plant)

    assert told[0].counts["backtests"] == 1
    assert pl.read_parquet(folder / "backtest.parquet")["id"].to_list() == [stays]
