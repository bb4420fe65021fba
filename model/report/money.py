"""The money: which share of the won revenue reps meet when they work the top leads, by each way of choosing them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from model.figures import captured

SHARES = (0.1, 0.2, 0.4)
OURS, ARRIVAL, PRIORITY = "this score", "first come, first served", "the CRM's priority field"

# What the usual values of a priority field mean, the most urgent first. Salesforce Rating: Hot, Warm, Cold.
URGENT_FIRST = (
    {"urgent", "critical", "very high", "highest"},
    {"hot", "high", "a", "1", "p1", "1 - high", "tier 1"},
    {"warm", "medium", "normal", "b", "2", "p2", "2 - medium", "tier 2"},
    {"cold", "low", "c", "3", "p3", "3 - low", "tier 3"},
    {"very low", "lowest", "none", "d", "4", "p4", "tier 4"},
)


def money(tested: pl.DataFrame, rivals: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Measure the share of won revenue (of wins, when no amount is known) in the top 10, 20 and 40 % of the leads.

    `ways` holds for each way of choosing its `name`, `captured` (shares, as `shares`) and `worth` (the same in the
    unit of the amounts, or in wins); leads of equal rank count with their expectation. `notes` are sentences.
    """
    worth, measure, notes = _worth(tested)
    if worth.sum() <= 0:
        says = "No tested lead won, so there is nothing to meet."
        return {"says": says, "measure": measure, "total": 0.0, "shares": list(SHARES), "ways": [], "notes": []}
    orders, more = _orders(tested)
    # What gives every lead the same likelihood chooses nobody.
    orders |= {name: likelihood for name, likelihood in rivals.items() if np.ptp(likelihood) > 0}
    ways = [_way(name, order, worth) for name, order in orders.items()]
    return {
        "says": _says(ways, measure),
        "measure": measure,
        "total": float(worth.sum()),
        "shares": list(SHARES),
        "ways": ways,
        "notes": notes + more,
    }


def _worth(tested: pl.DataFrame) -> tuple[np.ndarray, str, list[str]]:
    won = tested["label"].to_numpy()
    amount = np.nan_to_num(tested["amount"].fill_null(0.0).to_numpy(), nan=0.0, posinf=0.0, neginf=0.0)
    worth = np.where(won, np.maximum(amount, 0.0), 0.0)
    if worth.sum() <= 0:
        return won.astype(float), "wins", ["No amount of a won deal is known, so wins are counted, each as one."]
    known = int((worth > 0).sum())
    note = (
        f"{known:,} of {int(won.sum()):,} won leads carry an amount; the others count as nothing. The largest single "
        f"deal is {worth.max() / worth.sum():.1%} of the revenue: the fewer deals make it up, the more of this is luck."
    )
    return worth, "won revenue", [note]


def _orders(tested: pl.DataFrame) -> tuple[dict[str, np.ndarray], list[str]]:
    orders, notes = {OURS: tested["likelihood"].to_numpy()}, []
    if tested["created_at"].null_count() < tested.height:
        # The earliest is worked first: the highest order is the earliest.
        orders[ARRIVAL] = -tested["created_at"].dt.timestamp("ms").cast(pl.Float64).fill_null(float("nan")).to_numpy()
    else:
        notes.append("The leads carry no dates, so first come, first served is unknown; by chance it meets the share.")
    if tested["priority"].null_count() < tested.height:
        orders[PRIORITY], note = _by_priority(tested)
        notes.append(note)
    else:
        notes.append("The CRM's own priority field is not mapped or empty, so the score cannot be held against it.")
    return orders, notes


def _by_priority(tested: pl.DataFrame) -> tuple[np.ndarray, str]:
    read = "It was read as it stands today: if reps raise it once a deal goes well, it looks better here than it is."
    places = [_urgency(value) for value in tested["priority"]]
    known = tested["priority"].drop_nulls().len()
    if sum(place is not None for place in places) == known:
        return np.array([np.nan if place is None else -place for place in places], dtype=float), (
            f"The CRM's priority field is ranked by the meaning of its values. {read}"
        )
    rates = tested.select(pl.when(pl.col("priority").is_not_null()).then(pl.col("label").mean().over("priority")))
    return rates.to_series().cast(pl.Float64).fill_null(float("nan")).to_numpy(), (
        "The values of the CRM's priority field have no order that is known here. They are ranked by how often each "
        f"won on these very leads, which nobody could have known: the best it could have done. {read}"
    )


def _urgency(value: str | None) -> int | None:
    if value is None:
        return None
    word = value.strip().lower()
    return next((place for place, words in enumerate(URGENT_FIRST) if word in words), None)


def _way(name: str, order: np.ndarray, worth: np.ndarray) -> dict[str, Any]:
    met = captured(order, worth, np.array(SHARES))
    assert met is not None, "there is worth, so some of it is met"
    return {"name": name, "captured": met.tolist(), "worth": (met * worth.sum()).tolist()}


def _says(ways: list[dict[str, Any]], measure: str) -> str:
    ours, others = ways[0], [way for way in ways[1:] if way["name"] in {ARRIVAL, PRIORITY}]
    if rivals := [way for way in ways[1:] if way not in others]:
        others.append(max(rivals, key=lambda way: float(way["captured"][1])))
    told = f"Working the top 20% by this score meets {ours['captured'][1]:.0%} of the {measure}"
    if not others:
        return f"{told}; in any order it would meet 20%."
    beside = ", ".join(f"{way['captured'][1]:.0%} by {way['name']}" for way in others)
    return f"{told}; the same number of leads meets {beside}."
