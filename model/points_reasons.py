"""The points model's reasons: the rules that fired, feature by feature, strongest first.

The rules of one feature make one reason, so that a code stands for one thing. All columns at once: texts are made for
what was chosen only, from the distinct values of each feature.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from model.features import Feature
from model.reasons import NEGATIVE, POSITIVE, STRUCT, code, rounded
from model.scorecard import PointsRule
from model.tally import Tally

LINE = {
    "row": pl.Int64,
    "place": pl.Int64,  # of the feature; -1 stands before all
    "code": pl.String,
    "feature": pl.String,
    "text": pl.String,
    "effect": pl.Float64,
}
LEAST = 0.05  # points: less is shown as nothing


def reasons(frame: pl.DataFrame, counted: Tally, rules: Sequence[PointsRule], *, slope: float) -> pl.Series:
    """Choose up to three reasons for and two against each lead, and before them why it is disqualified.

    `effect` is in points times `slope`. A List[Struct] series in the order of the rows.
    """
    chosen = _chosen(counted)
    told = [_told(frame, feature, chosen.filter(place=place)) for place, feature in enumerate(counted.features)]
    made = pl.concat([pl.DataFrame(schema=LINE), *_disqualified(counted, rules), *told])
    made = made.sort(
        "row", pl.col("place") >= 0, pl.col("effect").abs(), "place", descending=[False, False, True, False]
    )
    listed = made.group_by("row", maintain_order=True).agg(
        pl.struct("code", "feature", "text", pl.col("effect") * slope).alias("reasons")
    )
    rows = pl.DataFrame({"row": np.arange(frame.height, dtype=np.int64)})
    joined = rows.join(listed, on="row", how="left", maintain_order="left")["reasons"]
    return joined.cast(pl.List(STRUCT)).fill_null(pl.Series([[]], dtype=pl.List(STRUCT)))


def _chosen(counted: Tally) -> pl.DataFrame:
    """Pick the strongest features of each lead: row, place (of the feature) and effect."""
    told = [place for place, feature in enumerate(counted.features) if feature.told]
    if not told:
        return pl.DataFrame(schema={name: LINE[name] for name in ("row", "place", "effect")})
    points = np.column_stack([counted.parts[place] for place in told])
    places = np.argsort(-points, axis=1, kind="stable")
    best = _picked(points, places[:, :POSITIVE], points > 0)
    worst = _picked(points, np.argsort(points, axis=1, kind="stable")[:, :NEGATIVE], points < 0)
    picked = pl.concat([best, worst])
    return picked.with_columns(pl.Series("place", np.asarray(told)[picked["place"].to_numpy()]))


def _picked(points: np.ndarray, places: np.ndarray, wanted: np.ndarray) -> pl.DataFrame:
    effects = np.take_along_axis(points, places, axis=1)
    kept = np.take_along_axis(wanted, places, axis=1) & (np.abs(effects) >= LEAST)
    rows, _ = np.nonzero(kept)
    return pl.DataFrame({"row": rows.astype(np.int64), "place": places[kept], "effect": effects[kept]})


def _told(frame: pl.DataFrame, feature: Feature, chosen: pl.DataFrame) -> pl.DataFrame:
    """Word the reasons of one feature: "Industry: Banking (+10 points)"."""
    values = _said(frame[feature.name].gather(chosen["row"]), feature)
    return chosen.with_columns(values.alias("said")).select(
        "row",
        "place",
        pl.when(pl.col("effect") > 0).then(pl.lit(code(feature, 1))).otherwise(pl.lit(code(feature, -1))).alias("code"),
        pl.lit(feature.name).alias("feature"),
        pl.format("{}: {} ({})", pl.lit(feature.label), "said", _points()).alias("text"),
        "effect",
    )


def _points() -> pl.Expr:
    points = pl.col("effect").round(1)
    whole = points == points.round(0)
    number = pl.when(whole).then(points.cast(pl.Int64).cast(pl.String)).otherwise(points.cast(pl.String))
    sign = pl.when(points > 0).then(pl.lit("+")).otherwise(pl.lit(""))
    unit = pl.when(points.abs() == 1).then(pl.lit("point")).otherwise(pl.lit("points"))
    return pl.format("{}{} {}", sign, number, unit)


def _said(values: pl.Series, feature: Feature) -> pl.Series:
    """Write values as people say them."""
    match feature.kind:
        case "boolean":
            words = values.cast(pl.String).replace({"true": "yes", "false": "no"})
        case "number":
            words = _numbers(values.cast(pl.Float64).fill_nan(None))
        case _:
            words = values.cast(pl.String).str.replace_all("_", " ", literal=True)
    return words.fill_null("not known")


def _numbers(values: pl.Series) -> pl.Series:
    """Write numbers as `rounded` does; each distinct one once."""
    distinct = values.drop_nulls().unique()
    words = [rounded(number) if np.isfinite(number) else "without end" for number in distinct.to_list()]
    return values.replace_strict(distinct, pl.Series(words, dtype=pl.String), default=None, return_dtype=pl.String)


def _disqualified(counted: Tally, rules: Sequence[PointsRule]) -> list[pl.DataFrame]:
    """Say why a lead is disqualified; its effect is the whole scale, so that nothing stands before it."""
    low, high = counted.span
    made = []
    for place in np.unique(counted.disqualified_by[counted.is_disqualified]):
        rule = rules[place]
        rows = np.flatnonzero(counted.disqualified_by == place)
        made.append(
            pl.DataFrame({"row": rows.astype(np.int64)}).select(
                "row",
                pl.lit(-1, dtype=pl.Int64).alias("place"),
                pl.lit(f"{rule.feature.upper()}-").alias("code"),
                pl.lit(rule.feature).alias("feature"),
                pl.lit(f"Disqualified: {rule.because or 'by a rule of the scorecard'}").alias("text"),
                pl.lit(-max(high - low, 1.0)).alias("effect"),
            )
        )
    return made
