"""What was said of some leads beside what happened: the row that most tables of the report are made of."""

from typing import Any

import numpy as np

from model import figures
from model.figures import wilson

SMALL = 50  # rows; below it an interval is so wide that the row is marked


def outcome(label: np.ndarray, likelihood: np.ndarray) -> dict[str, Any]:
    """Compare the mean likelihood that was said with the rate that happened.

    `low` and `high` are the 95 % interval of the rate (Wilson), `gap` is rate minus said, with the interval
    `gap_low` to `gap_high`; `off` tells that what was said lies outside the interval. None where there are no rows.
    """
    rows, wins = len(label), int(label.sum())
    if rows == 0:
        return dict.fromkeys(("said", "rate", "low", "high", "gap", "gap_low", "gap_high")) | {
            "rows": 0,
            "wins": 0,
            "off": False,
            "small": True,
        }
    said, (low, high) = float(likelihood.mean()), wilson(wins, rows)
    return {
        "rows": rows,
        "wins": wins,
        "said": said,
        "rate": wins / rows,
        "low": low,
        "high": high,
        "gap": wins / rows - said,
        "gap_low": low - said,
        "gap_high": high - said,
        "off": not low <= said <= high,
        "small": rows < SMALL,
    }


def auc(label: np.ndarray, likelihood: np.ndarray) -> float | None:
    """How often a lead that won stands above one that did not; None when all ended alike."""
    return figures.auc(label, likelihood) if has_both(label) else None


def has_both(label: np.ndarray) -> bool:
    """Tell whether some leads won and some did not."""
    return bool(label.any()) and not bool(label.all())


def plain(value: Any) -> Any:
    """Make a value of plain JSON: NumPy's numbers become Python's, and what is no number becomes None."""
    match value:
        case dict():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple() | np.ndarray():
            return [plain(item) for item in value]
        case np.generic():
            return plain(value.item())
        case float():
            return value if np.isfinite(value) else None
        case bool() | int() | str() | None:
            return value
        case _:
            return str(value)
