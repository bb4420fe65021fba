"""The whole adapter on the simulated org: signing in, our fields, permissions, quotas, and leaving theirs alone."""

import pytest

from connector.crm import CRM, Budget, Entity, Kind, NewField, Outcome, Part, Update
from connector.errors import Misconfigured, OutOfQuota
from connector.salesforce.signin import JwtBearer, RefreshToken
from tests.connector.salesforce.conftest import ADMIN, HOST, LEADS

LEAD = Entity.LEAD
JOBS = {"bulk_write_from": 1, "bulk_job_from": 1}
FIELDS = [
    NewField("TG_Score__c", "Score", Kind.NUMBER, "1 to 99", digits=3),
    NewField("TG_Likelihood__c", "Likelihood", Kind.NUMBER, "Chance", digits=5, decimals=2, percent=True),
    NewField("TG_Grade__c", "Grade", Kind.OPTION, "A to D", length=2, options=(("A", "A"), ("B", "B"))),
    NewField("TG_Top_Reason__c", "Top reason", Kind.TEXT, "One sentence", length=255),
    NewField("TG_Reasons__c", "Reasons", Kind.TEXT, "A line each", length=4000),
    NewField("TG_Scored_At__c", "Scored at", Kind.INSTANT, "When"),
]
NAMES = tuple(field.name for field in FIELDS)
VALUES = {
    "TG_Score__c": 87,
    "TG_Likelihood__c": 12.34,
    "TG_Grade__c": "A",
    "TG_Top_Reason__c": 'Größe: "200", Leute',
    "TG_Reasons__c": "+ one\n- two",
    "TG_Scored_At__c": "2026-01-02T12:00:00.000Z",
}


@pytest.fixture
def provisioned(connected):
    connected(ADMIN, integration_username="integration@truegrade.invalid").ensure_fields(LEAD, FIELDS, dry_run=False)


def jwt(org):
    return JwtBearer(
        "truegrade", "integration@truegrade.invalid", org.private_key_pem, "https://login.salesforce.com", HOST
    )


def refresh(org):
    return RefreshToken("truegrade", "truegrade-secret", org.refresh_token, HOST)


@pytest.mark.parametrize("sign_in", [jwt, refresh])
def test_there_are_other_ways_to_sign_in(sign_in, connected, org):
    crm: CRM = connected(sign_in(org))

    assert sum(len(page.records) for page in crm.everything(LEAD, (), Part())) == LEADS


def test_a_rotating_refresh_token_lasts(connected, org):
    org.set_option("rotate_refresh", True)
    crm = connected(refresh(org))

    for _ in range(3):
        org.expire_tokens()
        assert crm.start(LEAD)


@pytest.mark.parametrize("entity", [Entity.LEAD, Entity.COMPANY, Entity.DEAL, Entity.ACTIVITY])
def test_every_entity_is_described_and_read(entity, connected):
    crm = connected()
    names = tuple(field.name for field in crm.describe(entity) if field.kind is not Kind.BOOLEAN)

    records = [record for page in crm.everything(entity, names, Part()) for record in page.records]
    [by_bulk] = [list(connected(bulk_reads=True).everything(entity, names, Part()))]

    assert records
    assert {record for page in by_bulk for record in page.records} == set(records)
    at = names.index("Id")
    assert all(record.values[at] == record.id for record in records)


def test_our_fields_are_created_granted_and_then_left_alone(connected):
    admin = connected(ADMIN, integration_username="integration@truegrade.invalid")

    planned = admin.ensure_fields(LEAD, FIELDS, dry_run=True)
    before = {field.name for field in connected().describe(LEAD)}
    done = admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    again = admin.ensure_fields(LEAD, FIELDS, dry_run=False)

    assert planned == done
    assert (done.created, done.existing, done.granted) == (NAMES, (), NAMES)
    assert not before & set(NAMES)
    assert (again.created, again.existing, again.granted) == ((), NAMES, ())
    described = {field.name: field for field in connected().describe(LEAD)}
    assert [described[field.name].writable for field in FIELDS] == [True] * len(FIELDS)
    assert described["TG_Likelihood__c"].kind is Kind.NUMBER


def test_a_field_that_comes_later_is_granted_in_the_sets_that_exist(connected, provisioned):
    admin = connected(ADMIN, integration_username="integration@truegrade.invalid")
    later = NewField("TG_Route__c", "Route", Kind.OPTION, "Where it goes")

    done = admin.ensure_fields(LEAD, [*FIELDS, later], dry_run=False)

    assert (done.created, done.granted) == (("TG_Route__c",), ("TG_Route__c",))
    assert "TG_Route__c" in {field.name for field in connected().describe(LEAD)}


@pytest.mark.parametrize("options", [{}, JOBS], ids=["batches", "jobs"])
def test_what_is_written_is_read_back(options, connected, org, provisioned):
    [lead] = org.pick("Lead", where={"IsConverted": False})
    crm = connected(**options)

    [written] = crm.write(LEAD, [Update(lead, VALUES)], expected=1)
    [record] = crm.get(LEAD, NAMES, [lead]).records

    assert written.outcome is Outcome.WRITTEN
    assert record.values == ("87", "12.34", "A", 'Größe: "200", Leute', "+ one\n- two", "2026-01-02T12:00:00.000Z")

    [cleared] = crm.write(LEAD, [Update(lead, {"TG_Grade__c": None, "TG_Score__c": None})], expected=1)

    assert cleared.outcome is Outcome.WRITTEN
    assert crm.get(LEAD, NAMES, [lead]).records[0].values == (None, "12.34", None, *record.values[3:])


@pytest.mark.parametrize("options", [{}, JOBS], ids=["batches", "jobs"])
def test_theirs_is_left_alone(options, connected, org, provisioned):
    open_lead, converted, deleted, loser, winner = org.pick("Lead", where={"IsConverted": False}, limit=5)
    owner = org.read("Lead", open_lead)["OwnerId"]
    org.convert(converted)
    org.delete("Lead", deleted)
    org.merge(winner, [loser])

    updates = [Update(one, VALUES) for one in (open_lead, converted, deleted, loser)]
    outcomes = {one.id: one.outcome for one in connected(**options).write(LEAD, updates, expected=4)}

    assert outcomes == {
        open_lead: Outcome.WRITTEN,
        converted: Outcome.CONVERTED,
        deleted: Outcome.DELETED,
        loser: Outcome.DELETED,
    }
    assert org.mails() == 0
    assert org.read("Lead", open_lead)["OwnerId"] == owner
    assert org.read("Lead", converted)["TG_Score__c"] is None


@pytest.mark.parametrize("options", [{}, JOBS], ids=["batches", "jobs"])
def test_rows_end_each_in_its_own_way(options, connected, org, provisioned):
    free, locked, refused = org.pick("Lead", where={"IsConverted": False}, limit=3)
    org.lock(locked, times=2)
    org.fail_row(refused, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Bitte zuerst prüfen: Größe", times=9)

    updates = [Update(one, VALUES) for one in (free, locked, refused)]
    outcomes = {one.id: one for one in connected(**options).write(LEAD, updates, expected=3)}

    assert outcomes[free].outcome is Outcome.WRITTEN
    assert outcomes[locked].outcome is Outcome.WRITTEN
    assert (outcomes[refused].outcome, outcomes[refused].passing) == (Outcome.REFUSED, False)
    assert outcomes[refused].code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert outcomes[refused].message == "Bitte zuerst prüfen: Größe"


def test_hidden_fields_are_named_before_anything_is_read(connected, org):
    crm = connected()
    for name in ("Industry", "Title"):
        org.hide_field("integration", "Lead", name)

    with pytest.raises(Misconfigured, match=r"Lead\.Industry, Lead\.Title"):
        list(crm.changed(LEAD, ("Email", "Industry", "Title"), crm.start(LEAD)))


def test_a_field_hidden_meanwhile_is_named(connected, org):
    crm = connected()
    pages = crm.changed(LEAD, ("Email", "Industry"), crm.start(LEAD))
    org.hide_field("integration", "Lead", "Industry")

    with pytest.raises(Misconfigured, match=r"Lead\.Industry"):
        list(pages)


@pytest.mark.parametrize("options", [{}, JOBS], ids=["batches", "jobs"])
@pytest.mark.parametrize("how", ["hide_field", "read_only_field"])
def test_a_field_of_ours_out_of_reach_stops_the_writing(how, options, connected, org, provisioned):
    [lead] = org.pick("Lead", where={"IsConverted": False})
    crm = connected(**options)
    crm.describe(LEAD)
    getattr(org, how)("integration", "Lead", "TG_Grade__c")

    with pytest.raises(Misconfigured, match="Truegrade Integration"):
        list(crm.write(LEAD, [Update(lead, VALUES)], expected=1))


@pytest.mark.parametrize("options", [{"batch_rows": 10}, JOBS], ids=["batches", "jobs"])
def test_a_spent_day_parks_the_rows_and_stops_the_reading(options, connected, org, provisioned):
    leads = org.pick("Lead", where={"IsConverted": False}, limit=50)
    crm = connected(**options)
    crm.describe(LEAD)
    org.set_option("daily", crm.budget().used + 3)

    outcomes = list(crm.write(LEAD, [Update(one, VALUES) for one in leads], expected=50))

    assert {one.id for one in outcomes} == set(leads)
    assert Outcome.PARKED in {one.outcome for one in outcomes} <= {Outcome.PARKED, Outcome.WRITTEN}
    with pytest.raises(OutOfQuota):
        list(crm.everything(LEAD, (), Part()))


def test_the_budget_is_what_the_org_says(connected):
    budget = connected().budget()

    assert isinstance(budget, Budget)
    assert budget.limit == 115_000
    assert budget.used >= 1


def test_many_fields_make_a_query_too_long_for_an_address(connected, org):
    admin = connected(ADMIN, integration_username="integration@truegrade.invalid")
    many = [NewField(f"TG_A_rather_long_name_of_a_field_{n:03}__c", f"F{n}", Kind.TEXT, "x") for n in range(230)]
    admin.ensure_fields(LEAD, many, dry_run=False)
    crm = connected()

    pages = list(crm.everything(LEAD, [field.name for field in many], Part()))

    assert sum(len(page.records) for page in pages) == LEADS
