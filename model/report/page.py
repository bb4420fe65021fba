"""Makes the report readable: one HTML page that needs no network and no script, on a screen and on paper.

Everything that comes from a CRM goes through Jinja's escaping; only our own SVG elements, whose texts matplotlib
escapes, are put in as they are.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from model.report import plots_of_rank, plots_of_truth

NOTHING = "\N{EN DASH}"
FEWEST_DIGITS = 0.1  # per cent; smaller shares get another digit


def page(told: dict[str, Any]) -> str:
    """Write what tell.py told as HTML. The same content gives the same page, byte for byte."""
    room = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    room.filters |= {"pct": percent, "count": count, "points": points, "digits": digits, "day": day, "words": words}
    return room.get_template("page.html.j2").render(told, plots=_plots(told))


def percent(share: float | None, places: int = 1) -> str:
    """Write a share as per cent."""
    if share is None:
        return NOTHING
    return f"{100 * share:.{places + (0 < 100 * abs(share) < FEWEST_DIGITS)}f}%"


def count(number: float | None) -> str:
    """Write a whole number."""
    return NOTHING if number is None else f"{number:,.0f}"


def points(gap: float | None) -> str:
    """Write a difference of two shares as percentage points, with its sign."""
    return NOTHING if gap is None else f"{100 * gap:+.1f}".replace("-", "\N{MINUS SIGN}")


def digits(number: float | None, places: int = 3) -> str:
    """Write a figure to so many places."""
    return NOTHING if number is None else f"{number:.{places}f}"


def day(moment: str | None) -> str:
    """Write the day of an ISO moment."""
    return NOTHING if not moment or moment == "None" else str(moment)[:10]


def words(value: object) -> str:
    """Write a value of any kind as people do, also one of several."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:,.0f}" if value == int(value) or abs(value) >= 1_000 else f"{value:.3g}"
        case list():
            return ", ".join(words(item) for item in value) or NOTHING
        case dict():
            return ", ".join(f"{name.replace('_', ' ')} {words(item)}" for name, item in value.items()) or NOTHING
        case _:
            return str(value)


def _plots(told: dict[str, Any]) -> dict[str, Any]:
    ranking = plots_of_rank.ranking(told["curves"])
    return {
        "backtest": Markup(plots_of_truth.backtest(told["backtest"])),  # noqa: S704  our own SVG, texts escaped
        "calibration": Markup(plots_of_truth.calibration(told["calibration"])),  # noqa: S704  as above
        "grades": Markup(plots_of_truth.grades(told["grades"])),  # noqa: S704  as above
        "money": Markup(plots_of_rank.money(told["money"])),  # noqa: S704  as above
        "importances": Markup(plots_of_rank.importances(told["importances"])),  # noqa: S704  as above
        "ranking": [Markup(plot) for plot in ranking.values()],  # noqa: S704  as above
        "gaps": [Markup(plots_of_truth.gaps(part)) for part in told["segments"]["segments"]],  # noqa: S704  as above
    }
