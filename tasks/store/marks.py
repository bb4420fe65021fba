"""How far a connection has come: the number of its last change, and up to which number leads were marked as stale.

Numbers are given under a lock that lasts until the transaction ends, so they become visible in order: whoever has seen
number N has seen everything below it.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from tasks.store import bulk


@dataclass(frozen=True, slots=True)
class Mark:
    """`version` is the last change; changes up to `marked_version` are marked, for scores of `marked_model`."""

    version: int
    marked_version: int
    marked_model: str | None


def next_version(tx: Connection, connection: str) -> int:
    """Give the next number of change; until the transaction ends nobody else gets one of this connection."""
    statement = (
        "INSERT INTO marks (connection, version, marked_version) VALUES (?, 1, 0) "
        "ON CONFLICT (connection) DO UPDATE SET version = marks.version + 1 RETURNING version"
    )
    return int(tx.exec_driver_sql(bulk.sql(tx, statement), (connection,)).scalar_one())


def locked(tx: Connection, connection: str) -> Mark:
    """Read the mark, and keep others from changing it until the transaction ends."""
    lock = "" if tx.dialect.name == "sqlite" else " FOR UPDATE"  # SQLite's write transaction is a lock already
    statement = f"SELECT version, marked_version, marked_model FROM marks WHERE connection = ?{lock}"  # noqa: S608  our own words
    row = tx.exec_driver_sql(bulk.sql(tx, statement), (connection,)).one_or_none()
    return Mark(0, 0, None) if row is None else Mark(*row)


def lock_every(tx: Connection) -> None:
    """Keep others from changing the mark of any connection until the transaction ends.

    For what writes to several connections: they are locked in one order, so that two of these never wait for each
    other.
    """
    if tx.dialect.name != "sqlite":  # SQLite's write transaction is a lock already
        bulk.rows(tx, "SELECT connection FROM marks ORDER BY connection FOR UPDATE", ())


def read(tx: Connection, connection: str) -> Mark:
    """Read the mark as it is in this transaction's snapshot."""
    statement = "SELECT version, marked_version, marked_model FROM marks WHERE connection = ?"
    row = tx.exec_driver_sql(bulk.sql(tx, statement), (connection,)).one_or_none()
    return Mark(0, 0, None) if row is None else Mark(*row)


def set_marked(tx: Connection, connection: str, *, version: int, model: str) -> None:
    """Say that leads were marked as stale for all changes up to `version`, and for scores of that model."""
    statement = (
        "INSERT INTO marks (connection, version, marked_version, marked_model) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (connection) DO UPDATE SET marked_version = excluded.marked_version, "
        "marked_model = excluded.marked_model"
    )
    tx.exec_driver_sql(bulk.sql(tx, statement), (connection, version, version, model))
