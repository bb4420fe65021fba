"""Fields whose labels are in a language with letters of its own, deployed and described."""

from dataclasses import replace

import pytest

from connector.crm import Entity
from mappings.file.load import load_preset
from mappings.languages import CODES
from tests.connector.salesforce.conftest import ADMIN


@pytest.mark.parametrize("code", CODES)
def test_labels_arrive_as_they_are_written_and_a_second_round_makes_nothing(connected, code):
    admin = connected(ADMIN, integration_username="integration@truegrade.invalid")
    wanted = replace(load_preset("salesforce"), language=code).output_fields()

    admin.ensure_fields(Entity.LEAD, wanted, dry_run=False)
    again = admin.ensure_fields(Entity.LEAD, wanted, dry_run=True)

    held = {field.name: field.label for field in connected().describe(Entity.LEAD)}
    assert {field.name: held[field.name] for field in wanted} == {field.name: field.label for field in wanted}
    assert not again.created


@pytest.mark.parametrize("code", CODES)
def test_fields_that_are_there_keep_their_labels_in_another_language(connected, code):
    admin = connected(ADMIN, integration_username="integration@truegrade.invalid")
    english = load_preset("salesforce").output_fields()
    admin.ensure_fields(Entity.LEAD, english, dry_run=False)

    made = admin.ensure_fields(
        Entity.LEAD, replace(load_preset("salesforce"), language=code).output_fields(), dry_run=True
    )

    assert not made.created
