from dataclasses import replace

import orjson
import pytest

from connector.crm import Entity, Kind, NewField, Provisioned
from connector.errors import Misconfigured
from connector.hubspot.provision import definition
from connector.hubspot.signin import StaticToken

ADMIN = StaticToken("pat-na1-admin")
LEAD = Entity.LEAD
SCORE = NewField("tg_score", "Score", Kind.NUMBER, "1 to 99", digits=3)
LIKELIHOOD = NewField("tg_likelihood", "Likelihood", Kind.NUMBER, "Chance to win", decimals=4, percent=True)
GRADE = NewField("tg_grade", "Grade", Kind.OPTION, "A to D", options=(("A", "A"), ("B", "B")))
REASONS = NewField("tg_reasons", "Reasons", Kind.TEXT, "Why", length=4000)
TOP = NewField("tg_top_reason", "Top reason", Kind.TEXT, "Why, in short", length=255)
AT = NewField("tg_scored_at", "Scored at", Kind.INSTANT, "When")
FIELDS = (SCORE, LIKELIHOOD, GRADE, REASONS, TOP, AT)
NAMES = tuple(field.name for field in FIELDS)


@pytest.fixture
def admin(connected):
    return connected(ADMIN)


def test_a_number_is_written_as_hubspot_wants_it():
    assert orjson.dumps(definition(LIKELIHOOD)).decode() == (
        '{"name":"tg_likelihood","label":"Likelihood","groupName":"truegrade","type":"number","fieldType":"number",'
        '"description":"Chance to win","numberDisplayHint":"percentage"}'
    )


def test_a_choice_is_written_as_hubspot_wants_it():
    assert orjson.dumps(definition(GRADE)).decode() == (
        '{"name":"tg_grade","label":"Grade","groupName":"truegrade","type":"enumeration","fieldType":"select",'
        '"description":"A to D","options":[{"value":"A","label":"A","displayOrder":0,"hidden":false},'
        '{"value":"B","label":"B","displayOrder":1,"hidden":false}]}'
    )


@pytest.mark.parametrize(
    ("field", "pair"),
    [
        (SCORE, ("number", "number")),
        (TOP, ("string", "text")),
        (REASONS, ("string", "textarea")),
        (AT, ("datetime", "date")),
        (NewField("x", "X", Kind.DATE, ""), ("date", "date")),
        (NewField("x", "X", Kind.BOOLEAN, ""), ("bool", "booleancheckbox")),
        (NewField("x", "X", Kind.OPTIONS, "", options=(("a", "A"),)), ("enumeration", "checkbox")),
    ],
)
def test_a_kind_has_its_pair_of_types(field, pair):
    written = definition(field)

    assert (written["type"], written["fieldType"]) == pair


def test_missing_fields_are_created_once(admin, connected, simulator):
    first = admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    simulator.log.clear()
    second = admin.ensure_fields(LEAD, FIELDS, dry_run=False)

    assert first == Provisioned(NAMES, (), ())
    assert second == Provisioned((), NAMES, ())
    assert {entry.method for entry in simulator.log.entries()} == {"GET"}
    seen = {field.name: field for field in connected().describe(LEAD)}
    assert seen["tg_grade"].options == ("A", "B")
    assert {seen[name].kind for name in NAMES} == {Kind.NUMBER, Kind.OPTION, Kind.TEXT, Kind.INSTANT}
    assert all(seen[name].writable and seen[name].custom for name in NAMES)


def test_a_dry_run_writes_nothing(admin, simulator):
    told = admin.ensure_fields(LEAD, FIELDS, dry_run=True)

    assert told == Provisioned(NAMES, (), ())
    assert {entry.method for entry in simulator.log.entries()} == {"GET"}
    assert not {field.name for field in admin.describe(LEAD)} & set(NAMES)


def test_new_options_are_added_and_none_is_dropped(admin):
    admin.ensure_fields(LEAD, [GRADE], dry_run=False)

    admin.ensure_fields(LEAD, [replace(GRADE, options=(("C", "C"), ("B", "B")))], dry_run=False)

    (grade,) = (field for field in admin.describe(LEAD) if field.name == "tg_grade")
    assert grade.options == ("A", "B", "C")


def test_a_name_that_holds_something_else_is_left_alone(admin, simulator):
    admin.ensure_fields(LEAD, [TOP], dry_run=False)
    simulator.log.clear()

    with pytest.raises(Misconfigured, match="tg_top_reason holds string, not number"):
        admin.ensure_fields(LEAD, [SCORE, replace(TOP, kind=Kind.NUMBER)], dry_run=False)

    assert {entry.method for entry in simulator.log.entries()} == {"GET"}


def test_an_archived_name_is_told_apart_from_a_missing_one(admin, scripted, clock):
    admin.ensure_fields(LEAD, [SCORE], dry_run=False)
    admin._gateway._pool.request(
        "DELETE",
        admin._gateway._origin + "/crm/properties/2026-03/contacts/tg_score",
        headers={"Authorization": f"Bearer {ADMIN.token}"},
    )

    with pytest.raises(Misconfigured, match=r"archived: tg_score.*Restore"):
        admin.ensure_fields(LEAD, [SCORE], dry_run=False)


@pytest.mark.parametrize("fault", ["503", "429", "reset", "reset-after", "cut", "html"])
@pytest.mark.parametrize("after", range(4))
def test_a_fault_on_the_way_changes_nothing(admin, simulator, fault, after):
    simulator.faults.add("hubspot", "any", fault, after=after)

    admin.ensure_fields(LEAD, [SCORE, GRADE], dry_run=False)

    assert not simulator.faults.planned()
    assert admin.ensure_fields(LEAD, [SCORE, GRADE], dry_run=True).created == ()


def test_the_integration_user_may_not_create(crm):
    with pytest.raises(Misconfigured, match=r"crm\.schemas\.contacts\.write"):
        crm.ensure_fields(LEAD, FIELDS, dry_run=False)


@pytest.mark.parametrize("entity", [Entity.COMPANY, Entity.DEAL])
def test_other_records_can_have_them_too(admin, entity):
    assert admin.ensure_fields(entity, [SCORE, GRADE], dry_run=False).created == ("tg_score", "tg_grade")
