"""Grades with a meaning: by share of a population, by likelihood, or by what the team can work in a week.

Importing this module loads nothing else, so that mappings can name grades without loading a learner. The bounds that a
model is given are worked out in `reference.py`; here is what they promise.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

By = Literal["share", "likelihood", "capacity"]

LETTERS = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Grades:
    """How grades are drawn; the rest is D.

    by share: `a` per cent of the reference population are A, the next `b` per cent B, the next `c` per cent C.
    by likelihood: at least so likely, 0 to 1, falling from `a` to `c`.
    by capacity: the best `a` new leads of a usual week are A, the next `b` are B, the next `c` are C.
    """

    by: By = "share"
    a: float = 10
    b: float = 20
    c: float = 30

    @property
    def parts(self) -> tuple[float, float, float]:
        """Return the three numbers, A first."""
        return self.a, self.b, self.c


DEFAULT = Grades()


def bands(grades: Grades, bounds: Sequence[float], backtest: "pl.DataFrame") -> list[dict[str, Any]]:
    """Tell what each grade promises: how often its leads won in a back-test, graded by these very bounds.

    `bounds` are the three margins (log-odds) from which A, B and C begin; `backtest` has likelihood and label
    (Boolean). A dictionary a grade, A first, plain JSON: grade, `by` and `part` (the rule as asked for; D has no part),
    `bound` (the rule in words), `from` (the lowest likelihood; 0 for D), rows, wins, rate (0 where there are no rows),
    and its 95 % interval `low` to `high` (Wilson).
    """
    from model.figures import wilson  # noqa: PLC0415  mappings name grades, and must not load scikit-learn

    lowest = [*(likelihood(bound) for bound in bounds), 0.0]
    told = []
    for place, (grade, start) in enumerate(zip(LETTERS, lowest, strict=True)):
        graded = backtest["likelihood"] >= start
        if place:
            graded &= backtest["likelihood"] < lowest[place - 1]
        rows, wins = int(graded.sum()), int((graded & backtest["label"]).sum())
        low, high = wilson(wins, rows)
        own = {"grade": grade, **_rule(grades, place), "bound": said(grades, place, start), "from": start}
        told.append(own | {"rows": rows, "wins": wins, "rate": wins / max(rows, 1), "low": low, "high": high})
    return told


def are_drawn_so(told: Sequence[Mapping[str, Any]], grades: Grades) -> bool:
    """Tell whether the bands of a model card are those of these rules."""
    return [{"by": band.get("by"), "part": band.get("part")} for band in told] == [
        _rule(grades, place) for place in range(len(LETTERS))
    ]


def supplied(grades: Grades, leads_a_week: float | None) -> str | None:
    """Hold grades by capacity against the new leads of a usual week, in words; None where there is nothing to hold.

    Where capacity exceeds the leads, one grade takes in all that are left, old leads too, and none is of a lower one.
    """
    if grades.by != "capacity" or leads_a_week is None:
        return None
    parts = ", ".join(f"{letter} {part:g}" for letter, part in zip(LETTERS, grades.parts, strict=False))
    told = f"About {leads_a_week:,.3g} new leads come in a usual week; grades by capacity take {parts} of them"
    for place, letter in enumerate(LETTERS[:-1]):
        if sum(grades.parts[: place + 1]) >= leads_a_week:
            lower = " or ".join(LETTERS[place + 1 :])
            return (
                f"{told}, which exceeds the supply: {letter} takes in all that are left, and no lead becomes {lower}. "
                f"Write fewer, or grade by share."
            )
    return f"{told}, and the rest are D."


def _rule(grades: Grades, place: int) -> dict[str, Any]:
    return {"by": grades.by, "part": grades.parts[place] if place < len(grades.parts) else None}


def said(grades: Grades, place: int, start: float) -> str:
    """Say where a grade begins; `place` 0 is A, `start` its lowest likelihood."""
    if place == len(grades.parts):
        return "all the rest"
    part = grades.parts[place]
    match grades.by:
        case "likelihood":
            return f"likely to at least {part * 100:.3g} %"
        case "capacity":
            best = "the best" if place == 0 else "the next"
            return f"{best} {part:g} new leads of a usual week, which are likely to at least {start:.1%}"
        case _:
            best = "the top" if place == 0 else "the next"
            return f"{best} {part:g} % of the reference population, which are likely to at least {start:.1%}"


def likelihood(margin: float) -> float:
    """Turn log-odds into a probability, however large they are."""
    return 1 / (1 + math.exp(-margin)) if margin >= 0 else 1 - 1 / (1 + math.exp(max(margin, -700.0)))
