"""The note of change that a rep reads: how far a score moved since when, what moved it, and under which model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mappings.languages import Phrases, phrases
from mappings.texts import fitted

if TYPE_CHECKING:
    from model.moves import Cause

LONGEST_LABEL, LONGEST_VALUE = 60, 40
ARROW = " \u2192 "
ENGLISH = phrases("en")


@dataclass(frozen=True, slots=True)
class Moved:
    """The score that the CRM holds, since when, and what moved it from there, strongest first.

    No causes: what the old score was made from is not known. `said`: the note of a score that has not moved since.
    """

    was: int
    since: date
    causes: Sequence["Cause"] = ()
    said: str = ""


def note(score: int, moved: Moved | None, *, model: str, length: int, said: Phrases = ENGLISH) -> str | None:
    """Say how a score moved, in at most `length` characters; None when it did not.

    What was said of a score that stands stays as it was: another model that comes to the same has not moved it.

    "+12 since 3 Nov 2026: Campaign responses 0 \u2192 2 (+9), others (+3); model 20261124-ab12". The points add up to
    the move; causes that do not fit are told together, as others.
    """
    if moved is None or moved.was == score:
        return None
    if moved.said:
        return moved.said
    head, tail = f"{score - moved.was:+d} {_since(moved.since, said)}", f"; {said.by_model.format(model=model)}"
    return fitted(head + _listed(moved.causes, length - len(head) - len(tail), said) + tail, length)


def is_told(text: str, since: date, said: Phrases) -> bool:
    """Whether a note that was made of a move since then is in this language."""
    return _since(since, said) in text


def _since(day: date, said: Phrases) -> str:
    return said.since.format(date=said.dated(day))


def _listed(causes: Sequence["Cause"], room: int, said: Phrases) -> str:
    texts = [_said(cause) for cause in causes]
    for shown in range(len(texts), 0, -1):
        rest = sum(cause.points for cause in causes[shown:])
        more = f", {said.others} ({rest:+d})" if rest else ""
        text = f"{said.language.colon}{', '.join(texts[:shown])}{more}"
        if len(text) <= room:
            return text
    return ""


def _said(cause: "Cause") -> str:
    values = f" {fitted(cause.was, LONGEST_VALUE)}{ARROW}{fitted(cause.now, LONGEST_VALUE)}" if cause.was else ""
    return f"{fitted(cause.label, LONGEST_LABEL)}{values} ({cause.points:+d})"
