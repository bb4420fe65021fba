"""Scores chunks of leads: frames, hashes of inputs, predictions, values for the CRM; saved chunk by chunk."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection

from connector.clock import Clock
from connector.crm import Entity
from mappings.file.load import Mapping
from mappings.frames.columns import completed, instant
from mappings.frames.features import feature_frame
from mappings.frames.hashes import input_hashes, outputs_hash
from mappings.frames.outcomes import writable
from mappings.outbound import outbound
from mappings.ruling import ByHand
from mappings.verdicts import decided
from mappings.wording import wording
from model.model import Model, load
from model.points import VERSION as POINTS
from model.points import Points
from tasks.store import company_stale, records, scores, stale, write_backs
from tasks.store.backs import Planned
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.store.scores import Known, Previous, Scored, State
from tasks.verbs import frames, handover, ruling
from tasks.verbs.counts import ScoreCounts
from tasks.verbs.fitting import require_fit
from tasks.verbs.frames import LeadFrames
from tasks.verbs.inputs import packed
from tasks.verbs.notes import Notes, previous
from tasks.verbs.written_back import Ours, due, theirs

STAMP = "%Y-%m-%dT%H:%M:%S%.3fZ"


class Scorer:
    """Scores one connection with one model, or, without a `path` to one, with the points rules of the mapping.

    `made_by` names all that a score depends on beside the lead: the model's version, then the mapping's.
    Raises Misconfigured when the model was learned with other features, or another outcome, than the mapping has.
    """

    def __init__(
        self,
        store: Store,
        mapping: Mapping,
        connection: str,
        path: Path | None,
        made_by: str,
        clock: Clock,
        token: str | None = None,
    ) -> None:
        self._store, self._mapping, self._connection, self._made_by, self._clock, self._token = (
            store, mapping, connection, made_by, clock, token,
        )  # fmt: skip
        self._model: Model | Points = (
            require_fit(load(path), mapping, connection) if path else Points(mapping.points, mapping.features)
        )

    def score(self, chunk: stale.Chunk) -> ScoreCounts | None:
        """Score a chunk, and claim for our lease what has to be sent; None when another model has taken over."""
        rows = records.get(self._store, self._connection, Entity.LEAD, chunk.ids)
        known = scores.known(self._store, self._connection, chunk.ids)
        now = self._clock.now()
        some = frames.of_leads(self._store, self._mapping, self._connection, rows)
        scored = self.scored(rows, known, now, some) if rows else []
        how: Any = {"span": chunk.span, "now": now, "made_by": self._made_by, "token": self._token}
        rises = handover.noting(self._mapping, self._connection, scored, now=now)
        values, taken = self.due(some), list(theirs(some.leads, self._ours(some)))

        def beside(tx: Connection, kept: frozenset[str]) -> None:
            rises(tx, kept)
            if self._mapping.companies:
                company_stale.add(tx, self._connection, [row.link for row in rows if row.link])
            write_backs.taken_over(tx, self._connection, taken)
            write_backs.plan(tx, self._connection, values, now=now)

        saved = scores.save(self._store, self._connection, scored, **how, before=beside)
        if saved is None:
            return None
        lost = sum(row.lead_id not in saved.kept for row in scored)  # gone, or scored by others as of a later change
        scored = [row for row in scored if row.lead_id in saved.kept]
        states = [row.state for row in scored]
        return ScoreCounts(
            looked_at=len(rows) - lost,
            same_inputs=len(rows) - lost - len(scored),
            pending=states.count(State.PENDING) - len(saved.sent_by_others),
            left=len(saved.sent_by_others),
            unchanged=states.count(State.WRITTEN),
            excluded=states.count(State.EXCLUDED),
            superseded=sum(row.lead_id in known and known[row.lead_id].waiting for row in scored),
        )

    def due(self, some: LeadFrames) -> list[Planned]:
        """Tell which enriched values are to be written back to these leads; keeps nothing."""
        if not self._mapping.enrich.write_back:
            return []
        may_be_written = writable(self._mapping, some.leads).to_list()
        return list(due(self._mapping, some.leads, self._ours(some), may_be_written))

    def _ours(self, some: LeadFrames) -> Ours:
        """Give what was planned or written of these leads."""
        is_any = write_backs.are_any(self._store, self._connection)
        return write_backs.of(self._store, self._connection, some.leads["id"]) if is_any else {}

    def scored(
        self, rows: Sequence[Row], known: Dict[str, Known], now: datetime, some: LeadFrames | None = None
    ) -> list[Scored]:
        """Score those of the leads whose inputs, or what scores them, are others than `known`; keeps nothing.

        `some` are their frames, where they have been made already.
        """
        some = some or frames.of_leads(self._store, self._mapping, self._connection, rows)
        by_hand = ruling.by_hand(self._store, self._connection, some.leads["id"].to_list(), now=now)
        inputs = input_hashes(self._mapping, some.leads, some.companies, some.activities).to_list()
        hashes = ruling.with_hand(some.leads["id"].to_list(), inputs, by_hand)
        may_be_written = writable(self._mapping, some.leads).to_list()
        created = dict(zip(some.leads["id"], _created(self._mapping, some.leads), strict=True))
        excluded, wanted = [], []
        for row, inputs_hash, may_write in zip(rows, hashes, may_be_written, strict=True):
            if self._is_same(known.get(row.id), inputs_hash, may_write=may_write):
                continue
            if may_write:
                wanted.append((row.id, inputs_hash))
            else:
                own = (row.id, self._made_by, inputs_hash, State.EXCLUDED)
                excluded.append(Scored(*own, lead_created_at=created[row.id]))
        return excluded + (self._predicted(some, dict(wanted), known, created, by_hand, now) if wanted else [])

    def _is_same(self, known: Known | None, inputs_hash: str, *, may_write: bool) -> bool:
        if known is None or known.model != self._made_by or known.inputs_hash != inputs_hash:
            return False
        return (known.state == State.EXCLUDED) != may_write

    def _predicted(
        self,
        some: LeadFrames,
        wanted: Dict[str, str],
        known: Dict[str, Known],
        created: Dict[str, str | None],
        by_hand: Dict[str, ByHand],
        now: datetime,
    ) -> list[Scored]:
        leads = some.leads.filter(pl.col("id").is_in(list(wanted)))
        features = feature_frame(self._mapping, leads, some.companies, some.activities)
        as_modelled = self._model.score(features, wording(self._mapping))
        predicted = decided(self._mapping, as_modelled, features, by_hand)
        ruled = set(predicted.filter(predicted["score"] != as_modelled["score"])["id"])
        columns = list(predicted.select("id", "score", "grade", "likelihood").iter_rows())
        before = {row[0]: past for row in columns if (past := previous(known.get(row[0]), row[1]))}
        notes = Notes(self._store, self._connection, self._mapping, self._model)
        # Of a score that a rule set, no input is the cause: inputs do not add up to it, then or now.
        told = {lead: past._replace(inputs=None) if lead in ruled else past for lead, past in before.items()}
        moved = notes.of(features, {row[0]: row[1] for row in columns}, known, told)
        promised = {lead for lead, past in known.items() if past.written_hash and not past.model.startswith(POINTS)}
        promised |= set(
            predicted.filter(predicted["likelihood"].is_null() & as_modelled["likelihood"].is_not_null())["id"]
        )
        values = outbound(self._mapping, predicted, model=self._model.version, moved=moved, now=now, promised=promised)
        made = []
        made_from = packed(features, self._model.features)
        for (lead_id, points, grade, likelihood), (_, outputs), inputs in zip(columns, values, made_from, strict=True):
            said = outputs_hash(self._mapping, outputs)
            state = State.WRITTEN if lead_id in known and known[lead_id].written_hash == said else State.PENDING
            own = (lead_id, self._made_by, wanted[lead_id], state, points, grade, likelihood)
            text, past = orjson.dumps(outputs).decode(), before.get(lead_id) or Previous()
            made.append(Scored(*own, text, said, created[lead_id], None if lead_id in ruled else inputs, *past))
        return made


def _created(mapping: Mapping, leads: pl.DataFrame) -> list[str | None]:
    """Tell when each lead was created, as the store writes instants."""
    field = mapping.outcome.created
    told = completed(leads, [field]).select(instant(field).dt.strftime(STAMP).alias("created"))
    return told["created"].to_list()
