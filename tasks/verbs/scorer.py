"""Scores chunks of leads: frames, hashes of inputs, predictions, values for the CRM; saved chunk by chunk."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson
import polars as pl

from connector.clock import Clock
from connector.crm import Entity
from connector.errors import Misconfigured
from mappings.features import feature_frame
from mappings.hashes import input_hashes, outputs_hash
from mappings.load import Mapping
from mappings.outbound import outbound
from mappings.outcomes import writable
from model.model import Model, load
from tasks.store import records, scores, stale
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.store.scores import Known, Scored, State
from tasks.store.times import from_text
from tasks.verbs import frames
from tasks.verbs.counts import ScoreCounts
from tasks.verbs.frames import LeadFrames

TRAIN = "Run `truegrade train`, or restore the mapping."


class Scorer:
    """Scores one connection with one model. `made_by` names all that a score depends on beside the lead.

    Raises Misconfigured when the model was learned with other features, or another outcome, than the mapping has.
    """

    def __init__(self, store: Store, mapping: Mapping, connection: str, path: Path, made_by: str, clock: Clock) -> None:
        self._store, self._mapping, self._connection, self._made_by, self._clock = (
            store, mapping, connection, made_by, clock,
        )  # fmt: skip
        self._model = _model(path, mapping, connection)

    def score(self, chunk: stale.Chunk) -> ScoreCounts:
        rows = records.get(self._store, self._connection, Entity.LEAD, chunk.ids)
        known = scores.known(self._store, self._connection, chunk.ids)
        now = self._clock.now()
        scored = self._scored(rows, known, now) if rows else []
        scores.save(self._store, self._connection, scored, span=chunk.span, now=now)
        states = [row.state for row in scored]
        return ScoreCounts(
            looked_at=len(rows),
            same_inputs=len(rows) - len(scored),
            pending=states.count(State.PENDING),
            unchanged=states.count(State.WRITTEN),
            excluded=states.count(State.EXCLUDED),
            superseded=sum(row.lead_id in known and known[row.lead_id].waiting for row in scored),
        )

    def _scored(self, rows: Sequence[Row], known: Dict[str, Known], now: datetime) -> list[Scored]:
        some = frames.of_leads(self._store, self._mapping, self._connection, rows)
        hashes = input_hashes(self._mapping, some.leads, some.companies, some.activities).to_list()
        may_be_written = writable(self._mapping, some.leads).to_list()
        excluded, wanted = [], []
        for row, inputs_hash, may_write in zip(rows, hashes, may_be_written, strict=True):
            if self._is_same(known.get(row.id), inputs_hash, may_write=may_write):
                continue
            if may_write:
                wanted.append((row.id, inputs_hash))
            else:
                excluded.append(Scored(row.id, self._made_by, inputs_hash, State.EXCLUDED))
        return excluded + (self._predicted(some, dict(wanted), known, now) if wanted else [])

    def _is_same(self, known: Known | None, inputs_hash: str, *, may_write: bool) -> bool:
        if known is None or known.model != self._made_by or known.inputs_hash != inputs_hash:
            return False
        return (known.state == State.EXCLUDED) != may_write

    def _predicted(
        self, some: LeadFrames, wanted: Dict[str, str], known: Dict[str, Known], now: datetime
    ) -> list[Scored]:
        leads = some.leads.filter(pl.col("id").is_in(list(wanted)))
        predicted = self._model.score(feature_frame(self._mapping, leads, some.companies, some.activities))
        columns = list(predicted.select("id", "score", "grade", "likelihood").iter_rows())
        before = {row[0]: _previous(known.get(row[0]), row[1]) for row in columns}
        held = {lead_id: (past[0], from_text(past[1]).date()) for lead_id, past in before.items() if past}
        values = outbound(self._mapping, predicted, model=self._model.version, previous=held, now=now)
        made = []
        for (lead_id, points, grade, likelihood), (_, outputs) in zip(columns, values, strict=True):
            said = outputs_hash(self._mapping, outputs)
            state = State.WRITTEN if lead_id in known and known[lead_id].written_hash == said else State.PENDING
            text, past = orjson.dumps(outputs).decode(), before[lead_id] or (None, None)
            own = (lead_id, self._made_by, wanted[lead_id], state)
            made.append(Scored(*own, points, grade, likelihood, text, said, *past))
        return made


def _previous(known: Known | None, new_score: int) -> tuple[int, str] | None:
    """Return what the CRM held before this score and since when, for the change that a rep reads."""
    if known is not None and known.is_in_crm and known.score is not None and known.score != new_score:
        return known.score, known.scored_at
    if known is not None and known.previous_score is not None and known.previous_at is not None:
        return known.previous_score, known.previous_at
    return None


def _model(path: Path, mapping: Mapping, connection: str) -> Model:
    model = load(path)
    mapped = {(feature.name, feature.kind) for feature in mapping.features}
    if not mapped >= {(feature.name, feature.kind) for feature in model.features}:
        raise Misconfigured(
            f"The model of {connection} was learned with other features than its mapping has now.",
            fix=TRAIN,
        )
    asked = (mapping.outcome.milestone, mapping.outcome.horizon_days)
    learned = (model.card["milestone"], model.card["horizon_days"])
    if asked != learned:
        raise Misconfigured(
            f"The model of {connection} tells who is {learned[0]} within {learned[1]} days, its mapping now asks "
            f"who is {asked[0]} within {asked[1]} days.",
            fix=TRAIN,
        )
    return model
