from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Entity
from mappings.file.load import load_preset
from mappings.frames.hashes import input_hashes, outputs_hash
from tests.mappings.conftest import frame
from tests.mappings.frames.test_features import ACTIVITIES, COMPANIES, CREATED, LEADS, text

SALESFORCE = load_preset("salesforce")
INPUTS = SALESFORCE.inputs(Entity.LEAD)

values = st.none() | st.text(alphabet=["a", ",", ":", "-", "1", "\x1f", "\n", "é"], max_size=4)
records = st.fixed_dictionaries(dict.fromkeys(INPUTS[:4], values))


def hashed(leads=LEADS, companies=COMPANIES, activities=ACTIVITIES):
    return input_hashes(SALESFORCE, frame(*leads), frame(*companies), frame(*activities)).to_list()


@given(records, records)
def test_a_hash_changes_exactly_when_an_own_input_does(first, second):
    one, other = hashed([{"id": "1"} | first, {"id": "2"} | second], [], [])

    assert (one == other) == (first == second)


@pytest.mark.parametrize("field", INPUTS)
def test_each_own_input_moves_its_lead_alone(field):
    before = hashed()

    after = hashed([LEADS[0] | {field: "2026-01-01 other"}, *LEADS[1:]])

    assert [old == new for old, new in zip(before, after, strict=True)] == [False, True, True, True]


@pytest.mark.parametrize("field", SALESFORCE.inputs(Entity.COMPANY))
def test_an_input_of_a_company_moves_the_leads_it_belongs_to(field):
    after = hashed(companies=[COMPANIES[0] | {field: "other"}])

    assert [old == new for old, new in zip(hashed(), after, strict=True)] == [False, False, True, True]


def test_an_activity_that_counts_moves_its_lead():
    changed = [ACTIVITIES[0] | {"HasResponded": "false"}, *ACTIVITIES[1:]]
    added = [*ACTIVITIES, {"id": "00v9", "link": "00Q1", "HasResponded": "true", "CreatedDate": text(CREATED)}]

    for activities in (changed, added, ACTIVITIES[1:]):
        after = hashed(activities=activities)
        assert [old == new for old, new in zip(hashed(), after, strict=True)] == [False, True, True, True]


@given(st.permutations(ACTIVITIES), st.permutations(LEADS))
def test_the_order_of_records_does_not_matter(activities, leads):
    known = dict(zip((lead["id"] for lead in LEADS), hashed(), strict=True))

    assert hashed(leads, activities=activities) == [known[lead["id"]] for lead in leads]


@pytest.mark.parametrize(
    "values",
    [
        {"Status": "Qualified", "IsConverted": "true", "ConvertedDate": "2026-04-01", "ConvertedOpportunityId": "006"},
        {"TG_Score__c": "97", "TG_Scored_At__c": "2026-04-01T00:00:00.000Z"},
        {"SystemModstamp": "2026-04-01T00:00:00.000Z", "LastModifiedDate": "2026-04-01T00:00:00.000Z"},
        {"FirstName": "Kim"},
    ],
    ids=["outcome", "our own outputs", "stamps", "what is not mapped"],
)
def test_what_is_no_input_moves_nothing(values):
    assert hashed([lead | values for lead in LEADS]) == hashed()


def test_what_comes_too_late_moves_nothing():
    later = text(CREATED + timedelta(days=20))
    activity = {"id": "00v9", "link": "00Q2", "HasResponded": "true", "CreatedDate": later}
    company = COMPANIES[0] | {"id": "000", "CreatedDate": later, "Industry": "Other"}

    assert hashed(LEADS[:3], [*COMPANIES, company], [*ACTIVITIES, activity]) == hashed(LEADS[:3])


def test_a_hash_is_the_same_on_every_machine():
    assert hashed()[:2] == ["2710803e97b5246e9059a53ed24bfccd", "35c1e23c5e02200228228ce200ffaa36"]


def test_no_leads_have_no_hashes(nothing):
    assert input_hashes(SALESFORCE, nothing, nothing, nothing).to_list() == []


@pytest.mark.parametrize(
    ("crm", "score", "at"),
    [("salesforce", "Acme_Score__c", "Scored_Moment__c"), ("hubspot", "tg_score", "tg_scored_at")],
)
def test_another_moment_or_model_that_says_the_same_is_no_reason_to_write(crm, score, at):
    mapping = replace(load_preset(crm), outputs=(("score", score), ("scored_at", at), ("model", "M")))
    said = outputs_hash(mapping, {score: 50, at: "2026-01-01T00:00:00.000Z", "M": "one"})

    assert outputs_hash(mapping, {at: "2026-02-02T00:00:00.000Z", score: 50, "M": "two"}) == said
    assert outputs_hash(mapping, {score: 51, at: "2026-01-01T00:00:00.000Z", "M": "one"}) != said
    assert outputs_hash(mapping, {score: None}) != outputs_hash(mapping, {})
