"""Parts for tests of single calls; `org.py`-like worlds come from the simulator's own fixtures below."""

import random
from datetime import UTC, datetime

import pytest
import responses

from connector.clock import MovableClock
from connector.limiter import NoLimiter
from connector.salesforce.adapter import SalesforceOptions, connect
from connector.salesforce.signin import RefreshToken

HOST = "https://acme.my.salesforce.com"
ROOT = f"{HOST}/services/data/v59.0"
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
