"""The CRM's records, as they were last seen, saved page by page together with the cursor.

Saving is idempotent, and pages may come in any order: a record with an older stamp never replaces a newer one, and one
that is gone stays gone until the CRM shows it alive with a newer stamp. Of a record that is gone only its id and stamp
are kept, and a lead's scores and refusals go with it, as does what the record held before. Of values that we may have
written to it, digests are kept: it can come back, or live on in the lead that it was merged into.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from connector.crm import Cursor, Entity, Page, Record
from tasks.store import (
    bulk,
    company_stale,
    cursors,
    erasing,
    inherited,
    links,
    marks,
    outliving,
    rewriting,
    seen,
    snapshots,
    stale,
    withheld,
)
from tasks.store.content import packer
from tasks.store.engine import Store
from tasks.store.tables import handovers, overrides, records, refusals, scores
from tasks.store.tables import stale as stale_table

COLUMNS = (
    "connection", "entity", "id", "key", "link", "stamp_at", "content_hash", "version", "gone", "merged_into", "data",
    "gone_at",
)  # fmt: skip
CONTENT = COLUMNS[3:]

LIVING = "connection = ? AND entity = ? AND gone IS NULL"
NEXT = f"SELECT id, key, link, data FROM records WHERE {LIVING} AND id > ? ORDER BY id LIMIT ?"  # noqa: S608  our own words
NEXT_UP_TO = NEXT.replace("id > ?", "id > ? AND id <= ?")

Identify = Callable[[Sequence[str | None]], tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True)
class PageCounts:
    """Where the records of a page, or of many, ended. Each record is counted once for each time it came."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    merged: int = 0

    @property
    def total(self) -> int:
        return self.new + self.changed + self.unchanged + self.deleted + self.merged

    def __add__(self, other: "PageCounts") -> "PageCounts":
        return PageCounts(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.deleted + other.deleted,
            self.merged + other.merged,
        )


class Row(NamedTuple):
    """A living record, to make frames of."""

    id: str
    key: str | None
    link: str | None
    data: str


class _Known(NamedTuple):
    stamp_at: str
    content_hash: bytes | None
    gone: str | None
    key: str | None
    link: str | None


def save_page(
    store: Store,
    connection: str,
    page: Page,
    *,
    identify: Identify,
    cursor: Cursor | None = None,
    note_seen: bool = False,
    remember: Collection[str] = (),
) -> PageCounts:
    """Keep the page, and with `cursor` the place to go on from, in one transaction.

    `identify` tells a living record's (key, link) from its values, in the order of `page.fields`. `note_seen` keeps
    in `tasks.store.seen` that the CRM has shown these records. `remember` names fields, read before and now, of which
    `tasks.store.snapshots` keeps what they held before they changed.
    """
    with store.write() as tx:
        counts, came = PageCounts(), len(page.records)
        marks.locked(tx, connection)  # nobody is erased between the look at who was and the end of this transaction
        page = withheld.admitted(tx, connection, page, lambda record: identify(record.values)[1])
        if page.records:
            version = marks.next_version(tx, connection)
            sorted_page = _Sorting(tx, connection, page, identify, version)
            counts = sorted_page.sort()
            sorted_page.save(remember)
        counts += PageCounts(unchanged=came - len(page.records))  # what is of erased persons changes nothing here
        if note_seen:
            seen.add(tx, connection, page.entity, (record.id for record in page.records))
        if cursor is not None:
            cursors.move(tx, connection, page.entity, cursor)
    return counts


class _Sorting:
    """One page on its way into the table: what of it is new, changed, only newer, or gone."""

    def __init__(self, tx: Connection, connection: str, page: Page, identify: Identify, version: int) -> None:
        self._tx, self._connection, self._page, self._identify, self._version = tx, connection, page, identify, version
        self._pack = packer(page.fields)
        self._known = _known(tx, connection, page.entity, [record.id for record in page.records])
        self._rows: dict[str, tuple[object, ...]] = {}
        self._texts: dict[str, str] = {}  # JSON of what came in this page
        self._stamps: dict[str, str] = {}
        self._left: set[str] = set()  # keys and links that a record had before and has no more
        self._gone: set[str] = set()
        self._merged_into: dict[str, str | None] = {}
        self._shared: set[str] = set()  # those that pointed to several records before
        self._edits: list[tuple[str, str, str, str | None, str]] = []  # id, stamps, JSON before if it came in this page

    def sort(self) -> PageCounts:
        living, gone = self._living, self._leaving
        ends = [living(record) if record.gone is None else gone(record) for record in self._page.records]
        return PageCounts(**{name: ends.count(name) for name in ("new", "changed", "unchanged", "deleted", "merged")})

    def _living(self, record: Record) -> str:
        known = self._known.get(record.id)
        stamp_at = record.stamp_at
        if known is not None and (stamp_at < known.stamp_at or (known.gone and stamp_at == known.stamp_at)):
            return "unchanged"
        data, content_hash = self._pack(record.values)
        key, link = self._identify(record.values)
        if known is not None and known.content_hash == content_hash and known.key == key and known.link == link:
            if stamp_at > known.stamp_at:
                self._restamp(record.id, known, stamp_at)
            return "unchanged"
        if known is not None and not known.gone:
            self._edits.append((record.id, known.stamp_at, stamp_at, self._texts.get(record.id), data))
        self._texts[record.id] = data
        self._put(record.id, key, link, stamp_at, content_hash, None, None, data)
        self._remember(record.id, known, _Known(stamp_at, content_hash, None, key, link))
        self._gone.discard(record.id)
        return "new" if known is None or known.gone else "changed"

    def _leaving(self, record: Record) -> str:
        known = self._known.get(record.id)
        stamp_at = record.stamp_at or (known.stamp_at if known else "")  # a look-up that found nothing has no stamp
        if known is not None and (stamp_at < known.stamp_at or known.gone == record.gone):
            return "unchanged"
        self._put(record.id, None, None, stamp_at, None, record.gone, record.merged_into, None)
        self._remember(record.id, known, _Known(stamp_at, None, record.gone, None, None))
        self._gone.add(record.id)
        self._merged_into[record.id] = record.merged_into
        return "merged" if record.gone == "merged" else "deleted"

    def _put(self, record_id: str, *values: object) -> None:
        key, link, stamp_at, content_hash, gone, merged_into, data = values
        self._rows[record_id] = (
            self._connection, self._page.entity.value, record_id, key, link, stamp_at, content_hash, self._version,
            gone, merged_into, data, None,
        )  # fmt: skip
        self._stamps.pop(record_id, None)

    def _restamp(self, record_id: str, known: _Known, stamp_at: str) -> None:
        if record_id in self._rows:
            row = self._rows[record_id]
            self._rows[record_id] = (*row[:5], stamp_at, *row[6:])
        else:
            self._stamps[record_id] = stamp_at
        self._known[record_id] = known._replace(stamp_at=stamp_at)

    def _remember(self, record_id: str, before: _Known | None, now: _Known) -> None:
        self._known[record_id] = now
        if before is not None:
            self._left.update(_named(before) - _named(now))
            if ";" in (before.link or ""):
                self._shared.add(record_id)

    def save(self, remember: Collection[str]) -> None:
        entity, name = self._page.entity, self._connection
        if remember and self._edits:
            snapshots.note(self._tx, name, entity, self._whole_edits(), fields=remember)
        snapshots.forget(self._tx, name, entity, self._gone)
        erasing.strip(self._tx, name, entity, self._gone)
        restamped = [(stamp_at, name, entity.value, record_id) for record_id, stamp_at in self._stamps.items()]
        bulk.update(self._tx, records, ("stamp_at", "connection", "entity", "id"), restamped)
        bulk.upsert(self._tx, records, COLUMNS, list(self._rows.values()), update=CONTENT)
        if entity is Entity.LEAD:
            _forget_scores(self._tx, name, self._gone)
            company_stale.add_left(self._tx, name, self._left)  # what a lead points to now, scoring queues
            rewriting.note(self._tx, name, self._page, self._rows.keys() - self._gone)
            outliving.keep(self._tx, name, {one: self._merged_into.get(one) for one in sorted(self._gone)})
        elif entity is Entity.COMPANY:
            stale.add_linked(self._tx, name, self._left, version=self._version)
            inherited.pass_on(self._tx, name, self._heirs(), version=self._version)
        elif entity is not Entity.DEAL:  # an activity of whatever kind
            told = {record_id: self._known[record_id].link for record_id in self._rows}
            links.keep(self._tx, name, entity, told, had=self._shared)
            stale.add(self._tx, name, self._left, version=self._version)

    def _heirs(self) -> dict[str, str]:
        """Tell into what the page's records were merged, also those of which this is known: the heir may be new."""
        return {record.id: record.merged_into for record in self._page.records if record.merged_into}

    def _whole_edits(self) -> list[snapshots.Edit]:
        """Complete the edits with what the store holds until this page is saved."""
        wanted = [record_id for record_id, _, _, before, _ in self._edits if before is None]
        bound = (self._connection, self._page.entity.value)
        where = "connection = ? AND entity = ?"
        held = dict(bulk.find(self._tx, records, ("id", "data"), where=where, bound=bound, column="id", values=wanted))
        return [
            snapshots.Edit(record_id, since, at, before or held[record_id], after)
            for record_id, since, at, before, after in self._edits
        ]


def _named(known: _Known) -> set[str]:
    """Name all that leads point to by a record, or that it points to."""
    return {name for name in (known.key, *(known.link or "").split(";")) if name}


def _known(tx: Connection, connection: str, entity: Entity, ids: Sequence[str]) -> dict[str, _Known]:
    where, bound = "connection = ? AND entity = ?", (connection, entity.value)
    columns = ("id", *_Known._fields)
    found = bulk.find(tx, records, columns, where=where, bound=bound, column="id", values=ids)
    return {row[0]: _Known._make(row[1:]) for row in found}


def _forget_scores(tx: Connection, connection: str, gone: set[str]) -> None:
    rows = [(connection, lead_id) for lead_id in gone]
    for table in (scores, refusals, stale_table, overrides, handovers):
        bulk.delete(tx, table, ("connection", "lead_id"), rows)


def chunks(
    store: Store, connection: str, entity: Entity, *, size: int, after: str = "", last: str | None = None
) -> Iterator[list[Row]]:
    """Yield the living records in order of id, `size` at a time, each chunk in a transaction of its own.

    Of those after `after`, up to `last`.
    """
    while rows := _chunk(store, connection, entity, after, last, size):
        yield rows
        after = rows[-1].id


def _chunk(store: Store, connection: str, entity: Entity, after: str, last: str | None, size: int) -> list[Row]:
    statement, end = (NEXT_UP_TO, (last,)) if last is not None else (NEXT, ())
    with store.read() as tx:
        found = bulk.rows(tx, statement, (connection, entity.value, after, *end, size))
    return list(map(Row._make, found))


def id_after(store: Store, connection: str, entity: Entity, *, after: str, number: int) -> str | None:
    """Return the id of the so many-th living record after `after`, in order of id; None when there are fewer."""
    statement = (
        "SELECT id FROM records WHERE connection = ? AND entity = ? AND id > ? AND gone IS NULL "
        "ORDER BY id LIMIT 1 OFFSET ?"
    )
    with store.read() as tx:
        found = bulk.rows(tx, statement, (connection, entity.value, after, number - 1))
    return found[0][0] if found else None


def get(store: Store, connection: str, entity: Entity, ids: Sequence[str]) -> list[Row]:
    """Return those of the records that are known and alive, in order of id."""
    with store.read() as tx:
        return found(tx, connection, entity, "id", set(ids))


def found(tx: Connection, connection: str, entity: Entity, column: str, values: set[str]) -> list[Row]:
    """Return the living records whose `column` (id, key or link) is one of the values, in order of id."""
    bound = (connection, entity.value)
    rows = bulk.find(tx, records, Row._fields, where=LIVING, bound=bound, column=column, values=values)
    # Sorted here: for an ORDER BY, SQLite would walk all records in order of id instead of looking up the wanted ones.
    return sorted(map(Row._make, rows), key=itemgetter(0))


def count(store: Store, connection: str) -> dict[Entity, int]:
    """Count the living records of each entity that has any."""
    alive = (records.c.connection == connection) & records.c.gone.is_(None)
    with store.read() as tx:
        rows = tx.execute(select(records.c.entity, func.count()).where(alive).group_by(records.c.entity))
        return {Entity(entity): number for entity, number in rows}
