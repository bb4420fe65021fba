"""The verb backfill: load, score and write many leads, in parts that any number of workers do side by side.

A load reads every entity in parts (`begin`, `load`, `settle`); then leads are cut into ranges by id (`ranges`), each of
which is scored and written by itself (`rescore`). Each function may be killed anywhere, and repeated.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from connector.clock import Clock
from connector.crm import CRM, Entity, Part
from mappings.file.load import Mapping as FieldMapping
from tasks.lease import Held
from tasks.store import cursors, marks, records, stale
from tasks.store.engine import Store
from tasks.store.records import PageCounts
from tasks.verbs import pull as pulling
from tasks.verbs import push as pushing
from tasks.verbs import score as scoring
from tasks.verbs.counts import OnProgress, Pushed, ScoreCounts, silent
from tasks.verbs.pull import EntityPull
from tasks.verbs.selection import selected

PART_ROWS = 10_000  # records of one part of a load: what a killed worker reads again at most
TWO_PARTS_ROWS = 1_000  # HubSpot's small pages are worth a second worker, and lanes within each, from so many on
# Leads of one range, so that no worker idles at the end: on Salesforce enough of them for a bulk job, though some
# cannot be written, and few, so that others are scored while Salesforce works the job through.
RANGE_LEADS = {"salesforce": 15_000, "hubspot": 2_500}


def begin(crm: CRM, store: Store, mapping: FieldMapping, *, connection: str, clock: Clock) -> list[dict[str, Any]]:
    """Begin a load; returns its parts as arguments of `load`. Where the CRM does not count, one part an entity."""
    parts: list[dict[str, Any]] = []
    for work in _pulls(crm, store, mapping, connection, clock):
        work.begin()
        count = _parts(mapping.crm, crm.count(work.entity))
        parts += [{"entity": work.entity.value, "part": i, "of": count} for i in range(count)]
    return parts


def _parts(crm: str, number: int | None) -> int:
    """Tell in how many parts to read so many records."""
    if number is None:
        return 1
    least = 2 if crm == "hubspot" and number > TWO_PARTS_ROWS else 1
    return max(least, -(-number // PART_ROWS))


def load(
    crm: CRM,
    store: Store,
    mapping: FieldMapping,
    arguments: Mapping[str, Any],
    *,
    connection: str,
    clock: Clock,
    after: str = "",
    reached: Callable[[str], None] | None = None,
    on_progress: OnProgress = silent,
) -> tuple[int, PageCounts]:
    """Read one part that `begin` made; returns how many records came, and where they ended.

    See `EntityPull.load` for `reached`. What it is read as (`read_as`) goes to `settle`.
    """
    entity, part = Entity(arguments["entity"]), Part(arguments["part"], arguments["of"], after)
    work = pulling.of_entity(crm, store, mapping, connection=connection, clock=clock, entity=entity)
    if work is None:  # the mapping was changed meanwhile, and nothing of it is wanted any more
        return 0, PageCounts()
    return pulling.tally(work.load(part, reached=reached), entity, on_progress)


def read_as(crm: CRM, store: Store, mapping: FieldMapping, entity: str, *, connection: str, clock: Clock) -> list[str]:
    """Name what records of an entity are read with today; nothing if none of it is wanted."""
    work = pulling.of_entity(crm, store, mapping, connection=connection, clock=clock, entity=Entity(entity))
    return list(work.read_as) if work is not None else []


def settle(
    crm: CRM,
    store: Store,
    mapping: FieldMapping,
    read: Mapping[str, Collection[str]],
    *,
    connection: str,
    clock: Clock,
    on_progress: OnProgress = silent,
) -> tuple[int, PageCounts]:
    """End a load of which all parts were read, and bring in what changed since it began; returns the same.

    `read` names for each entity what all of its parts were read with, while the mapping may have changed.
    """
    number, counts = 0, PageCounts()
    for work in _pulls(crm, store, mapping, connection, clock):
        more, ended = pulling.tally(work.settle(read.get(work.entity, ())), work.entity, on_progress)
        number, counts = number + more, counts + ended
    return number, counts


def was_loaded(store: Store, mapping: FieldMapping, connection: str) -> bool:
    """Tell the same without a call; False may also mean an optional field that the CRM lacks."""
    for entity in mapping.entities:
        wanted = mapping.source_fields(entity)
        at = cursors.get(store, connection, entity)
        if not (at is not None and at.is_loaded and set(wanted) <= set(at.fields)):
            return False
    return True


def is_loaded(crm: CRM, store: Store, mapping: FieldMapping, *, connection: str, clock: Clock) -> bool:
    """Tell whether every mapped entity was read to its end once, with all fields that are wanted today."""
    return all(work.is_loaded for work in _pulls(crm, store, mapping, connection, clock))


def _pulls(crm: CRM, store: Store, mapping: FieldMapping, connection: str, clock: Clock) -> Iterator[EntityPull]:
    for entity in mapping.entities:
        work = pulling.of_entity(crm, store, mapping, connection=connection, clock=clock, entity=entity)
        if work is not None:
            yield work


def ranges(store: Store, connection: str, *, leads: int) -> Iterator[dict[str, Any]]:
    """Cut the living leads into even ranges by id, of so many `leads` at most, as plain arguments of `rescore`.

    The last one has no end, so that it holds what came meanwhile.
    """
    total = records.count(store, connection).get(Entity.LEAD, 0)
    size, after = max(1, -(-total // max(1, -(-total // leads)))), ""
    while (last := records.id_after(store, connection, Entity.LEAD, after=after, number=size)) is not None:
        yield {"after": after, "last": last}
        after = last
    yield {"after": after, "last": None}


def rescore(
    crm: CRM,
    store: Store,
    mapping: FieldMapping,
    arguments: Mapping[str, Any],
    selection: Mapping[str, Any],
    *,
    connection: str,
    clock: Clock,
    models_folder: Path,
    held: Held,
    above: int | None = None,
    chunk_leads: int = scoring.CHUNK_LEADS,
    before_scoring: Callable[[], None] = lambda: None,
    on_progress: OnProgress = silent,
) -> tuple[ScoreCounts, Pushed]:
    """Score one range of leads and write what differs, also what an earlier try had scored and not written.

    A `selection` says which leads are looked at whether anything changed for them or not; syncs leave them alone if
    they take what changed later than change `above`.
    """
    after, last = arguments["after"], arguments["last"]
    if selection:
        mark(store, mapping, connection, selection, after=after, last=last, version=above)
    before_scoring()
    scored = scoring.score(
        store,
        mapping,
        connection=connection,
        clock=clock,
        models_folder=models_folder,
        chunk_leads=chunk_leads,
        part=scoring.Part(after, last),
        token=held.token,
        on_progress=on_progress,
    )
    others = pushing.Others(after=after, last=last)
    pushed = pushing.push(
        crm, store, connection=connection, clock=clock, held=held, others=others, on_progress=on_progress
    )
    return scored, pushed


def mark(
    store: Store,
    mapping: FieldMapping,
    connection: str,
    selection: Mapping[str, Any],
    *,
    after: str,
    last: str | None,
    version: int | None = None,
) -> int:
    """Put the selected leads of a range into the queue of those to look at; returns how many there are.

    They stand there as of change `version`, or the latest one.
    """
    number = 0
    for rows in records.chunks(store, connection, Entity.LEAD, size=scoring.CHUNK_LEADS, after=after, last=last):
        chosen = selected(mapping, rows, selection)
        number += len(chosen)
        with store.write() as tx:
            latest = marks.read(tx, connection).version
            stale.add(tx, connection, chosen, version=latest if version is None else version)
    return number


def count(store: Store, mapping: FieldMapping, connection: str, selection: Mapping[str, Any]) -> int:
    """Count the leads that a selection names; none names all."""
    chunks = records.chunks(store, connection, Entity.LEAD, size=scoring.CHUNK_LEADS)
    return sum(len(selected(mapping, rows, selection)) for rows in chunks)
