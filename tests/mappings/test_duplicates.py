import pytest

from connector.crm import Entity
from mappings.duplicates import NOT_SOUGHT, rules_of
from mappings.file.load import MappingInvalid, load_preset, parse

HEAD = """
version: 1
crm: hubspot
outcome: {milestone: converted, horizon_days: 90, created: createdate, converted: c, converted_at: d}
features: [{name: free, kind: boolean, family: fit, from: email, transforms: [free_mail]}]
"""
LEADS = (
    "duplicates: {lead: {email: email, phone: [phone, mobilephone], name: [firstname, lastname], company: company}}\n"
)


def section(text):
    return parse(HEAD + text, "a.yaml")


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_the_presets_name_the_fields_of_a_person_and_of_a_company(crm):
    mapping = load_preset(crm)

    for entity in (Entity.LEAD, Entity.COMPANY):
        fields = mapping.duplicates.of(entity).fields
        assert fields
        assert set(fields) <= set(mapping.source_fields(entity))
    assert mapping.duplicates.of(Entity.DEAL).fields == ()


def test_without_the_section_nothing_is_pulled_for_it():
    mapping = section("")

    assert mapping.duplicates == NOT_SOUGHT
    assert "firstname" not in mapping.source_fields(Entity.LEAD)
    assert rules_of(mapping.duplicates.lead) == ""


def test_its_own_fields_may_be_missing_from_the_crm_and_move_no_score():
    mapping = section(LEADS)

    assert {"firstname", "lastname", "company"} <= mapping.optional_fields(Entity.LEAD)
    assert "email" not in mapping.optional_fields(Entity.LEAD)
    assert "firstname" not in mapping.remembered_fields(Entity.LEAD)
    assert mapping.version == section("").version


def test_other_fields_are_other_rules():
    some, others = (
        section("duplicates: {lead: {email: email}}\n"),
        section("duplicates: {lead: {email: [email, work]}}\n"),
    )

    assert rules_of(some.duplicates.lead) != rules_of(others.duplicates.lead)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("duplicates: {people: {email: email}}\n", "there is no key people in duplicates"),
        ("duplicates: {lead: {mail: email}}\n", "there is no key mail in duplicates.lead"),
        ("duplicates: {company: {email: email}}\n", "there is no key email in duplicates.company"),
        ("duplicates: {lead: email}\n", "lead of duplicates is email"),
    ],
)
def test_what_is_wrong_is_told(text, said):
    with pytest.raises(MappingInvalid, match=said):
        section(text)
