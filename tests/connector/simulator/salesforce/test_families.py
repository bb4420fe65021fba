"""An org that shows the happenings of a world: over the wire, read by our own adapter."""

from collections import Counter
from datetime import UTC, datetime

import polars as pl
import pytest

from connector.clock import MovableClock
from connector.crm import Entity, Kind, Part
from connector.limiter import MemoryLimiter
from connector.salesforce.adapter import connect
from connector.salesforce.signin import ClientCredentials
from connector.simulator.families import alive
from connector.simulator.salesforce.families import SUBJECTS
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
TASK, EVENT = Entity.of_object("Task"), Entity.of_object("Event")
VISIT, TOUCH = Entity.of_object("Site_Visit__c"), Entity.of_object("Social_Touch__c")
SIGN_IN = ClientCredentials(client_id="truegrade", client_secret="truegrade-secret", url="https://sim.invalid")


@pytest.fixture(scope="module")
def world():
    return alive(leads=400, seed=6, now=NOW, horizon_days=90, years=2.0, shown="salesforce")


@pytest.fixture(scope="module")
def org(world):
    org = SalesforceOrg(world, clock=MovableClock(NOW))
    yield org
    org.close()


@pytest.fixture(scope="module")
def crm(org):
    clock = MovableClock(NOW)
    with Simulator(salesforce=org, hubspot=None, clock=clock) as simulator:
        crm = connect(SIGN_IN, base_url=simulator.url, clock=clock, limiter=MemoryLimiter(clock, {}), jitter=float)
        yield crm
        crm.close()


def rows(crm, entity, *names):
    pages = crm.everything(entity, names, Part())
    return {record.id: dict(zip(names, record.values, strict=True)) for page in pages for record in page.records}


def test_every_happening_is_a_record(crm, world):
    tasks = rows(crm, TASK, "WhoId", "TaskSubtype", "Subject", "Status", "CreatedDate", "CompletedDateTime")
    subjects = Counter(row["Subject"] for row in tasks.values())
    mails = Counter(world.happenings.mails["kind"].to_list())

    assert subjects == {SUBJECTS[kind]: count for kind, count in mails.items()} | {
        "Call": world.happenings.calls.height
    }
    assert {row["Status"] for row in tasks.values()} == {"Completed"}
    assert all(row["CreatedDate"] == row["CompletedDateTime"] for row in tasks.values())
    assert len(rows(crm, EVENT, "WhoId", "StartDateTime")) == world.happenings.meetings.height
    assert len(rows(crm, VISIT, "Lead__c", "Visited_At__c", "Page__c")) == world.happenings.visits.height
    assert len(rows(crm, TOUCH, "Lead__c", "Touched_At__c", "Network__c")) == world.happenings.touches.height


def test_a_converted_leads_tasks_and_events_are_its_contacts(crm):
    leads = rows(crm, Entity.LEAD, "IsConverted", "ConvertedContactId")
    contacts = {row["ConvertedContactId"] for row in leads.values() if row["IsConverted"] == "true"}
    open_leads = {lead for lead, row in leads.items() if row["IsConverted"] == "false"}

    who = {row["WhoId"] for entity in (TASK, EVENT) for row in rows(crm, entity, "WhoId").values()}

    assert contacts
    assert None not in contacts
    assert who <= contacts | open_leads
    assert who & contacts
    assert {row["Lead__c"] for row in rows(crm, VISIT, "Lead__c").values()} <= leads.keys()


def test_old_activities_are_archived(crm, org, world):
    old = world.happenings.mails.filter(pl.col("at") < datetime(2025, 1, 5, 12, tzinfo=UTC)).height
    archived = [row for row in org.snapshot("Task").values() if row["IsArchived"] and row["TaskSubtype"] == "Email"]

    assert len(archived) == old > 0


def test_fields_are_described_by_their_own_types(crm):
    lead = {field.name: field for field in crm.describe(Entity.LEAD)}
    touch = {field.name: field for field in crm.describe(TOUCH)}

    assert lead["HasOptedOutOfEmail"].kind == Kind.BOOLEAN
    assert not lead["HasOptedOutOfEmail"].custom
    assert touch["Touched_At__c"].kind == Kind.INSTANT
    assert touch["Network__c"].custom


def test_accounts_tell_age_owner_and_parent(crm, world):
    accounts = rows(crm, Entity.COMPANY, "Name", "YearStarted", "Ownership", "ParentId")
    parents = {row["ParentId"] for row in accounts.values()} - {None}

    assert {row["Name"] for row in accounts.values()} == set(world.companies["name"])
    assert parents <= accounts.keys()
    assert len(parents) > 1
    assert {row["Ownership"] for row in accounts.values()} >= {"Public", "Private", None}
    assert all(row["YearStarted"] is None or len(row["YearStarted"]) == 4 for row in accounts.values())


def test_opting_out_is_shown(crm, world):
    shown = [row["HasOptedOutOfEmail"] for row in rows(crm, Entity.LEAD, "HasOptedOutOfEmail").values()]

    assert shown.count("true") == world.leads["opted_out"].sum() > 0
