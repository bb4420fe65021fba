"""Leads whose score may be out of date: a queue that `mark` fills from what changed and scoring empties.

A lead is stale when it changed itself, when its company or one of its activities changed, or when the model did.
Finding that out compares numbers of change by index, so that a poll without changes reads no record at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from connector.crm import Entity
from tasks.store import bulk, marks
from tasks.store.engine import Store
from tasks.store.tables import records, stale

ALL = -1  # below the number of every change
INTO_STALE = "INSERT INTO stale (connection, lead_id, version) "
IF_THERE = (
    " ON CONFLICT (connection, lead_id) DO UPDATE SET version = "
    "CASE WHEN excluded.version > stale.version THEN excluded.version ELSE stale.version END"
)
LIVING = "FROM records l WHERE l.connection = ? AND l.entity = 'lead' AND l.gone IS NULL"

OWN_CHANGES = (
    "SELECT l.connection, l.id, l.version FROM records l "
    "WHERE l.connection || ' ' || l.entity = ? AND l.version > ? AND l.gone IS NULL"
)
DUE = (
    "SELECT count(*) FROM (SELECT s.lead_id FROM stale s WHERE s.connection = ? UNION SELECT l.id FROM records l "
    "WHERE l.connection || ' ' || l.entity = ? AND l.version > ? AND l.gone IS NULL) due"
)
# Written as "in", not as a join: SQLite would walk all leads to look for the companies that changed.
COMPANY_CHANGES = (
    f"SELECT l.connection, l.id, CAST(? AS BIGINT) {LIVING} AND l.link IS NOT NULL AND l.link IN "  # noqa: S608  our own words
    "(SELECT c.key FROM records c WHERE c.connection || ' ' || c.entity = ? AND c.version > ?)"
)
ACTIVITY_CHANGES = (
    f"SELECT l.connection, l.id, CAST(? AS BIGINT) {LIVING} AND l.id IN "  # noqa: S608  our own words
    "(SELECT a.link FROM records a WHERE a.connection || ' ' || a.entity = ? AND a.version > ?)"
)
# Of activities that hang on several leads, and of those whose leads a junction tells.
SHARED_CHANGES = (
    f"SELECT l.connection, l.id, CAST(? AS BIGINT) {LIVING} AND l.id IN "  # noqa: S608  our own words
    "(SELECT k.link FROM records a JOIN links k ON k.connection = a.connection AND k.entity = a.entity "
    "AND k.id = a.id WHERE a.connection || ' ' || a.entity = ? AND a.version > ?)"
)
JOINED_CHANGES = (
    f"SELECT l.connection, l.id, CAST(? AS BIGINT) {LIVING} AND l.id IN "  # noqa: S608  our own words
    "(SELECT j.link FROM records a JOIN records j ON j.connection = a.connection AND j.entity = ? AND j.key = a.id "
    "WHERE a.connection || ' ' || a.entity = ? AND a.version > ?)"
)


def mark(
    store: Store,
    connection: str,
    *,
    model: str,
    activities: Iterable[Entity] = (Entity.ACTIVITY,),
    through: Mapping[Entity, Entity] = MappingProxyType({}),
) -> int:
    """Put the leads into the queue that changed since it was last filled, or all for another model; returns its length.

    `activities` are the kinds of record that are activities of leads, `through` the junctions of those that have one.
    Leads that are in the queue already stay. Repeatable at any time.
    """
    with store.write() as tx:
        at = marks.locked(tx, connection)
        if at.marked_model != model:
            _insert(tx, f"SELECT l.connection, l.id, l.version {LIVING}", (connection,))
        elif at.version > at.marked_version:
            _insert(tx, OWN_CHANGES, (f"{connection} lead", at.marked_version))
            _insert(tx, COMPANY_CHANGES, (at.version, connection, f"{connection} company", at.marked_version))
            for kind in (*activities, *through.values()):
                since = (f"{connection} {kind.value}", at.marked_version)
                _insert(tx, ACTIVITY_CHANGES, (at.version, connection, *since))
                _insert(tx, SHARED_CHANGES, (at.version, connection, *since))
                if kind in through:
                    _insert(tx, JOINED_CHANGES, (at.version, connection, through[kind].value, *since))
        if (at.marked_version, at.marked_model) != (at.version, model):
            marks.set_marked(tx, connection, version=at.version, model=model)
        return length(tx, connection)


def add(tx: Connection, connection: str, leads: Iterable[str], *, version: int) -> None:
    """Queue these leads, those that are known and alive."""
    _add(tx, connection, "id", leads, version)


def add_linked(tx: Connection, connection: str, keys: Iterable[str], *, version: int) -> None:
    """Queue the leads that point to companies of these keys."""
    _add(tx, connection, "link", keys, version)


def _add(tx: Connection, connection: str, column: str, values: Iterable[str], version: int) -> None:
    where = "connection = ? AND entity = 'lead' AND gone IS NULL"
    found = bulk.find(tx, records, ("id",), where=where, bound=(connection,), column=column, values=values)
    rows = [(connection, row[0], version) for row in found]
    bulk.upsert(tx, stale, ("connection", "lead_id", "version"), rows, update=("version",))


def _insert(tx: Connection, selected: str, parameters: tuple[object, ...]) -> None:
    tx.exec_driver_sql(bulk.sql(tx, INTO_STALE + selected + IF_THERE), parameters)


def due(store: Store, connection: str, *, model: str) -> int:
    """Count the leads that a scoring would look at, and queue none: all of them for another model.

    Leads whose company or activities alone changed since the queue was last filled are not told yet.
    """
    with store.read() as tx:
        at = marks.read(tx, connection)
        if at.marked_model != model:
            return int(bulk.rows(tx, f"SELECT count(*) {LIVING}", (connection,))[0][0])
        return int(bulk.rows(tx, DUE, (connection, f"{connection} lead", at.marked_version))[0][0])


def length(tx: Connection, connection: str, *, above: int = ALL) -> int:
    """Count the leads in the queue; with `above`, those that changed later than change `above`."""
    mine = (stale.c.connection == connection) & (stale.c.version > above)
    return int(tx.execute(select(func.count()).select_from(stale).where(mine)).scalar_one())


class Span(NamedTuple):
    """The queue's leads after `after` up to `last`, as they were when change `version` was the last.

    Of those only the ones that changed later than change `above`.
    """

    after: str
    last: str
    version: int
    above: int = ALL


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some stale leads and the span to take out of the queue when they are done."""

    ids: tuple[str, ...]
    span: Span


def chunk(
    tx: Connection, connection: str, *, after: str, size: int, last: str | None = None, above: int = ALL
) -> Chunk | None:
    """Return the next leads of the queue in order of id, or None when there are none; up to `last` and `above`."""
    upto, bound = (" AND lead_id <= ?", (last,)) if last is not None else ("", ())
    statement = f"SELECT lead_id FROM stale WHERE connection = ? AND lead_id > ? AND version > ?{upto}"  # noqa: S608  our own words
    found = bulk.rows(tx, f"{statement} ORDER BY lead_id LIMIT ?", (connection, after, above, *bound, size))
    ids = tuple(row[0] for row in found)
    if not ids:
        return None
    return Chunk(ids, Span(after, ids[-1], marks.read(tx, connection).version, above))


def done(tx: Connection, connection: str, span: Span) -> None:
    """Take the span out of the queue, but not what was marked again in the meantime."""
    statement = (
        "DELETE FROM stale WHERE connection = ? AND lead_id > ? AND lead_id <= ? AND version <= ? AND version > ?"
    )
    tx.exec_driver_sql(bulk.sql(tx, statement), (connection, span.after, span.last, span.version, span.above))
