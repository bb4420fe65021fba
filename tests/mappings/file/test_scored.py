"""The key `scored`: mappings of deals, and what may be said of them."""

import re
from pathlib import Path

import pytest

import mappings.words as vocabulary
from connector.crm import Entity
from mappings.file import yamlfile
from mappings.file.load import MappingInvalid, load_preset, parse, preset_text
from tests.mappings import mutants
from tests.mappings.conftest import MINIMAL

README = Path(vocabulary.__file__).parent / "README.md"
PRESETS = ("salesforce-deals", "hubspot-deals")
DEALS = """\
version: 1
crm: salesforce
scored: deal
outcome:
  milestone: won
  horizon_days: 180
  created: CreatedDate
  deal: {won: IsWon, closed: IsClosed, closed_at: LastStageChangeDate}
features:
  - {name: type, label: Type, kind: category, family: fit, from: Type}
"""


def is_valid(text):
    return mutants.validator().is_valid(mutants.instance(yamlfile.read(text, "x.yaml")))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_of_deals_reads_the_deal_and_no_other(name):
    mapping = load_preset(name)

    assert mapping.scored == "deal"
    assert Entity.DEAL not in mapping.entities
    deal = mapping.outcome.deal
    assert {deal.won, deal.closed, deal.closed_at} <= set(mapping.source_fields(Entity.LEAD))
    assert deal.amount in mapping.optional_fields(Entity.LEAD) or deal.amount in mapping.inputs(Entity.LEAD)
    assert mapping.outcome.converted == deal.closed
    assert not any("owner" in name.lower() for name in mapping.source_fields(Entity.LEAD))


def test_what_is_scored_is_in_the_version_where_it_is_no_lead():
    plain = MINIMAL.replace("version: 1\n", "version: 1\nscored: lead\n")

    assert parse(plain, "x").version == parse(MINIMAL, "x").version
    assert parse(DEALS, "x").scored == "deal"
    assert parse(DEALS, "x").version != parse(DEALS.replace("180\n", "180\n  observe_days: [7, 30]\n"), "x").version


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("scored: deal", "scored: deals", "did you mean deal"),
        ("milestone: won", "milestone: converted\n  converted_at: CreatedDate", "a deal can only be won"),
        ("{won:", "{lead_field: Id, won:", "deals are what is scored"),
        (" closed: IsClosed,", "", "add closed: a true/false field"),
        ("created: CreatedDate", "created: CreatedDate\n  converted: IsClosed", "deals have not"),
        ("from: Type", "from: StageName", "StageName, which knows the outcome"),
        ("from: Type", "from: Probability", "Probability, which knows the outcome"),
        ("from: Type", "from: Loss_Reason__c", "knows the outcome"),
        ("from: Type", "from: OwnerId", "knows the outcome"),
        ("days: 180", "days: 180\n  observe_days: [30, 7]", r"a list of rising ones"),
        ("days: 180", "days: 180\n  observe_days: []", r"a list of rising ones"),
        ("days: 180", "days: 180\n  observe_days: [7, soon]", r"a list of rising ones"),
        ("days: 180", "days: 180\n  observe_days: [7, 180]", "looked at 180 days after"),
    ],
)
def test_what_cannot_be_said_of_deals_is_refused_in_words(old, new, told):
    with pytest.raises(MappingInvalid, match=told):
        parse(DEALS.replace(old, new, 1), "x.yaml")


def test_a_contact_is_salesforces_alone():
    text = MINIMAL.replace("version: 1\n", "version: 1\nscored: contact\n")

    assert parse(text, "x").scored == "contact"
    with pytest.raises(MappingInvalid, match="a contact of HubSpot is its lead"):
        parse(text.replace("crm: salesforce", "crm: hubspot"), "x")


THROUGH = "deal: {through: {object: OpportunityContactRole, deal: OpportunityId, lead: ContactId}, "
OF_ROLES = MINIMAL.replace("deal: {lead_field: ConvertedOpportunityId, ", THROUGH)


def test_pairs_tell_whose_a_deal_is():
    mapping = parse(OF_ROLES, "x")
    pairs = Entity.of_object("OpportunityContactRole")

    assert mapping.source_fields(pairs) == ("OpportunityId", "ContactId")
    assert mapping.linker(pairs, ("OpportunityId", "ContactId"))(("D", "C")) == ("D", "C")
    assert mapping.version != parse(MINIMAL, "x").version
    assert is_valid(OF_ROLES)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("deal: {through", "deal: {lead_field: Deal__c, through", "one way from a lead to its deals"),
        ("deal: OpportunityId, ", "", "deal"),
        ("object: OpportunityContactRole", "object: '?'", "no object can be named"),
        (
            "activity: {lead: LeadId}",
            "activities: [{object: OpportunityContactRole, lead: ContactId}]",
            "take it out of activities",
        ),
        ("features:", "duplicates: {lead: {email: Email}}\nfeatures:", "remove duplicates"),
    ],
)
def test_what_cannot_be_said_of_pairs_is_refused_in_words(old, new, told):
    with pytest.raises(MappingInvalid, match=told):
        parse(OF_ROLES.replace(old, new, 1), "x.yaml")


def test_the_schema_asks_a_way_to_deals_of_leads_alone():
    assert is_valid(DEALS)
    assert is_valid(MINIMAL)
    assert not is_valid(DEALS.replace("scored: deal\n", ""))
    assert is_valid(DEALS.replace("180\n", "180\n  observe_days: [7, 30]\n"))


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_ready_in_a_preset_loads(name):
    ready = re.sub(r"^( *)#\+ ", r"\1", preset_text(name), flags=re.MULTILINE)

    assert len(parse(ready, "x").rules) >= len(load_preset(name).rules)


def test_the_documented_deals_load():
    (text,) = re.findall(r"```yaml deals\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert parse(f"version: 1\ncrm: salesforce\nscored: deal\n{text}", "README.md").outcome.looks[0] == 3
