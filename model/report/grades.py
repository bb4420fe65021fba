"""How often each grade won on later leads, beside what the score said of them and what the card promises."""

from itertools import pairwise
from typing import Any

import polars as pl

from model.grades import LETTERS
from model.report.measure import outcome


def grades(tested: pl.DataFrame, card: dict[str, Any]) -> dict[str, Any]:
    """Compare each grade's outcome with its promise.

    `grades` are measure.outcome rows with `grade`, `share` (of the tested leads), `bound` (words of the card, or
    empty) and the card's promise: `promised`, `promised_low`, `promised_high`, None where it makes none.
    """
    if tested["grade"].null_count() == tested.height:
        return {"says": "The tested leads were not graded, so no grade can be judged.", "grades": []}
    promises = {str(promise.get("grade")): promise for promise in card.get("grades", [])}
    found = [_grade(grade, tested, promises.get(grade, {})) for grade in LETTERS]
    return {"says": _says(found), "grades": found}


def _grade(grade: str, tested: pl.DataFrame, promise: dict[str, Any]) -> dict[str, Any]:
    rows = tested.filter(pl.col("grade") == grade)
    return {
        "grade": grade,
        "share": rows.height / tested.height,
        **outcome(rows["label"].to_numpy(), rows["likelihood"].to_numpy()),
        "bound": str(promise.get("bound") or ""),
        "promised": promise.get("rate"),
        "promised_low": promise.get("low"),
        "promised_high": promise.get("high"),
    }


def _says(found: list[dict[str, Any]]) -> str:
    held = [grade for grade in found if grade["rows"]]
    told = ", ".join(f"{grade['grade']} {grade['rate']:.1%}" for grade in held)
    rates = [grade["rate"] for grade in held]
    ordered = all(above >= below for above, below in pairwise(rates))
    order = "each won at least as often as the next" if ordered else "they do not stand in the right order"
    return f"Of the tested leads with each grade, so many won: {told}. " + (
        f"The grades mean what they should: {order}." if ordered else f"Do not trust the grades: {order}."
    )
