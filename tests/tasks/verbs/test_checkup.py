"""The checkup of a mapping: how far it reaches by the model in force, and what of the portal it leaves unread."""

from collections import Counter
from dataclasses import replace

import pytest

from connector.crm import Entity
from mappings.checks.findings import places
from mappings.file.load import parse, preset_text
from model.scorecard import NO_RULES
from tasks.store import models, scores
from tasks.verbs import checkup

PLACES = places(preset_text("hubspot"), "hubspot.yaml")


def looked(house, mapping=None, say=print):
    how = {"connection": house.name, "models_folder": house.models_folder, "now": house.clock.now(), "say": say}
    return checkup.of_store(house.crm(), house.store, mapping or house.mapping, PLACES, **how)


def with_feature(source, name="town"):
    """The preset with a feature of a field that nobody has pulled."""
    feature = f"\nfeatures:\n  - {{name: {name}, kind: category, family: fit, from: {source}}}\n"
    return parse(preset_text("hubspot").replace("\nfeatures:\n", feature), "hubspot.yaml")


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


def test_fields_that_were_not_pulled_are_fetched_for_the_check_at_a_told_cost_and_kept_nowhere(house):
    house.pull()
    before, said = (house.rows(), house.rows(Entity.COMPANY)), []
    towns = {lead: f"Town {place % 3}" for place, lead in enumerate(row.id for row in house.rows())}
    for lead, town in towns.items():
        house.portal.edit("contacts", lead, {"city": town})

    found = looked(house, with_feature("[city, company.city]"), said.append)

    [reached] = [one for one in found.reached if one.name == "town"]
    assert reached.leads == len(towns)
    assert said == [
        f"Reads 2 fields that were not pulled yet, of {len(towns):,} leads, in up to 4 calls; keeps nothing."
    ]
    assert (house.rows(), house.rows(Entity.COMPANY)) == before


def test_fields_that_the_portal_does_not_show_are_named_and_nothing_is_fetched(house):
    house.pull()
    said = []

    [one] = looked(house, with_feature("[nowhere, company.nowhere]"), said.append).findings

    assert one.message == "the data was not looked at: lead nowhere, company nowhere cannot be read"
    assert said == []


def test_what_of_the_portal_is_left_unread_is_told(house):
    unread = {
        (one.entity.value, one.field.name): one.why.name for one in checkup.left_unread(house.crm(), house.mapping)
    }

    assert unread["lead", "fax"] == "personal"
    assert {"knows the outcome", "not asked for"} <= set(unread.values())
    assert not {("lead", name) for name in house.mapping.source_fields("lead")} & unread.keys()
