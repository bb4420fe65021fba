"""The verb pull: bring what changed in the CRM into the store.

The first time an entity is loaded whole, after the cursor was asked for from which changes are followed later; a load
that did not come to its end begins again, and finds most records unchanged. Each page is saved with its cursor in one
transaction, and no transaction is open while the CRM is asked: it may be killed anywhere, and repeated.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from connector.clock import Clock
from connector.crm import CRM, Cursor, Entity, Page, Part
from connector.errors import Misconfigured
from mappings.file.load import Mapping
from tasks.store import cursors, seen, snapshots
from tasks.store.engine import Store
from tasks.store.records import Identify, PageCounts, save_page
from tasks.verbs.counts import OnProgress, Pulled, require, silent
from tasks.verbs.labelling import note_labels
from tasks.verbs.pages import gathered

SWEEP_OVERLAP = timedelta(hours=1)  # deletions are told late, and the CRM's clock is not ours
MISSING_ROWS = 1_000
SAVE_ROWS = 1_000  # small pages are saved together: each transaction has a price of its own


def pull(
    crm: CRM,
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    sweep: bool = False,
    reload: bool = False,
    history: bool = False,
    entities: Collection[Entity] | None = None,
    save_rows: int = SAVE_ROWS,
    on_progress: OnProgress = silent,
) -> Pulled:
    """Bring every mapped entity up to date, or those among `entities`; returns where the records of each ended.

    `sweep` also asks for deletions that following changes may not tell. `reload` reads everything once more, which
    finds what changes without moving a record's stamp (formulas), and what was erased without a word.
    `history` then asks for the field history of what is mapped, all of it the first time; that takes many calls.
    Pages are saved in transactions of `save_rows` records or more. Raises DoNotReconcile when a record was lost.
    """
    sent: dict[Entity, int] = {}
    counts: dict[Entity, PageCounts] = {}
    past: dict[Entity, int | None] = {}
    for entity in mapping.entities:
        if entities is not None and entity not in entities:
            continue
        how: dict[str, Any] = {"connection": connection, "clock": clock, "entity": entity, "save_rows": save_rows}
        work = of_entity(crm, store, mapping, **how)
        if work is not None:
            try:
                sent[entity], counts[entity] = tally(work.run(sweep=sweep, reload=reload), entity, on_progress)
            except Misconfigured:
                asked = of_entity(crm, store, mapping, **how, afresh=True)
                if asked is None or asked.fields == work.fields:
                    raise
                work = asked  # an optional field has gone since the last pull
                sent[entity], counts[entity] = tally(work.run(sweep=sweep, reload=reload), entity, on_progress)
            if history and (names := work.remembered):
                past[entity] = _read_history(work, names, on_progress)
    pulled = Pulled(sent, counts, past)
    require(pulled.reconciles(), pulled.as_dict())
    return pulled


def of_entity(
    crm: CRM,
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    entity: Entity,
    save_rows: int = SAVE_ROWS,
    afresh: bool = False,
) -> "EntityPull | None":
    """Give the pull of one entity; None when nothing of it is mapped.

    Optional fields that the last pull read are taken to be there, so that a quiet poll need not ask; unless `afresh`.
    """
    wanted = mapping.source_fields(entity)
    if not wanted:
        return None
    at = None if afresh else cursors.get(store, connection, entity)
    read = at.fields if at is not None and at.is_loaded else ()
    fields = _readable(crm, entity, wanted, mapping.optional_fields(entity) - set(read))
    return EntityPull(crm, store, mapping, connection, clock, entity, fields, save_rows)


def _readable(crm: CRM, entity: Entity, wanted: Sequence[str], optional: Iterable[str]) -> tuple[str, ...]:
    """Leave out the optional fields that this CRM lacks; a required one that is missing is the adapter's to tell."""
    missing = set(optional)
    if missing:
        missing -= {field.name for field in crm.describe(entity)}
    return tuple(name for name in wanted if name not in missing)


def tally(saved: Iterable[tuple[int, PageCounts]], entity: Entity, on_progress: OnProgress) -> tuple[int, PageCounts]:
    """Work off a pull; returns how many records came, and where they ended."""
    seen, counts = 0, PageCounts()
    for number, ended in saved:
        seen += number
        counts += ended
        on_progress(f"pull {entity}", seen, None)
    return seen, counts


def _read_history(work: "EntityPull", names: Sequence[str], on_progress: OnProgress) -> int | None:
    """Read how these fields changed, from where the last read ended unless it was of fewer fields."""
    store, connection, entity = work.store, work.connection, work.entity
    read = snapshots.read_until(store, connection, entity)
    since = read.cursor if read is not None and set(names) <= set(read.fields) else None
    number = None
    for page in work.crm.history(entity, names, since):
        noted = snapshots.note_history(store, connection, entity, page.changes, cursor=page.cursor, fields=names)
        number = (number or 0) + noted
        on_progress(f"pull history of {entity}", number, None)
    return number


@dataclass(frozen=True, slots=True)
class EntityPull:
    """The pull of one entity. Yields (records that came, where they ended) for each page it saved.

    A load may be shared: `begin` once, `load` for each part by anybody, `settle` once when all parts are there.
    """

    crm: CRM
    store: Store
    mapping: Mapping
    connection: str
    clock: Clock
    entity: Entity
    fields: tuple[str, ...]
    save_rows: int

    @property
    def remembered(self) -> tuple[str, ...]:
        """Name the fields that this CRM has and whose earlier values are kept."""
        return tuple(name for name in self.mapping.remembered_fields(self.entity) if name in self.fields)

    @property
    def read_as(self) -> tuple[str, ...]:
        """Name what a stored record depends on: the fields, and how records find each other."""
        how = repr((self.mapping.links, self.mapping.outcome.deal)).encode()
        return (*self.fields, f"links {blake2b(how, digest_size=8).hexdigest()}")

    def run(self, *, sweep: bool, reload: bool) -> Iterator[tuple[int, PageCounts]]:
        at = cursors.get(self.store, self.connection, self.entity)
        if at is None:
            yield from self._load(self.crm.start(self.entity), again=False)
        elif reload:  # from a new start, so that a cursor which cannot be read is mended by it
            yield from self._load(self.crm.start(self.entity), again=True, anew=True)
        elif not at.is_loaded or not set(self.read_as) <= set(at.fields):
            # Following on from the older cursor tells what was deleted while the load ran, or since.
            yield from self._load(at.cursor, again=True)
            yield from self._follow(at.cursor)
        else:
            if self.read_as != at.fields:  # some are no longer wanted; wanted again one day, they must be loaded
                cursors.set_fields(self.store, self.connection, self.entity, self.read_as)
            yield from self._follow(at.cursor)
        if sweep:
            yield from self._sweep()

    def _load(self, start: Cursor, *, again: bool, anew: bool = False) -> Iterator[tuple[int, PageCounts]]:
        self._note_labels(again=True)
        self._begin(start, anew=anew)
        yield from self.load(Part(), again=again)
        yield from self._end(again=again, read=self.read_as)

    def begin(self) -> None:
        """Begin a load whose parts others read."""
        self._note_labels(again=True)
        at = cursors.get(self.store, self.connection, self.entity)
        self._begin(self.crm.start(self.entity) if at is None else at.cursor)

    def _begin(self, start: Cursor, *, anew: bool = False) -> None:
        now = self.clock.now()
        cursors.begin_load(self.store, self.connection, self.entity, start, fields=self.read_as, now=now, anew=anew)
        seen.forget(self.store, self.connection, self.entity)

    def load(
        self, part: Part, *, again: bool = True, reached: Callable[[str], None] | None = None
    ) -> Iterator[tuple[int, PageCounts]]:
        """Read one part; `again` notes which records came, to find those that are gone.

        `reached` is told how far the part is kept, where the CRM lists in an order, so that it can be gone on with.
        """
        yield from self._save(self.crm.everything(self.entity, self.fields, part), note_seen=again, reached=reached)

    def settle(self, read: Collection[str]) -> Iterator[tuple[int, PageCounts]]:
        """End a load of which all parts were read as `read` says, and follow what changed since it began.

        What is wanted today and not in it is no part of the load: the mapping was changed meanwhile.
        """
        yield from self._end(again=True, read=[name for name in self.read_as if name in read])
        at = cursors.get(self.store, self.connection, self.entity)
        assert at is not None
        yield from self._follow(at.cursor)

    def _end(self, *, again: bool, read: Sequence[str]) -> Iterator[tuple[int, PageCounts]]:
        if again:
            yield from self._save(self._missing())
            seen.forget(self.store, self.connection, self.entity)
        cursors.end_load(self.store, self.connection, self.entity, fields=read)

    @property
    def is_loaded(self) -> bool:
        """Whether everything was loaded once with all fields that are wanted today."""
        at = cursors.get(self.store, self.connection, self.entity)
        return at is not None and at.is_loaded and set(self.read_as) <= set(at.fields)

    def _missing(self) -> Iterator[Page]:
        """Ask for the records one by one that we hold and the load did not show; a doubt is no deletion."""
        after = ""
        while ids := seen.missing(self.store, self.connection, self.entity, after=after, size=MISSING_ROWS):
            after = ids[-1]
            yield self.crm.get(self.entity, self.fields, ids)

    def _follow(self, since: Cursor) -> Iterator[tuple[int, PageCounts]]:
        self._note_labels(again=False)
        yield from self._save(self.crm.changed(self.entity, self.fields, since), moving=True)

    def _note_labels(self, *, again: bool) -> None:
        note_labels(
            self.crm,
            self.store,
            self.mapping,
            connection=self.connection,
            entity=self.entity,
            fields=self.fields,
            again=again,
        )

    def _sweep(self) -> Iterator[tuple[int, PageCounts]]:
        at = cursors.get(self.store, self.connection, self.entity)
        assert at is not None
        began = self.clock.now()
        yield from self._save(self.crm.removed(self.entity, at.swept_at - SWEEP_OVERLAP))
        cursors.set_swept(self.store, self.connection, self.entity, began)

    def _save(
        self,
        pages: Iterable[Page],
        *,
        moving: bool = False,
        note_seen: bool = False,
        reached: Callable[[str], None] | None = None,
    ) -> Iterator[tuple[int, PageCounts]]:
        # A field that was not read before looks as if it had been empty: only what both versions have is compared.
        at = cursors.get(self.store, self.connection, self.entity)
        remember = set(self.remembered) & set(at.fields if at else ())
        for page in gathered(pages, rows=self.save_rows):
            counts = save_page(
                self.store,
                self.connection,
                page,
                identify=self._identify(page),
                cursor=page.cursor if moving else None,
                note_seen=note_seen,
                remember=remember,
            )
            if reached is not None and page.reached:
                reached(page.reached)
            yield len(page.records), counts

    def _identify(self, page: Page) -> Identify:
        # A page of records that are gone may come without fields.
        return self.mapping.linker(self.entity, page.fields) if page.fields else _nothing


def _nothing(_values: Sequence[str | None]) -> tuple[None, None]:
    return None, None
