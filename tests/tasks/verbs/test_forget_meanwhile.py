"""A person who is erased while something is at work: whatever was read before, nothing brings the person back."""

import threading
from contextlib import contextmanager

import polars as pl
import pytest
from sqlalchemy import event

from connector.crm import Cursor, Entity, Page, Record
from connector.errors import Misconfigured
from model.recipe import QUICK
from tasks import run
from tasks.cli.preview import nobody_erased
from tasks.store import models, people, records, traces
from tasks.store.times import to_text
from tasks.verbs import first_model, places
from tasks.verbs import forget as forgetting
from tasks.verbs.train import train
from tests.tasks.installation import NAME, made_world, opened

HOUSE = "erased.example"
STEPS = 20  # transactions of a sync before which somebody is erased, one after the other
PARTS = 6  # the same of a reload in parts, at every fifteenth


@pytest.fixture(scope="module")
def world():
    return made_world(60)


@contextmanager
def installed(home, world, database_url, *, learns=False):
    url = "" if database_url.startswith("sqlite") else database_url
    with opened(home, world, database_url=url) as plant:
        if not learns:
            first_model.put_off(plant.store, NAME, now=plant.clock.now())
        run.sync(plant.wiring, NAME)
        yield plant


def forget(plant, lead):
    mapping, folder = plant.wiring.mapping(NAME), plant.wiring.settings.models_folder
    how = {"now": plant.clock.now(), "asked_by": "me", "why": "asked for"}
    return forgetting.forget(plant.store, mapping, lead, connection=NAME, models_folder=folder, **how)


@contextmanager
def before_transaction(plant, step, act):
    """Do something as another process would, just before the `step`-th transaction that begins from now on."""
    begun, other = 0, plant.another_worker()

    def count(_connection):
        nonlocal begun
        begun += 1
        if begun == step:
            act(other)

    event.listen(plant.store.engine, "engine_connect", count)
    try:
        yield
    finally:
        event.remove(plant.store.engine, "engine_connect", count)
        if begun < step:
            act(other)
        other.store.close()


def renamed(plant, lead, number):
    plant.portal.edit("contacts", lead, {"email": f"zoe{number}@{HOUSE}", "jobtitle": f"Warden of {HOUSE} {number}"})


def stands(plant):
    return traces.naming(plant.store, HOUSE)


def erased_in_crm(other, lead):
    """Let the CRM erase a lead, and another process hear of it."""
    other.portal.gdpr_delete([lead])
    gone = Record(lead, to_text(other.clock.now()), (), "deleted")
    page = Page(Entity.LEAD, (), (gone,), Cursor("of nobody"))
    records.save_page(other.store, NAME, page, identify=lambda _values: (None, None))


def forgotten(other, lead):
    forget(other, lead)


def synced(plant, _step):
    plant.later(minutes=5)
    run.sync(plant.wiring, NAME)


def reloaded(plant, step):
    key = plant.start(reload=True, key=f"backfill:{step}")
    plant.work_off()
    assert plant.backfill(key).state.value == "done"


@pytest.mark.parametrize(
    ("database_url", "erased", "work", "times", "stride"),
    [
        ("sqlite", forgotten, synced, STEPS, 1),
        ("postgres", forgotten, synced, STEPS, 1),
        ("sqlite", forgotten, reloaded, PARTS, 15),
        ("sqlite", erased_in_crm, synced, STEPS, 1),
    ],
    indirect=["database_url"],
)
def test_no_step_of_any_work_brings_back_who_was_erased_before_it(
    tmp_path, world, database_url, erased, work, times, stride
):
    with installed(tmp_path / "home", world, database_url) as plant:
        leads = plant.portal.pick("contacts", limit=2 * times)[::2]
        for step, lead in enumerate(leads, 1):
            renamed(plant, lead, step)
            with before_transaction(plant, stride * step, lambda other, lead=lead: erased(other, lead)):
                work(plant, step)

        assert stands(plant) == {}
        assert records.get(plant.store, NAME, Entity.LEAD, leads) == []
        if erased is erased_in_crm:
            run.reconcile(plant.wiring, NAME)  # which reads the deals and activities of those who are gone once more
            with plant.store.read() as tx:
                kept = [people.held(tx, people.person(tx, NAME, lead)) for lead in leads]
            assert {name for one in kept for name in one} == {"records"}  # id and stamp, until retention takes them


def test_who_erases_waits_for_a_page_that_is_being_saved_and_takes_it_too(tmp_path, world, database_url):
    with installed(tmp_path / "home", world, database_url) as plant:
        [lead] = plant.portal.pick("contacts", limit=1)
        renamed(plant, lead, 1)
        plant.later(minutes=5)
        other, started = plant.another_worker(), []

        def meanwhile(connection):
            """Erase from another thread, while what was written is not committed yet."""
            if not started and connection.get_execution_options().get("truegrade_writes"):
                started.append(threading.Thread(target=forget, args=(other, lead)))
                started[0].start()
                started[0].join(timeout=0.3)

        event.listen(plant.store.engine, "commit", meanwhile)
        run.pull(plant.wiring, NAME)
        event.remove(plant.store.engine, "commit", meanwhile)
        started[0].join()
        other.store.close()

        assert stands(plant) == {}


def test_a_training_that_began_before_names_no_one_who_was_erased_during_it(tmp_path):
    with installed(tmp_path / "home", made_world(260), "sqlite", learns=True) as plant:
        folder = plant.wiring.settings.models_folder
        first = pl.read_parquet(folder / models.current(plant.store, NAME).path / "backtest.parquet")
        tested = first["id"][0]

        def erase(step, _done, _total):
            if step == "train: model":
                forget(plant, tested)

        plant.later(minutes=1)
        how = {"connection": NAME, "clock": plant.clock, "models_folder": folder, "seed": 2, "recipe": QUICK}
        again = train(plant.store, plant.wiring.mapping(NAME), **how, force=True, on_progress=erase)

        second = pl.read_parquet(again.path / "backtest.parquet")
        assert second.height >= first.height - 1
        assert tested not in second["id"].to_list()
        assert list(places.backtests(plant.home, [tested])) == []


def test_a_preview_during_which_somebody_was_erased_keeps_no_file(tmp_path, world):
    with installed(tmp_path / "home", world, "sqlite") as plant:
        [lead] = plant.portal.pick("contacts", limit=1)
        out = tmp_path / "preview.csv"

        def looked_at(*erased):
            with nobody_erased(plant.wiring, NAME, out):
                out.write_text("a row of a person")
                for one in erased:
                    forget(plant, one)

        with pytest.raises(Misconfigured, match="Run it again"):
            looked_at(lead)
        assert not out.exists()
        looked_at()
        assert out.exists()
