"""The verb duplicates: find the records that are the same person or company, of this connection and of the others.

Nothing is merged, and nothing of it is written to a CRM. What changed since the last time is read by its number of
change, so that a quiet poll costs two look-ups; only the clusters are made again that a changed record was in or gets
into. Many changes, a first time, other fields or `anew` make all clusters of the entity again. It may be killed
anywhere and repeated: a mark says up to which change all is known, and that there is more moves in the same
transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connector.crm import Entity
from mappings.duplicates import Telling, rules_of
from mappings.file.load import Mapping
from tasks.store import likenesses as kept
from tasks.store import marks
from tasks.store.engine import Store
from tasks.store.likenesses import Likeness, Mark
from tasks.verbs import clustering
from tasks.verbs.counts import OnProgress, silent

SOUGHT = (Entity.COMPANY, Entity.LEAD)
CHUNK = 5_000  # so many changed records are the most whose clusters are made again by themselves
LAST_ID = "\U0010ffff"  # after every id: of a change that was looked at, nothing is read again


@dataclass(frozen=True, slots=True)
class Looked:
    """How many records were looked at, and how many rows of clusters moved."""

    records: int = 0
    moved: int = 0

    def __add__(self, other: "Looked") -> "Looked":
        return Looked(self.records + other.records, self.moved + other.moved)


def refresh(
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    now: datetime,
    anew: bool = False,
    on_progress: OnProgress = silent,
) -> Looked:
    """Bring clusters up to date with what was pulled of a connection; `anew` looks at all of its records once more."""
    looked = Looked()
    for entity in SOUGHT:
        work = _Work(store, connection, entity, mapping.duplicates.of(entity), now, on_progress)
        looked += work.run(anew=anew)
    return looked


@dataclass(frozen=True, slots=True)
class _Work:
    """The likenesses and clusters of one entity of a connection."""

    store: Store
    connection: str
    entity: Entity
    telling: Telling
    now: datetime
    on_progress: OnProgress

    def run(self, *, anew: bool) -> Looked:
        with self.store.read() as tx:
            newest = marks.read(tx, self.connection).version
            mark = kept.marks(tx, self.entity).get(self.connection, Mark(0, "", settled=True))
        if not self.telling.fields:
            return self._stop(mark) if mark.rules else Looked()
        if mark.version == newest and mark.settled and not anew and mark.rules == rules_of(self.telling):
            return Looked()
        if anew or mark.rules != rules_of(self.telling) or not mark.settled:
            return self._all(newest)
        rows = self._changed((mark.version, LAST_ID), newest, CHUNK + 1)
        return self._all(newest, above=mark.version) if len(rows) > CHUNK else self._few(rows, mark, newest)

    def _changed(self, after: tuple[int, str], up_to: int, size: int) -> list[kept.Changed]:
        return kept.changed(self.store, self.connection, self.entity, after=after, up_to=up_to, size=size)

    def _few(self, rows: list[kept.Changed], mark: Mark, newest: int) -> Looked:
        """Make again the clusters that these records were in or get into, in one transaction."""
        made = self._likenesses(rows)
        moved = 0
        with self.store.write() as tx:
            known = kept.marks(tx, self.entity, lock=True)
            if known.get(self.connection) != mark:  # somebody else has done it meanwhile
                return Looked()
            marks.lock_every(tx)
            if rows:
                changed = [row.id for row in rows]
                members = {f"{self.connection}/{one}" for one in changed}
                touched = {one.block for one in kept.of_members(tx, self.entity, members)} | {one.block for one in made}
                kept.replace(tx, self.connection, self.entity, changed, made)
                moved = clustering.around(tx, self.entity, members, touched, now=self.now)
            kept.set_mark(tx, self.connection, self.entity, mark._replace(version=newest))
        return Looked(len(rows), moved)

    def _all(self, newest: int, *, above: int | None = None) -> Looked:
        """Make likenesses chunk by chunk, of all records or of those that changed, then all clusters of the entity."""
        looked = 0
        with self.store.write() as tx:
            mark = kept.marks(tx, self.entity, lock=True).get(self.connection, Mark(0, "", settled=True))
            kept.set_mark(tx, self.connection, self.entity, mark._replace(settled=False))
        after = (0, "") if above is None else (above, LAST_ID)
        while rows := self._changed(after, newest, CHUNK):
            made = self._likenesses(rows)
            with self.store.write() as tx:
                kept.replace(tx, self.connection, self.entity, [row.id for row in rows], made)
            looked += len(rows)
            after = (rows[-1].version, rows[-1].id)
            self.on_progress(f"duplicates: {self.entity}", looked, None)
        with self.store.write() as tx:
            kept.drop_gone(tx, self.connection, self.entity)
        moved = clustering.settle(self.store, self.entity, now=self.now, on_progress=self.on_progress)
        with self.store.write() as tx:
            kept.set_mark(tx, self.connection, self.entity, Mark(newest, rules_of(self.telling), settled=True))
        return Looked(looked, moved)

    def _stop(self, mark: Mark) -> Looked:
        """Forget what was found, for the mapping names no fields any more."""
        with self.store.write() as tx:
            kept.set_mark(tx, self.connection, self.entity, mark._replace(settled=False))
            kept.forget(tx, self.connection, self.entity)
        moved = clustering.settle(self.store, self.entity, now=self.now, on_progress=self.on_progress)
        with self.store.write() as tx:
            kept.set_mark(tx, self.connection, self.entity, Mark(0, "", settled=True))
        return Looked(0, moved)

    def _likenesses(self, rows: Iterable[kept.Changed]) -> list[Likeness]:
        from mappings.matching.sameness import likenesses  # noqa: PLC0415  a quiet poll need not load frames
        from tasks.store.records import Row  # noqa: PLC0415  stands with what it is needed for
        from tasks.verbs import frames  # noqa: PLC0415  a quiet poll need not load frames

        living = [Row(row.id, row.key, row.link, row.data) for row in rows if row.data is not None]
        found = likenesses(self.telling, self.entity, frames.frame(living, self.telling.fields))
        return [Likeness(f"{self.connection}/{row[0]}", *row[1:]) for row in found.iter_rows()]
