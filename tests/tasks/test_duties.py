"""Syncs that hand over to backfills, and backfills through all their stages, on a simulated portal."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connector.crm import Entity
from mappings.file.load import preset_text
from tasks import duties, run
from tasks.store import backfills, models, records, runs, units
from tasks.store.backfills import Stage, State
from tasks.verbs import backfill as backfilling
from tasks.verbs import first_model
from tests.tasks.installation import NAME, made_world, opened
from tests.tasks.killing import Killed

LEADS = 260
ENDS = ("new", "changed", "unchanged", "deleted", "merged")
CHIEF = {"jobtitle": "Chief Executive Officer", "hs_email_replied": "9", "hs_analytics_num_page_views": "80"}


class Taught(NamedTuple):
    """A model that was learned once, and what a sync that scores with it writes."""

    version: str
    path: Path
    card: dict[str, Any]
    written: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def world():
    return made_world(LEADS)


@pytest.fixture(scope="module")
def taught(world, tmp_path_factory):
    home = tmp_path_factory.mktemp("taught")
    with opened(home, world) as plant:
        run.sync(plant.wiring, NAME)
        model = models.current(plant.store, NAME)
        path = plant.wiring.settings.models_folder / model.path
        yield Taught(model.version, path, model.card, plant.in_crm())


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    """Cut loads and ranges small: these are sizes, which stand in constants."""
    monkeypatch.setattr(backfilling, "PART_ROWS", 100)
    monkeypatch.setattr(backfilling, "RANGE_LEADS", {"hubspot": 100})


@pytest.fixture
def plant(tmp_path, world, _sqlite_template):
    """A new installation whose syncs take no more than 100 leads; on SQLite."""
    url = f"sqlite:///{shutil.copy(_sqlite_template, tmp_path / 'plant.db')}"
    with opened(tmp_path / "home", world, database_url=url) as plant:
        yield plant


@pytest.fixture
def shared(tmp_path, world, database_url):
    """The same, once on each kind of database: for what several workers do at once."""
    with opened(tmp_path / "home", world, database_url=database_url) as plant:
        yield plant


@pytest.fixture
def scored(plant):
    """An installation that is up to date by points; it was too early for a model today."""
    first_model.put_off(plant.store, NAME, now=plant.clock.now())
    run.sync(plant.wiring, NAME)
    return plant


def only_backfill(plant):
    [found] = backfills.newest(plant.store, NAME)
    return found


def until(plant, stage):
    """Work until the backfill is in that stage."""
    while only_backfill(plant).stage is not stage:
        assert any(plant.work(queue) for queue in (units.BACKFILL, units.TRAIN))


def test_a_sync_does_what_is_little_itself(plant):
    plant.portal.archive("contacts", plant.portal.pick("contacts", {}, limit=200, seed=1))

    unit = plant.sync()

    assert backfills.newest(plant.store) == []
    assert unit.counts["written"] == len(plant.in_crm()) > 0


def test_a_sync_hands_a_large_first_load_over_to_a_backfill(plant):
    unit = plant.sync()
    again = plant.sync()
    begun = only_backfill(plant)

    assert unit.error == f"backfill {begun.id} loads the leads"
    assert again.error == f"backfill {begun.id} is loading the leads"
    assert (begun.kind, begun.state, begun.stage) == ("load", State.RUNNING, Stage.BEGIN)
    assert begun.plan["leads"] == len(plant.portal.snapshot("contacts"))
    assert plant.leads() == []


def test_a_load_by_backfill_ends_as_a_plain_sync_does_and_then_all_is_quiet(plant, taught):
    plant.sync()

    plant.work_off()

    parts = units.of_backfill(plant.store, only_backfill(plant).id)
    verbs = [part.verb.partition(".")[2] for part in parts]
    assert only_backfill(plant).state is State.DONE
    assert verbs.count("load") > len(records.count(plant.store, NAME))  # at least one entity came in several parts
    assert verbs.count("score") == 3
    read = [part.counts for part in parts if part.verb in {"backfill.load", "backfill.settle"}]
    assert all(one["pulled"] == sum(one[f"pulled_{term}"] for term in ENDS) > 0 for one in read[:-1])
    assert plant.in_crm() == taught.written
    assert plant.portal.writes()["conflicting_writes"] == plant.portal.writes()["foreign_writes"] == 0
    quiet = plant.sync()
    assert (quiet.counts["scored"], quiet.counts["written"]) == (0, 0)


def test_a_field_that_the_mapping_gets_while_a_load_runs_is_read_of_all_leads(tmp_path, world):
    mapping = tmp_path / "home" / "own.yaml"
    mapping.parent.mkdir()
    whole = preset_text("hubspot")
    lines = whole.splitlines(keepends=True)
    mapping.write_text("".join(line for line in lines if "hs_email_delivered" not in line), encoding="utf-8")
    with opened(tmp_path / "home", world, more="mapping: own.yaml") as plant:
        plant.sync()
        until(plant, Stage.LOAD)
        assert [plant.work(units.BACKFILL).arguments["entity"] for _ in range(2)] == ["company", "lead"]
        mapping.write_text(whole, encoding="utf-8")

        plant.work_off()
        plant.sync()
        plant.work_off()

        held = plant.portal.snapshot("contacts").items()
        known = records.get(plant.store, NAME, Entity.LEAD, plant.leads())
        assert [one.state for one in backfills.newest(plant.store, NAME)] == [State.DONE, State.DONE]
        assert {row.id for row in known if "hs_email_delivered" in row.data} == {
            lead for lead, values in held if values["hs_email_delivered"] is not None
        }


def test_a_backfill_that_rests_keeps_no_other_model_from_scoring_all(scored, taught):
    scored.start(selection={"created_from": "2026-10-01"})
    until(scored, Stage.SCORE)
    backfills.set_state(scored.store, "backfill:acme", State.PAUSED, now=scored.clock.now())
    scored.use(taught)

    scored.sync()
    scored.work_off()

    assert scored.in_crm() == taught.written
    assert scored.backfill().state is State.PAUSED


def test_leads_that_a_load_has_brought_wait_for_it_while_fresh_ones_are_scored_at_once(plant, taught):
    plant.sync()
    until(plant, Stage.LEARN)
    fresh = plant.portal.create("contacts", {"email": "ann@fresh.example", "lifecyclestage": "lead", **CHIEF})

    unit = plant.sync()

    assert (unit.counts["looked_at"], unit.counts["written"]) == (1, 1)
    assert set(plant.in_crm()) == {fresh}
    assert len(backfills.newest(plant.store, NAME)) == 1
    plant.use(taught)
    plant.work_off()
    assert len(plant.in_crm()) == len(taught.written) + 1


def versions(plant):
    """The version of the model that made each lead's score, as the CRM has it."""
    held = plant.portal.snapshot("contacts").items()
    return {lead: values["tg_model"] for lead, values in held if values["tg_model"]}


def test_another_model_on_many_leads_begins_a_rescore_and_fresh_leads_do_not_wait_for_it(scored, taught):
    [fresh] = scored.portal.pick("contacts", {"lifecyclestage": "lead"}, limit=1, seed=1)
    scored.use(taught)
    scored.portal.edit("contacts", fresh, CHIEF)

    unit = scored.sync()
    begun, meanwhile = only_backfill(scored), versions(scored)
    scored.work_off()

    assert (begun.kind, begun.stage, begun.asked_by) == ("rescore", Stage.PLAN, "Truegrade itself")
    assert unit.counts["looked_at"] == 1
    assert [lead for lead, version in meanwhile.items() if version == taught.version] == [fresh]
    assert only_backfill(scored).state is State.DONE
    assert set(versions(scored).values()) == {taught.version}
    assert {lead: said for lead, said in scored.in_crm().items() if lead != fresh} == {
        lead: said for lead, said in taught.written.items() if lead != fresh
    }
    assert scored.sync().counts["looked_at"] == 0


def test_a_sync_beside_a_rescore_takes_fresh_leads_alone_and_begins_no_other(scored, taught):
    scored.use(taught)
    scored.sync()
    fresh = scored.portal.pick("contacts", {"lifecyclestage": "lead"}, limit=3, seed=1)
    for lead in fresh:
        scored.portal.edit("contacts", lead, CHIEF)

    unit = scored.sync()

    assert unit.counts["looked_at"] == 3
    assert len(backfills.newest(scored.store, NAME)) == 1


def test_the_leads_that_a_backfill_by_hand_looks_at_are_not_the_sync_s(scored):
    key = scored.start(selection={"created_from": "2020-01-01"})
    scored.work(units.BACKFILL)
    mapping, part = scored.wiring.mapping(NAME), {"after": "", "last": None}
    above = scored.backfill(key).plan["above"]
    looked_at = backfilling.mark(scored.store, mapping, NAME, scored.backfill(key).selection, **part, version=above)

    unit = scored.sync()

    assert looked_at == len(scored.leads())
    assert unit.counts["looked_at"] == 0
    assert len(backfills.newest(scored.store, NAME)) == 1
    scored.work_off()
    assert sum(part.counts.get("looked_at", 0) for part in units.of_backfill(scored.store, key)) == looked_at


def test_of_a_window_only_those_leads_are_looked_at(scored):
    key = scored.start(selection={"created_from": "2026-10-01"})

    scored.work_off()

    looked_at = sum(part.counts.get("looked_at", 0) for part in units.of_backfill(scored.store, key))
    assert 0 < looked_at < LEADS / 2


@pytest.mark.parametrize("step", [6, 13])
def test_killed_in_the_middle_of_every_unit_it_ends_as_if_nothing_had_happened(plant, taught, step):
    plant.use(taught)
    plant.sync()
    kills = 0
    for _ in range(40):
        stop = plant.die_at(step)
        try:
            worked = any(plant.work(queue) for queue in units.QUEUES)
        except Killed:
            kills += 1
            worked = plant.work(units.BACKFILL) or plant.work(units.TRAIN)
        finally:
            stop()
        if not worked:
            break

    assert kills >= 3
    assert only_backfill(plant).state is State.DONE
    assert plant.in_crm() == taught.written
    assert plant.portal.writes()["conflicting_writes"] == 0
    assert plant.sync().counts["scored"] == 0


def test_two_workers_on_one_backfill_write_every_lead_once(shared, taught):
    shared.use(taught)
    shared.sync()
    workers = [shared.another_worker() for _ in range(2)]

    def work_off(worker):
        done = 0
        while only_backfill(worker).state is State.RUNNING:
            done += any(worker.work(queue) is not None for queue in (units.BACKFILL, units.TRAIN))
        worker.store.close()
        return done

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(work_off, workers))

    written = shared.portal.writes()
    assert sum(done) == len(units.of_backfill(shared.store, only_backfill(shared).id))
    assert only_backfill(shared).state is State.DONE
    assert written["writes"] == written["leads"] == len(shared.in_crm())
    assert shared.in_crm() == taught.written


def test_backfills_and_syncs_at_once_write_no_lead_two_values(shared, taught):
    shared.use(taught)
    run.pull(shared.wiring, NAME)
    shared.start()
    shared.start(key="another")
    fresh = shared.portal.pick("contacts", {"lifecyclestage": "lead"}, limit=4, seed=1)
    workers = [shared.another_worker() for _ in range(3)]

    def work_off(worker, queue):
        for lead in fresh if queue == units.LIVE else ():
            worker.portal.edit("contacts", lead, CHIEF)
            worker.sync(after_s=1)
        while worker.work(queue) is not None:
            pass
        worker.store.close()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(work_off, workers, (units.LIVE, units.BACKFILL, units.BACKFILL)))
    shared.work_off()

    written = shared.portal.writes()
    assert {one.state for one in backfills.newest(shared.store, NAME)} == {State.DONE}
    assert written["conflicting_writes"] == written["reverted_writes"] == written["foreign_writes"] == 0
    assert {lead: said for lead, said in shared.in_crm().items() if lead not in fresh} == {
        lead: said for lead, said in taught.written.items() if lead not in fresh
    }
    assert shared.sync().counts["scored"] == 0


def test_a_first_model_is_tried_for_once_a_day_and_points_score_meanwhile(plant):
    plant.portal.archive("contacts", plant.portal.pick("contacts", {}, limit=200, seed=1))
    for _ in range(3):
        plant.sync()
    wanted = units.due(plant.store, plant.clock.now())
    plant.work_off()
    plant.sync()
    same_day = units.due(plant.store, plant.clock.now())

    plant.sync(after_s=90_000)

    assert (wanted, same_day) == ({units.TRAIN: 1}, {})
    assert units.due(plant.store, plant.clock.now()) == {units.TRAIN: 1}
    assert [one.verb for one in runs.newest(plant.store, NAME, limit=50)].count("train") == 1
    assert set(versions(plant).values()) == {"points"}


def test_what_was_read_by_hand_and_never_scored_is_a_backfill_too(plant, taught):
    plant.use(taught)
    run.pull(plant.wiring, NAME)

    unit = plant.sync()
    plant.work_off()

    assert unit.counts["looked_at"] == 0
    assert only_backfill(plant).kind == "rescore"
    assert plant.in_crm() == taught.written


def test_a_reconciliation_is_a_unit_of_its_own(scored):
    scored.later(days=1)
    scored.add(duties.reconcile_unit(NAME, "1"))

    scored.work(units.BACKFILL)

    assert scored.unit("reconcile:acme:1").state is units.State.DONE
