import re
import subprocess
import sys
from dataclasses import replace

import orjson
import pytest

from connector.crm import Entity
from connector.errors import Misconfigured
from model.points import VERSION
from model.scorecard import NO_RULES
from tasks.cli import look
from tasks.store import scores, sending
from tasks.store.scores import State
from tasks.verbs.counts import ScoreCounts
from tasks.verbs.score import POINTS


@pytest.fixture
def pulled(house, taught):
    house.pull()
    house.use(taught)
    return house


def customers(house):
    stages = {row.id: orjson.loads(row.data).get("lifecyclestage") for row in house.rows()}
    return {lead_id for lead_id, stage in stages.items() if stage in {"customer", "evangelist"}}


def edit_many(house, ids, values):
    for lead_id in ids:
        house.portal.edit("contacts", lead_id, values)


def writable(house, number):
    return [row.id for row in house.rows() if row.id not in customers(house)][:number]


def test_all_leads_are_scored_at_first_but_customers(pulled):
    counts = pulled.score()

    left_alone = len(customers(pulled))
    assert left_alone > 0
    assert counts.excluded == left_alone
    assert counts.pending == len(pulled.rows()) - left_alone
    assert counts.scored == counts.looked_at == len(pulled.rows())
    assert pulled.states() == {State.PENDING: counts.pending, State.EXCLUDED: left_alone}


def test_scores_are_complete(pulled):
    pulled.score()

    known = scores.hottest(pulled.store, pulled.name, limit=1_000)
    assert {row.grade for row in known} <= {"A", "B", "C", "D"}
    assert all(1 <= row.score <= 99 and 0 < row.likelihood < 1 for row in known)
    assert {name for row in known for name in row.outputs} == {field.name for field in pulled.mapping.output_fields()}


def test_nothing_changed_means_nothing_is_looked_at(pulled):
    pulled.score()

    pulled.pull()

    assert pulled.score() == ScoreCounts()


def test_a_chunk_s_size_does_not_show(pulled, fresh):
    pulled.score()

    with fresh(pulled) as other:
        other.pull()
        counts = other.score(chunk_leads=7)
        assert other.said() == pulled.said()
    assert counts.looked_at == len(pulled.rows())


def test_only_edits_of_mapped_fields_rescore(scored):
    ids = writable(scored, 8)
    edit_many(scored, ids[:5], {"jobtitle": "Chief Executive Officer", "hs_analytics_num_page_views": 77})
    edit_many(scored, ids[5:], {"city": "Zurich"})

    scored.pull()
    counts = scored.score()

    assert counts.looked_at == counts.scored == 5


def test_an_edit_that_no_feature_reads_is_looked_at_and_not_scored(scored):
    edit_many(scored, writable(scored, 3), {"hs_lead_status": "IN_PROGRESS"})  # mapped for the outcome alone

    scored.pull()
    counts = scored.score()

    assert (counts.looked_at, counts.same_inputs, counts.scored) == (3, 3, 0)


def test_an_edited_company_rescores_its_leads(scored):
    companies = {row.link for row in scored.rows() if row.link}
    company = max(companies, key=lambda key: sum(row.link == key for row in scored.rows()))
    before = {row.id for row in scored.rows() if row.link == company}

    scored.portal.edit("companies", company, {"industry": "BIOTECHNOLOGY", "numberofemployees": 12345})
    scored.pull()
    counts = scored.score()

    assert counts.looked_at == len(before)
    assert counts.scored <= len(before)
    assert counts.pending + counts.unchanged > 0


def test_an_edit_and_its_undoing_write_nothing(scored):
    [one] = writable(scored, 1)
    title = scored.portal.read("contacts", one)["jobtitle"]
    scored.portal.edit("contacts", one, {"jobtitle": "Chief Executive Officer"})
    scored.pull()
    scored.score()

    scored.portal.edit("contacts", one, {"jobtitle": title})
    scored.pull()
    counts = scored.score()

    assert counts == ScoreCounts(looked_at=1, unchanged=1, superseded=counts.superseded)
    assert sending.waiting(scored.store, scored.name, now=scored.clock.now()) == (0, 0)


def test_who_became_a_customer_is_left_alone_from_then_on(scored):
    [one] = writable(scored, 1)
    scored.portal.edit("contacts", one, {"jobtitle": "Chief Executive Officer"})
    scored.pull()
    scored.score()

    scored.portal.edit("contacts", one, {"lifecyclestage": "customer"})
    scored.pull()
    counts = scored.score()

    assert counts == ScoreCounts(looked_at=1, excluded=1, superseded=1)
    assert sending.waiting(scored.store, scored.name, now=scored.clock.now()) == (0, 0)
    assert scored.pull().total.changed == 0
    assert scored.score().looked_at == 0


def test_another_mapping_scores_all_anew(scored):
    scored.mapping = replace(scored.mapping, version="another")

    assert scored.score().looked_at == len(scored.rows())


def test_a_moved_score_says_since_when(scored):
    one = next(row.lead_id for row in scores.hottest(scored.store, scored.name, limit=1))
    was = scores.known(scored.store, scored.name, [one])[one].score
    bad = {"hs_analytics_num_page_views": 0, "num_conversion_events": 0, "hs_email_bounce": 5, "jobtitle": "Intern"}
    scored.portal.edit("contacts", one, bad)

    scored.sync()

    held = scored.portal.read("contacts", one)
    assert int(held["tg_score"]) < was
    move = int(held["tg_score"]) - was
    assert held["tg_change"].startswith(f"{move} since 3 Nov 2026: ")
    assert " → 0 (-" in held["tg_change"]
    assert sum(points(held["tg_change"])) == move
    assert held["tg_change"].endswith(f"; model {held['tg_model']}")
    assert scored.sync().pushed.taken == 0


def points(note):
    return [int(number) for number in re.findall(r"\(([+-]\d+)\)", note)]


def test_a_note_of_change_stays_as_it_is_while_the_score_does(scored):
    [one] = writable(scored, 1)
    scored.portal.edit("contacts", one, {"hs_analytics_num_page_views": 500, "num_conversion_events": 9})
    scored.sync()
    said = scored.portal.read("contacts", one)["tg_change"]
    scored.mapping = replace(scored.mapping, version="another")

    synced = scored.sync()

    assert said
    assert synced.scored.looked_at == len(scored.rows())
    assert synced.pushed.counts.written == 0
    assert scored.portal.read("contacts", one)["tg_change"] == said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_score_that_another_model_moves_says_so_and_what_the_inputs_did_beside_it(learned, taught, second):
    learned.provision()
    learned.use(taught)
    learned.sync()
    [one] = writable(learned, 1)
    learned.use(second)
    learned.portal.edit("contacts", one, {"hs_analytics_num_page_views": 900, "num_conversion_events": 9})
    before = {row.lead_id: row.score for row in scores.hottest(learned.store, learned.name, limit=9_999)}

    learned.sync()

    moved = {}
    for row in scores.hottest(learned.store, learned.name, limit=9_999):
        note = row.outputs["tg_change"]
        assert (note is None) == (row.score == before[row.lead_id])
        if note:
            moved[row.lead_id] = note
            assert sum(points(note)) == row.score - before[row.lead_id]
            assert taught.version not in note
    assert len(moved) > 10
    assert all("new model" in note and "→" not in note for lead, note in moved.items() if lead != one)
    assert "→" in moved[one]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_the_old_inputs_a_note_tells_the_move_alone(scored):
    [one] = writable(scored, 1)
    with scored.store.write() as tx:
        tx.exec_driver_sql("UPDATE scores SET inputs = NULL")
    scored.portal.edit("contacts", one, {"hs_analytics_num_page_views": 500, "num_conversion_events": 9})

    scored.sync()

    assert re.fullmatch(r"[+-]\d+ since 3 Nov 2026; model \S+", scored.portal.read("contacts", one)["tg_change"])


def test_without_a_model_points_score_and_promise_no_likelihood(house):
    house.pull()

    counts = house.score()

    assert counts.excluded == len(customers(house)) > 0
    assert counts.pending == len(house.rows()) - counts.excluded
    known = scores.hottest(house.store, house.name, limit=1_000)
    assert len(known) == counts.pending
    assert [row.score for row in known] == sorted((row.score for row in known), reverse=True)
    assert len({row.score for row in known}) > 10
    names = {field.name for field in house.mapping.output_fields()}
    for row in known:
        assert row.likelihood is None
        assert set(row.outputs) == names - {"tg_likelihood"}
        assert row.outputs["tg_model"] == "points"
        assert row.grade in {"A", "B", "C", "D"}
    assert any("points)" in (row.outputs["tg_top_reason"] or "") for row in known)
    assert house.score() == ScoreCounts()


def test_the_first_model_scores_all_anew_in_place_of_points(house, taught):
    house.provision()
    house.pull()
    house.score()
    house.push()
    by_points = len(house.in_crm())

    house.use(taught)
    house.score()
    house.push()

    assert len(house.in_crm()) == by_points > 0
    for held in house.in_crm().values():
        assert held["tg_model"] == taught.version
        assert 0 < float(held["tg_likelihood"]) < 1


def test_a_score_that_moves_under_points_says_what_moved_it(house):
    house.provision()
    house.pull()
    house.score()
    house.push()
    one = scores.hottest(house.store, house.name, limit=1_000)[-1].lead_id
    was = scores.known(house.store, house.name, [one])[one].score
    house.portal.edit("contacts", one, {"num_conversion_events": 9, "jobtitle": "Chief Executive Officer"})

    house.pull()
    house.score()
    house.push()

    note = house.portal.read("contacts", one)["tg_change"]
    assert note.endswith("; model points")
    assert "→ 9 (+" in note
    assert sum(points(note)) == scores.known(house.store, house.name, [one])[one].score - was > 0


def test_a_likelihood_that_points_do_not_vouch_for_is_cleared(scored):
    with scored.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM models")

    scored.score()
    scored.push()

    held = [scored.portal.read("contacts", one) for one in scored.in_crm()]
    assert {(one["tg_model"], one["tg_likelihood"]) for one in held} == {("points", None)}


def test_the_word_for_points_is_one():
    assert (VERSION, look.POINTS) == (POINTS, POINTS)


def test_without_a_model_and_without_points_a_person_is_told(house):
    house.mapping = replace(house.mapping, points=NO_RULES)
    house.pull()

    with pytest.raises(Misconfigured, match="truegrade train"):
        house.score()


def test_a_model_of_other_features_is_not_used(pulled):
    pulled.mapping = replace(pulled.mapping, rules=pulled.mapping.rules[:1])

    with pytest.raises(Misconfigured, match="other features"):
        pulled.score()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 18, 22])
def test_a_scoring_that_was_killed_anywhere_ends_where_an_undisturbed_one_does(pulled, fresh, step):
    pulled.die_at(step)
    with pytest.raises(pulled.killed):
        pulled.score(chunk_leads=60)

    pulled.score(chunk_leads=60)

    with fresh(pulled) as other:
        other.pull()
        other.score()
        assert pulled.said() == other.said()
        assert pulled.states() == other.states()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_scoring_with_nothing_to_do_loads_no_learner(scored):
    code = (
        "import sys; from pathlib import Path; from connector.clock import SystemClock\n"
        "from mappings.file.load import load_preset; from tasks.store.engine import open_store\n"
        "from tasks.verbs.score import score\n"
        f"store, name = open_store({str(scored.store.engine.url)!r}), {scored.name!r}; store.migrate()\n"
        "how = {'connection': name, 'clock': SystemClock(), 'models_folder': Path()}\n"
        "print(score(store, load_preset('hubspot'), **how).looked_at, *sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    looked_at, *modules = done.stdout.split()
    assert looked_at == "0"
    assert {"polars", "catboost", "numpy", "alembic"}.isdisjoint(modules)


def test_activities_and_companies_of_others_do_not_matter(pulled, fresh):
    assert pulled.rows(Entity.COMPANY)
    pulled.score()
    before = pulled.said()
    edit_many(pulled, writable(pulled, 1), {"jobtitle": "Intern"})

    pulled.pull()
    pulled.score()

    assert sum(before[lead_id] != said for lead_id, said in pulled.said().items()) <= 1
