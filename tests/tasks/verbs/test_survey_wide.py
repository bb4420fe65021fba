"""An org with hundreds of fields is surveyed in reads of bounded width, in no more calls than were told beforehand."""

import random
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from connector.clock import MovableClock
from connector.crm import Kind
from connector.hubspot import adapter as hubspot
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.salesforce import adapter as salesforce
from connector.salesforce.signin import ClientCredentials
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import CustomField, generate
from mappings.file.load import load_preset
from tasks.verbs.survey import reach, survey

NOW = datetime(2026, 9, 1, tzinfo=UTC)
LEADS, FIELDS, SAMPLE = 230, 650, 110
NAMES = [f"A_rather_long_name_of_a_field_no_{number}" for number in range(FIELDS)]
UNLIMITED = HubSpotOptions(burst_per_10s=None, search_per_s=None, associations_per_10s=None, index_lag_s=0.0)


def world(shown):
    """Leads with 650 fields; every one holds the number of its lead and its own, so that no value can be mistaken."""
    made = generate(leads=LEADS, seed=5, now=NOW, shown=shown)
    rows = np.arange(LEADS)
    columns = [pl.Series(name, rows % 7 + 10 * place).cast(pl.String) for place, name in enumerate(NAMES)]
    custom = tuple(CustomField(name, name, Kind.TEXT, native=True) for name in NAMES)
    return replace(made, leads=made.leads.with_columns(columns), custom=custom)


@contextmanager
def connected(name):
    clock = MovableClock(NOW)
    org = SalesforceOrg(world(name), clock=clock) if name == "salesforce" else None
    portal = HubSpotPortal(world(name), clock=clock, options=UNLIMITED) if name == "hubspot" else None
    how = {"clock": clock, "limiter": NoLimiter(), "jitter": random.Random(1).random}
    with Simulator(salesforce=org, hubspot=portal, clock=clock) as simulator:
        if name == "salesforce":
            sign_in = ClientCredentials("truegrade", "truegrade-secret", simulator.url)
            crm = salesforce.connect(sign_in, base_url=simulator.url, **how)
        else:
            crm = hubspot.connect(StaticToken("pat-na1-integration"), base_url=simulator.url, **how)
        yield crm, simulator
        crm.close()


@pytest.fixture(scope="module", params=["salesforce", "hubspot"])
def there(request):
    with connected(request.param) as (crm, simulator):
        yield request.param, crm, simulator


@pytest.mark.parametrize("most", [SAMPLE, 5_000])
def test_hundreds_of_fields_are_read_whole_within_the_calls_that_were_told(there, most, record_property):
    name, crm, simulator = there
    preset = load_preset(name)
    before = simulator.log.count(name)
    within = reach(crm, preset, leads=most)
    seen = survey(crm, preset, within=within, now=NOW)
    calls = simulator.log.count(name) - before

    own = [one for one in seen.leads.columns if "a_rather_long_name" in one.lower()]
    numbers = [int(one.lower().removesuffix("__c").rpartition("_")[2]) for one in own]
    record_property("shown", f"{name}: {seen.leads.width} columns, {seen.leads.height} leads, {calls} calls")
    assert sorted(numbers) == list(range(FIELDS))
    assert seen.leads.height == min(most, LEADS)
    assert calls <= within.calls
    values = seen.leads.select(
        pl.col(one).cast(pl.Int64) - 10 * number for one, number in zip(own, numbers, strict=True)
    )
    assert values.unique().height == values.to_series().n_unique() == 7
    assert values.min_horizontal().equals(values.max_horizontal())
