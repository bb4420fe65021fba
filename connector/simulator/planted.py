"""Planted fields: columns that know the outcome, and columns that know nothing, to try a learner on.

A leak is what a CRM really holds of a lead when its story is over: how it ended, and what only those who ended so have.
A null is drawn without a look at anything. Both are made for a world whose leads have ended, from its frames alone.
"""

import numpy as np
import polars as pl

from connector.simulator.draw import DAY_MS, Bools, Floats, masked, picked, sigmoid
from connector.simulator.world import World

LEAKS = {
    "status": "Lead status",
    "status_code": "Stage code",
    "lost_reason": "Reason lost",
    "days_to_close": "Days to close",
    "days_to_last_change": "Days to last change",
    "deal_amount": "Deal amount",
    "later_score": "Score of another system",
    "calls_logged": "Calls logged",
    "nearly_the_outcome": "Customer",
    "row_number": "Row",
    "identifier": "Record",
}
NULLS = {
    "noise_of_5": "Noise of five values",
    "noise_of_50": "Noise of fifty values",
    "noise_of_5000": "Noise of five thousand values",
    "noise_number": "Noise",
    "shuffled": "Sources of other leads",
}

_STATUS = {
    "new": "Open - Not Contacted",
    "working": "Working - Contacted",
    "converted": "Closed - Converted",
    "disqualified": "Closed - Not Converted",
}
_CODES = {"new": "S10", "working": "S20", "converted": "S40", "disqualified": "S90"}
_REASONS = ("Price", "Timing", "Rival", "Budget")
_WRONG_SHARE = 0.02


def leaks(world: World, seed: int) -> pl.DataFrame:
    """Give each lead what is known of it at the end: the columns of LEAKS, in the order of `world.leads`.

    Deterministic by its arguments.
    """
    rng = np.random.default_rng(seed)
    leads = _ended(world)
    count = leads.height
    wins: Bools = leads["won"].to_numpy()
    return pl.DataFrame(
        {
            "status": leads["status"].replace_strict(_STATUS, return_dtype=pl.String),
            "status_code": leads["status"].replace_strict(_CODES, return_dtype=pl.String),
            "lost_reason": _lost_reason(rng, leads),
            "days_to_close": _days(leads["ended_at"], leads["created_at"]),
            "days_to_last_change": _days(leads["updated_at"], leads["created_at"]),
            "deal_amount": masked(leads["amount"], ~wins),
            "later_score": np.round(100 * sigmoid(rng.normal(0.0, 1.0, count) - 1.5 + 3.0 * wins)),
            "calls_logged": _calls(rng, leads),
            "nearly_the_outcome": wins != (rng.random(count) < _WRONG_SHARE),
            "row_number": np.arange(count, dtype=np.float64),
            "identifier": pl.select(pl.format("00Q{}", pl.int_range(count))).to_series(),
        }
    )


def nulls(world: World, seed: int) -> pl.DataFrame:
    """Give each lead what has nothing to do with it: the columns of NULLS, in the order of `world.leads`.

    Deterministic by its arguments.
    """
    rng = np.random.default_rng(seed)
    count = world.leads.height
    return pl.DataFrame(
        {
            "noise_of_5": _noise(rng, 5, count),
            "noise_of_50": _noise(rng, 50, count),
            "noise_of_5000": _noise(rng, 5_000, count),
            "noise_number": rng.normal(0.0, 1.0, count),
            "shuffled": world.leads["source"].gather(rng.permutation(count)),
        }
    )


def _ended(world: World) -> pl.DataFrame:
    """Put beside the leads what their deals became: amount, lost, won, and ended_at, null for those still open."""
    deals = world.deals.select(
        "amount", "closed_at", key="lead_key", won=pl.col("stage") == "won", lost=pl.col("stage") == "lost"
    )
    joined = world.leads.join(deals, on="key", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("won", "lost").fill_null(value=False), ended_at=pl.coalesce("closed_at", "disqualified_at")
    )


def _lost_reason(rng: np.random.Generator, leads: pl.DataFrame) -> pl.Series:
    reasons = picked(_REASONS, rng.integers(0, len(_REASONS), leads.height))
    return masked(reasons, ~leads["lost"].to_numpy())


def _days(until: pl.Series, since: pl.Series) -> pl.Series:
    return ((until.dt.epoch("ms") - since.dt.epoch("ms")) / DAY_MS).round(1)


def _calls(rng: np.random.Generator, leads: pl.DataFrame) -> Floats:
    """Count calls until the end: the further a lead went, the more there were."""
    converted = leads["converted_at"].is_not_null().to_numpy()
    return rng.poisson(1.0 + 3.0 * converted + 4.0 * leads["won"].to_numpy()).astype(np.float64)


def _noise(rng: np.random.Generator, values: int, count: int) -> pl.Series:
    return pl.select(pl.format("value {}", pl.Series(rng.integers(0, values, count)))).to_series()
