"""The checkup of a mapping: how far it reaches by the model in force, and what of the portal it leaves unread."""

from collections import Counter
from dataclasses import replace

import pytest

from mappings.checks.findings import places
from mappings.file.load import parse, preset_text
from model.scorecard import NO_RULES
from tasks.store import models, scores
from tasks.verbs import checkup

PLACES = places(preset_text("hubspot"), "hubspot.yaml")


def looked(house, mapping=None):
    how = {"connection": house.name, "models_folder": house.models_folder, "now": house.clock.now()}
    return checkup.of_store(house.store, mapping or house.mapping, PLACES, **how)


def by_grade(found):
    return {one.name: one.leads for one in found.reached if one.what == "grade"}


@pytest.mark.timeout(300)
def test_grades_are_reached_as_the_model_in_force_gives_them(scored):
    leads = len(scored.rows())
    found = looked(scored)

    known = scores.known(scored.store, scored.name, [row.id for row in scored.rows()])
    graded = Counter(held["tg_grade"] for held in scores.outputs(scored.store, scored.name, list(known)).values())
    assert sum(by_grade(found).values()) == leads
    assert all(by_grade(found)[grade] >= number for grade, number in graded.items())
    assert {one.of for one in found.reached} == {leads}
    assert models.current(scored.store, scored.name)


def test_a_mapping_that_the_model_does_not_fit_is_reckoned_by_its_points_and_by_nothing_without_any(scored):
    less = replace(scored.mapping, rules=tuple(rule for rule in scored.mapping.rules if rule.feature.name != "country"))
    bare = replace(less, points=NO_RULES)

    assert by_grade(looked(scored, less)) != by_grade(looked(scored))
    assert by_grade(looked(scored, bare)) == {}


def test_before_a_pull_nothing_is_reckoned(house):
    found = looked(house)

    assert [one.message for one in found.findings] == ["the data was not looked at: nothing was pulled yet"]
    assert found.reached == ()


def test_fields_that_were_not_pulled_are_named_as_the_file_names_them(house):
    house.pull()
    text = preset_text("hubspot").replace(
        "\nfeatures:\n", "\nfeatures:\n  - {name: town, kind: category, family: fit, from: [fax, company.zip]}\n"
    )

    [one] = looked(house, parse(text, "hubspot.yaml")).findings

    assert one.message == "the data was not looked at: fax, company.zip were not pulled yet"


def test_what_of_the_portal_is_left_unread_is_told(house):
    unread = {
        (one.entity.value, one.field.name): one.why.name for one in checkup.left_unread(house.crm(), house.mapping)
    }

    assert unread["lead", "fax"] == "personal"
    assert {"knows the outcome", "not asked for"} <= set(unread.values())
    assert not {("lead", name) for name in house.mapping.source_fields("lead")} & unread.keys()
