"""The language of a mapping on its way to the CRM."""

import re

import pytest

from connector.crm import Entity
from mappings.file.load import parse, preset_text
from tasks.store import scores
from tests.model.test_languages import NO_BREAK

GERMAN = parse("language: de\n" + preset_text("hubspot"), "hubspot.yaml")
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no store looks into texts

SPOKEN = ("tg_top_reason", "tg_reasons", "tg_change")


def test_another_language_writes_every_text_anew_and_nothing_else(scored):
    moved = next(row.lead_id for row in scores.hottest(scored.store, scored.name, limit=1))
    scored.portal.edit("contacts", moved, {"hs_analytics_num_page_views": 0, "num_conversion_events": 0})
    scored.sync()
    before = scored.in_crm()
    note = scored.portal.read("contacts", moved)["tg_change"]
    scored.mapping = GERMAN

    first, quiet = scored.sync(), scored.sync()

    after = scored.in_crm()
    assert first.pushed.counts.written == len(after) == len(before)
    assert quiet.pushed.taken == 0
    for lead, values in after.items():
        held = before[lead]
        same = {name: value for name, value in values.items() if name not in (*SPOKEN, "tg_scored_at")}
        assert same == {name: held[name] for name in same}
        assert len(values["tg_reasons"].splitlines()) == len(held["tg_reasons"].splitlines())
        assert "likely" not in values["tg_reasons"]
    anew = scored.portal.read("contacts", moved)["tg_change"]
    assert anew.startswith(note.partition(" ")[0] + " seit 3. Nov. 2026: ")
    assert re.findall(r"\([+-]\d+\)", anew) == re.findall(r"\([+-]\d+\)", note)
    told = "\n".join(values["tg_reasons"] for values in after.values())
    assert "-mal so wahrscheinlich)" in told
    assert f"{NO_BREAK}% weniger wahrscheinlich)" in told
    assert "Hierarchieebene: " in told


def test_fields_and_options_are_created_with_labels_of_the_language(house):
    house.mapping = GERMAN
    house.provision()

    known = {field.name: field for field in house.crm().describe(Entity.LEAD)}

    assert known["tg_likelihood"].label == "Truegrade-Wahrscheinlichkeit"
    assert known["tg_route"].options == ("sales", "nurture", "disqualify")
    [route] = [field for field in GERMAN.output_fields() if field.name == "tg_route"]
    assert ("nurture", "Weiter pflegen") in route.options
