import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Entity
from mappings.file.load import MappingInvalid, load_preset, parse, preset_text
from mappings.labels import LONGEST, clean, labelled, readable, unlabelled_fields
from mappings.parts import Source
from tests.mappings.conftest import MINIMAL, mapped

EMPLOYEES = "{name: size, kind: number, family: fit, from: [NumberOfEmployees, company.NumberOfEmployees]}"
OWN = "{name: trade, label: Line of business, kind: category, family: fit, from: Industry}"


def called(mapping):
    return [feature.label for feature in mapping.features]


def test_a_feature_without_a_label_is_called_what_the_crm_calls_its_field():
    mapping = mapped(EMPLOYEES, OWN)

    known = {Source(Entity.LEAD, "NumberOfEmployees"): "Headcount", Source(Entity.LEAD, "Industry"): "Branche"}

    assert called(mapping) == ["Number of employees", "Line of business"]
    assert called(labelled(mapping, known)) == ["Headcount", "Line of business"]


def test_the_first_field_that_the_crm_has_a_label_for_counts():
    known = {Source(Entity.COMPANY, "NumberOfEmployees"): "Staff"}

    assert called(labelled(mapped(EMPLOYEES), known)) == ["Staff"]


def test_labels_of_the_crm_move_neither_the_version_nor_anything_but_words():
    mapping = mapped(EMPLOYEES, OWN)
    renamed = labelled(mapping, {Source(Entity.LEAD, "NumberOfEmployees"): "Headcount"})

    assert renamed.version == mapping.version
    assert replace(renamed, rules=mapping.rules) == mapping
    assert [replace(feature, label="") for feature in renamed.features] == [
        replace(feature, label="") for feature in mapping.features
    ]


def test_labels_may_be_laid_over_again():
    source = Source(Entity.LEAD, "NumberOfEmployees")

    once = labelled(mapped(EMPLOYEES), {source: "Headcount"})

    assert called(labelled(once, {source: "Staff"})) == ["Staff"]
    assert called(labelled(once, {})) == ["Number of employees"]


def test_versions_are_made_of_what_scores_and_not_of_whether_the_file_gives_the_label():
    (rule,) = parse(MINIMAL, "x").rules

    assert repr(replace(rule, has_label=False)) == repr(rule)


def test_a_label_that_is_written_down_is_another_mapping():
    bare = parse(MINIMAL.replace("label: Industry, ", ""), "x")

    assert bare.version == parse(MINIMAL, "x").version  # Industry is what the bare field is called, too
    assert parse(MINIMAL.replace("label: Industry", "label: Trade"), "x").version != bare.version


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("kind: boolean, family: fit, from: Phone, transforms: [present]", "Mobile given"),
        ("kind: category, family: fit, from: Phone, transforms: [trim, seniority]", "Mobile (seniority)"),
        ("kind: number, family: fit, from: Phone, transforms: [first_number, log1p]", "Mobile (logarithm)"),
        ("kind: category, family: fit, from: Phone, transforms: [number, {bands: [1, 2]}]", "Mobile"),
        ("kind: category, family: fit, from: Phone, transforms: [{map: {a: b}}]", "Mobile"),
    ],
)
def test_a_value_that_is_another_thing_than_its_field_says_so(made, words):
    mapping = labelled(mapped(f"{{name: x, {made}}}"), {Source(Entity.LEAD, "Phone"): "Mobile"})

    assert called(mapping) == [words]


@pytest.mark.parametrize("made", ["count: {at: CreatedDate, window_days: 3}", "days_between: [A, B]"])
def test_what_reads_no_single_field_needs_a_label(made):
    with pytest.raises(MappingInvalid, match="feature x has no label; add label"):
        mapped(f"{{name: x, kind: number, family: fit, {made}}}")


def test_the_fields_whose_labels_are_asked_for_are_those_without_one():
    mapping = mapped(EMPLOYEES, OWN)

    assert unlabelled_fields(mapping, Entity.LEAD) == ("NumberOfEmployees",)
    assert unlabelled_fields(mapping, Entity.COMPANY) == ("NumberOfEmployees",)
    assert unlabelled_fields(mapping, Entity.ACTIVITY) == ()


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("NumberOfEmployees", "Number of employees"),
        ("LeadSource", "Lead source"),
        ("SLA_Level__c", "SLA level"),
        ("ns__GC1000Series__c", "GC1000 series"),
        ("hs_analytics_source", "Analytics source"),
        ("ABTest", "AB test"),
        ("jobtitle", "Jobtitle"),
        ("X", "X"),
        ("__c", "__c"),
    ],
)
def test_a_fields_name_is_made_readable(field, words):
    assert readable(field) == words


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("  Lead\tSource \n", "Lead Source"),
        ("Budget\x00\x07 confirmed?", "Budget confirmed?"),
        ("Industry:", "Industry"),
        ("safe\u202egnp.exe\u2069", "safegnp.exe"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),  # a word of Persian
        ("Größe (m²)", "Größe (m²)"),
        ("line\u2028end", "line end"),
        ("\u200b \x1b", ""),
        ("one two " * 20, "one two " * 9 + "one..."),
    ],
)
def test_a_crms_label_is_cleaned(label, words):
    assert clean(label) == words


@given(st.text(st.characters(), max_size=200))
def test_a_cleaned_label_is_one_short_line_of_what_can_be_seen(label):
    cleaned = clean(label)

    assert len(cleaned) <= LONGEST
    assert cleaned == cleaned.strip() == " ".join(cleaned.split())
    assert {unicodedata.category(character) for character in cleaned}.isdisjoint({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
    assert clean(cleaned) == cleaned
    cleaned.encode()


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_preset_labels_what_it_makes_of_a_field_and_leaves_the_rest_to_the_crm(crm):
    mapping = load_preset(crm)

    bare = {rule.feature.name for rule in mapping.rules if not rule.has_label}

    assert {"industry", "employees", "annual_revenue", "country", "source"} <= bare
    assert {"seniority", "department", "has_title", "free_mail", "has_phone"}.isdisjoint(bare)
    assert all(rule.has_label for rule in mapping.rules if rule.count)
    said = [line for line in preset_text(crm).splitlines() if "label: " in line and not line.strip().startswith("#")]
    assert len(said) == len(mapping.rules) - len(bare)


def test_a_label_of_which_nothing_is_seen_is_refused():
    with pytest.raises(MappingInvalid, match="nothing of the label of"):
        mapped(OWN.replace("Line of business", '"\\u200b\\u202e"'))
