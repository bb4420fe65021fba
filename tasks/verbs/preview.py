"""The verb preview: score leads as a sync would, and say what would become of each. Writes nothing anywhere.

Scoring goes through `tasks.verbs.scorer.Scorer.scored`, which the verb score calls too, so that previewed values are
those that a push writes afterwards. Of the CRM only its describe is used. Memory does not grow with the leads.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from connector.clock import Clock
from connector.crm import Entity
from connector.errors import Misconfigured
from mappings.file.load import Mapping as FieldMapping
from mappings.outputs import PERISHABLE
from tasks.store import models, records, scores, sending
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.store.scores import Known, Scored, State
from tasks.verbs import earlier, frames
from tasks.verbs.fetched import NOT_FETCHED, Fetched
from tasks.verbs.predicted import Judge, Value
from tasks.verbs.previewed import NOTHING, End, Lead, Standing
from tasks.verbs.previewed_backs import beside
from tasks.verbs.score import CHUNK_LEADS, POINTS
from tasks.verbs.scorer import Scorer
from tasks.verbs.selection import selected

READ_ROWS = 2_000
OTHERWISE = (
    "Look at it with `--model points`, or with a model that fits: see `truegrade models`. Once it is promoted, "
    "`truegrade train` learns one that does."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Which of the selected leads are looked at: `number` of them, spread evenly over the selection; None: all."""

    number: int | None = None


def scorer(
    store: Store,
    mapping: FieldMapping,
    *,
    connection: str,
    clock: Clock,
    models_folder: Path,
    model: str | None = None,
) -> Scorer:
    """Make what scores: the mapping with the current model, the one of that version, or the mapping's points.

    Raises Misconfigured when there is no such model, it does not fit the mapping, or there are no points either.
    """
    kept = {one.version: one for one in models.every(store, connection)}
    current = models.current(store, connection)
    version = model or (current.version if current else POINTS)
    if version != POINTS and version not in kept:
        known = ", ".join([*kept, POINTS])
        raise Misconfigured(f"{connection} has no model {version}.", fix=f"Name one of: {known}.")
    if version == POINTS and not mapping.points.rules:
        raise Misconfigured(
            f"{connection} has no model yet, and this mapping no points.",
            fix="Run `truegrade train`, or add a section points to the mapping.",
        )
    path = models_folder / kept[version].path if version != POINTS else None
    earlier.refresh(store, mapping, connection=connection, now=clock.now())  # what a first sync with it would know
    try:
        return Scorer(store, mapping, connection, path, f"{version} {mapping.version}", clock)
    except Misconfigured as error:  # a candidate need not be what the models have learned
        raise Misconfigured(error.message, fix=OTHERWISE) from error


def chosen(
    store: Store, mapping: FieldMapping, *, connection: str, selection: Mapping[str, Any], sample: Sample
) -> tuple[list[str] | None, int]:
    """Choose the leads to look at: their ids in order (None: all there are), and how many leads were asked for.

    A sample is the same each time, and does not depend on how many leads are in a chunk: leads by a hash of their id.
    """
    is_whole = not selection.keys() - {"all"}
    if is_whole and sample.number is None:
        return None, records.count(store, connection).get(Entity.LEAD, 0)
    counted, kept = 0, list[tuple[int, str]]()
    for rows in records.chunks(store, connection, Entity.LEAD, size=CHUNK_LEADS):
        ids = selected(mapping, rows, selection)
        counted += len(ids)
        kept += [(_drawn(lead), lead) for lead in ids]
        if sample.number is not None:
            kept = heapq.nsmallest(sample.number, kept)
    return sorted(lead for _, lead in kept), counted


def _drawn(lead: str) -> int:
    return int.from_bytes(blake2b(lead.encode(), digest_size=8).digest())


def previewed(
    store: Store,
    scoring: Scorer,
    mapping: FieldMapping,
    *,
    connection: str,
    now: datetime,
    ids: Sequence[str] | None,
    judge: Judge,
    was: FieldMapping | None = None,
    chunk_leads: int = CHUNK_LEADS,
    fetched: Fetched = NOT_FETCHED,
) -> Iterator[list[Lead]]:
    """Yield what would become of these leads (None: of all), chunk by chunk in order of id; keeps nothing.

    `mapping` is what `scoring` was made with, and `was` the one that today's scores were made with, if that is another.
    `fetched` are values that stand beside those of the store.
    """
    grade = _named("grade", was or mapping)
    perishable = {name for one in (mapping, was or mapping) for role, name in one.outputs if role in PERISHABLE}
    for rows in _chunks(store, connection, ids, chunk_leads):
        leads = [row.id for row in rows]
        known = scores.known(store, connection, leads)
        some = frames.of_leads(store, mapping, connection, rows, fetched)
        fresh = {row.lead_id: row for row in scoring.scored(rows, known, now, some)}
        held = scores.outputs(store, connection, leads)
        made = _Making(known, fresh, held, grade, perishable, judge)
        yield beside([made.lead(lead) for lead in leads], scoring.due(some), some.leads, judge)


def _named(role: str, mapping: FieldMapping) -> str:
    """Give the name of our field of that role; "" where it is switched off."""
    return dict(mapping.outputs).get(role, "")


def _chunks(store: Store, connection: str, ids: Sequence[str] | None, size: int) -> Iterator[list[Row]]:
    if ids is None:
        yield from records.chunks(store, connection, Entity.LEAD, size=size)
        return
    for start in range(0, len(ids), size):
        yield records.get(store, connection, Entity.LEAD, ids[start : start + size])


@dataclass(frozen=True, slots=True)
class _Making:
    """One chunk while its leads are told: what is known of them, what was scored anew, and the values that we have."""

    known: Mapping[str, Known]
    fresh: Mapping[str, Scored]
    held: Mapping[str, Mapping[str, Value]]
    grade: str
    perishable: set[str]
    judge: Judge

    def lead(self, lead: str) -> Lead:
        old = self._old(lead)
        made = self.fresh.get(lead)
        new = old if made is None else _new(made)
        end = self._end(lead, made)
        refused = self.judge(new.values) if end is End.WRITE else None
        differ = self._differ(old, new) if made is not None else ()
        return Lead(lead, End.REFUSED if refused else end, old, new, differ, refused)

    def _old(self, lead: str) -> Standing:
        before = self.known.get(lead)
        if before is None or before.score is None:
            return NOTHING
        values = self.held.get(lead, {})
        grade = values.get(self.grade)
        return Standing(before.score, str(grade) if grade else None, values)

    def _end(self, lead: str, made: Scored | None) -> End:
        if made is not None:
            return {State.PENDING: End.WRITE, State.WRITTEN: End.UNCHANGED}.get(made.state, End.EXCLUDED)
        before = self.known[lead]
        if before.state == State.EXCLUDED:
            return End.EXCLUDED
        if before.state == State.REFUSED and not before.waiting:
            return End.KEPT_BACK
        return End.UNCHANGED if before.is_in_crm else End.WRITE

    def _differ(self, old: Standing, new: Standing) -> tuple[str, ...]:
        names = {*old.values, *new.values} - self.perishable if new.values else ()
        return tuple(sorted(name for name in names if old.values.get(name) != new.values.get(name)))


def _new(made: Scored) -> Standing:
    values: dict[str, Value] = orjson.loads(made.outputs) if made.outputs else {}
    return Standing(made.score, made.grade, values)


def waiting(
    store: Store, mapping: FieldMapping, *, connection: str, now: datetime, judge: Judge, retry_refused: bool = False
) -> Iterator[list[Lead]]:
    """Yield what a push would do now with the scores that wait, page by page in order of id; claims and sends none.

    With `retry_refused`, those too that were refused for a cause that a person has mended.
    """
    score, grade, after = _named("score", mapping), _named("grade", mapping), ""
    while rows := sending.peek(store, connection, after=after, size=READ_ROWS, now=now, refused=retry_refused):
        yield [_sent(row, score, grade, judge) for row in rows]
        after = rows[-1].lead_id


def _sent(row: sending.Waiting, score: str, grade: str, judge: Judge) -> Lead:
    values: dict[str, Any] = orjson.loads(row.outputs)
    new = Standing(values.get(score), values.get(grade), values)
    if row.outputs_hash == row.written_hash:
        return Lead(row.lead_id, End.UNCHANGED, NOTHING, new)
    refused = judge(values)
    return Lead(row.lead_id, End.REFUSED if refused else End.WRITE, NOTHING, new, tuple(values), refused)
