"""The guides for people use the words that stand on the record."""

import json
from pathlib import Path

import pytest

from mappings.languages import CODES, phrases

CONNECTOR = Path(__file__).resolve().parents[2] / "connector"
GUIDES = CONNECTOR / "guides"
PANEL = CONNECTOR / "hubspot" / "app" / "src" / "app" / "cards" / "words"
SHOWN = ("score", "grade", "likelihood", "fit", "engagement", "reason", "change", "route")


@pytest.mark.parametrize("code", CODES)
def test_a_guide_for_reps_is_one_page_in_the_words_of_its_language(code):
    text, said = (GUIDES / f"reps.{code}.md").read_text(encoding="utf-8"), phrases(code)
    panel = json.loads((PANEL / f"{code}.json").read_text(encoding="utf-8"))

    assert len(text.splitlines()) <= 60
    for term in SHOWN:
        stem = {"Grund": "Gründe"}.get(said.terms[term], said.terms[term])
        assert f"| **{stem[:1].upper()}{stem[1:]}" in text, term
    for title in ("notScoredTitle", "tooLittleTitle"):
        assert f"| {panel[title]} |" in text
    assert f"| {panel['staleTitle'].format(40)} |" in text
    assert f"| {panel['byHand']}" in text  # the panel's headline; the reason below it begins with the other
    assert f"{said.by_hand} |" in text
    assert f"| {said.language.disqualified} |" in text
    assert said.language.not_known in text.lower()


@pytest.mark.parametrize("code", CODES)
def test_guides_in_all_languages_have_the_same_parts(code):
    english, other = ((GUIDES / f"reps.{one}.md").read_text(encoding="utf-8") for one in ("en", code))

    for bold in ("company", "deal"):
        words = phrases(code).terms[bold].lower()
        assert any(words in line.lower() and "**" in line[:30] for line in other.splitlines()), bold
    for mark in ("\n## ", "\n|", "\n1. ", "\n2. ", "\n3. "):
        assert english.count(mark) == other.count(mark)


def test_readmes_lead_to_every_guide():
    for readme in (CONNECTOR / "README.md", CONNECTOR.parent / "README.md"):
        assert "guides/" in readme.read_text(encoding="utf-8")
    for guide in GUIDES.iterdir():
        assert f"`{guide.name}`" in (CONNECTOR / "README.md").read_text(encoding="utf-8"), guide.name


def test_the_managers_guide_names_reports_that_are_there():
    text = (GUIDES / "managers.md").read_text(encoding="utf-8")
    reports = CONNECTOR.glob("salesforce/app/force-app/main/default/reports/TG_Truegrade/*.report-meta.xml")

    for report in reports:
        name = report.read_text(encoding="utf-8").partition("<name>")[2].partition("</name>")[0]
        assert f"| {name} |" in text
