from datetime import timedelta

import pytest

from connector.crm import Entity
from tasks.store import duplicates as kept
from tests.tasks.store.conftest import NOW, hold

LEAD = Entity.LEAD


@pytest.fixture(autouse=True)
def leads(store):
    for connection in ("sf", "hub"):
        hold(store, connection, *"123456789")


@pytest.fixture
def tx(store):
    with store.write() as connection:
        yield connection


def save(tx, after, now=NOW):
    return kept.save(tx, LEAD, kept.clustered(tx, LEAD), after, now=now)


def test_what_stays_keeps_its_moment(tx):
    save(tx, {"sf/1": ("c", "e-mail"), "sf/2": ("c", "e-mail")})

    moved = save(tx, {"sf/1": ("c", "e-mail"), "sf/2": ("c", "phone"), "sf/3": ("c", "phone")}, NOW + timedelta(days=1))

    found = kept.of_clusters(tx, LEAD, ["c"])
    assert moved == 2
    assert [found[member].found_at[:10] for member in sorted(found)] == ["2026-03-01", "2026-03-01", "2026-03-02"]
    assert save(tx, {}) == 3
    assert kept.clustered(tx, LEAD) == {}


def test_the_clusters_that_grew_last_come_first_and_whole(store):
    with store.write() as tx:
        save(tx, {"sf/1": ("a", "x"), "hub/2": ("a", "x"), "sf/3": ("b", "x"), "sf/4": ("b", "x")})
    with store.write() as tx:
        later = {"sf/1": ("a", "x"), "hub/2": ("a", "x"), "hub/5": ("a", "x"), "sf/3": ("b", "x"), "sf/4": ("b", "x")}
        save(tx, later, NOW + timedelta(days=1))

    def shown(*names, limit=None):
        return [[one.id for one in found] for found in kept.newest(store, names, [LEAD], limit=limit)]

    assert shown("sf") == [["2", "5", "1"], ["3", "4"]]
    assert shown("hub") == shown("sf", limit=1) == [["2", "5", "1"]]
    assert kept.counts(store, ["new", "sf"]) == {"lead": {"clusters": 2, "records": 3, "connections": ["sf"]}}


def test_nothing_is_kept_of_a_record_that_went_while_clusters_were_made(tx):
    save(tx, {"sf/1": ("c", "e-mail"), "sf/gone": ("c", "e-mail")})

    assert set(kept.clustered(tx, LEAD)) == {"sf/1"}
