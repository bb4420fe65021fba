"""Our fields are in each CRM what the mapping defines: what is provisioned, and then described, agrees with it."""

import pytest

from connector.crm import Kind
from mappings.outputs import PREFIXES, ROUTES, every_field

ROUTED = tuple(route for _, route in ROUTES)
# An option is plain text in Salesforce, where a value set could refuse a value by record type.
KINDS = {"salesforce": {Kind.OPTION: Kind.TEXT}, "hubspot": {}}


@pytest.fixture
def ours(account):
    return every_field(account.name, PREFIXES[account.name], ROUTED)


def test_every_field_is_there_as_it_was_defined_and_may_be_written(account, ours):
    admin = account.connect("admin")
    for entity, fields in ours.items():
        admin.ensure_fields(entity, fields, dry_run=False)

    for entity, fields in ours.items():
        seen = {field.name: field for field in account.connect().describe(entity)}
        for field in fields:
            there = seen[field.name]
            assert there.kind is KINDS[account.name].get(field.kind, field.kind), field.name
            assert there.label == field.label
            assert there.writable
            if account.name == "salesforce":
                assert there.length == field.length or field.kind not in {Kind.TEXT, Kind.OPTION}, field.name
                assert there.decimals == (field.decimals if field.kind is Kind.NUMBER else None), field.name
            else:
                assert there.options == tuple(value for value, _ in field.options), field.name


def test_fields_of_all_objects_come_in_any_order_and_once(account, ours):
    admin = account.connect("admin")
    for entity, fields in reversed(ours.items()):
        assert admin.ensure_fields(entity, fields, dry_run=False).created == tuple(field.name for field in fields)

    for entity, fields in ours.items():
        again = admin.ensure_fields(entity, fields, dry_run=False)
        assert (again.created, again.granted, again.assigned) == ((), (), False)
