"""Two Salesforces: single calls answered by hand (`wire`, `crm`), and the simulated org (`org`, `connected`)."""

import random
from datetime import UTC, datetime

import pytest
import responses

from connector.clock import MovableClock
from connector.limiter import NoLimiter
from connector.salesforce.adapter import SalesforceOptions, connect
from connector.salesforce.signin import ClientCredentials, RefreshToken
from connector.simulator.salesforce.options import SalesforceOptions as OrgOptions
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate

HOST = "https://acme.my.salesforce.com"
ROOT = f"{HOST}/services/data/v59.0"
INTEGRATION = ClientCredentials("truegrade", "truegrade-secret", HOST)
ADMIN = ClientCredentials("truegrade-admin", "truegrade-admin-secret", HOST)
LEADS = 200
NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    return MovableClock(NOW)


@pytest.fixture
def wire():
    """Salesforce at HOST, one call at a time; signing in works."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(f"{HOST}/services/oauth2/token", json={"access_token": "T1", "instance_url": HOST})
        yield mock


@pytest.fixture
def crm(clock, wire):
    sign_in = RefreshToken(client_id="id", client_secret="secret", refresh_token="refresh", url=HOST)
    crm = connect(
        sign_in,
        base_url=HOST,
        clock=clock,
        limiter=NoLimiter(),
        jitter=random.Random(1).random,
        options=SalesforceOptions(),
    )
    yield crm
    crm.close()


@pytest.fixture(scope="session")
def world():
    return generate(leads=LEADS, seed=5, now=NOW)


@pytest.fixture
def org(world, clock):
    """A simulated org of LEADS leads that sends short pages."""
    org = SalesforceOrg(world, clock=clock, options=OrgOptions(page_rows=40, short_pages=True))
    yield org
    org.close()


@pytest.fixture
def simulator(org, clock):
    with Simulator(salesforce=org, hubspot=None, clock=clock) as simulator:
        yield simulator


@pytest.fixture
def connected(simulator, clock):
    """Connect to the simulated org: `connected(bulk_reads=True)`, as the admin `connected(ADMIN)`."""
    opened = []

    def make(sign_in=INTEGRATION, **options):
        crm = connect(
            sign_in,
            base_url=simulator.url,
            clock=clock,
            limiter=NoLimiter(),
            jitter=random.Random(1).random,
            options=SalesforceOptions(**options),
        )
        opened.append(crm)
        return crm

    yield make
    for crm in opened:
        crm.close()
