"""Writing back: what a mapping may ask for, when a value is due, and what a CRM's describe says of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Entity, Field, Kind
from mappings.checks.check import against, against_crm
from mappings.checks.diff import changes
from mappings.checks.findings import Severity, places
from mappings.enrichment import WriteBack
from mappings.file.load import MappingInvalid, parse
from mappings.file.writing_back import is_due, is_same
from tests.mappings.conftest import MINIMAL

TABLE = "{name: firms, table: firms.csv, key: domain, of: Email, fields: {sector: Sector, staff: Staff}, %s}"
BACK = "write_back: {sector: Sector__c, staff: NumberOfEmployees}"


def text(more=BACK, made_of="Industry", *items):
    asked = "".join(f"  - {item}\n" for item in (TABLE % more, *items))
    return MINIMAL.replace("from: Industry", f"from: {made_of}") + "enrich:\n" + asked


def mapped(*how):
    return parse(text(*how), "test.yaml")


def problems(*how):
    with pytest.raises(MappingInvalid) as caught:
        mapped(*how)
    return str(caught.value)


def test_what_is_written_back_is_enriched_and_its_field_pulled_though_no_feature_looks_at_either():
    mapping = mapped()

    assert mapping.enrich.write_back == (
        WriteBack("firms", "sector", "Sector__c"), WriteBack("firms", "staff", "NumberOfEmployees"),
    )  # fmt: skip
    assert mapping.enriched == ("sector", "staff")
    assert {"Sector__c", "NumberOfEmployees", "Email"} <= set(mapping.source_fields(Entity.LEAD))
    assert {"Sector__c", "NumberOfEmployees"} <= mapping.optional_fields(Entity.LEAD)
    assert not mapped(BACK + ", overwrite: never").enrich.write_back[0].renews
    assert mapped(BACK + ", overwrite: ours").enrich.write_back[0].renews


def test_it_is_off_unless_it_is_asked_for_and_then_another_version():
    off = mapped("column: domain")

    assert off.enrich.write_back == ()
    assert off.version == parse(MINIMAL, "test.yaml").version
    assert len({off.version, mapped().version, mapped(BACK + ", overwrite: ours").version}) == 3
    told = [change.what for change in changes(off, mapped()) if change.section == "enrich" and "written" in change.what]
    assert told == [
        "sector of firms is written back to Sector__c",
        "staff of firms is written back to NumberOfEmployees",
    ]


def test_a_feature_may_look_at_the_field():
    mapping = mapped("write_back: {sector: Industry}", "[Industry, enriched.sector]")

    assert "Industry" not in mapping.optional_fields(Entity.LEAD)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("write_back: {secctor: Sector__c}", "did you mean sector?"),
        ("write_back: {sector: [A__c, B__c]}", "name a field of the lead"),
        ("write_back: [sector]", "write a block of keys"),
        ("write_back: {sector: company.Industry}", "companies are not written"),
        ("write_back: {sector: TG_Score__c}", "one of our outputs"),
        ("write_back: {sector: tg_route__c}", "one of our outputs"),
        ("write_back: {sector: Email}", "our own value would come back"),
        ("write_back: {sector: Website}", "our own value would come back"),
        ("write_back: {sector: ConvertedOpportunityId}", "cannot be written back to"),
        ("write_back: {sector: Status}", "tells how leads end"),
        ("write_back: {sector: A__c, staff: a__c}", "both sector and staff"),
        (BACK + ", overwrite: all", "overwrite of write_back of enrich firms cannot be all"),
        ("overwrite: ours", "writes nothing back"),
    ],
)
def test_what_cannot_be_is_told(more, why):
    told = problems(more)

    assert why in told
    assert "test.yaml:" in told


def test_what_a_record_tells_of_itself_is_not_written_back():
    item = "{name: offline, reads: {phone: Phone}, write_back: {phone_line: Line__c}}"

    assert "tables and services write back" in problems(BACK, "Industry", item)


TEXTS = st.none() | st.sampled_from(["Tools", " Tools ", "Roads", "250", "250.0", "1e3"])


@given(TEXTS, TEXTS, TEXTS, st.booleans())
def test_what_people_wrote_is_never_overwritten_and_nothing_is_written_twice(told, held, ours, renews):
    due = is_due(told, held, ours, renews=renews)

    if due:
        assert told is not None
        assert not is_same(told, held)
        assert held is None or (renews and is_same(held, ours))
        assert ours is None or renews
    assert not is_due(told, told, told, renews=renews)


@pytest.mark.parametrize(
    ("told", "held", "ours", "renews", "due"),
    [
        ("Tools", None, None, False, True),
        ("Tools", "Roads", None, True, False),
        ("Tools", None, "Roads", True, False),  # somebody took out what we wrote
        ("Tools", "Roads", "Roads", False, False),
        ("Tools", "Roads", "Roads", True, True),
        ("1234", "01234", "01234", True, True),  # another code in a text field
        ("Tools", "1234", "01234", True, False),  # somebody corrected it
        ("Main St\r\nB\0erlin ", "Main St\nBerlin", "Main St\nBerlin", True, False),
        (" \0 ", None, None, False, False),
        (None, None, None, True, False),
    ],
)
def test_when_a_value_is_due(told, held, ours, renews, due):
    assert is_due(told, held, ours, renews=renews) is due


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (None, "no such field"),
        (Field("SECTOR__c", "Sector", Kind.TEXT), "write SECTOR__c"),
        (Field("Sector__c", "Sector", Kind.TEXT, writable=False), "read-only"),
        (Field("Sector__c", "Sector", Kind.OPTION, ("Tools",)), "holds one of several options"),
        (Field("Sector__c", "Sector", Kind.TEXT, length=255), ""),
    ],
)
def test_a_check_tells_fields_that_take_no_value(field, why):
    source = text("write_back: {sector: Sector__c}")
    fields = (Field("Industry", "Industry", Kind.TEXT), Field("Email", "Email", Kind.TEXT), *([field] if field else []))
    mapping = parse(source, "test.yaml")

    found = [one for one in against_crm(mapping, {Entity.LEAD: fields}, places(source, "test.yaml")) if
             "written back" in one.message]  # fmt: skip

    assert bool(found) is bool(why)
    assert all(one.severity is Severity.ERROR and why in one.message + one.fix and one.line for one in found)
    assert not [one for one in against(mapping, Entity.LEAD, fields) if "Sector__c" in one.message]
