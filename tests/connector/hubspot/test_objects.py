import pytest

from connector.crm import Entity, Kind
from connector.errors import Misconfigured
from connector.hubspot.objects import CONTACTS_OF, as_fields, checked

WRITABLE = {"readOnlyValue": False, "readOnlyDefinition": True}


def one(**values):
    entry = {"name": "x", "label": "X", "type": "string", "fieldType": "text", "modificationMetadata": WRITABLE}
    return as_fields(Entity.LEAD, [{**entry, **values}])[0]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"type": "string"}, Kind.TEXT),
        ({"type": "phone_number"}, Kind.TEXT),
        ({"type": "something new"}, Kind.TEXT),
        ({"type": "number"}, Kind.NUMBER),
        ({"type": "bool", "options": [{"value": "true"}, {"value": "false"}]}, Kind.BOOLEAN),
        ({"type": "date"}, Kind.DATE),
        ({"type": "datetime"}, Kind.INSTANT),
        ({"type": "enumeration", "fieldType": "select"}, Kind.OPTION),
        ({"type": "enumeration", "fieldType": "checkbox"}, Kind.OPTIONS),
        ({"type": "enumeration", "fieldType": "select", "referencedObjectType": "OWNER"}, Kind.REFERENCE),
    ],
)
def test_a_property_has_a_kind(entry, kind):
    assert one(**entry).kind is kind


def test_calculated_and_read_only_properties_are_not_writable():
    assert one().writable
    assert not one(calculated=True).writable
    assert not one(modificationMetadata={"readOnlyValue": True}).writable


def test_a_customers_formula_may_change_without_a_stamp_and_hubspots_own_do_not():
    assert one(calculated=True, hubspotDefined=False).calculated
    assert not one(calculated=True, hubspotDefined=True).calculated


def test_a_property_keeps_its_options():
    options = [{"value": "A", "label": "Alpha"}, {"value": "B", "label": "Beta"}]

    assert one(type="enumeration", options=options).options == ("A", "B")


def test_our_and_their_own_properties_are_told_apart():
    assert one(hubspotDefined=False).custom
    assert not one(hubspotDefined=True).custom


def test_archived_properties_are_not_listed():
    assert as_fields(Entity.LEAD, [{"name": "x", "type": "string", "archived": True}]) == ()


def test_deals_know_their_contacts():
    fields = as_fields(Entity.DEAL, [])

    assert [(field.name, field.writable, field.calculated) for field in fields] == [(CONTACTS_OF, False, True)]


def test_an_unknown_field_is_named():
    with pytest.raises(Misconfigured, match=r"lead property nope, nor\."):
        checked(Entity.LEAD, ["x", "nor", "nope"], [one()])
