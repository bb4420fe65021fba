"""Field history: the calls to the letter, and the odd forms of one row. The contract proves that it is complete."""

import pytest

from connector.crm import Change, Entity
from connector.errors import Misconfigured, Retryable
from connector.salesforce import cursors
from connector.salesforce.cursors import Resting
from tests.connector.salesforce.conftest import ROOT
from tests.connector.salesforce.test_reads import DATE, LOST, page

KINDS = {
    "Title": "string", "Notes__c": "textarea", "NumberOfEmployees": "int", "DoNotCall": "boolean",
    "CampaignId": "reference", "Due__c": "datetime",
}  # fmt: skip
FIELDS = [
    {"name": name, "label": name, "type": kind, "updateable": True, "length": 0, "custom": False}
    | {"calculated": False, "picklistValues": []}
    for name, kind in KINDS.items()
]
LEAD = "00Q000000000001"
LONG = "00Q000000000001EAA"
AT = "2026-01-02T11:30:00.000Z"
TIMEOUT = [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running for too long."}]


@pytest.fixture(autouse=True)
def described(wire):
    wire.get(f"{ROOT}/sobjects/Lead/describe", json={"fields": FIELDS})


def row(name, old, new, at="2026-01-02T11:30:00.000+0000"):
    return {
        "attributes": {"type": "LeadHistory", "url": "/x"}, "Id": "017000000000001AAA", "LeadId": LEAD, "Field": name,
        "OldValue": old, "NewValue": new, "CreatedDate": at,
    }  # fmt: skip


def asked(wire):
    return [call.request.params["q"] for call in wire.calls if "queryAll/" in call.request.url]


def history(crm, *names, since=None):
    return list(crm.history(Entity.LEAD, names or tuple(KINDS), since))


def changes(crm, wire, *rows):
    wire.get(f"{ROOT}/queryAll/", json=page(rows), headers=DATE)
    return [change for one in history(crm) for change in one.changes]


def test_one_query_asks_for_the_fields_that_are_wanted(crm, wire):
    wire.get(f"{ROOT}/queryAll/", json=page([]), headers=DATE)

    [only] = history(crm, "Title", "DoNotCall", since=cursors.write(Resting(AT)))

    [query] = asked(wire)
    assert query == (
        "SELECT Id,LeadId,Field,OldValue,NewValue,CreatedDate FROM LeadHistory WHERE IsDeleted = false"
        " AND Field IN ('Title','DoNotCall') AND CreatedDate >= 2026-01-02T11:30:00Z ORDER BY CreatedDate,Id"
    )
    assert only.changes == ()
    assert cursors.read(only.cursor) == Resting("2026-01-02T11:45:00.000Z")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("Title", "CTO", "CEO", "CTO"),
        ("Title", None, "CEO", None),
        ("Title", "a\r\nb", "CEO", "a\nb"),
        ("NumberOfEmployees", 250.0, 300.0, "250"),
        ("NumberOfEmployees", "1.0E3", "2.0E3", "1000"),
        ("NumberOfEmployees", "many", "few", None),
        ("DoNotCall", False, True, "false"),
        ("DoNotCall", "true", "false", "true"),
        ("Due__c", "2026-01-01T10:00:00.000+0000", None, "2026-01-01T10:00:00.000Z"),
        ("CampaignId", "701000000000001AAA", None, "701000000000001AAA"),
        ("Notes__c", None, None, None),  # of a long text only the moment is told
    ],
)
def test_an_old_value_is_as_canonical_as_a_record_s(crm, wire, name, old, new, told):
    assert changes(crm, wire, row(name, old, new)) == [Change(LONG, name, AT, told)]


def test_the_names_of_a_lookup_and_rows_about_the_whole_record_are_left_out(crm, wire):
    rows = [row("CampaignId", "Fair in May", "Fair in June"), row("leadConverted", None, None)]

    assert changes(crm, wire, *rows) == []


@pytest.mark.parametrize("code", ["INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS_OR_READONLY"])
def test_an_org_without_history_or_that_does_not_show_it_gives_none(crm, wire, code):
    wire.get(f"{ROOT}/queryAll/", status=400, json=[{"errorCode": code, "message": "no"}])

    assert history(crm) == []


def test_entities_without_a_documented_history_are_not_asked_for(crm, wire):
    wire.get(f"{ROOT}/sobjects/CampaignMember/describe", json={"fields": FIELDS})

    assert list(crm.history(Entity.ACTIVITY, ("Title",), None)) == []
    assert asked(wire) == []


def test_a_field_that_this_user_does_not_see_is_told(crm):
    with pytest.raises(Misconfigured, match="Hidden__c"):
        history(crm, "Hidden__c")


def test_a_lost_place_goes_on_from_the_last_moment(crm, wire):
    wire.get(f"{ROOT}/queryAll/", json=page([row("Title", "a", "b")], following="01g-1"), headers=DATE)
    wire.get(f"{ROOT}/query/01g-1", status=400, json=LOST)
    wire.get(f"{ROOT}/queryAll/", json=page([row("Title", "a", "b"), row("Title", "b", "c")]), headers=DATE)

    told = [change.old for one in history(crm) for change in one.changes]

    assert told == ["a", "a", "b"]
    assert "CreatedDate >= 2026-01-02T11:30:00Z" in asked(wire)[1]


def test_a_query_that_takes_too_long_is_asked_in_pieces(crm, wire):
    wire.get(f"{ROOT}/queryAll/", status=400, json=TIMEOUT)
    wire.get(f"{ROOT}/queryAll/", json=page([row("Title", "a", "b")]), headers=DATE)

    assert [change.old for one in history(crm) for change in one.changes] == ["a"]
    assert asked(wire)[1].endswith("LIMIT 10000")


def test_a_place_that_is_always_lost_is_given_up(crm, wire):
    wire.get(f"{ROOT}/queryAll/", status=400, json=LOST)

    with pytest.raises(Retryable, match="no headway"):
        history(crm)
