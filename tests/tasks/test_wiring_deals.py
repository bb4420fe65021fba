"""A connection that scores another object of a CRM: one account, one budget, and a mapping that means the same."""

from datetime import UTC, datetime

import pytest

from connector.clock import MovableClock
from connector.crm import Entity
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.pursued import pursued
from connector.simulator.server import Simulator
from connector.simulator.world import generate
from mappings.file.load import preset_text
from tasks import budget, simulate
from tasks.settings import SettingsInvalid, load_settings
from tasks.wiring import open_wiring


@pytest.fixture
def wiring(tmp_path):
    clock = MovableClock(datetime(2026, 1, 2, 12, tzinfo=UTC))
    world = pursued(generate(leads=40, seed=5, now=clock.now(), shown="hubspot"), deals=20)
    portal = HubSpotPortal(world, clock=clock)
    with Simulator(salesforce=None, hubspot=portal, clock=clock) as simulator:
        simulate.install(tmp_path / "home", url=simulator.url, crms=("hubspot",), deals=True)
        wiring = open_wiring(load_settings(tmp_path / "home"), clock=clock)
        yield wiring
        wiring.store.close()
    portal.close()


def test_the_records_of_a_connection_are_what_it_scores(wiring):
    with wiring.crm("hubspot-deals") as deals, wiring.crm("hubspot") as people:
        assert people.count(Entity.LEAD) == 40
        assert deals.count(Entity.LEAD) == people.count(Entity.DEAL)
        assert "dealstage" in {field.name for field in deals.describe(Entity.LEAD)}


def test_calls_of_both_are_counted_as_one_accounts(wiring):
    with wiring.crm("hubspot-deals") as crm:
        crm.count(Entity.LEAD)
    once = budget.quota_of(wiring.store, wiring.connection("hubspot"), now=wiring.clock.now())
    with wiring.crm("hubspot") as crm:
        crm.count(Entity.LEAD)

    for name in ("hubspot", "hubspot-deals"):
        told = budget.quota_of(wiring.store, wiring.connection(name), now=wiring.clock.now())
        assert sum(told.ours.values()) > sum(once.ours.values()) > 0


def test_a_mapping_of_leads_is_refused_for_deals_and_the_other_way_round(wiring):
    assert wiring.mapping("hubspot-deals").scored == "deal"
    for name, preset in (("hubspot-deals", "hubspot"), ("hubspot", "hubspot-deals")):
        path = wiring.settings.home / "own.yaml"
        path.write_text(preset_text(preset), encoding="utf-8")
        wiring.connections[name] = wiring.connection(name).model_copy(update={"mapping": "own.yaml"})
        with pytest.raises(SettingsInvalid, match=r"same_as: hubspot"):
            wiring.mapping(name)
