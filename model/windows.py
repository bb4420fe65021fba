"""Companies at past times: which leads were open, how likely each was to win, and whether any did in time.

What `model.any_of` is fitted and measured on. The likelihoods are those of the back-test, made by a model that had
learned from earlier leads alone; so the line is fitted on later time than that model.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from model import any_of
from model.any_of import STEP_DAYS, AnyOf
from model.figures import BINS, figures

FEWEST_COMPANIES, FEWEST_WON = 60, 20  # companies, and those of which a lead won, from which a line is fitted
FOLDS = 5
GOLDEN = 0.6180339887498949  # spreads companies over folds evenly, whatever their number
COLUMNS = ("company", "at", "leads", "best", "joint", "shown_best", "shown_joint", "won")


@dataclass(frozen=True, slots=True)
class Measured:
    """The line, None where there are too few companies, and what a model's card says of it, as plain JSON."""

    line: AnyOf | None
    card: dict[str, Any]


def measured(leads: pl.DataFrame, *, horizon_days: int, observe_days: int) -> Measured:
    """Fit the line on the leads of a back-test, and measure it on companies that it was not fitted on.

    `leads` has: company (text), created_at, ended_at (null: still open, or nobody knows when), won_at (null: not within
    the horizon), likelihood (null: of a lead that the model had learned from, whose time to win alone is used). All
    their horizons have passed. Figures are of five folds by company, beside those of the best lead's likelihood and of
    the plain noisy-or, both as leads show them.
    """
    late = any_of.late_shares(_waited(leads), horizon_days=horizon_days)
    rows = windows(leads, late=late, horizon_days=horizon_days, observe_days=observe_days)
    companies, won = rows["company"].n_unique(), rows.filter("won")["company"].n_unique()
    card: dict[str, Any] = {"companies": companies, "won": won, "windows": rows.height}
    if companies < FEWEST_COMPANIES or won < FEWEST_WON:
        why = (
            f"Too few companies to tell how likely any of their leads wins: {companies:,} with open leads at past "
            f"times, {won:,} of which won; it takes {FEWEST_COMPANIES} and {FEWEST_WON}."
        )
        return Measured(None, card | {"told": why})
    best, joint, label = (rows[name].to_numpy() for name in ("best", "joint", "won"))
    line = any_of.fit(best, joint, label, companies=companies, late=late)
    tested = _crossed(rows, late)
    rate = float(label.mean())
    card |= {name: _figures(label, said, rate, companies) for name, said in _rivals(tested, rows).items()}
    return Measured(line, card | {"line": line.as_dict(), "told": _told(card)})


def windows(leads: pl.DataFrame, *, late: tuple[float, ...], horizon_days: int, observe_days: int) -> pl.DataFrame:
    """Look at each company once a week: a row for each of its open leads' moments, with the columns of `COLUMNS`.

    A lead counts from `observe_days` after its creation, when its features were known, until it ended or its horizon
    did. `best` and `joint` are made of the leads' remaining likelihoods, `shown_best` and `shown_joint` of those within
    the whole horizon, which leads show; `won` is whether any won after that moment.
    """
    known = leads.filter(pl.col("likelihood").is_not_null() & pl.col("company").is_not_null())
    until = pl.min_horizontal(pl.col("created_at") + timedelta(days=horizon_days), "ended_at", "won_at")
    spans = known.with_columns(
        (pl.col("created_at") + timedelta(days=observe_days)).alias("from"), until.alias("until")
    ).filter(pl.col("from") < pl.col("until"))
    parts = [_at(moment, spans, late) for moment in _moments(spans)]
    return pl.concat(parts) if parts else _at(datetime.fromtimestamp(0, UTC), spans, late)


def _moments(spans: pl.DataFrame) -> list[datetime]:
    """List the weeks' beginnings from the first lead's to the last one's end."""
    if spans.is_empty():
        return []
    ends = spans.select(pl.col("from").min(), pl.col("until").max())
    weeks = ends.select(pl.datetime_ranges("from", "until", f"{STEP_DAYS}d").explode().alias("week"))
    return list(weeks["week"])


def _at(moment: datetime, spans: pl.DataFrame, late: tuple[float, ...]) -> pl.DataFrame:
    """Look at all companies at one moment."""
    now = pl.lit(moment).cast(spans["from"].dtype)
    some = spans.filter((pl.col("from") <= now) & (now < pl.col("until"))).with_columns(now.alias("at"))
    weeks = some.select((pl.col("at") - pl.col("created_at")).dt.total_days() // STEP_DAYS).to_series().to_numpy()
    rest = any_of.remaining(some["likelihood"].to_numpy(), np.asarray(late)[np.minimum(weeks, len(late) - 1)])
    told = some.with_columns(pl.Series("rest", rest, dtype=pl.Float64))
    return (
        told.group_by("company", maintain_order=True)
        .agg(
            pl.col("at").first(),
            pl.len().cast(pl.Int64).alias("leads"),
            pl.col("rest").max().alias("best"),
            _any(pl.col("rest")).alias("joint"),
            pl.col("likelihood").max().alias("shown_best"),
            _any(pl.col("likelihood")).alias("shown_joint"),
            pl.col("won_at").is_not_null().any().alias("won"),
        )
        .select(COLUMNS)
    )


def _any(likelihood: pl.Expr) -> pl.Expr:
    """Give the likelihood that any of a group wins, were they independent."""
    return 1 - (1 - likelihood.clip(upper_bound=1 - 1e-12)).log().sum().exp()


def _waited(leads: pl.DataFrame) -> np.ndarray:
    """Tell how many days each winner was an open lead: until it won or, where that comes before, was converted."""
    won = leads.filter(pl.col("won_at").is_not_null())
    until = pl.min_horizontal("won_at", "ended_at")
    days = won.select((until - pl.col("created_at")).dt.total_days().clip(0)).to_series()
    return np.asarray(days.to_numpy())


def _crossed(rows: pl.DataFrame, late: tuple[float, ...]) -> np.ndarray:
    """Let each company be judged by a line that was fitted on others."""
    number = rows["company"].rank("dense").to_numpy()
    fold = ((number * GOLDEN) % 1 * FOLDS).astype(int)
    best, joint, label = (rows[name].to_numpy() for name in ("best", "joint", "won"))
    said = np.zeros(rows.height)
    for one in range(FOLDS):
        others, mine = fold != one, fold == one
        taught = len(np.unique(number[others]))
        line = any_of.fit(best[others], joint[others], label[others], companies=taught, late=late)
        said[mine] = line.likelihood(best[mine], joint[mine])
    return said


def _rivals(tested: np.ndarray, rows: pl.DataFrame) -> dict[str, np.ndarray]:
    """Name what the line is held against: what the leads show, by the best of them and taken as independent."""
    return {"figures": tested, "best_lead": rows["shown_best"].to_numpy(), "noisy_or": rows["shown_joint"].to_numpy()}


def _figures(label: np.ndarray, said: np.ndarray, rate: float, companies: int) -> dict[str, Any]:
    """Measure, and tell what error chance alone makes: of so many companies, whose moments resemble each other."""
    told = figures(label, said, base_rate=rate)
    return told | {"ece_floor": float(0.8 * np.sqrt(BINS * told["brier"] / companies))}


def _told(card: dict[str, Any]) -> str:
    """Say for people how well the line did."""
    ours, plain = card["figures"], card["noisy_or"]
    ranked = "all ended alike" if ours["auc"] is None else f"AUC {ours['auc']:.3f}"
    return (
        f"Companies: {card['companies']:,} at {card['windows']:,} past times, of {card['won']:,} any lead won: "
        f"{ranked}, calibration error {ours['ece']:.3f} (by chance: {ours['ece_floor']:.3f}; leads taken as "
        f"independent: {plain['ece']:.3f})."
    )
