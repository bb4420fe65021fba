from dataclasses import replace

import pytest

from connector.crm import Entity
from connector.errors import Misconfigured
from tasks.store import labels, scores
from tasks.verbs import preview
from tasks.verbs.predicted import judge
from tasks.verbs.previewed import End, Preview
from tasks.verbs.score import CHUNK_LEADS, POINTS


def previewed(house, mapping=None, *, model=None, ids=None, chunk_leads=CHUNK_LEADS):
    """Preview all leads, or some, as a dict by id."""
    mapping = labels.spoken(house.store, house.name, mapping or house.mapping)  # as every command opens it
    how = {"connection": house.name, "clock": house.clock, "models_folder": house.models_folder, "model": model}
    scoring = preview.scorer(house.store, mapping, **how)
    judged = judge("hubspot", house.crm().describe(Entity.LEAD))
    how = {"connection": house.name, "now": house.clock.now(), "ids": ids, "judge": judged, "was": house.mapping}
    chunks = preview.previewed(house.store, scoring, mapping, **how, chunk_leads=chunk_leads)
    return {lead.id: lead for chunk in chunks for lead in chunk}


def edited(house, number=6):
    """Edit some leads as a rep would, and pull."""
    ids = [row.id for row in house.rows() if row.id in house.said()][:number]
    for lead in ids:
        house.portal.edit("contacts", lead, {"jobtitle": "Chief Executive Officer", "hs_analytics_num_page_views": 77})
    house.pull()
    return ids


def without_moment(values):
    return {name: value for name, value in values.items() if name != "tg_scored_at"}


def test_a_learned_model_s_values_and_notes_of_change_are_those_that_are_scored(scored):
    ids = edited(scored)

    found = previewed(scored)
    scored.score()

    held = scores.outputs(scored.store, scored.name, ids)
    written = {lead: one for lead, one in found.items() if one.end is End.WRITE}
    assert written
    assert written.keys() <= set(ids)
    assert {lead: without_moment(one.new.values) for lead, one in written.items()} == {
        lead: without_moment(held[lead]) for lead in written
    }
    assert any(one.new.values["tg_change"] for one in written.values())
    assert all(one.old.score is not None and one.fields for one in written.values())


def test_a_lead_that_nothing_changed_for_is_unchanged(scored):
    found = previewed(scored)

    assert {one.end for one in found.values()} == {End.UNCHANGED, End.EXCLUDED}
    assert all(one.old == one.new and not one.fields for one in found.values())


def test_the_size_of_a_chunk_does_not_show(scored):
    edited(scored)

    assert previewed(scored, chunk_leads=7) == previewed(scored)


def test_another_model_can_be_looked_at(scored):
    found = previewed(scored, model=POINTS)

    moved = [one for one in found.values() if one.end is End.WRITE]
    assert {one.new.values["tg_model"] for one in moved} == {"points"}
    assert all("tg_score" in one.fields for one in moved if one.moved)


def test_an_unknown_model_is_told_with_those_there_are(scored):
    with pytest.raises(Misconfigured, match=r"no model nonsense.*points"):
        previewed(scored, model="nonsense")


def test_a_mapping_that_the_model_does_not_fit_is_told(scored):
    less = replace(scored.mapping, rules=scored.mapping.rules[3:])

    with pytest.raises(Misconfigured, match="learned with other features"):
        previewed(scored, less)


def test_a_switched_off_output_is_a_value_that_differs(scored):
    outputs = tuple((role, name) for role, name in scored.mapping.outputs if role != "engagement")
    found = previewed(scored, replace(scored.mapping, outputs=outputs, version="other"))

    assert {one.fields for one in found.values() if one.end is End.WRITE} == {("tg_engagement",)}


def test_every_lead_ends_somewhere(scored):
    sums = Preview(leads=len(scored.rows()))
    found = previewed(scored)
    sums.take(found.values())

    told = sums.as_dict()
    assert told["looked_at"] == len(found) == sum(told[end.value] for end in End)
    assert sum(sums.grades[0].values()) == sum(sums.scores[1].values()) == told["looked_at"] - told["excluded"]
