"""The verb pull: bring what changed in the CRM into the store.

The first time an entity is loaded whole, after the cursor was asked for from which changes are followed later; a load
that did not come to its end begins again, and finds most records unchanged. Each page is saved with its cursor in one
transaction, and no transaction is open while the CRM is asked: it may be killed anywhere, and repeated.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b

from connector.clock import Clock
from connector.crm import CRM, Cursor, Entity, Page, Part
from connector.errors import ConnectorError
from mappings.load import Mapping
from tasks.store import cursors, seen, snapshots
from tasks.store.engine import Store
from tasks.store.records import Identify, PageCounts, save_page
from tasks.verbs.counts import OnProgress, Pulled, require, silent

# What leads point to comes first, so that the first scoring finds it.
ORDER = (Entity.COMPANY, Entity.LEAD, Entity.ACTIVITY, Entity.DEAL)
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
    save_rows: int = SAVE_ROWS,
    on_progress: OnProgress = silent,
) -> Pulled:
    """Bring every mapped entity up to date; returns where the records of each ended.

    `sweep` also asks for deletions that following changes may not tell. `reload` reads everything once more, which
    finds what changes without moving a record's stamp (formulas), and what was erased without a word.
    `history` then asks for the field history of what is mapped, all of it the first time; that takes many calls.
    Pages are saved in transactions of `save_rows` records or more. Raises DoNotReconcile when a record was lost.
    """
    sent: dict[Entity, int] = {}
    counts: dict[Entity, PageCounts] = {}
    past: dict[Entity, int | None] = {}
    for entity in ORDER:
        if wanted := mapping.source_fields(entity):
            fields = _readable(crm, entity, wanted, mapping.optional_fields(entity))
            work = _Pull(crm, store, mapping, connection, clock, entity, fields, save_rows)
            sent[entity], counts[entity] = _tally(work.run(sweep=sweep, reload=reload), entity, on_progress)
            if history and (names := work.remembered):
                past[entity] = _read_history(work, names, on_progress)
    pulled = Pulled(sent, counts, past)
    require(pulled.reconciles(), pulled.as_dict())
    return pulled


def _readable(crm: CRM, entity: Entity, wanted: Sequence[str], optional: Iterable[str]) -> tuple[str, ...]:
    """Leave out the optional fields that this CRM lacks; a required one that is missing is the adapter's to tell."""
    missing = set(optional)
    if missing:
        missing -= {field.name for field in crm.describe(entity)}
    return tuple(name for name in wanted if name not in missing)


def _tally(saved: Iterable[tuple[int, PageCounts]], entity: Entity, on_progress: OnProgress) -> tuple[int, PageCounts]:
    seen, counts = 0, PageCounts()
    for number, ended in saved:
        seen += number
        counts += ended
        on_progress(f"pull {entity}", seen, None)
    return seen, counts


def _read_history(work: "_Pull", names: Sequence[str], on_progress: OnProgress) -> int | None:
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
class _Pull:
    """The pull of one entity. Yields (records that came, where they ended) for each page it saved."""

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
    def _read_as(self) -> tuple[str, ...]:
        """Name what a stored record depends on: the fields, and how records find each other."""
        how = repr((self.mapping.links, self.mapping.outcome.deal)).encode()
        return (*self.fields, f"links {blake2b(how, digest_size=8).hexdigest()}")

    def run(self, *, sweep: bool, reload: bool) -> Iterator[tuple[int, PageCounts]]:
        at = cursors.get(self.store, self.connection, self.entity)
        if at is None:
            yield from self._load(self.crm.start(self.entity), again=False)
        elif reload:  # from a new start, so that a cursor which cannot be read is mended by it
            yield from self._load(self.crm.start(self.entity), again=True, anew=True)
        elif not at.is_loaded or not set(self._read_as) <= set(at.fields):
            # Following on from the older cursor tells what was deleted while the load ran, or since.
            yield from self._load(at.cursor, again=True)
            yield from self._follow(at.cursor)
        else:
            if self._read_as != at.fields:  # some are no longer wanted; wanted again one day, they must be loaded
                cursors.set_fields(self.store, self.connection, self.entity, self._read_as)
            yield from self._follow(at.cursor)
        if sweep:
            yield from self._sweep()

    def _load(self, start: Cursor, *, again: bool, anew: bool = False) -> Iterator[tuple[int, PageCounts]]:
        now = self.clock.now()
        cursors.begin_load(self.store, self.connection, self.entity, start, fields=self._read_as, now=now, anew=anew)
        seen.forget(self.store, self.connection, self.entity)
        yield from self._save(self.crm.everything(self.entity, self.fields, Part()), note_seen=again)
        if again:
            yield from self._save(self._missing())
            seen.forget(self.store, self.connection, self.entity)
        cursors.end_load(self.store, self.connection, self.entity, fields=self._read_as)

    def _missing(self) -> Iterator[Page]:
        """Ask for the records one by one that we hold and the load did not show; a doubt is no deletion."""
        after = ""
        while ids := seen.missing(self.store, self.connection, self.entity, after=after, size=MISSING_ROWS):
            after = ids[-1]
            yield self.crm.get(self.entity, self.fields, ids)

    def _follow(self, since: Cursor) -> Iterator[tuple[int, PageCounts]]:
        yield from self._save(self.crm.changed(self.entity, self.fields, since), moving=True)

    def _sweep(self) -> Iterator[tuple[int, PageCounts]]:
        at = cursors.get(self.store, self.connection, self.entity)
        assert at is not None
        began = self.clock.now()
        yield from self._save(self.crm.removed(self.entity, at.swept_at - SWEEP_OVERLAP))
        cursors.set_swept(self.store, self.connection, self.entity, began)

    def _save(
        self, pages: Iterable[Page], *, moving: bool = False, note_seen: bool = False
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
            yield len(page.records), counts

    def _identify(self, page: Page) -> Identify:
        # A page of records that are gone may come without fields.
        return self.mapping.linker(self.entity, page.fields) if page.fields else _nothing


def gathered(pages: Iterable[Page], *, rows: int) -> Iterator[Page]:
    """Join pages that follow each other until they have so many rows, with the last one's cursor.

    What has come when the CRM fails is passed on before the error is.
    """
    held: list[Page] = []
    try:
        for page in pages:
            if held and page.fields != held[-1].fields:
                yield _joined(held)
                held = []
            held.append(page)
            if sum(len(one.records) for one in held) >= rows:
                yield _joined(held)
                held = []
    except ConnectorError:
        if held:
            yield _joined(held)
        raise
    if held:
        yield _joined(held)


def _joined(pages: Sequence[Page]) -> Page:
    return replace(pages[-1], records=tuple(record for page in pages for record in page.records))


def _nothing(_values: Sequence[str | None]) -> tuple[None, None]:
    return None, None
