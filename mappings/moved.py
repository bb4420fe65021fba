"""The note of change that a rep reads: how far a score moved since when, what moved it, and under which model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mappings.texts import fitted

if TYPE_CHECKING:
    from model.moves import Cause

# Not strftime: its names follow the machine's locale.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_LABEL, LONGEST_VALUE = 60, 40


@dataclass(frozen=True, slots=True)
class Moved:
    """The score that the CRM holds, since when, and what moved it from there, strongest first.

    No causes: what the old score was made from is not known. `said`: the note of a score that has not moved since.
    """

    was: int
    since: date
    causes: Sequence["Cause"] = ()
    said: str = ""


def note(score: int, moved: Moved | None, *, model: str, length: int) -> str | None:
    """Say how a score moved, in at most `length` characters; None when it did not.

    What was said of a score that stands stays as it was: another model that comes to the same has not moved it.

    "+12 since 3 Nov 2026: Campaign responses 0 -> 2 (+9), Industry Retail -> Banking (+3); model 20261124-ab12". The
    points add up to the move; causes that do not fit are told together.
    """
    if moved is None or moved.was == score:
        return None
    if moved.said:
        return moved.said
    head, tail = f"{score - moved.was:+d} since {dated(moved.since)}", f"; model {model}"
    return fitted(head + _listed(moved.causes, length - len(head) - len(tail)) + tail, length)


def dated(day: date) -> str:
    """Write a day as reps read it: 3 Nov 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _listed(causes: Sequence["Cause"], room: int) -> str:
    texts = [_said(cause) for cause in causes]
    for shown in range(len(texts), 0, -1):
        rest = sum(cause.points for cause in causes[shown:])
        more = f", and more ({rest:+d})" if rest else ""
        text = f": {', '.join(texts[:shown])}{more}"
        if len(text) <= room:
            return text
    return ""


def _said(cause: "Cause") -> str:
    values = f" {fitted(cause.was, LONGEST_VALUE)} -> {fitted(cause.now, LONGEST_VALUE)}" if cause.was else ""
    return f"{fitted(cause.label, LONGEST_LABEL)}{values} ({cause.points:+d})"
