from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from connector.clock import MovableClock
from tasks.settings import Settings
from tasks.store import aging, erasures, runs, tables, withheld
from tasks.store.times import to_text
from tasks.verbs.retention import retain
from tests.tasks.store.conftest import NOW

KEEP = dict.fromkeys(aging.AGED, 10)


def put(store, table, *rows):
    with store.write() as tx:
        for row in rows:
            tx.execute(insert(table).values(**row))


def number(store, table):
    with store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def day(ago):
    return to_text(NOW - timedelta(days=ago))


def test_each_kind_of_row_has_a_setting_and_a_default():
    assert set(Settings().kept_days) == set(aging.AGED)
    assert all(days > 0 for days in Settings().kept_days.values())


def test_old_rows_go_and_newer_ones_stay(shelf):
    line = {"actor": "me", "action": "a", "subject": "s", "detail": "{}"}
    put(shelf.store, tables.audit, *({"at": day(ago)} | line for ago in (11, 10.5, 9)))

    assert retain(shelf.store, KEEP, now=NOW)["audit"] == 2
    assert retain(shelf.store, KEEP, now=NOW)["audit"] == 0

    assert number(shelf.store, tables.audit) == 1


def test_zero_days_keep_for_ever(shelf):
    put(shelf.store, tables.audit, {"at": day(9_000), "actor": "", "action": "", "subject": "", "detail": "{}"})

    assert retain(shelf.store, dict.fromkeys(aging.AGED, 0), now=NOW) == {}
    assert number(shelf.store, tables.audit) == 1


def test_rows_go_in_small_transactions(shelf):
    line = {"actor": "me", "action": "a", "subject": "s", "detail": "{}"}
    put(shelf.store, tables.audit, *({"at": day(20)} | line for _ in range(7)))

    assert list(aging.remove(shelf.store, "audit", before=NOW, rows=3)) == [3, 3, 1]


def test_the_last_success_of_a_verb_stays_however_old(shelf):
    clock = MovableClock(NOW - timedelta(days=40))
    for verb in ("sync", "sync", "train"):
        with runs.recorded(shelf.store, "acme", verb, clock):
            clock.advance(timedelta(days=1))

    assert retain(shelf.store, KEEP, now=NOW)["runs"] == 1

    assert runs.last_success(shelf.store, "acme", "sync") is not None
    assert runs.last_success(shelf.store, "acme", "train") is not None


@pytest.mark.parametrize(("state", "goes"), [("refused", 0), ("pending", 0), ("written", 1)])
def test_a_refusal_that_stands_stays(shelf, state, goes):
    score = {"model": "m", "inputs_hash": "", "waiting": 0, "scored_at": day(30), "attempts": 1, "state": state}
    words = {"code": "C", "message": "no", "passing": 0, "first_at": day(30), "last_at": day(30), "times": 1}
    put(shelf.store, tables.scores, {"connection": "acme", "lead_id": "L1"} | score)
    put(shelf.store, tables.refusals, {"connection": "acme", "lead_id": "L1"} | words)

    assert retain(shelf.store, KEEP, now=NOW)["refusals"] == goes


def test_an_erasure_stays_as_long_as_the_crm_may_hold_the_person(shelf):
    with shelf.store.write() as tx:
        subject = withheld.hashing(tx, shelf.name)(shelf.page().entity, "L0001")
        withheld.withhold(tx, shelf.name, [(shelf.page().entity, "L0001")])
        erasures.note(tx, erasures.Erasure("e", shelf.name, subject, "me", "", {}, NOW - timedelta(days=30)))

    assert retain(shelf.store, KEEP, now=NOW)["erasures"] == 0
    shelf.save(shelf.page(shelf.lead(1, gone="deleted")))

    assert retain(shelf.store, KEEP, now=NOW)["erasures"] == 1


def test_the_id_of_what_is_gone_goes_and_the_living_stay(shelf):
    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2)))
    shelf.save(shelf.page(shelf.lead(2, 5, gone="deleted")))

    kept = [retain(shelf.store, KEEP, now=NOW + timedelta(days=days))["gone"] for days in (0, 9, 11)]

    assert kept == [0, 0, 1]
    assert [row.id for row in shelf.rows()] == ["L0001"]


def test_the_days_of_what_is_gone_begin_when_that_is_known_and_anew_when_it_was_back(shelf):
    shelf.save(shelf.page(shelf.lead(1)))
    shelf.save(shelf.page(replace(shelf.lead(1, gone="deleted"), stamp_at="")))  # a look-up that found nothing
    retain(shelf.store, KEEP, now=NOW)
    shelf.save(shelf.page(shelf.lead(1, 5)))
    shelf.save(shelf.page(shelf.lead(1, 6, gone="deleted")))

    assert [retain(shelf.store, KEEP, now=NOW + timedelta(days=days))["gone"] for days in (11, 20, 22)] == [0, 0, 1]
