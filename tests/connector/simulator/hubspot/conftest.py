import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import requests

from connector.clock import MovableClock
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.server import Simulator
from connector.simulator.world import generate

NOW = datetime(2026, 11, 3, 15, 0, 0, 250_000, tzinfo=UTC)
INTEGRATION, ADMIN = "pat-na1-integration", "pat-na1-admin"


@dataclass
class Api:
    """A bare client: what it sends is what the test says."""

    url: str
    session: requests.Session
    token: str = INTEGRATION

    def ask(self, method, path, content=None, *, token=None, **options):
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        body = content if isinstance(content, bytes | None) else json.dumps(content)
        return self.session.request(method, self.url + path, data=body, headers=headers, **options)

    def get(self, path, *, token=None, **params):
        return self.ask("GET", path, token=token, params=params)

    def post(self, path, content=None, *, token=None):
        return self.ask("POST", path, content, token=token)

    def patch(self, path, content, *, token=None):
        return self.ask("PATCH", path, content, token=token)

    def search(self, object_type, **body):
        return self.post(f"/crm/objects/2026-03/{object_type}/search", body)

    def found(self, object_type, *filters, **body):
        """Search and give the ids."""
        body = {"filterGroups": [{"filters": list(filters)}], "limit": 200, **body}
        reply = self.search(object_type, **body)
        assert reply.status_code == 200, reply.text
        return [one["id"] for one in reply.json()["results"]]

    def update(self, *inputs, object_type="contacts", version="2026-03"):
        return self.post(f"/crm/objects/{version}/{object_type}/batch/update", {"inputs": list(inputs)})


@pytest.fixture(scope="session")
def world():
    return generate(leads=320, seed=11, now=NOW, shown="hubspot")


@pytest.fixture
def clock():
    return MovableClock(NOW)


@pytest.fixture
def portal(world, clock):
    """A portal whose limits are off and whose index does not lag; tests that are about them switch them on."""
    quiet = HubSpotOptions(
        burst_per_10s=None,
        oauth_burst_per_10s=None,
        search_per_s=None,
        associations_per_10s=None,
        daily=None,
        index_lag_s=0.0,
    )
    portal = HubSpotPortal(world, clock=clock, options=quiet)
    yield portal
    portal.close()


@pytest.fixture
def simulator(portal, clock):
    with Simulator(salesforce=None, hubspot=portal, clock=clock) as running:
        yield running


@pytest.fixture
def api(simulator):
    with requests.Session() as session:
        yield Api(simulator.url, session)
