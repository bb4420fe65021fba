"""What becomes of leads over time: conversion, deals, disqualification, and how much of it has happened by now."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from connector.simulator.draw import DAY_MS, Bools, Floats, Ints, instants


@dataclass(frozen=True, slots=True)
class Shares:
    """Of all leads, how many end with a lost deal, and how many disqualified (at most all others); the rest is open."""

    lost: float = 0.12
    disqualified: float = 0.35


@dataclass(frozen=True, slots=True)
class Events:
    """When what happens, in epoch milliseconds per lead, NaN for never; the future included."""

    converted: Floats
    closed: Floats
    disqualified: Floats
    wins: Bools

    def by(self, now_ms: int) -> "Events":
        """Hide what has not happened before `now_ms`."""
        shown = (_past(self.converted, now_ms), _past(self.closed, now_ms), _past(self.disqualified, now_ms))
        return Events(*shown, self.wins)


def events(
    rng: np.random.Generator, created_ms: Ints, wins: Bools, probability: Floats, *, horizon_days: int, shares: Shares
) -> Events:
    """Draw the outcome's dates: winners close won at 11-89 % of the horizon, the others whenever they do.

    Likelier leads are converted rather than disqualified, even if they then lose.
    """
    count = len(created_ms)
    losing = _chosen(rng, np.sqrt(probability) * ~wins, shares.lost)
    dropped = _chosen(rng, (1.0 - probability) * ~(wins | losing), shares.disqualified)
    horizon_ms = horizon_days * DAY_MS
    won_after = rng.uniform(0.11, 0.89, count) * horizon_ms
    closed_after = np.where(wins, won_after, rng.uniform(0.15, 1.3, count) * horizon_ms)
    converted_after = closed_after * rng.uniform(0.15, 0.7, count)
    dropped_after = rng.uniform(0.02, 0.7, count) * horizon_ms
    deal = wins | losing
    return Events(
        np.where(deal, np.floor(created_ms + converted_after), np.nan),
        np.where(deal, np.floor(created_ms + closed_after), np.nan),
        np.where(dropped, np.floor(created_ms + dropped_after), np.nan),
        wins,
    )


def deals(rng: np.random.Generator, seen: Events, leads: pl.DataFrame) -> pl.DataFrame:
    """Give `World.deals` for the events that have happened; keys rise with creation."""
    size = np.log(leads["employees"].fill_null(50).to_numpy().astype(np.float64) + 1)
    amount = np.round(np.exp(rng.normal(7.5, 0.7, leads.height) + 0.35 * size), -1)
    has = np.flatnonzero(np.isfinite(seen.converted))
    order = has[np.argsort(seen.converted[has], kind="stable")]
    closed = np.isfinite(seen.closed[order])
    stage = np.where(closed, np.where(seen.wins[order], "won", "lost"), "open")
    of = leads[order]
    return pl.DataFrame(
        {
            "key": pl.Series(np.arange(len(order)), dtype=pl.Int64),
            "lead_key": of["key"],
            "company_key": of["company_key"],
            "name": of["company_name"] + " - " + of["last_name"],
            "amount": amount[order],
            "stage": pl.Series(stage, dtype=pl.String),
            "created_at": instants(seen.converted[order]),
            "closed_at": instants(seen.closed[order]),
        }
    )


def _chosen(rng: np.random.Generator, weight: Floats, share: float) -> Bools:
    """Choose about `share` of all rows, each in proportion to its weight; weight 0 is never chosen."""
    total = weight.sum()
    if total == 0:
        return np.zeros(len(weight), dtype=np.bool_)
    return np.asarray(rng.random(len(weight)) < weight * (share * len(weight) / total), dtype=np.bool_)


def _past(at: Floats, now_ms: int) -> Floats:
    return np.where(at < now_ms, at, np.nan)
