"""What integrations wrote, record by record: proof that nobody wrote one lead two values, nor touched what is not ours.

Kept small, for hundreds of thousands of leads: of each write its moment, a hash of the values and how often people had
edited the lead before it. Our fields begin with `tg_`, in any case, and stand on the objects that are scored.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

OURS = "tg_"
MOMENT = "tg_scored_at"  # moves with every scoring, and says nothing about the lead
SHOWN = 20  # so many ids stand in a report


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a lead: when, what (a hash over our fields but the moment of scoring), after how many edits."""

    at_s: float
    values: int
    edits: int


@dataclass(slots=True)
class Writes:
    """The log of one CRM. The caller holds the CRM's lock."""

    scored: AbstractSet[str]  # the objects whose records are scored
    _written: dict[str, list[Write]] = field(default_factory=dict)
    _edits: dict[str, int] = field(default_factory=dict)
    _foreign: list[str] = field(default_factory=list)

    def wrote(self, of: str, record: str, values: Mapping[str, Any], *, at_s: float) -> None:
        """Keep what an integration wrote to a record, as it is stored now."""
        if of not in self.scored:
            self.touched(of, record, "*")
            return
        for name in values:
            if not name.lower().startswith(OURS):
                self.touched(of, record, name)
        told = frozenset((name, value) for name, value in values.items() if not name.lower().startswith(MOMENT))
        self._written.setdefault(record, []).append(Write(at_s, hash(told), self._edits.get(record, 0)))

    def edited(self, of: str, record: str) -> None:
        """Count what a person changed about a record: from now on it may deserve other values."""
        if of in self.scored:
            self._edits[record] = self._edits.get(record, 0) + 1

    def touched(self, of: str, record: str, what: str) -> None:
        """Keep that an integration changed what is not ours."""
        self._foreign.append(f"{of} {record} {what}")

    def of(self, record: str) -> tuple[Write, ...]:
        """List the writes of a lead, oldest first."""
        return tuple(self._written.get(record, ()))

    def report(self) -> dict[str, Any]:
        """Count writes and leads, and tell what must not be.

        `conflicting`: leads that were written more different values than the edits before the last write can explain;
        `reverted`: leads that were written a value, another one, and the first again; `foreign`: object, record and
        field that are not ours. Each is a list of at most twenty, its number under `..._writes`.
        """
        conflicting = [lead for lead, writes in self._written.items() if _conflicts(writes)]
        reverted = [lead for lead, writes in self._written.items() if _goes_back(writes)]
        return {
            "writes": sum(map(len, self._written.values())),
            "leads": len(self._written),
            "conflicting_writes": len(conflicting),
            "conflicting": conflicting[:SHOWN],
            "reverted_writes": len(reverted),
            "reverted": reverted[:SHOWN],
            "foreign_writes": len(self._foreign),
            "foreign": self._foreign[:SHOWN],
        }


def _conflicts(writes: list[Write]) -> bool:
    return len({write.values for write in writes}) > 1 + writes[-1].edits


def _goes_back(writes: list[Write]) -> bool:
    turns = [values for values, _ in groupby(write.values for write in writes)]
    return len(set(turns)) < len(turns)
