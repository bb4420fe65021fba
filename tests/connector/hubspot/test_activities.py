"""Engagements and custom objects, read like deals: with their contacts, and none where HubSpot has no such records."""

import orjson
import pytest

from connector.crm import Entity, Part
from connector.hubspot.adapter import connect
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter

CALLS = Entity.of_object("calls")
PROPERTIES = {
    "results": [
        {"name": "hs_timestamp", "label": "Activity date", "type": "datetime", "hubspotDefined": True},
        {"name": "hs_call_duration", "label": "Call duration", "type": "number", "hubspotDefined": True},
    ]
}


def call(record_id, *contacts, duration="1000"):
    return {
        "id": record_id,
        "properties": {"hs_timestamp": "2026-10-01T10:00:00Z", "hs_call_duration": duration},
        "updatedAt": "2026-10-01T10:05:00Z",
        "associations": {"contacts": {"results": [{"id": contact, "type": "call_to_contact"} for contact in contacts]}},
    }


@pytest.fixture
def crm(scripted, clock):
    crm = connect(StaticToken("pat"), base_url=scripted.url, clock=clock, limiter=NoLimiter(), jitter=lambda: 0.0)
    yield crm
    crm.close()


def test_calls_come_with_their_contacts(crm, scripted):
    scripted.says(200, orjson.dumps(PROPERTIES))
    scripted.says(200, orjson.dumps({"results": [call("7", "901", "951"), call("8", duration="")]}))

    [page] = list(crm.everything(CALLS, ("hs_timestamp", "hs_call_duration", "associations.contacts"), Part()))

    assert [record.values for record in page.records] == [
        ("2026-10-01T10:00:00.000Z", "1000", "901;951"),
        ("2026-10-01T10:00:00.000Z", None, None),
    ]
    assert "/calls?" in scripted.asked[1].path
    assert "associations=contacts" in scripted.asked[1].path


def test_contacts_are_told_as_a_field_of_every_object_but_people_and_companies(crm, scripted):
    scripted.says(200, orjson.dumps(PROPERTIES))

    assert [field.name for field in crm.describe(CALLS)][-1] == "associations.contacts"


def test_what_hubspot_keeps_no_records_of_is_empty(crm, scripted):
    assert [page.records for page in crm.everything(Entity.ACTIVITY, (), Part())] == [()]
    assert crm.count(Entity.ACTIVITY) is None
    assert not scripted.asked
