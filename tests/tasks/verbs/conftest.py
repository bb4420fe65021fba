"""A simulated HubSpot portal, an empty store, and our verbs between them."""

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest

from connector.clock import MovableClock
from connector.crm import Entity
from connector.hubspot.adapter import connect
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.simulator.hubspot.options import HubSpotOptions as PortalOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.server import Simulator
from connector.simulator.world import generate
from mappings.file.load import Mapping, load_preset
from model.recipe import QUICK
from tasks.lease import Held
from tasks.store import labels, models, records, scores
from tasks.store.engine import Store, open_store
from tasks.verbs.examples import gathered
from tasks.verbs.pull import pull
from tasks.verbs.push import push
from tasks.verbs.score import score
from tasks.verbs.sync import sync
from tasks.verbs.train import train
from tests.tasks.killing import Killed, die_at

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
NAME = "hubspot"


def without_times(values):
    return {name: str(value) for name, value in values.items() if name not in {"tg_scored_at", "tg_change"} and value}


@dataclass
class House:
    """One installation on a simulated portal."""

    store: Store
    portal: HubSpotPortal
    simulator: Simulator
    clock: MovableClock
    mapping: Mapping
    models_folder: Path
    name: str = NAME
    killed: type[BaseException] = Killed
    open: list[Any] = field(default_factory=list)

    def crm(self, token="pat-na1-integration", **options):
        crm = connect(
            StaticToken(token),
            base_url=self.simulator.url,
            clock=self.clock,
            limiter=NoLimiter(),
            jitter=lambda: 0.0,
            options=HubSpotOptions(**options),
        )
        self.open.append(crm)
        return crm

    def provision(self):
        self.crm("pat-na1-admin").ensure_fields(Entity.LEAD, self.mapping.output_fields(), dry_run=False)

    def pull(self, **how):
        self.clock.advance(timedelta(minutes=5))
        return pull(self.crm(), self.store, self.mapping, connection=NAME, clock=self.clock, **how)

    def score(self, **how):
        how = {"models_folder": self.models_folder, **how}
        mapping = labels.spoken(self.store, NAME, self.mapping)  # as every command opens it
        return score(self.store, mapping, connection=NAME, clock=self.clock, **how)

    def train(self, **how):
        how = {"models_folder": self.models_folder, "seed": 1, "recipe": QUICK, **how}
        return train(self.store, self.mapping, connection=NAME, clock=self.clock, **how)

    def examples(self):
        now = self.clock.now()
        return gathered(self.store, self.mapping, connection=NAME, now=now, chunk_leads=10_000).examples

    def sync(self, **how):
        self.clock.advance(timedelta(minutes=5))
        how = {"models_folder": self.models_folder, "seed": 1, "recipe": QUICK, **how}
        return sync(self.crm(), self.store, self.mapping, connection=NAME, clock=self.clock, held=Held("me"), **how)

    def use(self, taught):
        """Score with a model that was learned elsewhere."""
        now = self.clock.now()
        models.register(self.store, NAME, version=taught.version, path=str(taught.path), card=taught.card, now=now)

    def said(self):
        """What each score says, by lead: all but when it was made and how it moved."""
        with self.store.read() as tx:
            rows = tx.exec_driver_sql("SELECT lead_id, outputs FROM scores WHERE outputs IS NOT NULL")
            return {lead_id: without_times(orjson.loads(outputs)) for lead_id, outputs in rows}

    def in_crm(self):
        """What the CRM holds in our fields, by lead that has a score."""
        names = {field.name for field in self.mapping.output_fields()}
        held = self.portal.snapshot("contacts").items()
        ours = {lead_id: {name: values[name] for name in names} for lead_id, values in held}
        return {lead_id: without_times(values) for lead_id, values in ours.items() if values["tg_score"] is not None}

    def states(self):
        return scores.by_state(self.store, NAME)

    def push(self, **how):
        return push(self.crm(), self.store, connection=NAME, clock=self.clock, held=Held("me"), **how)

    def rows(self, entity=Entity.LEAD):
        return [row for chunk in records.chunks(self.store, NAME, entity, size=1000) for row in chunk]

    def die_at(self, step):
        return die_at(self.store.engine, step)

    def close(self):
        for crm in self.open:
            crm.close()


@pytest.fixture(scope="session")
def small_world():
    return generate(leads=230, seed=7, now=NOW, shown="hubspot")


@contextmanager
def opened(store, world, models_folder):
    """Build a house on a portal of its own."""
    clock = MovableClock(NOW)
    portal = HubSpotPortal(world, clock=clock, options=PortalOptions(burst_per_10s=None, search_per_s=None))
    with Simulator(salesforce=None, hubspot=portal, clock=clock) as simulator:
        house = House(store, portal, simulator, clock, load_preset("hubspot"), models_folder)
        yield house
        house.close()
    portal.close()


@pytest.fixture
def house(store, small_world, tmp_path):
    """A house on a small portal."""
    with opened(store, small_world, tmp_path / "models") as house:
        yield house


@pytest.fixture
def few(store, tmp_path):
    """A house on a portal with too few leads to learn from, even beside rules."""
    world = generate(leads=100, seed=7, now=NOW, shown="hubspot")
    with opened(store, world, tmp_path / "models") as house:
        yield house


@pytest.fixture(scope="session")
def world():
    return generate(leads=1_500, seed=7, now=NOW, shown="hubspot")


@pytest.fixture(scope="session")
def taught(world, tmp_path_factory):
    """A model, learned once from the larger world."""
    with learning(world, tmp_path_factory.mktemp("taught"), seed=1) as trained:
        yield trained


@pytest.fixture(scope="session")
def second(world, tmp_path_factory):
    """Another one, of the same leads, by another seed."""
    with learning(world, tmp_path_factory.mktemp("second"), seed=2) as trained:
        yield trained


@contextmanager
def learning(world, folder, *, seed):
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    store.migrate()
    with opened(store, world, folder) as house:
        house.pull()
        yield house.train(seed=seed)
    store.close()


@pytest.fixture
def learned(store, world, tmp_path):
    """A house on a portal with leads enough to learn from, pulled."""
    with opened(store, world, tmp_path / "models") as house:
        house.pull()
        yield house


@pytest.fixture
def scored(house, taught):
    """A house whose leads are pulled, scored and pushed."""
    house.provision()
    house.use(taught)
    house.sync()
    return house


@pytest.fixture(scope="session")
def tiny_world():
    """Leads of two batches, for properties: each example begins a portal of its own."""
    return generate(leads=120, seed=7, now=NOW, shown="hubspot")


@pytest.fixture
def open_house(tmp_path, tiny_world, taught, _sqlite_template):
    """Build houses on fresh portals and stores, for the examples of a property."""
    numbers = count()

    @contextmanager
    def build():
        path = tmp_path / f"{next(numbers)}.db"
        shutil.copy(_sqlite_template, path)
        store = open_store(f"sqlite:///{path}")
        with opened(store, tiny_world, tmp_path / "models") as house:
            house.provision()
            house.use(taught)
            yield house
        store.close()
        path.unlink()

    return build


@pytest.fixture
def fresh(tmp_path, taught, _sqlite_template):
    """Give the house on the same portal as another one, with an empty store: what it ends with is what is right."""

    @contextmanager
    def build(house):
        path = tmp_path / "fresh.db"
        shutil.copy(_sqlite_template, path)
        store = open_store(f"sqlite:///{path}")
        other = replace(house, store=store, open=[])
        other.use(taught)
        yield other
        other.close()
        store.close()
        path.unlink()

    return build
