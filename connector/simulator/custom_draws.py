"""How the values of a customised org's fields are drawn: with an effect on who buys, from the outcome, or from nothing.

Every function takes a `Drawing` and gives the values of all leads, in order of creation, with what they add to the
log-odds of buying. What is drawn from the outcome needs the finished world.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from connector.simulator import planted
from connector.simulator.draw import DAY_MS, Floats, holed, instants, masked, picked
from connector.simulator.world import World

SEGMENTS = 25
CODES = 4_000
PROSE = (
    "asked", "called", "about", "the", "new", "offer", "and", "wants", "more", "detail",
    "on", "price", "rollout", "training", "data", "team", "plan", "next", "week",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a field is drawn with. `world` is None for what has to be there before it is known who buys."""

    rng: np.random.Generator
    leads: int
    world: World | None

    @property
    def ended(self) -> World:
        """The finished world. Raises ValueError for a field that is drawn too early."""
        if self.world is None:
            raise ValueError("what is drawn from the outcome cannot decide it")
        return self.world


@dataclass(frozen=True, slots=True)
class Told:
    """A field's values, and each lead's log-odds of them."""

    values: pl.Series
    effect: Floats


def words(drawing: Drawing, *, of: Sequence[str], effects: Sequence[float], filled: float) -> Told:
    """Draw one of some words; each is as likely. A missing one has no effect."""
    at = drawing.rng.integers(0, len(of), drawing.leads)
    empty = drawing.rng.random(drawing.leads) >= filled
    worth = np.array(effects or [0.0] * len(of))[at]
    return Told(masked(picked(tuple(of), at), empty), np.where(empty, 0.0, worth))


def segments(drawing: Drawing) -> Told:
    """Draw one of 25 codes in a text field, each with a worth of its own."""
    worth = drawing.rng.normal(0.0, 0.5, SEGMENTS)
    names = tuple(f"SEG-{number:02d}" for number in range(SEGMENTS))
    return words(drawing, of=names, effects=tuple(worth), filled=0.85)


def number(drawing: Drawing, *, effect: float, filled: float = 0.9, steps: float = 0, wide: bool = False) -> Told:
    """Draw a number: normal, log-normal (`wide`), or whole from 0 to `steps`. Its effect grows with its rank."""
    base = drawing.rng.normal(0.0, 1.0, drawing.leads)
    empty = drawing.rng.random(drawing.leads) >= filled
    shown: Floats = np.round(50 + 15 * base, 2).astype(np.float64)
    if wide:
        shown = np.asarray(np.round(np.exp(8 + 1.3 * base), -1), dtype=np.float64)
    elif steps:
        shown = np.clip(np.round((base + 2.5) / 5 * steps), 0, steps)
    return Told(masked(pl.Series(shown), empty), np.where(empty, 0.0, effect * base))


def flag(drawing: Drawing, *, effect: float, share: float) -> Told:
    """Draw a checkbox, which Salesforce never leaves empty."""
    ticked = drawing.rng.random(drawing.leads) < share
    worth: Floats = effect * (ticked.astype(np.float64) - share)
    return Told(pl.Series(ticked), worth)


def several(drawing: Drawing) -> Told:
    """Draw some of four words, ";" between."""
    chosen = drawing.rng.random((drawing.leads, 4)) < 0.35
    texts = [
        ";".join(word for word, has in zip(("edge", "host", "link", "spot"), row, strict=True) if has) for row in chosen
    ]
    return _nothing(drawing, pl.Series(texts).replace("", None))


def day(drawing: Drawing, *, filled: float) -> Told:
    """Draw a date around the lead's creation, whatever became of it."""
    return _nothing(drawing, holed(drawing.rng, _around(drawing).dt.date(), 1 - filled))


def moment(drawing: Drawing, *, filled: float) -> Told:
    """Draw a time around the lead's creation, whatever became of it."""
    return _nothing(drawing, holed(drawing.rng, _around(drawing), 1 - filled))


def identifier(drawing: Drawing) -> Told:
    """Draw a key that no other lead has."""
    keys = drawing.rng.permutation(drawing.leads * 7)[: drawing.leads]
    return _nothing(drawing, pl.Series([f"K{key:07x}" for key in keys]))


def many_codes(drawing: Drawing) -> Told:
    """Draw one of thousands of codes."""
    codes = drawing.rng.integers(0, CODES, drawing.leads)
    return _nothing(drawing, pl.Series([f"CMP{code:05d}" for code in codes]))


def prose(drawing: Drawing) -> Told:
    """Write some words, as people do in a text field."""
    lengths = drawing.rng.integers(4, 12, drawing.leads)
    texts = [" ".join(drawing.rng.choice(PROSE, length)) for length in lengths]
    return _nothing(drawing, holed(drawing.rng, pl.Series(texts), 0.4))


def row_number(drawing: Drawing) -> Told:
    """Count the leads."""
    return _nothing(drawing, pl.Series(np.arange(drawing.leads, dtype=np.float64)))


def lost_reason(drawing: Drawing) -> Told:
    """Give why a deal was lost: of those lost alone."""
    return _nothing(drawing, _planted(drawing, "lost_reason"))


def amount(drawing: Drawing) -> Told:
    """Give what a deal was won for: of those won alone."""
    return _nothing(drawing, _planted(drawing, "deal_amount"))


def later_score(drawing: Drawing) -> Told:
    """Give the score of another system, made when the end was known."""
    return _nothing(drawing, _planted(drawing, "later_score"))


def days_to_end(drawing: Drawing) -> Told:
    """Give how long it took until the lead's end: of those that ended."""
    return _nothing(drawing, _planted(drawing, "days_to_close"))


def closing_date(drawing: Drawing) -> Told:
    """Give the day on which a lead was converted: filled by the conversion."""
    return _nothing(drawing, drawing.ended.leads["converted_at"].dt.date())


def was_converted(drawing: Drawing) -> Told:
    """Tick a box by the conversion; once in two hundred leads by mistake."""
    slip = drawing.rng.random(drawing.leads) < 0.005
    return _nothing(drawing, pl.Series(drawing.ended.leads["converted_at"].is_not_null().to_numpy() | slip))


def _planted(drawing: Drawing, name: str) -> pl.Series:
    return planted.leaks(drawing.ended, int(drawing.rng.integers(1 << 30)))[name]


def _around(drawing: Drawing) -> pl.Series:
    created = drawing.ended.leads["created_at"].dt.epoch("ms").to_numpy()
    return instants(np.floor(created + drawing.rng.uniform(-200, 60, drawing.leads) * DAY_MS))


def _nothing(drawing: Drawing, values: pl.Series) -> Told:
    return Told(values, np.zeros(drawing.leads))
