"""The points model: a scorecard that scores from the first day, without any history, and says why.

What people know before there is data: explicit points for who a lead is, implicit ones for what it does. It promises no
likelihood until it was calibrated on outcomes. It stands beside the learner as its baseline, and small data shrinks
towards it (shrinking.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from model.attainable import attainable
from model.features import Feature
from model.platt import Line, fit_line
from model.points_parts import parts
from model.points_reasons import reasons
from model.scorecard import PointsRule, Scorecard, When
from model.tally import FAMILIES, Tally, tally
from model.wording import PLAIN, Wording

VERSION = "points"
GRADES = ("A", "B", "C", "D")
BOUNDS = (75, 50, 25)  # the scores from which A, B and C begin: quarters of the scale, there being no population yet
BLOCK = 100_000  # rows at a time, which bounds the memory that reasons take
MIN_EXAMPLES = 50  # to calibrate on
MIN_ROWS = 30  # of a value, to be given points by `default_points`
MOST = 20.0


@dataclass(frozen=True, slots=True)
class Points:
    """A scorecard with the features that it speaks of.

    After calibration, `line` leads from points to log-odds, and `usual` are each feature's mean points (as `parts`
    gives them) in the leads that it was calibrated on: what contributions are told against.
    """

    scorecard: Scorecard
    features: tuple[Feature, ...]
    line: Line | None = None
    usual: tuple[float, ...] = ()

    @property
    def version(self) -> str:
        return VERSION

    def margins(self, frame: pl.DataFrame) -> np.ndarray:
        """Return all points of each row, float64 (n,); of disqualified leads the least that there are."""
        return tally(self.scorecard, self.features, frame).total

    def log_odds(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the log-odds of each row, float64 (n,); before calibration its points."""
        return self._told().log_odds(self.margins(frame))

    def likelihood(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the likelihood of each row, float64 (n,); all NaN before calibration."""
        return _likelihood(self.margins(frame), self.line)

    def contributions(self, frame: pl.DataFrame) -> tuple[np.ndarray, float]:
        """Explain the log-odds (before calibration, the points): float64 (n, features), and the base.

        Row sum + base = `log_odds`, whatever is capped, faded or disqualified. After calibration they are told against
        the usual lead, which makes them Shapley values where no cap holds. Raises UnsuitableFrame.
        """
        counted = tally(self.scorecard, self.features, frame)
        usual, line = np.array(self.usual or [0.0] * len(self.features)), self._told()
        told = line.slope * (parts(counted, self.scorecard.rules, self.features) - usual)
        return told, float(line.slope * usual.sum() + line.offset)

    def ranks(self, points: np.ndarray) -> np.ndarray:
        """Give the score, from 1 to 99, of leads with so many points; float64 of any shape to int16 of the same."""
        lows, highs = zip(*(attainable(self.scorecard, self.features, family) for family in FAMILIES), strict=True)
        return _share(points, (sum(lows), sum(highs)))

    def _told(self) -> Line:
        return self.line or Line(1.0, 0.0)

    def score(self, frame: pl.DataFrame, wording: Wording = PLAIN) -> pl.DataFrame:
        """Score leads, in the order of the rows; the columns are those of a learned model, see the README.

        `wording` tells the reasons.

        `score`, `fit` and `engagement` are the share of the attainable points, from 1 to 99. Until it is calibrated,
        `likelihood` is null, and `margin` and the effects of reasons are points; then they are log-odds.
        Raises UnsuitableFrame naming a column that is missing or of the wrong kind.
        """
        blocks = frame.iter_slices(BLOCK) if frame.height else iter([frame])
        return pl.concat([self._scored(block, wording) for block in blocks])

    def _scored(self, frame: pl.DataFrame, wording: Wording) -> pl.DataFrame:
        counted = tally(self.scorecard, self.features, frame)
        margins = self._told().log_odds(counted.total)
        scores = _share(counted.total, counted.span)
        scores[counted.is_disqualified] = 1
        return pl.DataFrame(
            {
                "id": frame["id"],
                "likelihood": pl.Series(_likelihood(counted.total, self.line), dtype=pl.Float64).fill_nan(None),
                "score": scores,
                "grade": _grades(scores, counted),
                "fit": _share(counted.families[0], counted.scale[0]),
                "engagement": _share(counted.families[1], counted.scale[1]),
                "margin": margins,
            }
        ).with_columns(
            reasons(frame, counted, self.scorecard.rules, slope=self._told().slope, wording=wording).alias("reasons")
        )


def calibrated(points: Points, examples: pl.DataFrame) -> Points:
    """Fit the line from points to log-odds on examples (`label` and the features); without enough, change nothing.

    Enough are 50 leads that are not disqualified, of both outcomes. The line never falls: where points say nothing, or
    the contrary, it is flat, and every lead gets the share that was won.
    """
    counted = tally(points.scorecard, points.features, examples)
    labels = examples["label"].cast(pl.Boolean).to_numpy()
    counts = ~counted.is_disqualified
    if counts.sum() < MIN_EXAMPLES or len(np.unique(labels[counts])) < len(("won", "lost")):
        return points
    usual = parts(counted, points.scorecard.rules, points.features)[counts].mean(axis=0)
    return replace(points, line=fit_line(counted.total[counts], labels[counts]), usual=tuple(usual.tolist()))


def default_points(examples: pl.DataFrame, features: Sequence[Feature]) -> Points:
    """Derive a scorecard from examples as an analyst would by hand: the stand-in for one where there is no mapping.

    Each value with at least 30 rows gets ten times its log-odds against the base rate, rounded, at most 20 either way;
    numbers in quarters. Meant for comparisons: what it learned from must not be what it is judged on.
    """
    rules = [rule for feature in features for rule in _derived(examples, feature)]
    return Points(Scorecard(tuple(rules)), tuple(features))


def _likelihood(points: np.ndarray, line: Line | None) -> np.ndarray:
    if line is None:
        return np.full(len(points), np.nan)
    return np.asarray(1 / (1 + np.exp(-line.log_odds(points))))


def _share(points: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    """Put points on the scale from 1 to 99; all in the middle where there is no scale."""
    low, high = scale
    share = (points - low) / (high - low) if high > low else np.full(len(points), 0.5)
    return np.clip(np.floor(1 + share * 99), 1, 99).astype(np.int16)


def _grades(scores: np.ndarray, counted: Tally) -> pl.Series:
    places = np.searchsorted(-np.array(BOUNDS), -scores, side="left")
    places[counted.is_disqualified] = len(BOUNDS)
    return pl.Series(GRADES, dtype=pl.String).gather(places)


def _derived(examples: pl.DataFrame, feature: Feature) -> Iterator[PointsRule]:
    """Make the rules of one feature; a value that gets no points gets no rule."""
    edges = _quarters(examples[feature.name]) if feature.kind == "number" else []
    base = _log_odds(float(examples["label"].sum() or 0), examples.height)
    keyed = examples.select(_key(feature, edges).alias("key"), pl.col("label").cast(pl.Float64))
    groups = keyed.group_by("key").agg(pl.len().alias("rows"), pl.col("label").sum().alias("won"))
    for key, rows, won in groups.filter(pl.col("rows") >= MIN_ROWS).sort("key").iter_rows():
        points = float(np.clip(np.round(10 * (_log_odds(won, rows) - base)), -MOST, MOST))
        if points:
            yield PointsRule(feature.name, _when(key, edges), points)


def _quarters(values: pl.Series) -> list[float]:
    known = values.cast(pl.Float64).drop_nulls().to_numpy()
    finite = known[np.isfinite(known)]
    return sorted({float(edge) for edge in np.quantile(finite, (0.25, 0.5, 0.75))}) if len(finite) else []


def _key(feature: Feature, edges: Sequence[float]) -> pl.Expr:
    """Name the group of each value: a number's band, counted from the lowest, or the value in lower case."""
    if feature.kind != "number":
        return pl.col(feature.name).cast(pl.String).str.to_lowercase()
    value = pl.col(feature.name).cast(pl.Float64).fill_nan(None)
    passed = pl.sum_horizontal(pl.lit(0), *((value >= edge).cast(pl.Int64) for edge in edges))
    return pl.when(value.is_not_null()).then(passed)


def _when(key: str | int | None, edges: Sequence[float]) -> When:
    match key:
        case None:
            return When(present=False)
        case str():
            return When(values=(key,))
        case _:
            return When(low=edges[key - 1] if key else None, below=edges[key] if key < len(edges) else None)


def _log_odds(won: float, rows: int) -> float:
    """Give the log-odds, with half a lead more on either side (Haldane 1956)."""
    return float(np.log((won + 0.5) / (rows - won + 0.5)))
