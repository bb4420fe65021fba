from datetime import timedelta

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from connector.simulator.salesforce.errors import Refused

QUERY = "SELECT Id, LeadId, Field, DataType, OldValue, NewValue, CreatedDate FROM LeadHistory ORDER BY CreatedDate, Id"


@pytest.fixture
def client(session, token):
    return Salesforce(instance="acme.my.salesforce.com", session_id=token, version="59.0", session=session)


@pytest.fixture
def lead(org):
    return org.pick("Lead", {"IsConverted": False})[0]


def told(client):
    rows = client.query_all(QUERY)["records"]
    return [(row["Field"], row["OldValue"], row["NewValue"]) for row in rows]


def test_nothing_is_kept_before_an_admin_tracks_a_field(client, org, lead):
    org.edit("Lead", lead, {"Title": "CTO"})
    assert told(client) == []

    org.track("Lead", ["Title"])
    org.edit("Lead", lead, {"Title": "CFO", "Phone": "1"})
    org.edit("Lead", lead, {"Title": "CFO"})

    assert told(client) == [("Title", "CTO", "CFO")]


def test_a_client_s_writes_are_history_too(client, org, lead, clock):
    org.track("Lead", ["NumberOfEmployees", "IsUnreadByOwner"])
    clock.advance(timedelta(hours=1))
    before = org.read("Lead", lead)["NumberOfEmployees"]
    client.Lead.update(lead, {"NumberOfEmployees": 77, "IsUnreadByOwner": True})

    org_says = [(field, bool(old) if field == "IsUnreadByOwner" else old, new) for field, old, new in told(client)]
    assert set(org_says) == {("NumberOfEmployees", before, 77), ("IsUnreadByOwner", False, True)}
    row = client.query(QUERY)["records"][0]
    assert (row["LeadId"], row["CreatedDate"][:16]) == (lead, f"{clock.now():%Y-%m-%dT%H:%M}")


def test_long_texts_leave_no_values_and_lookups_two_rows(client, org, lead):
    org.track("Lead", ["Description", "OwnerId"])
    owner = org.read("Lead", lead)["OwnerId"]
    org.edit("Lead", lead, {"Description": "called back", "OwnerId": "005000000000009AAA"})

    rows = told(client)

    assert ("Description", None, None) in rows
    assert ("OwnerId", owner, "005000000000009AAA") in rows
    assert ("OwnerId", f"Name of {owner}", "Name of 005000000000009AAA") in rows


def test_creations_and_conversions_have_rows_of_their_own(client, org, lead):
    org.track("Lead", ["Status"])
    org.create("Lead", {"LastName": "Vega", "Company": "Vega Ltd"})
    org.convert(lead)

    assert ("created", None, None) in told(client)
    assert ("leadConverted", None, None) in told(client)


@pytest.mark.parametrize("column", ["OldValue", "NewValue"])
def test_values_are_no_part_of_a_condition(client, column):
    with pytest.raises(SalesforceMalformedRequest, match="can not be filtered"):
        client.query(f"SELECT Id FROM LeadHistory WHERE {column} = 'CTO'")


def test_rows_are_found_by_field_and_time(client, org, lead, clock):
    org.track("Lead", ["Title", "Phone"])
    org.edit("Lead", lead, {"Title": "CTO", "Phone": "1"})
    since = f"{clock.now() + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    clock.advance(timedelta(hours=1))
    org.edit("Lead", lead, {"Title": "CFO", "Phone": "2"})

    found = client.query(f"SELECT OldValue FROM LeadHistory WHERE Field = 'Title' AND CreatedDate >= {since}")[
        "records"
    ]

    assert [row["OldValue"] for row in found] == ["CTO"]


def test_who_does_not_see_a_field_does_not_see_its_history(client, org, lead):
    org.track("Lead", ["Title", "Phone"])
    org.edit("Lead", lead, {"Title": "CTO", "Phone": "1"})
    org.hide_field("admin", "Lead", "Title")

    assert {field for field, _, _ in told(client)} == {"Phone"}


@pytest.mark.parametrize(
    ("sobject", "names"), [("Lead", ["Id"]), ("CampaignMember", ["Status"]), ("Lead", ["Title"] * 21)]
)
def test_what_no_org_can_track_is_refused(org, sobject, names):
    with pytest.raises(Refused):
        org.track(sobject, names)
