"""`against_crm` tells what stands between a mapping and a CRM, each with a line and a fix."""

from dataclasses import replace

import pytest

from connector.crm import Entity, Field, Kind
from mappings.checks.check import against_crm
from mappings.checks.check_outputs import outputs
from mappings.checks.findings import Severity, ordered, places
from mappings.checks.spoken import spoken
from mappings.file.load import parse, preset_text
from mappings.words import LANGUAGES

TEXT = """\
version: 1
crm: salesforce
links:
  activity: {lead: LeadId}
outcome:
  milestone: converted
  horizon_days: 90
  created: CreatedDate
  converted: IsConverted
  converted_at: ConvertedDate
  disqualified: Status
  disqualified_values: [Junk, Dead]
features:
  - {name: source, label: Source, kind: category, family: fit, from: LeadSource}
  - name: size
    label: Size
    kind: category
    family: fit
    from: Size__c
    transforms: [{map: {Smal: s, Large: l, "*": o}}]
  - name: replies
    label: Replies
    kind: number
    family: engagement
    count: {at: CreatedDate, window_days: 7, where: {Status: Answered}}
points:
  rules:
    - {feature: source, is: [Web], points: 5}
    - {feature: source, is: [Webb], points: 5}
"""
MAPPING = parse(TEXT, "acme.yaml")
OUTPUTS = tuple(
    Field(
        field.name,
        field.label,
        field.kind,
        tuple(value for value, _ in field.options),
        length=field.length,
        custom=True,
    )
    for field in MAPPING.output_fields()
)
LEAD = (
    Field("CreatedDate", "Created", Kind.INSTANT),
    Field("IsConverted", "Converted", Kind.BOOLEAN),
    Field("ConvertedDate", "Converted on", Kind.DATE),
    Field("Status", "Status", Kind.OPTION, ("Open", "Junk", "Dead")),
    Field("LeadSource", "Source", Kind.OPTION, ("Web", "Phone")),
    Field("Size__c", "Size", Kind.OPTION, ("Small", "Large")),
    *OUTPUTS,
)
ACTIVITY = (
    Field("LeadId", "Lead", Kind.REFERENCE),
    Field("CreatedDate", "Created", Kind.INSTANT),
    Field("Status", "Status", Kind.OPTION, ("Sent", "Answered")),
)


def found(lead=LEAD, activity=ACTIVITY):
    told = ordered(against_crm(MAPPING, {Entity.LEAD: lead, Entity.ACTIVITY: activity}, places(TEXT, "acme.yaml")))
    return [one for one in told if "webb" not in one.message and "smal" not in one.message]


def changed(of, **values):
    return tuple(replace(field, **values) if field.name == of else field for field in LEAD)


def test_words_that_no_option_is_are_told_with_the_nearest_one():
    told = ordered(against_crm(MAPPING, {Entity.LEAD: LEAD, Entity.ACTIVITY: ACTIVITY}, places(TEXT, "acme.yaml")))

    assert [(one.severity, one.line, one.fix) for one in told] == [
        (Severity.WARNING, 29, "did you mean Web?"),
        (Severity.NOTE, 20, "did you mean Small?"),
    ]


@pytest.mark.parametrize(
    ("lead", "severity", "line", "says"),
    [
        (changed("Size__c", name="Sizes__c"), Severity.ERROR, 19, "did you mean Sizes__c?"),
        (changed("Status", options=("Open", "Lost")), Severity.WARNING, 12, "there is: Lost, Open"),
        (changed("Status", options=("Open", "Junk")), Severity.NOTE, 12, "there is: Junk, Open"),
        (changed("Size__c", hidden=True), Severity.WARNING, 19, "use the field that took its place"),
        (changed("Size__c", calculated=True), Severity.NOTE, 19, "map the fields that it is made of"),
        (changed("Size__c", masked=True), Severity.WARNING, 19, "View Encrypted Data"),
        (changed("Size__c", length=32_768), Severity.NOTE, 19, "use a shorter field"),
        (changed("Size__c", length=65_536), None, None, ""),
        (changed("TG_Reasons__c", length=255), Severity.ERROR, 0, "let it hold 4,000 in the CRM"),
        (changed("TG_Score__c", whole_digits=1), Severity.ERROR, 0, "let it hold 3 digits"),
        (changed("TG_Score__c", whole_digits=2), None, None, ""),
        (changed("TG_Score__c", custom=False), Severity.ERROR, 0, "another prefix"),
        (changed("TG_Score__c", label="Score of the other tool"), Severity.NOTE, 0, "if an admin has renamed ours"),
        (changed("TG_Score__c", writable=False), Severity.ERROR, 0, "edit access"),
        (changed("TG_Score__c", kind=Kind.TEXT), Severity.ERROR, 0, "another prefix"),
        (changed("TG_Score__c", name="Other__c"), Severity.ERROR, 0, "truegrade provision"),
    ],
)
def test_what_stands_between_is_told_with_its_severity_line_and_fix(lead, severity, line, says):
    told = found(lead=lead)

    assert {(one.severity, one.line) for one in told} == ({(severity, line)} if says else set())
    assert all(says in one.fix for one in told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_fields_are_known_by_their_label_in_every_language(language):
    labels = {field.name: field.label for field in replace(MAPPING, language=language).output_fields()}

    assert found(lead=tuple(replace(field, label=labels.get(field.name, field.label)) for field in LEAD)) == []


def test_fields_of_companies_that_are_missing_stop_nothing_and_the_order_is_told():
    text = preset_text("salesforce") + "companies: {}\n"
    mapping = parse(text, "new.yaml")

    [told] = outputs(mapping, (), places(text, "new.yaml"), Entity.COMPANY)

    assert told.severity is Severity.NOTE
    assert "companies get nothing until then" in told.message
    assert "`truegrade map promote` comes first" in told.fix


def test_where_all_is_well_nothing_is_told():
    assert found() == []


def test_values_of_a_condition_are_held_against_the_activity_s_list():
    activity = (*ACTIVITY[:2], replace(ACTIVITY[2], options=("Sent", "Replied")))

    told = found(activity=activity)

    assert [(one.line, one.severity) for one in told] == [(25, Severity.WARNING)]


def test_fields_of_ours_with_one_cause_are_told_together():
    [one] = found(lead=tuple(field for field in LEAD if field not in OUTPUTS))

    assert all(field.name in one.message for field in OUTPUTS)


SPOKEN = (
    TEXT.replace("crm: salesforce", "crm: salesforce\nlanguage: de")
    .replace("label: Source, ", "")
    .replace("    label: Size\n", "")
)


def labels_told(source, size, text=SPOKEN):
    mapping = parse(text, "acme.yaml")
    fields = (Field("LeadSource", source, Kind.TEXT), Field("Size__c", size, Kind.TEXT))
    return [(one.severity, one.line, one.message) for one in spoken(mapping, {Entity.LEAD: fields}, 3)]


def test_labels_of_ones_own_in_another_language_than_reasons_are_a_note():
    told = "the CRM's labels are English and reasons German; reps read these as they are: Company size"

    assert labels_told("Lead Source", "Company size") == [(Severity.NOTE, 3, told)]
    assert "are French and reasons German" in labels_told("Origine du lead", "Taille")[0][2]
    english = SPOKEN.replace("language: de", "language: en")
    assert labels_told("Lead-Quelle", "Größe", english)[0][2].endswith("as they are: Lead-Quelle, Größe")


@pytest.mark.parametrize(
    ("source", "size"), [("Lead-Quelle", "Größe"), ("Lead Source", "Employees"), ("Herkunft", "Company size")]
)
def test_labels_that_are_of_the_language_or_translated_or_of_none_known_are_no_note(source, size):
    assert labels_told(source, size) == []
