"""What a preview found, as plain values: of each lead what would become of it, and of all of them the sums."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tasks.verbs.predicted import Foreseen, Value

TENS = tuple(range(0, 100, 10))


class End(StrEnum):
    """What would become of a lead's row."""

    WRITE = "write"  # its values differ from what was last written
    UNCHANGED = "unchanged"  # the CRM holds these values: nothing is sent
    REFUSED = "refused"  # it would be sent, and the CRM's describe says that it would be refused
    KEPT_BACK = "kept_back"  # refused before for a cause that a person has to mend: not sent until then
    EXCLUDED = "excluded"  # converted, or a customer already: left alone


@dataclass(frozen=True, slots=True)
class Standing:
    """A lead's score as it is, or would be; all None where there is none."""

    score: int | None = None
    grade: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


NOTHING = Standing()


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead in a preview: `old` is the score that we have of it today, `new` the one that it would have.

    `fields` are those of our fields whose values differ, the moment of scoring and the model's version apart.
    """

    id: str
    end: End
    old: Standing
    new: Standing
    fields: tuple[str, ...] = ()
    refused: Foreseen | None = None

    @property
    def moved(self) -> int:
        """By how many points the score would move; a lead without an old score has moved by all of its new one."""
        return abs((self.new.score or 0) - (self.old.score or 0))


@dataclass(slots=True)
class Preview:
    """The sums over the leads that were looked at, of `leads` in all (those that were asked for).

    looked_at = write + unchanged + refused + kept_back + excluded (`reconciles`).
    """

    leads: int = 0
    ends: Counter[End] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    refused: Counter[Foreseen] = field(default_factory=Counter)
    grades: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    scores: tuple[Counter[int], Counter[int]] = field(default_factory=lambda: (Counter(), Counter()))

    @property
    def looked_at(self) -> int:
        return self.ends.total()

    @property
    def rows(self) -> int:
        """How many rows a push would send of the leads looked at."""
        return self.ends[End.WRITE] + self.ends[End.REFUSED]

    @property
    def rows_of_all(self) -> int:
        """The same, reckoned for all leads that were asked for."""
        return round(self.rows * self.leads / self.looked_at) if self.looked_at else 0

    def take(self, leads: Iterable[Lead]) -> None:
        """Add these leads."""
        for lead in leads:
            self.ends[lead.end] += 1
            self.fields.update(lead.fields)
            if lead.refused is not None:
                self.refused[lead.refused] += 1
            for place, standing in enumerate((lead.old, lead.new)):
                self._count(place, standing)

    def _count(self, place: int, standing: Standing) -> None:
        if standing.score is not None:
            self.grades[place][standing.grade or ""] += 1
            self.scores[place][standing.score // 10 * 10] += 1

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, for machines."""
        return {
            "leads": self.leads,
            "looked_at": self.looked_at,
            **{end.value: self.ends[end] for end in End},
            "fields": dict(self.fields.most_common()),
            "grades": [dict(sorted(counts.items())) for counts in self.grades],
            "scores": [{str(ten): counts[ten] for ten in TENS} for counts in self.scores],
            "refusals": [
                {"code": one.code, "field": one.field, "told": one.told, "leads": number}
                for one, number in self.refused.most_common()
            ],
            "rows": self.rows_of_all,
        }
