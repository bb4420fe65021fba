"""How SQLite looks things up: by index and whole key, never by walking all the records of a connection."""

import pytest

from tasks.store import bulk, records, stale, tables

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BY_VERSION = "records_by_version (<expr>=? AND version>?)"


def plan(store, statement):
    with store.read() as tx:
        bound = tuple("1" for _ in range(statement.count("?")))
        return [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", bound)]


@pytest.mark.parametrize("statement", [stale.OWN_CHANGES, stale.COMPANY_CHANGES, stale.ACTIVITY_CHANGES])
def test_a_poll_without_changes_compares_versions_alone(store, statement):
    steps = plan(store, statement)

    assert sum(BY_VERSION in step for step in steps) == 1
    assert not any("SCAN" in step or step.endswith("(connection=? AND entity=?)") for step in steps)


@pytest.mark.parametrize("column", ["id", "key", "link"])
def test_records_are_looked_up_one_by_one(store, column):
    steps = plan(store, bulk.finding(tables.records, ("id",), records.LIVING, column, sqlite=True))

    assert f"(connection=? AND entity=? AND {column}=?)" in steps[0]


def test_chunks_are_walked_by_key(store):
    assert plan(store, records.NEXT) == [
        "SEARCH records USING INDEX sqlite_autoindex_records_1 (connection=? AND entity=? AND id>?)"
    ]
