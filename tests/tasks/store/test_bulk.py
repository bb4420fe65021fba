import pytest

from tasks.store import bulk
from tasks.store.tables import stale

COLUMNS = ("connection", "lead_id", "version")
AWKWARD = ["plain", "tab\tand\nline\r", "back\\slash \\N", "quote'\"", "ünï 🎉", "", "a,b;c{}%s?"]


@pytest.fixture
def rows(store):
    def rows(column="lead_id", values=AWKWARD):
        with store.read() as tx:
            found = bulk.find(tx, stale, COLUMNS, where="connection = ?", bound=("c",), column=column, values=values)
        return sorted((lead_id, version) for _, lead_id, version in found)

    return rows


@pytest.fixture
def filled(store):
    with store.write() as tx:
        bulk.upsert(tx, stale, COLUMNS, [("c", text, 1) for text in AWKWARD], update=("version",))


def test_any_text_comes_back_as_it_was(filled, rows):
    assert rows() == sorted((text, 1) for text in AWKWARD)


def test_rows_that_are_there_are_overwritten_or_left(store, filled, rows):
    with store.write() as tx:
        bulk.upsert(tx, stale, COLUMNS, [("c", "plain", 2), ("c", "new", 2)], update=("version",))
        bulk.upsert(tx, stale, COLUMNS, [("c", "plain", 3), ("c", "newer", 3)], update=())

    assert rows(values=["plain", "new", "newer"]) == [("new", 2), ("newer", 3), ("plain", 2)]


def test_rows_are_updated_and_deleted_by_key(store, filled, rows):
    with store.write() as tx:
        bulk.update(tx, stale, ("version", "connection", "lead_id"), [(7, "c", "plain"), (7, "c", "nobody")])
        bulk.delete(tx, stale, ("connection", "lead_id"), [("c", text) for text in AWKWARD[1:]])

    assert rows() == [("plain", 7)]


def test_no_rows_cost_nothing(store, rows):
    with store.write() as tx:
        bulk.upsert(tx, stale, COLUMNS, [], update=())
        bulk.update(tx, stale, ("version", "connection", "lead_id"), [])
        bulk.delete(tx, stale, ("connection", "lead_id"), [])

    assert rows(values=[]) == []


def test_a_value_that_is_asked_for_twice_is_found_once(filled, rows):
    assert rows(values=["plain", "plain"]) == [("plain", 1)]


def test_more_values_than_a_statement_may_bind_are_looked_up(store, rows):
    many = [f"lead {number}" for number in range(40_000)]
    with store.write() as tx:
        bulk.upsert(tx, stale, COLUMNS, [("c", lead_id, 1) for lead_id in many], update=())

    assert len(rows(values=many)) == 40_000
