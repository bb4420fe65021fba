"""Why fields are not read: nobody may, they hold nothing to tell, or nobody asks for them."""

from connector.crm import Entity, Field, Kind
from mappings.checks.check import against
from mappings.checks.unread import unread
from mappings.file.load import parse

TEXT = """\
version: 1
crm: {crm}
outcome: {{milestone: converted, horizon_days: 90, created: CreatedDate, converted_at: ConvertedDate}}
features:
  - {{name: place, kind: category, family: fit, from: {field}}}
privacy: {{never_read: [Religion__c, company.Notes__c]}}
"""
CREATED = Field("CreatedDate", "Created", Kind.INSTANT)
CONVERTED = Field("ConvertedDate", "Converted on", Kind.DATE)
PLACES = (Field("Street", "Street", Kind.TEXT, part_of="Address"), Field("City", "City", Kind.TEXT, part_of="Address"))


def mapping(crm="salesforce", field="Place__c"):
    return parse(TEXT.format(crm=crm, field=field), "acme.yaml")


def absent(of, *fields):
    [problem] = against(of, Entity.LEAD, (CREATED, CONVERTED, *fields))
    assert problem.line == 5
    return problem


def test_a_compound_field_is_told_with_its_parts():
    problem = absent(mapping(field="Address"), *PLACES)

    assert "compound" in problem.message
    assert problem.fix == "name one of its parts: Street, City"


def test_a_field_that_nobody_may_see_is_told_with_whom_to_ask():
    assert "field-level security" in absent(mapping()).fix
    assert "super admin" in absent(mapping("hubspot", field="place")).fix


def test_a_name_that_is_nearly_right_is_mended():
    assert absent(mapping(), Field("Places__c", "Places", Kind.TEXT)).fix == "did you mean Places__c?"


def test_every_field_that_is_not_read_has_its_reason():
    fields = (
        CREATED,
        Field("Place__c", "Place", Kind.TEXT, custom=True),
        Field("TG_Score__c", "Score", Kind.NUMBER, custom=True),
        Field("religion__c", "Religion", Kind.TEXT, custom=True),
        Field("Status", "Status", Kind.OPTION),
        Field("CampaignId", "Campaign", Kind.REFERENCE),
        Field("Secret__c", "Secret", Kind.TEXT, custom=True, masked=True),
        Field("Notes__c", "Notes", Kind.TEXT, length=32_768, custom=True),
        Field("Phone", "Phone", Kind.TEXT),
        Field("Old__c", "Old", Kind.TEXT, custom=True, hidden=True),
        Field("Plan__c", "Plan", Kind.OPTION, custom=True),
    )

    told = [(one.field.name, one.why.name) for one in unread(mapping(), Entity.LEAD, fields)]

    assert told == [
        ("TG_Score__c", "our own"),
        ("religion__c", "never read"),
        ("Status", "knows the outcome"),
        ("CampaignId", "identifier"),
        ("Secret__c", "encrypted"),
        ("Notes__c", "free text"),
        ("Phone", "personal"),
        ("Old__c", "hidden"),
        ("Plan__c", "not asked for"),
    ]


def test_what_is_never_read_of_companies_is_no_field_of_leads():
    [of_lead] = unread(mapping(), Entity.LEAD, [Field("Notes__c", "Notes", Kind.TEXT)])
    [of_company] = unread(mapping(), Entity.COMPANY, [Field("Notes__c", "Notes", Kind.TEXT)])

    assert (of_lead.why.name, of_company.why.name) == ("not asked for", "never read")
