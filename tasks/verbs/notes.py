"""The notes of change of leads whose score moved: what moved it, from the inputs that the score before was made from.

A note of a score that stands in the CRM is said once and stays: another model that comes to the same writes nothing. It
is told anew where it was told in another language.
"""

from collections.abc import Mapping as Dict
from dataclasses import dataclass

import polars as pl

from mappings.file.load import Mapping
from mappings.languages import Phrases, phrases
from mappings.moved import Moved, is_told
from mappings.wording import wording
from model.model import Model
from model.moves import Cause, moves
from model.points import Points
from tasks.store import scores
from tasks.store.engine import Store
from tasks.store.scores import Known, Previous
from tasks.store.times import from_text
from tasks.verbs.inputs import unpacked


@dataclass(frozen=True, slots=True)
class Notes:
    """Makes the notes of one connection under one model."""

    store: Store
    connection: str
    mapping: Mapping
    model: Model | Points

    def of(
        self, features: pl.DataFrame, scored: Dict[str, int], known: Dict[str, Known], before: Dict[str, Previous]
    ) -> dict[str, Moved]:
        """Tell of each lead whose score is another one than `before` what moved it; `features` are those of today."""
        field = dict(self.mapping.outputs).get("change")
        changed = {lead: past for lead, past in before.items() if past.score != scored[lead]}
        if field is None or not changed:
            return {}
        stand = [lead for lead in changed if known[lead].is_in_crm and known[lead].score == scored[lead]]
        held = scores.outputs(self.store, self.connection, stand)
        said = {lead: str(values.get(field) or "") for lead, values in held.items()}
        words = phrases(self.mapping.language)
        said = {lead: text for lead, text in said.items() if _holds(text, changed[lead], words)}
        causes = self._causes(features, {lead: past for lead, past in changed.items() if lead not in said})
        return {
            lead: Moved(past.score, from_text(past.at).date(), causes.get(lead, ()), said.get(lead, ""))
            for lead, past in changed.items()
            if past.score is not None and past.at is not None
        }

    def _causes(self, features: pl.DataFrame, before: Dict[str, Previous]) -> dict[str, tuple[Cause, ...]]:
        known = {lead: past for lead, past in before.items() if past.inputs}
        now = features.filter(pl.col("id").is_in(list(known)))
        past = [known[lead] for lead in now["id"]]
        then = unpacked([one.inputs or "" for one in past], now, self.model.features).with_columns(now["id"])
        found = moves(self.model, then, now, [one.score or 0 for one in past], wording(self.mapping))
        return dict(zip(now["id"], found, strict=True))


def _holds(note: str, past: Previous, words: Phrases) -> bool:
    """Whether a note that stands in the CRM goes on standing there: it is none, or in the language of today."""
    return not note or past.at is None or is_told(note, from_text(past.at).date(), words)


def previous(known: Known | None, new_score: int) -> Previous | None:
    """Return what the CRM held before this score; None when it held none, or this one from the first."""
    if known is not None and known.is_in_crm and known.score is not None and known.score != new_score:
        return Previous(known.score, known.scored_at, known.inputs)
    if known is not None and known.previous_score is not None and known.previous_at is not None:
        return Previous(known.previous_score, known.previous_at, known.previous_inputs)
    return None
