"""Deals that are pursued over weeks: stages, closing dates that are pushed, amounts that move, calls and meetings.

A world of `connector.simulator.world` has deals of its leads alone, which only open and close. `pursued` adds deals
that a CRM shows from day to day, and a hidden truth of which of them are won:

    log-odds = what kind of deal it is + what its company is + MOMENTUM * z + intercept,    z ~ Normal(0, 1)
    won      ~ Bernoulli(probability)

Nobody sees z. It shows in what happens before the end: a deal with momentum moves through its stages faster, is called
and met more often, and its closing date is pushed less. Chance decides the end after all that, never before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from connector.simulator.draw import DAY_MS, Bools, Floats, Ints, indexes, instants, picked, sigmoid
from connector.simulator.pursuits import STAGES, Pursuits
from connector.simulator.truth import size_band
from connector.simulator.world import World

MOMENTUM = 1.0
INTERCEPT = -1.35
TYPES = {"new": -0.15, "upgrade": 1.0, "replacement": 0.5}
SOURCES = {"Web": 0.0, "Phone Inquiry": 0.3, "Partner Referral": 0.8, "Purchased List": -0.9, "Other": 0.0}
SIZES: dict[str | None, float] = {"1-19": -0.5, "100-499": 0.4, "500-1999": 0.6, "10000-": -0.4}
INDUSTRIES: dict[str | None, float] = {"Technology": 0.6, "Finance": 0.4, "Education": -0.5, "Government": -0.6}
AMOUNT = -0.35  # of one deviation above the usual amount of such a company
USUAL_DAYS = 75.0  # from creation to the end
PUSHED_BY = (14, 28, 30, 30, 60, 90)  # days


State = tuple[datetime, int, float, date]  # since when, and as `Pursuits.moves`

Shape = dict[str, pl.DataType | type[pl.DataType]]
INSTANT = pl.Datetime("us", "UTC")
MOVES: Shape = {"deal_key": pl.Int64, "at": INSTANT, "stage": pl.Int64, "amount": pl.Float64, "closes_on": pl.Date}
ACTIONS: Shape = {"deal_key": pl.Int64, "at": INSTANT, "kind": pl.String}


@dataclass(frozen=True, slots=True)
class _Deal:
    """One deal on its way; days are counted from its creation."""

    key: int
    created: datetime
    ends: float
    won: bool
    momentum: float
    amount: float


def pursued(world: World, *, deals: int, years: float = 2.0) -> World:
    """Add so many pursued deals of the world's companies, created over the `years` before its now.

    Their keys come after those of the leads' own deals. Deterministic by its arguments.
    """
    rng = np.random.default_rng([world.seed, *b"pursuits"])
    now_ms = round(world.now.timestamp() * 1000)
    created_ms = np.sort(now_ms - (rng.random(deals) * years * 365.25 * DAY_MS).astype(np.int64))
    frame, chance, momentum = _drawn(rng, world, created_ms)
    won = rng.random(deals) < chance
    ends = np.clip(rng.gamma(3.0, USUAL_DAYS / 3.0, deals), 6.0, 400.0)
    moves, actions = _lived(rng, frame, ends, won, momentum, world.now)
    closed = created_ms + np.floor(ends * DAY_MS)
    is_closed = closed < now_ms
    sold = frame.with_columns(
        pl.Series(np.where(is_closed, np.where(won, "won", "lost"), "open")).alias("stage"),
        instants(np.where(is_closed, closed, np.nan)).alias("closed_at"),
        pl.lit(None, dtype=pl.Int64).alias("lead_key"),
        moves.group_by("deal_key", maintain_order=True).agg(pl.col("amount").last())["amount"],
    )
    truth = pl.DataFrame({"deal_key": frame["key"], "probability": chance, "won": won})
    simple = world.deals.select(pl.lit("new").alias("type"), pl.lit(None, pl.String).alias("source"), deal_key="key")
    told = Pursuits(
        pl.concat([simple, frame.select("type", "source", deal_key="key")]),
        pl.concat([_opened_and_closed(world.deals), moves]),
        actions,
        truth,
    )
    every = pl.concat([world.deals, sold.select(world.deals.columns)])
    return replace(world, deals=every, pursuits=told)


def _opened_and_closed(deals: pl.DataFrame) -> pl.DataFrame:
    """Give the leads' own deals the two moves that they have."""
    shown = ["deal_key", "at", "stage", "amount", "closes_on"]
    planned = (pl.col("created_at") + pl.duration(days=60)).dt.date()
    opened = deals.select(
        pl.lit(1, pl.Int64).alias("stage"), "amount", deal_key="key", at="created_at", closes_on=planned
    )
    closed = deals.filter(pl.col("closed_at").is_not_null()).select(
        pl.when(pl.col("stage") == "won").then(STAGES).otherwise(STAGES + 1).cast(pl.Int64).alias("stage"),
        "amount", deal_key="key", at="closed_at", closes_on=pl.col("closed_at").dt.date(),
    )  # fmt: skip
    return pl.concat([opened.select(shown), closed.select(shown)]).sort("deal_key", "at", maintain_order=True)


def _drawn(rng: np.random.Generator, world: World, created_ms: Ints) -> tuple[pl.DataFrame, Floats, Floats]:
    """Draw what each deal is, how likely it is won, and its momentum."""
    count, first = len(created_ms), world.deals.height
    firms = world.companies[rng.integers(0, world.companies.height, count)]
    beyond = rng.normal(0.0, 1.0, count)
    usual = np.log(firms["employees"].to_numpy() + 1.0) * 0.4 + 7.5
    frame = pl.DataFrame(
        {
            "key": pl.Series(np.arange(first, first + count), dtype=pl.Int64),
            "company_key": firms["key"],
            "name": firms["name"] + pl.Series([f" - {number}" for number in range(count)]),
            "amount": np.round(np.exp(usual + 0.6 * beyond), -1),
            "created_at": instants(created_ms),
            "type": picked(tuple(TYPES), indexes(rng, count, (7, 2, 1))),
            "source": picked(tuple(SOURCES), indexes(rng, count, (5, 2, 2, 1, 2))),
        }
    )
    momentum = rng.normal(0.0, 1.0, count)
    worth = (
        _of(frame["type"], dict(TYPES)) + _of(frame["source"], dict(SOURCES)) + _of(firms["industry"], INDUSTRIES)
        + _of(size_band(firms["employees"]), SIZES) + AMOUNT * beyond + MOMENTUM * momentum + INTERCEPT
    )  # fmt: skip
    return frame, sigmoid(worth), momentum


def _of(values: pl.Series, effects: dict[str | None, float] | dict[str, float]) -> Floats:
    return values.replace_strict(effects, default=0.0, return_dtype=pl.Float64).fill_null(0.0).to_numpy()


def _lived(
    rng: np.random.Generator, frame: pl.DataFrame, ends: Floats, won: Bools, momentum: Floats, now: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let each deal live until its end or now: `Pursuits.moves` and `Pursuits.actions`."""
    moves, actions = [], []
    told = zip(frame["key"], frame["created_at"], ends, won, momentum, frame["amount"], strict=True)
    for deal in (_Deal(*one) for one in told):
        moves += [(deal.key, *one) for one in _moves(rng, deal) if one[0] < now]
        actions += [(deal.key, *one) for one in _actions(rng, deal) if one[0] < now]
    made = pl.DataFrame(moves, MOVES, orient="row")
    done = pl.DataFrame(actions, ACTIONS, orient="row")
    return made, done.sort("deal_key", "at", maintain_order=True)


def _moves(rng: np.random.Generator, deal: _Deal) -> Iterator[State]:
    """Yield the states of a deal, from its creation to its end: when, stage, amount, and the day that is planned."""
    stage, amount, planned = int(rng.random() < 0.25), deal.amount, float(rng.integers(35, 100))
    events = sorted([*_steps(rng, deal), *_pushes(rng, deal, planned), *_offers(rng, deal)])
    last = _state(deal, 0.0, stage, amount, planned)
    yield last
    for day, what, size in events:
        if what == "step":
            stage = min(max(stage + int(size), 0), STAGES - 1)
        elif what == "push":
            planned = max(planned, day) + size
        else:
            amount = round(amount * size, -1)
        state = _state(deal, day, stage, amount, planned)
        if state[1:] != last[1:]:
            last = state
            yield state
    yield _state(deal, deal.ends, STAGES if deal.won else STAGES + 1, amount, deal.ends)


def _state(deal: _Deal, day: float, stage: int, amount: float, planned: float) -> State:
    return _moment(deal, day), stage, amount, (deal.created + timedelta(days=planned)).date()


def _moment(deal: _Deal, day: float) -> datetime:
    """Give the moment so many days after the creation, in whole seconds, as one of the CRMs keeps them."""
    return (deal.created + timedelta(days=day)).replace(microsecond=deal.created.microsecond)


def _steps(rng: np.random.Generator, deal: _Deal) -> Iterator[tuple[float, str, float]]:
    """Yield the steps from stage to stage; now and then one goes back."""
    day = 0.0
    back = sigmoid(np.array([-2.0 - deal.momentum]))[0]
    while (day := day + rng.gamma(2.0, 7.5 * np.exp(-0.45 * deal.momentum))) < deal.ends - 0.5:
        yield day, "step", -1.0 if rng.random() < back else 1.0


def _pushes(rng: np.random.Generator, deal: _Deal, planned: float) -> Iterator[tuple[float, str, float]]:
    """Yield the pushes: by chance, the more the less momentum, and whenever the planned day goes by."""
    day = 0.0
    while True:
        by_chance = day + rng.exponential(45.0 * np.exp(0.6 * deal.momentum))
        day = min(by_chance, max(planned, day + 1.0))
        if day >= deal.ends - 0.5:
            return
        size = float(rng.choice(PUSHED_BY))
        planned = max(planned, day) + size
        yield day, "push", size


def _offers(rng: np.random.Generator, deal: _Deal) -> Iterator[tuple[float, str, float]]:
    """Yield the changes of the amount."""
    for _ in range(rng.poisson(0.5)):
        day = rng.random() * (deal.ends - 1.0)
        yield day, "offer", float(np.exp(rng.normal(0.0, 0.25)))


def _actions(rng: np.random.Generator, deal: _Deal) -> Iterator[tuple[datetime, str]]:
    """Yield calls and meetings, which go on until the end."""
    for kind, every_days in (("call", 12.0), ("meeting", 30.0)):
        day = 0.0
        while (day := day + rng.exponential(every_days * np.exp(-0.5 * deal.momentum))) < deal.ends - 0.5:
            yield _moment(deal, day), kind
