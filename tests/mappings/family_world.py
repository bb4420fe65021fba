"""Examples of a world in which all families of lead data say something, made by the product's own road.

A simulated CRM shows the world, a pull brings it into a store, and the mapping makes the examples of it.
"""

from contextlib import contextmanager
from datetime import UTC, datetime

import polars as pl

from connector.clock import MovableClock
from connector.hubspot import adapter as hubspot
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.salesforce import adapter as salesforce
from connector.salesforce.signin import ClientCredentials
from connector.simulator.families import alive
from connector.simulator.hubspot.options import HubSpotOptions as PortalOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from tasks.store.engine import open_store
from tasks.verbs.examples import gathered
from tasks.verbs.pull import pull

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SEED = 11


def world_of(crm, leads, seed=SEED):
    return alive(leads=leads, seed=seed, now=NOW, horizon_days=90, years=2.0, shown=crm)


def examples(mapping, world, folder):
    """Pull the world from a CRM that shows it, and make the examples, with each one's true probability as "truth".

    `folder` is for the store.
    """
    store = open_store(f"sqlite:///{folder / mapping.crm}.db")
    store.migrate()
    clock = MovableClock(NOW)
    try:
        with connected(mapping.crm, world, clock) as (shown, crm):
            pull(crm, store, mapping, connection=mapping.crm, clock=clock)
            made = gathered(store, mapping, connection=mapping.crm, now=clock.now(), chunk_leads=10_000).examples
            truth = shown.truth(made["id"].to_list())
        return made.with_columns(pl.Series("truth", [truth[lead] for lead in made["id"]]))
    finally:
        store.close()


@contextmanager
def connected(crm, world, clock):
    """Serve the world as this CRM: the simulated org or portal, and our connection to it."""
    how = {"clock": clock, "limiter": NoLimiter(), "jitter": float}
    if crm == "salesforce":
        shown = SalesforceOrg(world, clock=clock)
        simulator = Simulator(salesforce=shown, hubspot=None, clock=clock)
    else:
        shown = HubSpotPortal(world, clock=clock, options=PortalOptions(burst_per_10s=None, search_per_s=None))
        simulator = Simulator(salesforce=None, hubspot=shown, clock=clock)
    with simulator:
        url = simulator.url
        if crm == "salesforce":
            signin = ClientCredentials("truegrade", "truegrade-secret", url)
            made = salesforce.connect(signin, base_url=url, **how)
        else:
            made = hubspot.connect(StaticToken("pat-na1-integration"), base_url=url, **how)
        yield shown, made
        made.close()
    shown.close()
