"""The terms in which a run tells where every row ended, and whether they add up (law: every row ends somewhere)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from connector.crm import Entity
from tasks.store.models import Verdict
from tasks.store.outcomes import PushCounts
from tasks.store.records import PageCounts

OnProgress = Callable[[str, int, int | None], None]


class DoNotReconcile(Exception):
    """The counts of a run do not add up: a bug of ours, which may have lost a row. The run fails."""


def silent(step: str, done: int, total: int | None) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought: `seen` is how many records the CRM sent, `counts` where they ended.

    `history` is how many changes its field history told, where that was asked for; None: it keeps none that we see.
    """

    seen: Mapping[Entity, int] = field(default_factory=dict)
    counts: Mapping[Entity, PageCounts] = field(default_factory=dict)
    history: Mapping[Entity, int | None] = field(default_factory=dict)

    @property
    def total(self) -> PageCounts:
        return sum(self.counts.values(), PageCounts())

    def reconciles(self) -> bool:
        """Whether pulled = new + changed + unchanged + deleted + merged, for each entity."""
        return self.seen == {entity: counts.total for entity, counts in self.counts.items()}

    def __add__(self, other: "Pulled") -> "Pulled":
        entities = {**self.counts, **other.counts}
        return Pulled(
            {one: self.seen.get(one, 0) + other.seen.get(one, 0) for one in entities},
            {one: self.counts.get(one, PageCounts()) + other.counts.get(one, PageCounts()) for one in entities},
            {**self.history, **other.history},
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the terms by entity, for logs and runs."""
        return {entity.value: {"pulled": self.seen[entity], **asdict(counts)} for entity, counts in self.counts.items()}


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that was learned, from and tested on `examples` leads.

    `told` is its card in words, a line a fact, with whether it took over and why; `verdict` is that in a word.
    """

    version: str
    path: Path
    card: dict[str, Any]
    examples: int
    told: str
    verdict: Verdict = Verdict.CHAMPION

    @property
    def took_over(self) -> bool:
        return self.verdict is not Verdict.STAYED

    def as_dict(self) -> dict[str, Any]:
        """Return the terms, for logs and runs."""
        figures = self.card.get("figures", {})
        return {"model": self.version, "verdict": self.verdict.value, "examples": self.examples, "figures": figures}


@dataclass(frozen=True, slots=True)
class ScoreCounts:
    """What scoring did with the leads that might have been out of date.

    looked_at = same_inputs + scored; scored = pending + left + unchanged + excluded. `left` are for another push, which
    is just sending an older score of these leads. `superseded` scores of before were waiting to be sent and replaced.
    """

    looked_at: int = 0
    same_inputs: int = 0
    pending: int = 0
    left: int = 0
    unchanged: int = 0
    excluded: int = 0
    superseded: int = 0

    @property
    def scored(self) -> int:
        return self.pending + self.left + self.unchanged + self.excluded

    def reconciles(self) -> bool:
        """Whether every lead that was looked at ended somewhere."""
        return self.looked_at == self.same_inputs + self.scored

    def __add__(self, other: "ScoreCounts") -> "ScoreCounts":
        return ScoreCounts(
            self.looked_at + other.looked_at,
            self.same_inputs + other.same_inputs,
            self.pending + other.pending,
            self.left + other.left,
            self.unchanged + other.unchanged,
            self.excluded + other.excluded,
            self.superseded + other.superseded,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the terms, for logs and runs."""
        return {"scored": self.scored, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did: `taken` is how many scores it claimed, `own` of them its run's; `counts` where they ended."""

    taken: int = 0
    counts: PushCounts = field(default_factory=PushCounts)
    own: int = 0

    @property
    def carried(self) -> int:
        """How many of them had waited since an earlier run."""
        return self.taken - self.own

    def reconciles(self) -> bool:
        """Whether every score that was taken ended somewhere."""
        return self.taken == self.counts.total

    def as_dict(self) -> dict[str, Any]:
        """Return the terms, for logs and runs."""
        return {"taken": self.taken, **asdict(self.counts), "excluded": self.counts.excluded}


def require(reconciles: bool, terms: object) -> None:
    """Go on only when the counts add up. Raises DoNotReconcile with all terms."""
    if not reconciles:
        raise DoNotReconcile(f"The counts of this run do not add up: {terms}.")


@dataclass(frozen=True, slots=True)
class RolledUp:
    """Where companies ended, when they were reckoned and when their values were sent.

    reckoned = same + changed + gone. taken = written + held (the CRM had the values) + refused + superseded (reckoned
    anew meanwhile) + excluded (deleted or merged) + parked (no quota). Beside them, `unready`: not taken, for our
    fields on companies are not there, or not to be written.
    """

    reckoned: int = 0
    same: int = 0
    changed: int = 0
    gone: int = 0
    taken: int = 0
    written: int = 0
    held: int = 0
    refused: int = 0
    superseded: int = 0
    excluded: int = 0
    parked: int = 0
    unready: int = 0

    @property
    def ended(self) -> int:
        """How many of those taken have ended somewhere."""
        return self.written + self.held + self.refused + self.superseded + self.excluded + self.parked

    def reconciles(self) -> bool:
        """Whether every company ended somewhere."""
        return self.reckoned == self.same + self.changed + self.gone and self.taken == self.ended

    def __add__(self, other: "RolledUp") -> "RolledUp":
        mine, theirs = asdict(self), asdict(other)
        return RolledUp(**{name: mine[name] + theirs[name] for name in mine})

    def __bool__(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.reckoned or self.taken or self.unready)

    def as_dict(self) -> dict[str, int]:
        """Return the terms, for logs and runs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class WrittenBack:
    """Where the values ended that were taken.

    Written; left, for others have written there; refused by the CRM or by its describe; excluded, of leads that are no
    more, or converted by now; parked for want of calls.
    """

    taken: int = 0
    written: int = 0
    left: int = 0
    refused: int = 0
    excluded: int = 0
    parked: int = 0

    def reconciles(self) -> bool:
        """Whether every value that was taken ended somewhere."""
        return self.taken == self.written + self.left + self.refused + self.excluded + self.parked

    def as_dict(self) -> dict[str, int]:
        """Return the terms, for logs and runs."""
        return asdict(self)
