"""What reps read, in every language: a table that was read line by line, and tables of words that are whole."""

import json
from dataclasses import replace
from importlib import resources

import pytest
import yaml

from connector.simulator.hubspot.catalog import default_properties
from connector.simulator.hubspot.families import contact_properties
from mappings.company_words import roles
from mappings.file.load import PRESETS, load_preset, parse, preset_text
from mappings.languages import CODES, phrases
from mappings.outputs import OUTPUTS
from mappings.wording import name
from mappings.words import EARLIER, TRANSFORMS
from tests.mappings.conftest import mapped
from tests.mappings.said import TABLE, written

OBJECTS = ("Lead", "Account", "Contact", "Opportunity")
SMALL = """\
version: 1
crm: hubspot
outcome:
  milestone: converted
  horizon_days: 30
  created: createdate
  converted: lifecyclestage
  converted_at: hs_date_entered_customer
features:
  - {name: visits, label: Visits, kind: number, family: engagement, from: hs_analytics_num_visits}
"""


def test_reps_read_what_was_read_before():
    assert written() == TABLE.read_text(encoding="utf-8"), (
        "Texts are others than in said.yaml: run `./dev python -m tests.mappings.said` and read what has changed."
    )


def test_a_hundred_examples_say_something_of_their_own_in_every_language():
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))

    assert len(table) >= 100
    for code in CODES:
        assert len({row[code] for row in table}) == len(table)


@pytest.mark.parametrize("code", CODES)
def test_a_language_says_all_that_english_says(code):
    said, english = phrases(code), phrases("en")

    assert set(said.terms) == set(english.terms)
    for known, wanted in ((said.values, english.values), (said.options, english.options), (said.bands, english.bands)):
        assert set(wanted) <= set(known)
    for listed in english.values:
        assert set(english.values[listed]) <= set(said.values[listed])
    if code != "en":
        assert set(said.fields) == set(OUTPUTS)
        assert set(said.earlier) == set(EARLIER)
        spoken = {word for word, known in TRANSFORMS.items() if known.names != "{}" and word != "log1p"}
        assert spoken <= set(said.names)
        rules = [rule for preset in PRESETS for rule in load_preset(preset).rules]
        labels = {rule.feature.label for rule in rules if rule.has_label}
        assert labels <= set(said.labels)


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
@pytest.mark.parametrize("preset", PRESETS)
def test_standard_fields_with_english_labels_are_told_in_the_language(preset, code):
    mapping = load_preset(preset)
    told = labels_in_english(mapping.crm)

    for rule in mapping.rules:
        for source in () if rule.has_label else rule.sources:
            assert told[source.field].lower() in phrases(code).standard, source


def labels_in_english(crm):
    """Give what an English CRM calls its standard fields."""
    if crm == "hubspot":
        listed = [one for name in ("contacts", "companies", "deals") for one in default_properties(name)]
        return {one.name: one.label for one in (*listed, *contact_properties())}
    folder = resources.files("connector.simulator.salesforce") / "describes"
    described = [json.loads((folder / f"{name}.json").read_text("utf-8")) for name in OBJECTS]
    return {field["name"]: field["label"] for one in described for field in one["fields"]}


def test_what_is_translated_is_the_same_in_all_languages():
    assert len({tuple(phrases(code).standard) for code in CODES if code != "en"}) == 1


def test_how_many_roles_of_a_buying_group_is_said_as_the_french_say_it():
    buying = "language: fr\ncompanies: {roles: {A: {department: it}, B: {department: hr}, C: {department: legal}}}\n"
    mapping = parse(buying + preset_text("salesforce"), "x")

    said = [roles(mapping, frozenset(range(held))).split("\u00a0")[0] for held in range(4)]
    assert said == ["0 rôle sur 3", "1 rôle sur 3", "2 rôles sur 3", "3 rôles sur 3"]


@pytest.mark.parametrize("code", CODES)
def test_one_word_is_kept_for_each_concept(code):
    said = phrases(code)

    named = {role: (said.fields.get(role) or [OUTPUTS[role].label])[0].lower() for role in OUTPUTS}
    for role in ("score", "grade", "likelihood", "fit", "engagement", "change", "route", "model"):
        assert said.terms[role].lower() in named[role]


@pytest.mark.parametrize("code", CODES)
def test_labels_fit_the_forty_characters_of_a_salesforce_field(code):
    fields = replace(load_preset("salesforce"), language=code).output_fields()

    assert all(len(field.label) <= 40 and len(field.description) <= 255 for field in fields)


def test_another_language_is_another_mapping_and_english_is_none():
    text = "language: {}\n"

    plain, english, german = (parse(text.format(code) + SMALL if code else SMALL, "x") for code in ("", "en", "de"))

    assert plain.version == english.version != german.version
    assert german.language == "de"


@pytest.mark.parametrize(
    ("feature", "called"),
    [
        ("{name: a, label: Seniority, kind: category, family: fit, from: Title}", "Hierarchieebene"),
        ("{name: a, label: Of ours, kind: category, family: fit, from: Title}", "Of ours"),
        ("{name: a, kind: boolean, family: fit, from: Fee__c, transforms: [present]}", "Fee angegeben"),
        ("{name: a, kind: boolean, family: fit, from: Phone, transforms: [present]}", "Telefon angegeben"),
        ("{name: a, kind: number, family: fit, from: AnnualRevenue, transforms: [number, log1p]}", "Jahresumsatz"),
        ("{name: a, label: Country, kind: category, family: fit, from: Country}", "Country"),
        ("{name: a, kind: boolean, family: fit, from: Fe__c, transforms: [{at_least: 1500}]}", "Fe (1.500 oder mehr)"),
        ("{name: a, kind: boolean, family: fit, from: Of__c, transforms: [{has: [a, b, c, d]}]}", "Of (a, b, c, ...)"),
    ],
)  # fmt: skip
def test_a_feature_is_called_what_its_language_calls_it(feature, called):
    (rule,) = mapped(feature).rules

    assert name(rule, phrases("de")) == called
