import pytest

from connector.crm import Entity, Field, Kind
from mappings.checks.check import against
from mappings.file.load import load_preset
from tests.mappings.conftest import mapped

# Names and kinds, as the vendors' describes list them, of a standard Salesforce org (API 59) and a portal's defaults.
STANDARD = {
    "salesforce": {
        Entity.LEAD: "Id:reference LastName:text FirstName:text Title:text Company:text Street:text City:text "
        "State:text Country:text Phone:text MobilePhone:text Email:text Website:text LeadSource:option Status:option "
        "Industry:option Rating:option AnnualRevenue:number NumberOfEmployees:number OwnerId:reference "
        "IsConverted:boolean ConvertedDate:date ConvertedAccountId:reference ConvertedContactId:reference "
        "ConvertedOpportunityId:reference IsUnreadByOwner:boolean CreatedDate:instant LastModifiedDate:instant "
        "SystemModstamp:instant LastActivityDate:date EmailBouncedReason:text EmailBouncedDate:instant",
        Entity.COMPANY: "Id:reference Name:text Type:option BillingCountry:text Phone:text Website:text "
        "Industry:option AnnualRevenue:number NumberOfEmployees:number CreatedDate:instant SystemModstamp:instant",
        Entity.DEAL: "Id:reference AccountId:reference StageName:option Amount:number CloseDate:date IsClosed:boolean "
        "IsWon:boolean CreatedDate:instant SystemModstamp:instant",
        Entity.ACTIVITY: "Id:reference CampaignId:reference LeadId:reference ContactId:reference Status:option "
        "HasResponded:boolean FirstRespondedDate:date CreatedDate:instant SystemModstamp:instant",
    },
    "hubspot": {
        Entity.LEAD: "jobtitle:text industry:text numemployees:option annualrevenue:text country:text email:text "
        "phone:text hs_analytics_source:option hs_analytics_num_page_views:number hs_analytics_num_visits:number "
        "num_conversion_events:number hs_email_delivered:number hs_email_open:number hs_email_click:number "
        "hs_email_replied:number hs_email_bounce:number hs_email_optout:boolean associatedcompanyid:number "
        "createdate:instant lifecyclestage:option hs_lead_status:option",
        Entity.COMPANY: "hs_object_id:number industry:option numberofemployees:number annualrevenue:number "
        "country:text createdate:instant domain:text",
        Entity.DEAL: "associations.contacts:reference hs_is_closed_won:boolean hs_is_closed:boolean "
        "closedate:instant dealstage:option createdate:instant",
        Entity.ACTIVITY: "",
    },
}


def described(text):
    pairs = (word.split(":") for word in text.split())
    return tuple(Field(name, name, Kind(kind)) for name, kind in pairs)


@pytest.mark.parametrize("crm", STANDARD)
def test_a_preset_works_on_a_standard_org_untouched(crm):
    mapping = load_preset(crm)

    for entity in mapping.entities:
        assert against(mapping, entity, described(STANDARD[crm][entity])) == ()


def test_a_field_that_is_missing_is_told_with_its_line_and_the_nearest_name():
    mapping = mapped("{name: a, label: A, kind: category, family: fit, from: Industri}")

    (problem,) = against(mapping, Entity.LEAD, described(STANDARD["salesforce"][Entity.LEAD]))

    assert (
        str(problem) == "test.yaml:12: lead has no field Industri, or this user may not see it; did you mean Industry?"
    )


def test_an_optional_field_may_be_missing():
    mapping = mapped("{name: a, label: A, kind: category, family: fit, from: Custom__c, optional: true}")

    assert against(mapping, Entity.LEAD, described(STANDARD["salesforce"][Entity.LEAD])) == ()


def test_an_entity_that_the_user_may_not_see_is_told_field_by_field():
    mapping = load_preset("salesforce")

    assert len(against(mapping, Entity.ACTIVITY, ())) == len(mapping.source_fields(Entity.ACTIVITY))


@pytest.mark.parametrize(
    ("how", "clashes"),
    [
        ("kind: number, from: Title", True),
        ("kind: number, from: Title, transforms: [number]", True),
        ("kind: number, from: Title, transforms: [trim, number]", True),
        ("kind: category, from: Title, transforms: [{bands: [3]}]", True),
        ("kind: number, from: IsConverted, allow_after_outcome: true", True),
        ("kind: boolean, from: AnnualRevenue", True),
        ("kind: number, days_between: [CreatedDate, Title]", True),
        ("kind: number, from: Title, transforms: [first_number]", False),
        ("kind: number, from: Title, transforms: [length]", False),
        ("kind: number, from: LeadSource, transforms: [{map: {Web: 1}}]", False),
        ("kind: number, from: AnnualRevenue, transforms: [log1p]", False),
        ("kind: boolean, from: AnnualRevenue, transforms: [present]", False),
        ("kind: category, from: AnnualRevenue, transforms: [{bands: [3]}]", False),
        ("kind: number, days_between: [CreatedDate, EmailBouncedDate]", False),
    ],
)
def test_a_kind_that_cannot_be_is_told(how, clashes):
    mapping = mapped(f"{{name: a, label: A, family: fit, {how}}}")

    problems = against(mapping, Entity.LEAD, described(STANDARD["salesforce"][Entity.LEAD]))

    assert bool(problems) is clashes
    assert all("feature a cannot be made of" in problem.message and problem.line == 12 for problem in problems)


def test_a_count_needs_a_time():
    mapping = mapped("{name: a, label: A, kind: number, family: fit, count: {at: HasResponded, window_days: 3}}")

    (problem,) = against(mapping, Entity.ACTIVITY, described(STANDARD["salesforce"][Entity.ACTIVITY]))

    assert "kind boolean" in problem.message
