"""A simulated HubSpot portal, an empty store, and our verbs between them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from connector.clock import MovableClock
from connector.crm import Entity
from connector.hubspot.adapter import connect
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.server import Simulator
from connector.simulator.world import generate
from mappings.load import Mapping, load_preset
from tasks.store import records
from tasks.store.engine import Store
from tasks.verbs.pull import pull
from tasks.verbs.push import push

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
NAME = "hubspot"


class Killed(BaseException):
    """The process ends here: nothing may catch it."""


@dataclass
class House:
    """One installation on a simulated portal."""

    store: Store
    portal: HubSpotPortal
    simulator: Simulator
    clock: MovableClock
    mapping: Mapping
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

    def push(self, **how):
        return push(self.crm(), self.store, connection=NAME, clock=self.clock, **how)

    def rows(self, entity=Entity.LEAD):
        return [row for chunk in records.chunks(self.store, NAME, entity, size=1000) for row in chunk]

    def die_at(self, step):
        """Let the process end at the `step`-th transaction that begins from now on."""
        begun = 0

        @event.listens_for(self.store.engine, "begin")
        def count(_connection):
            nonlocal begun
            begun += 1
            if begun == step:
                event.remove(self.store.engine, "begin", count)
                raise Killed

    def close(self):
        for crm in self.open:
            crm.close()


@pytest.fixture(scope="session")
def small_world():
    return generate(leads=230, seed=7, now=NOW, shown="hubspot")


@pytest.fixture
def clock():
    return MovableClock(NOW)


@pytest.fixture
def portal(small_world, clock):
    portal = HubSpotPortal(small_world, clock=clock)
    yield portal
    portal.close()


@pytest.fixture
def house(store, portal, clock):
    with Simulator(salesforce=None, hubspot=portal, clock=clock) as simulator:
        house = House(store, portal, simulator, clock, load_preset("hubspot"))
        yield house
        house.close()
