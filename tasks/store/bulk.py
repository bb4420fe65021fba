"""Many rows in one statement, at the speed of the driver: `executemany` on SQLite, COPY and a merge on PostgreSQL.

Rows are tuples in the order of `columns`. Nothing here opens or ends a transaction. Names of tables and columns come
from `tasks.store.tables` alone; values are always bound.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Table

Rows = Sequence[tuple[Any, ...]]


def upsert(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows, *, update: tuple[str, ...]
) -> None:
    """Insert the rows; of those whose primary key is there, set the `update` columns (none: leave them)."""
    if rows:
        sqlite = connection.dialect.name == "sqlite"
        _run(connection, _upsert(table, columns, update, sqlite=sqlite), table, columns, rows)


def update(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows, *, if_still: tuple[str, ...] = ()
) -> int:
    """Set columns of the rows with these primary keys, if their `if_still` columns have the given values too.

    `columns` ends with those to compare: `if_still`, then the key, each in the order of the table's definition.
    Returns how many rows were found so.
    """
    if not rows:
        return 0
    sqlite = connection.dialect.name == "sqlite"
    return _run(connection, _update(table, columns, if_still, sqlite=sqlite), table, columns, rows)


def delete(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows) -> None:
    """Delete the rows whose columns equal the given ones."""
    if rows:
        sqlite = connection.dialect.name == "sqlite"
        _run(connection, _delete(table, columns, sqlite=sqlite), table, columns, rows)


def find(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    *,
    where: str,
    bound: tuple[str, ...],
    column: str,
    values: Iterable[str],
) -> list[tuple[Any, ...]]:
    """Return the rows whose `column` is one of the values, as tuples in no order; each is looked up by index.

    `where` says what else must hold of the table's rows, with `?` for what is `bound`.
    """
    wanted = list(dict.fromkeys(values))
    if not wanted:
        return []
    if connection.dialect.name == "sqlite":
        return rows(
            connection, finding(table, columns, where, column, sqlite=True), (*bound, orjson.dumps(wanted).decode())
        )
    return rows(connection, finding(table, columns, where, column, sqlite=False), (wanted, *bound))


@lru_cache
def finding(table: Table, columns: tuple[str, ...], where: str, column: str, *, sqlite: bool) -> str:
    """Write the statement of `find`."""
    select = f"SELECT {', '.join(columns)} FROM {table.name} WHERE {where} AND {column}"  # noqa: S608  our own names
    if sqlite:
        return f"{select} IN (SELECT value FROM json_each(?))"  # noqa: S608  our own names
    # One look-up for each value, whatever the statistics say: right after a table was filled there are none yet, and
    # the planner would compare every record with every value.
    each = f"{select} = wanted.value OFFSET 0"
    return f"SELECT found.* FROM unnest(?::text[]) AS wanted (value) CROSS JOIN LATERAL ({each}) AS found"  # noqa: S608  our own names


def rows(connection: Connection, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return all rows that a statement finds, as the driver's plain tuples: a third of the cost of SQLAlchemy's."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql(connection, statement), parameters)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def sql(connection: Connection, statement: str) -> str:
    """Write a statement with `?` for its parameters in the driver's own way."""
    return statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")


def _run(connection: Connection, statement: str, table: Table, columns: tuple[str, ...], rows: Rows) -> int:
    """Run the statement for all rows; returns how many rows of the table it touched."""
    # The driver's own calls: SQLAlchemy's would copy every row first.
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        cursor.executemany(statement, rows)
        return int(cursor.rowcount)
    cursor.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {_given(table)} ON COMMIT DELETE ROWS AS TABLE {table.name} WITH NO DATA"
    )
    cursor.execute(f"DELETE FROM {_given(table)}")  # noqa: S608  our own names
    with cursor.copy(f"COPY {_given(table)} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(statement)
    return int(cursor.rowcount)


def _given(table: Table) -> str:
    """Name the temporary table through which rows come to PostgreSQL; it lives as long as the session."""
    return f"given_{table.name}"


@lru_cache
def _upsert(table: Table, columns: tuple[str, ...], update: tuple[str, ...], *, sqlite: bool) -> str:
    key = ", ".join(column.name for column in table.primary_key.columns)
    sets = ", ".join(f"{name} = excluded.{name}" for name in update)
    then = f"UPDATE SET {sets}" if update else "NOTHING"
    names = ", ".join(columns)
    source = f"VALUES ({', '.join('?' * len(columns))})" if sqlite else f"SELECT {names} FROM {_given(table)}"  # noqa: S608  our own names
    return f"INSERT INTO {table.name} ({names}) {source} ON CONFLICT ({key}) DO {then}"


@lru_cache
def _update(table: Table, columns: tuple[str, ...], if_still: tuple[str, ...], *, sqlite: bool) -> str:
    key = [*if_still, *(column.name for column in table.primary_key.columns)]
    kept = [name for name in columns if name not in key]
    if sqlite:
        sets = ", ".join(f"{name} = ?" for name in kept)
        return f"UPDATE {table.name} SET {sets} WHERE {' AND '.join(f'{name} = ?' for name in key)}"  # noqa: S608  our own names
    sets = ", ".join(f"{name} = given.{name}" for name in kept)
    return f"UPDATE {table.name} SET {sets} FROM {_given(table)} AS given WHERE {_same(table, key)}"  # noqa: S608  our own names


@lru_cache
def _delete(table: Table, columns: tuple[str, ...], *, sqlite: bool) -> str:
    if sqlite:
        return f"DELETE FROM {table.name} WHERE {' AND '.join(f'{name} = ?' for name in columns)}"  # noqa: S608  our own names
    return f"DELETE FROM {table.name} USING {_given(table)} AS given WHERE {_same(table, columns)}"  # noqa: S608  our own names


def _same(table: Table, columns: Sequence[str]) -> str:
    return " AND ".join(f"{table.name}.{name} = given.{name}" for name in columns)
