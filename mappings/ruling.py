"""Hard rules and decisions by hand, as plain values: what goes before a score, for points and learned models alike.

Needs no Polars. `hard_rules` reads them from a mapping file, `verdicts` applies them to scores.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from model.scorecard import When

OF_A_RULE, BY_HAND = "RULE_", "OVERRIDE"  # how their reason codes begin; codes of features end with + or -
LOWEST_SCORE, LOWEST_GRADE = 1, "D"


@dataclass(frozen=True, slots=True)
class Has:
    """What one feature's value must be."""

    feature: str
    when: When


@dataclass(frozen=True, slots=True)
class Every:
    """All of these must hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these must hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: "Condition"


Condition = Has | Every | Some | Not


@dataclass(frozen=True, slots=True)
class HardRule:
    """What happens to a lead for which `when` holds, and why, in words for reps.

    `grade` and `route` None leave what model or grade say. `is_lowest` disqualifies: score 1, grade D, no likelihood.
    """

    name: str
    when: Condition
    because: str
    grade: str | None = None
    route: str | None = None
    is_lowest: bool = False
    line: int = field(default=0, compare=False, repr=False)

    @property
    def code(self) -> str:
        """Name it for automation: RULE_COMPETITOR."""
        return OF_A_RULE + self.name.upper()


def is_decision(code: str) -> bool:
    """Tell whether a reason's code is that of a rule or a person, and not of a feature such as rule_of_thumb."""
    return code.startswith((OF_A_RULE, BY_HAND)) and not code.endswith(("+", "-"))


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rules, in the order in which they are tried.

    `apply` is "first": the first that holds counts; or "all": all that hold, each where none before it has decided.
    """

    apply: str = "first"
    rules: tuple[HardRule, ...] = ()

    @property
    def routes(self) -> tuple[str, ...]:
        """Name the routes that rules send leads to."""
        return tuple(dict.fromkeys(rule.route for rule in self.rules if rule.route))


NO_RULING = Ruling()


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person has decided for a lead, and why; it goes before model and rules until `until` (exclusive)."""

    because: str
    grade: str | None = None
    route: str | None = None
    until: datetime | None = None


def tests_of(condition: Condition) -> Iterator[Has]:
    """Yield every test in a condition."""
    match condition:
        case Has():
            yield condition
        case Every(parts) | Some(parts):
            for part in parts:
                yield from tests_of(part)
        case Not(part):
            yield from tests_of(part)
