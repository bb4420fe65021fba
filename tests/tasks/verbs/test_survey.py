"""A survey reads a bounded sample from all the time there is, and no more than it said beforehand."""

from datetime import UTC, datetime

import pytest

from connector.clock import SystemClock
from connector.crm import Entity
from connector.limiter import MemoryLimiter
from connector.salesforce.adapter import connect
from connector.salesforce.signin import ClientCredentials
from connector.simulator.spec import Contents, Spec, build
from mappings.file.load import load_preset
from tasks.verbs.survey import reach, survey

PRESET = load_preset("salesforce")
NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def simulator():
    spec = Spec(salesforce=Contents(leads=3_000, custom_fields=4), seed=2, at=NOW.isoformat())
    with build(spec, SystemClock()) as running:
        yield running


@pytest.fixture
def crm(simulator):
    sign_in = ClientCredentials(client_id="truegrade", client_secret="truegrade-secret", url=simulator.url)
    clock = SystemClock()
    reader = connect(sign_in, base_url=simulator.url, clock=clock, limiter=MemoryLimiter(clock, {}), jitter=lambda: 0.5)
    yield reader
    reader.close()


@pytest.mark.parametrize("most", [500, 5_000])
def test_it_reads_no_more_than_it_said_from_all_the_time_there_is(crm, simulator, most):
    within = reach(crm, PRESET, leads=most)
    before = simulator.log.count("salesforce")

    seen = survey(crm, PRESET, within=within, now=NOW)

    assert seen.leads.height == within.leads == min(most, 3_000)
    assert seen.leads["id"].n_unique() == seen.leads.height
    assert simulator.log.count("salesforce") - before <= within.calls
    created = seen.leads["CreatedDate"].str.slice(0, 7)
    assert created.min() < "2026-04" < created.max()  # some whose horizon has passed, some of today
    assert set(seen.leads["ConvertedOpportunityId"].drop_nulls()) == set(seen.deals["id"])


def test_it_reads_nothing_that_knows_the_outcome_by_its_name_and_nothing_that_points_elsewhere(crm):
    seen = survey(crm, PRESET, within=reach(crm, PRESET, leads=500), now=NOW)

    assert not {"OwnerId", "Description", "LastActivityDate"} & set(seen.leads.columns)
    assert {"OwnerId", "Description"} <= {field.name for field in seen.fields[Entity.LEAD]}
