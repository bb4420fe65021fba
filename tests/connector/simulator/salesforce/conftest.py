from datetime import UTC, datetime

import pytest
import requests

from connector.clock import MovableClock
from connector.salesforce.transport import open_session
from connector.simulator.salesforce.options import SalesforceOptions
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
LEADS = 200


@pytest.fixture(scope="session")
def world():
    return generate(leads=LEADS, seed=5, now=NOW)


@pytest.fixture
def clock():
    return MovableClock(NOW)


@pytest.fixture
def org(world, clock):
    """A simulated org of LEADS leads that sends pages of 40."""
    org = SalesforceOrg(world, clock=clock, options=SalesforceOptions(page_rows=40))
    yield org
    org.close()


@pytest.fixture
def simulator(org, clock):
    with Simulator(salesforce=org, hubspot=None, clock=clock) as simulator:
        yield simulator


@pytest.fixture
def token(simulator):
    """Sign in as the admin, as any client would."""
    asked = {
        "grant_type": "client_credentials",
        "client_id": "truegrade-admin",
        "client_secret": "truegrade-admin-secret",
    }
    with requests.Session() as session:
        return session.post(f"{simulator.url}/services/oauth2/token", data=asked).json()["access_token"]


@pytest.fixture
def session(simulator):
    """A session that sends everything to the simulator: simple-salesforce knows https addresses alone."""
    with open_session(simulator.url, client="independent") as session:
        yield session
