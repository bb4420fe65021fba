"""Activities that are objects of their own: tasks, events, a customer's own object."""

import pytest

from connector.crm import Entity, Part
from connector.errors import Misconfigured

TASK, EVENT, VISIT = Entity.of_object("Task"), Entity.of_object("Event"), Entity.of_object("Site_Visit__c")


@pytest.fixture
def lead(org):
    return org.pick("Lead", {"IsConverted": False}, limit=1)[0]


def records(pages):
    return {record.id: record for page in pages for record in page.records}


@pytest.mark.parametrize("bulk", [False, True])
def test_activities_that_are_archived_are_read_too(connected, org, lead, bulk):
    old = org.create("Task", {"WhoId": lead, "Subject": "Call", "IsArchived": True})
    new = org.create("Task", {"WhoId": lead, "Subject": "Mail", "IsArchived": False})
    gone = org.create("Task", {"WhoId": lead, "Subject": "Old"})
    org.delete("Task", gone)
    crm = connected(bulk_reads=bulk)

    found = records(crm.everything(TASK, ("WhoId", "Subject"), Part()))

    assert {record.id: record.values for record in found.values()} == {old: (lead, "Call"), new: (lead, "Mail")}
    assert crm.count(TASK) == 2


def test_activities_are_followed_and_their_deletion_is_told(connected, org, lead, clock):
    crm = connected()
    since = crm.start(TASK)
    kept = org.create("Task", {"WhoId": lead, "Subject": "Call"})
    gone = org.create("Task", {"WhoId": lead, "Subject": "Old"})
    org.delete("Task", gone)

    found = records(crm.changed(TASK, ("WhoId",), since))

    assert (found[kept].values, found[kept].gone) == ((lead,), None)
    assert found[gone].gone == "deleted"


def test_a_customers_own_object_is_read_like_any_other(connected, org, lead):
    visit = org.create("Site_Visit__c", {"Lead__c": lead, "Page__c": "pricing", "Seconds__c": 12.5})
    crm = connected()

    found = records(crm.everything(VISIT, ("Lead__c", "Page__c", "Seconds__c"), Part()))

    assert found[visit].values == (lead, "pricing", "12.5")
    assert {field.name for field in crm.describe(VISIT)} >= {"Lead__c", "Visited_At__c"}


def test_events_are_recorded_ones(connected, org, lead):
    event = org.create("Event", {"WhoId": lead, "Subject": "Meeting"})

    assert records(connected().everything(EVENT, ("WhoId",), Part()))[event].values == (lead,)


def test_an_object_that_is_not_there_is_named(connected):
    with pytest.raises(Misconfigured, match="No_Such__c"):
        list(connected().everything(Entity.of_object("No_Such__c"), ("Lead__c",), Part()))
