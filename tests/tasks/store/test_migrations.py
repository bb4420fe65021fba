"""Forward from every earlier schema: what was in the database is in it afterwards, and the schema is today's."""

import secrets

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Float, Integer, LargeBinary, select, text
from sqlalchemy import column as column_clause
from sqlalchemy import table as table_clause

from tasks.store.engine import StoreUnreachable, open_store
from tasks.store.tables import metadata
from tests.tasks.store import schemas

NEWEST = schemas.revisions()[-1]
EARLIER = schemas.revisions()[:-1]


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request, tmp_path):
    """A store on an empty database, of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
    else:
        server = request.getfixturevalue("postgres_url").replace("postgresql+psycopg", "postgresql")
        name = f"migrations_{secrets.token_hex(4)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = server.replace("/postgres?", f"/{name}?")
    store = open_store(url)
    yield store
    store.close()


def value(column, number):
    """A value that fits a column, another one for each number."""
    match column.type:
        case LargeBinary():
            return bytes([number])
        case Float():
            return number / 8
        case BigInteger() | Integer():
            return number
        case _:
            return f"{column.name} {number}"


def fill(store):
    """Put two rows into each table; returns them by table."""
    filled = {}
    for name, table in schemas.tables(store).items():
        filled[name] = [{column.name: value(column, number) for column in table.columns} for number in (1, 2)]
        with store.write() as tx:
            tx.execute(table.insert(), filled[name])
    return filled


def held(tx, name, columns):
    [first, *_] = of = [column_clause(one) for one in columns]
    return [dict(row) for row in tx.execute(select(*of).select_from(table_clause(name)).order_by(first)).mappings()]


def test_there_is_one_line_of_revisions_and_every_one_is_numbered():
    assert schemas.revisions() == [f"{number:04}" for number in range(1, len(schemas.revisions()) + 1)]


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection", "ignore:autogenerate skipping")
@pytest.mark.parametrize("revision", EARLIER)
def test_every_row_of_an_earlier_schema_is_in_todays(empty, revision):
    schemas.migrate_to(empty, revision)
    filled = fill(empty)
    assert not empty.is_current()

    empty.migrate()

    assert empty.is_current()
    with empty.read() as tx:
        for name, rows in filled.items():
            assert held(tx, name, list(rows[0])) == rows, name
        comparable = {"include_object": lambda _thing, name, *_: name != "records_by_version"}
        assert compare_metadata(MigrationContext.configure(tx, opts=comparable), metadata) == []


def test_a_migration_that_fails_leaves_the_schema_as_it_was(empty):
    schemas.migrate_to(empty, EARLIER[-1])
    filled = fill(empty)
    with empty.write() as tx:  # in the way of the last migration
        tx.execute(text("ALTER TABLE records ADD COLUMN gone_at TEXT"))

    with pytest.raises(Exception, match="gone_at"):
        empty.migrate()

    with empty.write() as tx:
        assert tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == EARLIER[-1]
        tx.execute(text("ALTER TABLE records DROP COLUMN gone_at"))
    empty.migrate()
    with empty.read() as tx:
        assert held(tx, "runs", list(filled["runs"][0])) == filled["runs"]


def test_a_database_of_a_newer_version_is_left_alone(empty):
    empty.migrate()
    with empty.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreUnreachable, match=f"schema 9999, here {NEWEST}"):
        empty.migrate()
