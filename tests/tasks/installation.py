"""An installation on a simulated HubSpot portal, and a worker that does its units one by one."""

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from connector.clock import MovableClock
from connector.crm import Entity
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.server import Simulator
from connector.simulator.world import World, generate
from tasks import duties, work
from tasks.provisioning import provisioned
from tasks.settings import Settings
from tasks.store import backfills, models, records, scores, units
from tasks.store.tables import units as unit_rows
from tasks.wiring import Wiring, open_wiring
from tests.tasks.killing import die_at

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
OPTIONS = HubSpotOptions(burst_per_10s=None, search_per_s=None, associations_per_10s=None, index_lag_s=0.0)
NAME = "acme"
CONNECTION = """
  {name}:
    crm: hubspot
    url: {url}
    sign_in: {{kind: token, token: "file:{name}"}}
    admin_sign_in: {{kind: token, token: "file:admin"}}
    burst_per_10s: 1000000
    search_per_s: 1000000
    {more}
"""
GOOD, WRONG = "pat-na1-integration", "pat-na1-nobody"
PERISHABLE = {"tg_scored_at", "tg_change", "tg_model"}


@dataclass
class Plant:
    """One installation; its clock stands still unless it is told or slept on."""

    wiring: Wiring
    portal: HubSpotPortal
    simulator: Simulator
    clock: MovableClock
    home: Path

    @property
    def store(self):
        return self.wiring.store

    def another_worker(self):
        """Give the same installation as another process has it: with connections to the store of its own."""
        return replace(self, wiring=open_wiring(self.wiring.settings, clock=self.clock, migrate=False))

    def later(self, **by):
        self.clock.advance(timedelta(**by))

    def secret(self, name, value):
        (self.home / name).write_text(value)

    def add(self, *new):
        with self.store.write() as tx:
            units.add(tx, new, now=self.clock.now())

    def work(self, queue=units.LIVE):
        return work.work_on(self.wiring, queue)

    def sync(self, name=NAME, *, after_s=300):
        """Let a sync become due, and work on it; returns how it stands then."""
        self.later(seconds=after_s)
        unit = duties.sync_unit(name, f"{self.clock.now():%m%dT%H%M%S}")
        self.add(unit)
        self.work()
        return self.unit(unit.id)

    def work_off(self, most=60):
        """Work on all that is due in any queue; returns how many units that took."""
        done = 0
        while any(self.work(queue) is not None for queue in units.QUEUES):
            done += 1
            assert done < most, "it goes on for ever"
        return done

    def unit(self, key):
        with self.store.read() as tx:
            return units._unit(tx.execute(select(unit_rows).where(unit_rows.c.id == key)).one())

    def start(self, *, reload=False, selection=None, key="backfill:acme"):
        stage = backfills.Stage.BEGIN if reload else backfills.Stage.PLAN
        new = backfills.New(key, NAME, "asked", stage, selection or {"all": True}, {}, "me")
        assert backfills.start(self.store, new, now=self.clock.now())
        return key

    def backfill(self, key="backfill:acme"):
        return backfills.get(self.store, key)

    def leads(self):
        return [row.id for chunk in records.chunks(self.store, NAME, Entity.LEAD, size=1000) for row in chunk]

    def states(self):
        return scores.by_state(self.store, NAME)

    def in_crm(self) -> dict[str, dict[str, Any]]:
        """What the CRM holds in our fields, by lead; but for the moment of scoring and what changed."""
        names = {field.name for field in self.wiring.mapping(NAME).output_fields()} - PERISHABLE
        held = self.portal.snapshot("contacts").items()
        return {lead: {name: values[name] for name in names} for lead, values in held if values["tg_score"] is not None}

    def use(self, taught):
        """Score with a model that was learned elsewhere."""
        name, now = taught.version, self.clock.now()
        shutil.copytree(taught.path, self.wiring.settings.models_folder / name)
        models.register(self.store, NAME, version=name, path=name, card=taught.card, now=now)

    def die_at(self, step):
        return die_at(self.store.engine, step)


def made_world(leads: int) -> World:
    return generate(leads=leads, seed=7, now=NOW, shown="hubspot")


@contextmanager
def opened(home, world, *, database_url="", names=(NAME,), more="", **settings):
    """Open an installation on a portal of its own, with our fields made."""
    clock = MovableClock(NOW)
    portal = HubSpotPortal(world, clock=clock, options=OPTIONS)
    home.mkdir(parents=True, exist_ok=True)
    (home / "admin").write_text("pat-na1-admin")
    with Simulator(salesforce=None, hubspot=portal, clock=clock) as simulator:
        blocks = "".join(CONNECTION.format(name=name, url=simulator.url, more=more) for name in names)
        (home / "connections.yaml").write_text("connections:\n" + blocks)
        chosen = Settings(home=home, database_url=database_url, live_leads=100, recipe="quick", **settings)
        plant = Plant(open_wiring(chosen, clock=clock), portal, simulator, clock, home)
        for name in names:
            plant.secret(name, GOOD)
        provisioned(plant.wiring, names[0], dry_run=False)
        yield plant
        plant.store.close()
    portal.close()
