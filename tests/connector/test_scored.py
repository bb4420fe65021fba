"""The border at which a connection's leads are another record: held against both simulated CRMs, under both names."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from connector.clock import MovableClock
from connector.crm import Entity, Kind, NewField, Outcome, Part, Update
from connector.hubspot import adapter as hubspot
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.salesforce import adapter as salesforce
from connector.salesforce.signin import ClientCredentials
from connector.scored import RECORDS, scoring
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.pursued import pursued
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
LEAD = Entity.LEAD
OBJECT = {"salesforce": "Opportunity", "hubspot": "deals"}
NAME = {"salesforce": "Name", "hubspot": "dealname"}
STAGE = {"salesforce": "StageName", "hubspot": "dealstage"}
OURS = {
    "salesforce": NewField("TG_Score__c", "Score", Kind.NUMBER, "1 to 99", digits=3),
    "hubspot": NewField("tg_score", "Score", Kind.NUMBER, "1 to 99", digits=3),
}


class Account:
    """One simulated CRM with deals, and a connection that scores them."""

    def __init__(self, name, clock):
        world = pursued(generate(leads=60, seed=5, now=NOW, shown=name), deals=80)
        self.name, self.clock, sides = name, clock, {"salesforce": None, "hubspot": None}
        self.side = SalesforceOrg(world, clock=clock) if name == "salesforce" else HubSpotPortal(world, clock=clock)
        self.simulator = Simulator(**(sides | {name: self.side}), clock=clock)

    def connect(self, scored="deal", *, admin=False):
        how = {"clock": self.clock, "limiter": NoLimiter(), "jitter": random.Random(1).random}
        url = self.simulator.url
        if self.name == "salesforce":
            user = ("truegrade-admin", "truegrade-admin-secret") if admin else ("truegrade", "truegrade-secret")
            options = salesforce.SalesforceOptions(integration_username="integration@truegrade.invalid")
            crm = salesforce.connect(ClientCredentials(*user, url), base_url=url, options=options, **how)
        else:
            token = StaticToken("pat-na1-admin" if admin else "pat-na1-integration")
            crm = hubspot.connect(token, base_url=url, **how)
        return scoring(crm, RECORDS[self.name][scored])


@pytest.fixture(params=["salesforce", "hubspot"])
def account(request):
    account = Account(request.param, MovableClock(NOW))
    with account.simulator:
        yield account
    account.side.close()


def records(pages):
    return {record.id: record for page in pages for record in page.records}


def test_deals_are_read_as_leads_by_every_road(account):
    crm, names = account.connect(), (NAME[account.name], STAGE[account.name])
    held = account.side.snapshot(OBJECT[account.name])
    cursor = crm.start(LEAD)
    deal, other = list(held)[:2]
    account.clock.advance(timedelta(minutes=30))
    account.side.edit(OBJECT[account.name], deal, {NAME[account.name]: "Renamed"})
    account.clock.advance(timedelta(minutes=1))

    pages = list(crm.everything(LEAD, names, Part()))
    assert {page.entity for page in pages} == {LEAD}
    assert set(records(pages)) == set(held)
    assert records(crm.changed(LEAD, names, cursor))[deal].values[0] == "Renamed"
    got = crm.get(LEAD, names, [other])
    assert (got.entity, got.records[0].values[0]) == (LEAD, held[other][NAME[account.name]])
    assert crm.count(LEAD) == len(held)
    assert {STAGE[account.name]} <= {field.name for field in crm.describe(LEAD)}


def test_deals_that_are_deleted_are_told(account):
    crm, name = account.connect(), NAME[account.name]
    gone = next(iter(account.side.snapshot(OBJECT[account.name])))
    if account.name == "salesforce":
        account.side.delete("Opportunity", gone)
    else:
        account.side.archive("deals", [gone])
    account.clock.advance(timedelta(minutes=5))

    pages = list(crm.removed(LEAD, NOW - timedelta(days=1)))

    assert records(pages)[gone].gone == "deleted"
    assert {page.entity for page in pages} == {LEAD}
    assert crm.get(LEAD, (name,), [gone]).records[0].gone == "deleted"


def test_the_history_of_deals_is_told(account):
    if account.name == "salesforce":
        account.side.track("Opportunity", ["StageName"])
    crm, stage = account.connect(), STAGE[account.name]
    deal = account.side.pick(OBJECT[account.name], {stage: "Prospecting"} if account.name == "salesforce" else {})[0]
    before = account.side.snapshot(OBJECT[account.name])[deal][stage]
    account.clock.advance(timedelta(hours=1))
    new = "Needs Analysis" if account.name == "salesforce" else "contractsent"
    account.side.edit(OBJECT[account.name], deal, {stage: new})
    account.clock.advance(timedelta(hours=1))

    changes = [change for page in crm.history(LEAD, (stage,), None) for change in page.changes]

    assert (deal, stage, before) in [(change.id, change.field, change.old) for change in changes]


def test_our_fields_are_made_and_written_on_deals_alone(account):
    field, admin = OURS[account.name], account.connect(admin=True)
    assert admin.ensure_fields(LEAD, [field], dry_run=False).created == (field.name,)
    crm = account.connect()
    deals = list(account.side.snapshot(OBJECT[account.name]))[:3]

    written = list(crm.write(LEAD, [Update(deal, {field.name: 42}) for deal in deals], expected=3))

    assert {(one.id, one.outcome) for one in written} == {(deal, Outcome.WRITTEN) for deal in deals}
    held = account.side.snapshot(OBJECT[account.name])
    assert {float(held[deal][field.name]) for deal in deals} == {42.0}
    people = account.side.snapshot("Lead" if account.name == "salesforce" else "contacts")
    assert field.name not in next(iter(people.values()))


def test_what_is_no_lead_is_asked_for_by_its_own_name(account):
    crm = account.connect()

    assert {page.entity for page in crm.everything(Entity.COMPANY, (), Part())} == {Entity.COMPANY}
    assert account.connect("lead").count(LEAD) == 60


def test_contacts_of_salesforce_merge_and_keep_history():
    account = Account("salesforce", MovableClock(NOW))
    with account.simulator:
        winner, loser = (account.side.create("Contact", {"LastName": name}) for name in ("Kim", "Kym"))
        account.side.track("Contact", ["LastName"])
        crm = account.connect("contact")
        cursor = crm.start(LEAD)
        account.clock.advance(timedelta(minutes=30))
        account.side.edit("Contact", winner, {"LastName": "Kimm"})
        account.side.merge(winner, [loser], object="Contact")
        account.clock.advance(timedelta(minutes=1))

        changed = records(crm.changed(LEAD, ("LastName",), cursor))
        told = [change for page in crm.history(LEAD, ("LastName",), None) for change in page.changes]

        assert (changed[loser].gone, changed[loser].merged_into) == ("merged", winner)
        assert changed[winner].values == ("Kimm",)
        assert [(change.id, change.old) for change in told] == [(winner, "Kim")]
    account.side.close()
