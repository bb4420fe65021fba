"""What ships inside both CRMs agrees with the mapping and with each other: fields, texts, shared files."""

import json
import re
from pathlib import Path

import pytest
from lxml import etree

from mappings.company_words import OpenLead, open_leads
from mappings.outputs import COMPANY_OUTPUTS, DISQUALIFY, GRADES, OUTPUTS, PREFIXES, ROUTES, field_name
from mappings.ruling import BY_HAND, OF_A_RULE
from tests.assets.metadata import NAMESPACE

ROOT = Path(__file__).resolve().parents[2] / "connector"
APP = ROOT / "salesforce/app/force-app/main/default"
LWC = APP / "lwc"
LABELS = APP / "labels/CustomLabels.labels-meta.xml"
TRANSLATIONS = ROOT / "salesforce/app/translations/main/default/translations"
HUBSPOT = ROOT / "hubspot/app"
CARDS = HUBSPOT / "src/app/cards"
LANGUAGES = {"de": ["de"], "fr": ["fr"], "es": ["es"], "pt": ["pt_BR", "pt_PT"]}


def read(path):
    return path.read_text(encoding="utf-8")


def words(language):
    return json.loads(read(CARDS / f"words/{language}.json"))


def label(key):
    return "Truegrade_" + key[0].upper() + key[1:]


def pairs(path, name, value):
    """What a file of labels holds: texts by name."""
    entries = etree.parse(path).getroot()
    return {entry.findtext(f"{{{NAMESPACE}}}{name}"): entry.findtext(f"{{{NAMESPACE}}}{value}") for entry in entries}


@pytest.mark.parametrize(("table", "outputs"), [("OF_ONE", OUTPUTS), ("OF_ALL", COMPANY_OUTPUTS)])
def test_the_component_reads_the_fields_that_we_write(table, outputs):
    text = read(LWC / "truegradeFields/truegradeFields.js")
    roles = dict(re.findall(r"^ +(\w+): '(\w+)'", text.partition(f"{table} = {{")[2].partition("}")[0], re.MULTILINE))
    prefix = re.search(r"PREFIX = '(\w+)'", text).group(1)

    assert prefix == PREFIXES["salesforce"]
    assert {role: prefix + name for role, name in roles.items()} == {
        role: field_name("salesforce", role, prefix) for role in outputs
    }


@pytest.mark.parametrize(("table", "outputs"), [("OF_ONE", OUTPUTS), ("OF_ALL", COMPANY_OUTPUTS)])
def test_the_card_reads_the_properties_that_we_write(table, outputs):
    text = read(CARDS / "fields.ts")
    roles = re.findall(r"'(\w+)'", text.partition(f"{table} = [")[2].partition("]")[0])
    prefix = re.search(r"PREFIX = '(\w+)'", text).group(1)

    assert prefix == PREFIXES["hubspot"]
    assert roles == list(outputs)


def test_the_component_takes_for_percents_what_we_write_as_percents():
    percents = re.search(r"PERCENTS = \[(.*)\]", read(LWC / "truegradeFields/truegradeFields.js")).group(1)

    assert set(re.findall(r"'(\w+)'", percents)) == {
        role for role, output in (OUTPUTS | COMPANY_OUTPUTS).items() if output.percent
    }


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_the_prefix_stands_in_one_place(crm):
    sources = [path for path in (ROOT / crm / "app").rglob("*") if path.suffix in {".js", ".ts", ".tsx", ".html"}]

    assert sum(read(path).count(f"'{PREFIXES[crm]}") for path in sources) == 1


@pytest.mark.parametrize("sobject", ["Lead", "Contact", "Account", "Opportunity"])
def test_views_and_reports_show_fields_that_we_write(sobject):
    outputs = COMPANY_OUTPUTS if sobject == "Account" else OUTPUTS
    ours = {field_name("salesforce", role, PREFIXES["salesforce"]) for role in outputs}
    parts = "".join(read(path) for path in (APP / "objects" / sobject).rglob("*.xml"))
    reports = "".join(read(path) for path in APP.rglob("*.report-meta.xml"))

    assert set(re.findall(r">(TG_\w+__c)<", parts)) <= ours
    assert set(re.findall(rf">{sobject}[.$](TG_\w+__c)<", reports)) <= ours
    assert "<fullName>TG_Truegrade</fullName>" in parts  # the compact layout, for the phone


def test_recipes_name_fields_that_we_write():
    labels = {output.label for output in OUTPUTS.values()}
    fields = {field_name("salesforce", role, PREFIXES["salesforce"]) for role in OUTPUTS}

    named = set(re.findall(r"\*\*(Truegrade [a-z ]+)\*\*", read(HUBSPOT / "README.md")))
    assert {"Truegrade grade", "Truegrade route"} <= named <= labels
    assert {"TG_Grade__c"} < set(re.findall(r"`(TG_\w+__c)`", read(ROOT / "salesforce/app/README.md"))) <= fields


def test_grades_routes_and_codes_are_those_of_the_mapping():
    reading, shown = read(LWC / "truegradeReading/truegradeReading.js"), read(LWC / "truegradeShown/truegradeShown.js")

    assert re.findall(r"\b([A-D]): '", shown) == list(GRADES[:3])  # the last has no colour of its own
    named = re.search(r"ROUTES = \{(.*)\}", shown).group(1)
    assert set(re.findall(r"(\w+): '", named)) == {DISQUALIFY, *(route for _, route in ROUTES)}
    assert f"startsWith('{BY_HAND}')" in reading
    assert f"startsWith('{OF_A_RULE}')" in reading


@pytest.mark.parametrize("name", ["truegradeReading", "truegradeRollup", "truegradeShown"])
def test_component_and_card_share_what_makes_the_texts(name):
    assert read(CARDS / f"{name}.js") == read(LWC / name / f"{name}.js"), f"copy {name}.js from lwc to the cards"


def test_labels_and_card_say_the_same_in_every_language():
    assert pairs(LABELS, "fullName", "value") == {label(key): text for key, text in words("en").items()}
    for language, codes in LANGUAGES.items():
        for code in codes:
            held = pairs(TRANSLATIONS / f"{code}.translation-meta.xml", "name", "label")
            assert held == {label(key): text for key, text in words(language).items()}, code


def test_no_label_is_longer_than_salesforce_takes():
    for language in ["en", *LANGUAGES]:
        for key, text in words(language).items():
            assert len(text) <= 1000, (language, key)
            assert len(label(key)) <= 80, key


def test_every_language_has_every_text_with_the_same_places_to_fill():
    english = words("en")

    for language in LANGUAGES:
        for key, text in words(language).items():
            assert sorted(re.findall(r"\{\d\}", text)) == sorted(re.findall(r"\{\d\}", english[key])), (language, key)
            assert text.strip() == text != ""
        assert words(language).keys() == english.keys()
        same = {key for key, text in words(language).items() if text == english[key]}
        assert same <= {"engagement", "scoreOf", "routeSales"}, f"{language}: not translated: {same}"


def test_the_component_imports_every_label_and_no_other():
    imported = re.findall(r"label/c\.(\w+)'", read(LWC / "truegradeWords/truegradeWords.js"))

    assert sorted(imported) == sorted(pairs(LABELS, "fullName", "value"))


def test_every_text_is_used():
    used = "".join(read(path) for path in [*LWC.rglob("*.js"), *LWC.rglob("*.html")] if "Words" not in path.name)
    states = {"notScored", "noAccess", "error"}

    for key in words("en"):
        stem = key.removesuffix("Title").removesuffix("Text")
        assert stem in states or re.search(rf"\b{key}\b", used), f"nothing shows {key}"


def test_the_card_is_on_contact_company_and_deal_and_asks_for_no_more_than_to_read():
    cards = [json.loads(read(path)) for path in sorted(CARDS.glob("*-hsmeta.json"))]
    app = json.loads(read(HUBSPOT / "src/app/app-hsmeta.json"))

    assert [card["config"]["objectTypes"] for card in cards] == [["companies"], ["contacts"], ["deals"]]
    assert len({card["uid"] for card in cards} | {app["uid"]}) == 4
    for card in cards:
        assert card["type"] == "card"
        assert (HUBSPOT / "src" / card["config"]["entrypoint"].lstrip("/")).is_file()
    assert all(scope.endswith(".read") for scope in app["config"]["auth"]["requiredScopes"])
    assert app["config"]["permittedUrls"] == {"fetch": [], "iframe": [], "img": []}


def test_open_leads_are_counted_so_that_they_can_be_taken_apart():
    leads = [OpenLead(id=str(number), score=50, grade=grade) for number, grade in enumerate("ACCD")]

    assert open_leads(leads) == "1 A, 2 C, 1 D"
    assert open_leads([]) is None


def test_neither_calls_a_server():
    for app in (ROOT / "salesforce/app", HUBSPOT):
        for path in app.rglob("*"):
            if path.suffix in {".js", ".ts", ".tsx"}:
                assert not re.search(r"\bfetch\(|XMLHttpRequest|@salesforce/apex|https?://", read(path)), path


def test_what_checks_them_is_pinned_exactly():
    for path in (Path(__file__).parent / "package.json", CARDS / "package.json"):
        held = json.loads(read(path))
        pins = held["dependencies"] | held.get("devDependencies", {})
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pins.values()), path
