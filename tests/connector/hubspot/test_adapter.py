from datetime import UTC, datetime, timedelta

import pytest

from connector.crm import CRM, Budget, Entity, Kind, Part
from connector.errors import Misconfigured
from connector.hubspot.adapter import HubSpotCRM
from connector.hubspot.signin import OAuthRefresh
from connector.vault import MemoryVault

OAUTH = OAuthRefresh("truegrade", "truegrade-secret", "na1-refresh")
LEAD = Entity.LEAD


def test_it_is_a_crm(crm):
    port: CRM = crm

    assert isinstance(port, HubSpotCRM)


def test_fields_are_described_once(crm, simulator):
    fields = {field.name: field for field in crm.describe(LEAD)}
    crm.describe(LEAD)

    assert simulator.log.count() == 1
    assert fields["email"].kind is Kind.TEXT
    assert fields["hs_email_open"].kind is Kind.NUMBER
    assert fields["createdate"].kind is Kind.INSTANT
    assert fields["hs_email_optout"].kind is Kind.BOOLEAN
    assert not fields["lastmodifieddate"].writable


def test_activities_are_no_records(crm, simulator, clock):
    cursor = crm.start(Entity.ACTIVITY)

    assert crm.describe(Entity.ACTIVITY) == ()
    assert [page.records for page in crm.changed(Entity.ACTIVITY, (), cursor)] == [()]
    assert [page.records for page in crm.everything(Entity.ACTIVITY, (), Part())] == [()]
    assert [record.gone for record in crm.get(Entity.ACTIVITY, (), ["1"]).records] == ["deleted"]
    assert list(crm.removed(Entity.ACTIVITY, clock.now())) == []
    assert simulator.log.count() == 0


def test_fields_of_activities_are_misconfigured(crm):
    with pytest.raises(Misconfigured, match="activity property status"):
        list(crm.everything(Entity.ACTIVITY, ("status",), Part()))


def test_calls_of_today_are_counted_by_hubspot(crm):
    assert crm.budget() == Budget(1, 650_000, datetime(2026, 11, 4, 5, tzinfo=UTC))

    crm.describe(LEAD)

    assert (crm.budget().used, crm.budget().limit) == (2, 650_000)


def test_a_spent_day_says_when_it_ends(crm, portal, clock):
    resets_at = crm.budget().resets_at
    portal.set_option("daily", 1)

    with pytest.raises(Exception, match="spent") as caught:
        crm.describe(LEAD)

    assert caught.value.until == resets_at


def test_oauth_tokens_outlive_their_half_hour(connected, portal, simulator, clock):
    crm = connected(OAUTH, vault=MemoryVault())
    cursor = crm.start(LEAD)

    for _ in range(3):
        clock.advance(timedelta(minutes=25))
        list(crm.changed(LEAD, ("email",), cursor))

    assert simulator.log.count(kind="sign-in") == 4
    assert {entry.status for entry in simulator.log.entries()} == {200}


def test_an_app_that_was_removed_is_the_admins_matter(connected, portal):
    portal.revoke("na1-refresh")

    with pytest.raises(Misconfigured, match="consent"):
        connected(OAUTH).describe(LEAD)


def test_a_scope_that_is_missing_is_named(crm, portal):
    portal.set_scopes("pat-na1-integration", ["crm.objects.contacts.read"])

    with pytest.raises(Misconfigured, match=r"crm\.(objects|schemas)\.deals\.read"):
        crm.describe(Entity.DEAL)
