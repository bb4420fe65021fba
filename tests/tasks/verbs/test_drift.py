"""Drift measured at the end of a sync, and what it starts."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from connector.clock import MovableClock
from tasks.store import drift, models
from tasks.store.drift import Measured
from tasks.store.engine import open_store
from tasks.verbs.drift import asks_for_a_model
from tests.tasks.verbs.conftest import opened

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def seasoned(world, tmp_path_factory):
    """A model that was learned long ago."""
    folder = tmp_path_factory.mktemp("seasoned")
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    store.migrate()
    with opened(store, world, folder) as house:
        house.pull()
        house.clock = MovableClock(house.clock.now() - timedelta(days=200))
        yield house.train()
    store.close()


@pytest.fixture
def aged(learned, seasoned):
    """A house whose model, brought in today, has learned from leads long ago: those since are new, and many ended."""
    learned.provision()
    learned.use(seasoned)
    return learned


def use_again(house, card, now):
    current = models.current(house.store, house.name)
    models.register(house.store, house.name, version=current.version, path=current.path, card=card, now=now)


def create_leads(house, number, values):
    """Let new leads come, and wait until they are as old as those that are learned from."""
    for one in range(number):
        house.portal.create("contacts", {"email": f"p{one}@acme.example", **values})
    house.clock.advance(timedelta(days=house.mapping.observe_days + 1))


def measurements(house):
    return drift.newest(house.store, house.name, limit=50)


def test_a_sync_that_scored_measures_inputs_scores_and_what_came_true(aged):
    synced = aged.sync()

    found = synced.drift
    assert found == measurements(aged)[0]
    assert found.leads >= 500
    assert set(found.features) <= {feature.name for feature in aged.mapping.features}
    assert found.calibration["rows"] >= 200
    assert found.model == models.current(aged.store, aged.name).version
    assert synced.as_dict()["drift"] == found.verdict


def test_a_quiet_sync_measures_once_a_day(aged):
    aged.sync()

    assert aged.sync().drift is None
    aged.clock.advance(timedelta(days=1))
    assert aged.sync().drift is not None
    assert aged.sync().drift is None
    assert len(measurements(aged)) == 2


def test_too_few_new_leads_are_said_to_be_few(scored):
    found = measurements(scored)[0]

    assert (found.verdict, found.features) == ("few", {})


def test_inputs_that_shifted_are_named_and_the_next_sync_learns_a_model_at_most_once_a_day(aged):
    first = models.current(aged.store, aged.name)
    create_leads(aged, 500, {"country": "Atlantis", "hs_analytics_num_page_views": 4_000})

    found = aged.sync().drift
    assert found.verdict == "shifted"
    assert found.features["country"] > 0.25

    again = aged.sync()
    assert again.trained is not None
    assert first.version != again.trained.version
    assert aged.sync().trained is None


def test_a_model_that_is_learned_by_itself_and_is_not_better_leaves_all_scores_as_they_are(aged):
    aged.train(force=True)
    aged.sync()
    aged.clock.advance(timedelta(days=2))
    now, version = aged.clock.now(), models.current(aged.store, aged.name).version
    drift.save(aged.store, aged.name, Measured(now, version, 900, {"country": 0.4}, 0.1, None, "shifted"))

    synced = aged.sync()

    assert synced.trained is not None
    assert not synced.trained.took_over
    assert synced.scored.looked_at == synced.pushed.taken == 0


@pytest.mark.parametrize(
    ("verdict", "model", "hours", "asks"),
    [
        ("shifted", None, 30, True),
        ("moved", None, 30, False),
        ("shifted", "another", 30, False),
        ("shifted", None, 20, False),  # the last model is of today
    ],
)
def test_a_shift_of_the_model_that_scores_asks_for_another_but_not_twice_a_day(
    learned, taught, verdict, model, hours, asks
):
    learned.use(taught)
    learned.clock.advance(timedelta(hours=hours))
    now = learned.clock.now()
    drift.save(learned.store, learned.name, Measured(now, model or taught.version, 900, {}, 0.3, None, verdict))

    assert asks_for_a_model(learned.store, learned.name, now=now) is asks


def test_how_leads_end_does_not_show_in_the_inputs(aged):
    aged.sync()
    before = measurements(aged)[0]
    young = [row for row in aged.rows() if orjson.loads(row.data)["createdate"] > "2026-08-10"]
    for row in young:
        aged.portal.edit("contacts", row.id, {"lifecyclestage": "customer"})

    after = aged.sync().drift

    assert len(young) > 100
    assert after.leads == before.leads
    assert after.features == pytest.approx(before.features)


def test_an_unmeasured_model_of_before_is_left_alone(aged):
    aged.sync()
    current = models.current(aged.store, aged.name)
    card = {name: value for name, value in current.card.items() if name != "drift_baseline"}
    aged.clock.advance(timedelta(days=3))
    use_again(aged, card, now=aged.clock.now())

    assert aged.sync().drift is None


def test_a_quiet_sync_loads_no_learner(aged):
    aged.sync()
    code = (
        "import sys; from datetime import datetime; from pathlib import Path\n"
        "from mappings.file.load import load_preset\n"
        "from tasks.store.engine import open_store; from tasks.verbs import drift, sync\n"
        f"store, name = open_store({str(aged.store.engine.url)!r}), {aged.name!r}; store.migrate()\n"
        f"now = datetime.fromisoformat({aged.clock.now().isoformat()!r})\n"
        "how = {'connection': name, 'now': now, 'models_folder': Path(), 'scored': 0}\n"
        "assert not drift.asks_for_a_model(store, name, now=now)\n"
        "print(drift.measure(store, load_preset('hubspot'), **how), *sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    measured, *modules = done.stdout.split()
    assert measured == "None"
    assert {"polars", "catboost", "numpy", "alembic"}.isdisjoint(modules)


def test_a_mapping_that_changed_measures_the_model_that_fits_it(aged):
    aged.sync()
    aged.mapping = replace(aged.mapping, version="another")

    assert aged.sync().drift.model == models.current(aged.store, aged.name).version
