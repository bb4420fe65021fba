"""Forgetting a person on an installation that has pulled, learned, scored and written."""

from contextlib import contextmanager

import pytest

from connector.crm import Entity
from model.model import load
from tasks import run
from tasks.cli.person import NOUNS
from tasks.store import erasures, models, people, records, traces
from tasks.verbs import first_model
from tasks.verbs import forget as forgetting
from tasks.verbs.export import MEANINGS, exported
from tasks.verbs.proof import look
from tests.tasks.installation import NAME, made_world, opened
from tests.tasks.killing import Killed

LEADS = 260
EARLIER, TODAY, PHONE, TITLE = "zoe.quill@first.example", "zoe.quill@second.example", "+44 20 7946 0991", "Quill Warden"


@pytest.fixture(scope="module")
def world():
    return made_world(LEADS)


@contextmanager
def with_zoe(home, world, url, *, learns=False):
    """An installation that knows Zoe: she has changed her address and was scored; with `learns` by a model."""
    with opened(home, world, database_url=url) as plant:
        if not learns:
            first_model.put_off(plant.store, NAME, now=plant.clock.now())
        [zoe] = plant.portal.pick("contacts")
        plant.portal.edit("contacts", zoe, {"email": EARLIER, "phone": PHONE, "jobtitle": TITLE})
        plant.later(minutes=5)
        run.sync(plant.wiring, NAME)
        plant.portal.edit("contacts", zoe, {"email": TODAY})
        plant.later(minutes=5)
        run.sync(plant.wiring, NAME)
        yield plant, zoe


@pytest.fixture
def known(tmp_path, world, database_url):
    """The same, on each kind of database; SQLite's is in the home folder."""
    url = "" if database_url.startswith("sqlite") else database_url
    with with_zoe(tmp_path / "home", world, url) as known:
        yield known


@pytest.fixture
def learned(tmp_path, world):
    """The same with a model, on SQLite."""
    with with_zoe(tmp_path / "home", world, "", learns=True) as known:
        yield known


def forget(plant, lead, **how):
    mapping, folder = plant.wiring.mapping(NAME), plant.wiring.settings.models_folder
    said = {"now": plant.clock.now(), "asked_by": "me", "why": "asked for"} | how
    return forgetting.forget(plant.store, mapping, lead, connection=NAME, models_folder=folder, **said)


def found(plant, text):
    said = look(plant.store, plant.home, [text]).left
    return {**said.tables, **dict.fromkeys(said.files, 1)}


def test_nothing_of_a_person_is_left_in_database_files_or_models(known):
    plant, zoe = known
    assert all(found(plant, text) for text in (EARLIER, TODAY, PHONE, TITLE, zoe))

    forgotten = forget(plant, zoe)
    scrubbed = forgetting.scrub(plant.store)

    assert scrubbed
    assert forgotten.counts["records"] == forgotten.counts["scores"] == 1
    assert forgotten.counts["changes"] >= 1
    for text in (EARLIER, TODAY, PHONE, TITLE):
        assert found(plant, text) == {}, text
    assert set(traces.naming(plant.store, zoe)) <= {"cursors"}
    assert erasures.of_lead(plant.store, NAME, zoe).counts == forgotten.counts


def test_a_second_time_finds_nothing_and_keeps_one_line(known):
    plant, zoe = known
    first = forget(plant, zoe)

    second = forget(plant, zoe, why="again")

    assert not second.is_new
    [line] = erasures.newest(plant.store, limit=9)
    assert (line.counts, line.why) == (first.counts, "asked for")


def test_what_the_crm_still_shows_does_not_come_back_and_the_counts_agree(known):
    plant, zoe = known
    forget(plant, zoe)
    plant.portal.edit("contacts", zoe, {"jobtitle": TITLE})
    plant.later(minutes=5)

    run.sync(plant.wiring, NAME)
    run.pull(plant.wiring, NAME, reload=True)
    reconciled = run.reconcile(plant.wiring, NAME)

    assert zoe not in plant.leads()
    assert traces.naming(plant.store, TITLE) == {}
    assert reconciled["proven"]
    assert reconciled["missed"] == 0
    assert reconciled["counts"]["lead"]["in_store"] == reconciled["counts"]["lead"]["in_crm"] - 1
    assert run.sync(plant.wiring, NAME).as_dict()["written"] == 0


def test_a_model_loses_the_lead_and_can_be_loaded_as_before(learned):
    plant, _ = learned
    path = plant.wiring.settings.models_folder / models.current(plant.store, NAME).path
    before = load(path)
    tested = before.backtest["id"][0]

    assert forget(plant, tested).models == 1

    after = load(path)
    assert tested not in after.backtest["id"].to_list()
    assert (after.version, after.card, after.backtest.height) == (
        before.version,
        before.card,
        before.backtest.height - 1,
    )


def test_a_lead_that_was_never_here_will_never_be(known):
    plant, _ = known

    assert not forget(plant, "999999999").is_new

    assert erasures.of_lead(plant.store, NAME, "999999999").counts == {}


@pytest.mark.parametrize("step", [1, 2])
def test_killed_anywhere_the_same_call_ends_as_if_nothing_had_happened(tmp_path, world, step):
    with with_zoe(tmp_path / "home", world, "") as (plant, zoe):
        stop = plant.die_at(step)
        try:
            forget(plant, zoe)
            forgetting.scrub(plant.store)
            erasures.of_lead(plant.store, NAME, zoe)
        except Killed:
            pass
        finally:
            stop()

        forget(plant, zoe)
        assert forgetting.scrub(plant.store)

        assert found(plant, TODAY) == {}
        assert erasures.of_lead(plant.store, NAME, zoe).counts["records"] == 1


def test_a_model_that_was_put_aside_when_we_were_killed_is_put_back(learned):
    plant, zoe = learned
    path = plant.wiring.settings.models_folder / models.current(plant.store, NAME).path
    path.rename(path.with_name(f".{path.name}.old"))

    forget(plant, zoe)

    assert (path / "model.json").is_file()
    assert not path.with_name(f".{path.name}.old").exists()


def test_an_erasure_in_the_crm_leaves_no_more_than_forgetting_does(known):
    plant, zoe = known
    plant.portal.gdpr_delete([zoe])

    run.reconcile(plant.wiring, NAME)
    left = traces.naming(plant.store, zoe)
    forgetting.scrub(plant.store)

    assert set(left) - {"cursors"} == {"records"}  # the id and the stamp alone, until retention takes them
    assert records.get(plant.store, NAME, Entity.LEAD, [zoe]) == []
    for text in (EARLIER, TODAY, PHONE, TITLE):
        assert found(plant, text) == {}, text


def test_an_export_tells_all_that_forgetting_would_erase(known):
    plant, zoe = known

    told = exported(plant.store, plant.wiring.mapping(NAME), zoe, connection=NAME, now=plant.clock.now())

    parts = told["parts"]
    assert parts["records"]["rows"][0]["data"]["email"] == TODAY
    assert EARLIER in [row["old"] for row in parts["changes"]["rows"]]
    assert parts["scores"]["rows"][0]["outputs"]["tg_reasons"]
    assert set(forget(plant, zoe).counts) <= set(parts)
    assert exported(plant.store, plant.wiring.mapping(NAME), zoe, connection=NAME, now=plant.clock.now())["parts"] == {}


def test_each_kind_of_row_that_an_export_may_hold_has_a_meaning():
    kinds = {table.name for table in (*people.OF_LEADS, *people.OF_RECORDS)}

    assert set(MEANINGS) == set(NOUNS) == kinds | {"audit", "deals"}


def test_only_mapped_fields_are_pulled(known):
    plant, zoe = known
    mapped = set(plant.wiring.mapping(NAME).source_fields(Entity.LEAD))
    in_crm = {name for name, value in plant.portal.read("contacts", zoe).items() if value}

    told = exported(plant.store, plant.wiring.mapping(NAME), zoe, connection=NAME, now=plant.clock.now())

    held = set(told["parts"]["records"]["rows"][0]["data"])
    assert held <= mapped
    assert in_crm - held
