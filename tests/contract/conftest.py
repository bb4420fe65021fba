"""A CRM of either kind with people working in it, in words that hold for both."""

import random
from datetime import UTC, datetime

import pytest

from connector.clock import MovableClock
from connector.crm import Entity, Kind, NewField
from connector.hubspot import adapter as hubspot
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.salesforce import adapter as salesforce
from connector.salesforce.signin import ClientCredentials
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.salesforce.options import SalesforceOptions as OrgOptions
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate

LEADS = 230
NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
INTEGRATION_USER = "integration@truegrade.invalid"
WRONG = "wrong-secret-7f3a"


class Salesforce:
    """The simulated org, its people, and how to sign in."""

    name, leads, title, email, stage = "salesforce", "Lead", "Title", "Email", "Status"
    fields = (
        NewField("TG_Score__c", "Score", Kind.NUMBER, "1 to 99", digits=3),
        NewField("TG_Top_Reason__c", "Top reason", Kind.TEXT, "Why", length=255),
    )

    def __init__(self, clock):
        world = generate(leads=LEADS, seed=5, now=NOW)
        self.side = SalesforceOrg(world, clock=clock, options=OrgOptions(page_rows=40, short_pages=True))
        self.simulator = Simulator(salesforce=self.side, hubspot=None, clock=clock)
        self.clock = clock

    def connect(self, who="integration"):
        secrets = {"integration": "truegrade-secret", "admin": "truegrade-admin-secret", "nobody": WRONG}
        user = "truegrade-admin" if who == "admin" else "truegrade"
        return salesforce.connect(
            ClientCredentials(user, secrets[who], self.simulator.url),
            base_url=self.simulator.url,
            clock=self.clock,
            limiter=NoLimiter(),
            jitter=random.Random(1).random,
            options=salesforce.SalesforceOptions(integration_username=INTEGRATION_USER),
        )

    def open_leads(self, count):
        return self.side.pick("Lead", {"IsConverted": False}, limit=count)

    def delete(self, lead):
        self.side.delete("Lead", lead)

    def merge(self, winner, loser):
        self.side.merge(winner, [loser])
        return winner


class HubSpot:
    """The simulated portal, its people, and how to sign in."""

    name, leads, title, email, stage = "hubspot", "contacts", "jobtitle", "email", "lifecyclestage"
    fields = (
        NewField("tg_score", "Score", Kind.NUMBER, "1 to 99", digits=3),
        NewField("tg_top_reason", "Top reason", Kind.TEXT, "Why", length=255),
    )

    def __init__(self, clock):
        self.side = HubSpotPortal(generate(leads=LEADS, seed=5, now=NOW, shown="hubspot"), clock=clock)
        self.simulator = Simulator(salesforce=None, hubspot=self.side, clock=clock)
        self.clock = clock

    def connect(self, who="integration"):
        tokens = {"integration": "pat-na1-integration", "admin": "pat-na1-admin", "nobody": WRONG}
        return hubspot.connect(
            StaticToken(tokens[who]),
            base_url=self.simulator.url,
            clock=self.clock,
            limiter=NoLimiter(),
            jitter=random.Random(1).random,
            options=hubspot.HubSpotOptions(lanes=2),  # five would take all leads of this small portal at once
        )

    def open_leads(self, count):
        return self.side.pick("contacts", limit=count)

    def delete(self, lead):
        self.side.archive("contacts", [lead])

    def merge(self, winner, loser):
        return self.side.merge("contacts", winner, loser)


class Account:
    """One CRM account as a test sees it: what others do in it, what it holds, and what it was asked."""

    def __init__(self, there):
        self.there, self.simulator = there, there.simulator
        self.name, self.title, self.email, self.stage = there.name, there.title, there.email, there.stage
        self.fields = there.fields
        self.score, self.reason = (field.name for field in there.fields)
        self._open = []

    def connect(self, who="integration"):
        crm = self.there.connect(who)
        self._open.append(crm)
        return crm

    def close(self):
        for crm in self._open:
            crm.close()

    def held(self):
        """All living leads: id to values."""
        return self.there.side.snapshot(self.there.leads)

    def some(self, count):
        """Ids of leads that may be written."""
        return self.there.open_leads(count)

    def edit(self, lead, **values):
        self.there.side.edit(self.there.leads, lead, values)

    def name_title(self, lead, title):
        self.edit(lead, **{self.title: title})

    def keep_history(self):
        """Keep the history of titles and addresses, where a CRM does not by itself."""
        if self.name == "salesforce":
            self.there.side.track("Lead", [self.title, self.email])

    def same_stamp(self, leads):
        self.there.side.same_stamp(self.there.leads, leads)

    def delete(self, lead):
        self.there.delete(lead)

    def merge(self, winner, loser):
        return self.there.merge(winner, loser)

    def calls(self):
        return self.simulator.log.count()

    def api_calls(self):
        """Calls that count against the account's quota: signing in does not."""
        return self.calls() - self.simulator.log.count(self.name, "sign-in")

    def fail(self, kind, fault, after=0):
        self.simulator.faults.add(self.name, kind, fault, after=after)


@pytest.fixture
def clock():
    return MovableClock(NOW)


@pytest.fixture(params=[Salesforce, HubSpot], ids=["salesforce", "hubspot"])
def account(request, clock):
    there = request.param(clock)
    account = Account(there)
    with there.simulator:
        yield account
        account.close()
    there.side.close()


@pytest.fixture
def crm(account):
    return account.connect()


@pytest.fixture
def ready(account):
    """The account with our fields in it."""
    account.connect("admin").ensure_fields(Entity.LEAD, account.fields, dry_run=False)
    return account
