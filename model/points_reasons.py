"""The points model's reasons: the rules that fired, feature by feature, strongest first.

The rules of one feature make one reason, so that a code stands for one thing. All columns at once: texts are made for
what was chosen only, from the distinct values of each feature.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from model.features import Feature
from model.languages import Language
from model.reasons import NEGATIVE, POSITIVE, STRUCT, code
from model.scorecard import PointsRule
from model.sentences import said
from model.tally import Tally
from model.wording import PLAIN, Wording

LINE = {
    "row": pl.Int64,
    "place": pl.Int64,  # of the feature; -1 stands before all
    "code": pl.String,
    "feature": pl.String,
    "text": pl.String,
    "effect": pl.Float64,
}
UNNAMED = "SCORECARD-"  # the code of a disqualification by a feature that may not be named
LEAST = 0.05  # points: less is shown as nothing


def reasons(
    frame: pl.DataFrame, counted: Tally, rules: Sequence[PointsRule], *, slope: float, wording: Wording = PLAIN
) -> pl.Series:
    """Choose up to three reasons for and two against each lead, and before them why it is disqualified.

    `effect` is in points times `slope`. A List[Struct] series in the order of the rows.
    """
    chosen = _chosen(counted, wording)
    told = [
        _told(frame, feature, chosen.filter(place=place), wording) for place, feature in enumerate(counted.features)
    ]
    made = pl.concat([pl.DataFrame(schema=LINE), *_disqualified(counted, rules, wording), *told])
    made = made.sort(
        "row", pl.col("place") >= 0, pl.col("effect").abs(), "place", descending=[False, False, True, False]
    )
    listed = made.group_by("row", maintain_order=True).agg(
        pl.struct("code", "feature", "text", pl.col("effect") * slope).alias("reasons")
    )
    rows = pl.DataFrame({"row": np.arange(frame.height, dtype=np.int64)})
    joined = rows.join(listed, on="row", how="left", maintain_order="left")["reasons"]
    return joined.cast(pl.List(STRUCT)).fill_null(pl.Series([[]], dtype=pl.List(STRUCT)))


def _chosen(counted: Tally, wording: Wording) -> pl.DataFrame:
    """Pick the strongest features of each lead: row, place (of the feature) and effect."""
    told = [place for place, feature in enumerate(counted.features) if wording.names(feature)]
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


def _told(frame: pl.DataFrame, feature: Feature, chosen: pl.DataFrame, wording: Wording) -> pl.DataFrame:
    """Word the reasons of one feature: "Industry: Banking (+10 points)"."""
    values = said(feature, frame[feature.name].gather(chosen["row"]), wording)
    points = _points(chosen["effect"], wording.language)
    return chosen.with_columns(values.alias("said"), points.alias("points")).select(
        "row",
        "place",
        pl.when(pl.col("effect") > 0).then(pl.lit(code(feature, 1))).otherwise(pl.lit(code(feature, -1))).alias("code"),
        pl.lit(feature.name).alias("feature"),
        pl.format("{} ({})", "said", "points").alias("text"),
        "effect",
    )


def _points(effects: pl.Series, language: Language) -> pl.Series:
    """Say points, in tenths at most; every distinct number is said once."""
    distinct, places = np.unique(np.round(effects.to_numpy(), 1), return_inverse=True)
    shown = [(one, f"{one:+,.0f}" if one == round(one) else f"{one:+,.1f}") for one in distinct.tolist()]
    words = [language.counted(language.points, one, number) for one, number in shown]
    return pl.Series(words, dtype=pl.String).gather(places)


def _disqualified(counted: Tally, rules: Sequence[PointsRule], wording: Wording) -> list[pl.DataFrame]:
    """Say why a lead is disqualified; its effect is the whole scale, so that nothing stands before it."""
    low, high = counted.span
    language, made = wording.language, []
    named = {feature.name for feature in counted.features if wording.names(feature)}
    for place in np.unique(counted.disqualified_by[counted.is_disqualified]):
        rule = rules[place]
        rows = np.flatnonzero(counted.disqualified_by == place)
        made.append(
            pl.DataFrame({"row": rows.astype(np.int64)}).select(
                "row",
                pl.lit(-1, dtype=pl.Int64).alias("place"),
                pl.lit(f"{rule.feature.upper()}-" if rule.feature in named else UNNAMED).alias("code"),
                pl.lit(rule.feature).alias("feature"),
                pl.lit(language.disqualified + language.colon + (rule.because or language.by_the_scorecard)).alias(
                    "text"
                ),
                pl.lit(-max(high - low, 1.0)).alias("effect"),
            )
        )
    return made
