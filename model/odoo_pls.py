"""Odoo's predictive lead scoring, rebuilt to the letter: the open peer that every evaluation compares with.

Naive Bayes over text values by sales team, with the stage as a feature, tenths as smoothing, no calibration. Its faults
are Odoo's and stay in. Source: odoo/odoo, addons/crm/models/crm_lead.py, as of 2025; the tests hold the published
probabilities and factors of that project's own tests. Sums of logarithms stand for its products of ratios.

Leads are frames with "team" (null: none), "stage", "won" (true, false, or null for open ones), the scoring fields, all
text, and where there are tags "tags" (a list of text). A value that is null is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

SMOOTHING = 0.1  # added to both counts when a row is made
LEAST_TAG = 50  # leads; a tag with fewer in a team's row is left out
EMPTY = "False"  # what e-mail and phone quality hold when they are empty: a value like any other
LOWEST, HIGHEST = 0.01, 99.99  # per cent
ROW = {"team": pl.String, "variable": pl.String, "value": pl.String, "won": pl.Float64, "lost": pl.Float64}
KEY = ("team", "variable", "value")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the pipeline; `team` None is one that all teams share."""

    name: str
    sequence: int
    is_won: bool = False
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How often each value was won and lost: `rows` of team, variable, value, won and lost.

    `quality` are the fields whose emptiness is a value of its own: those of e-mail and phone quality.
    """

    fields: tuple[str, ...]
    stages: tuple[Stage, ...]
    quality: tuple[str, ...]
    rows: pl.DataFrame


def learn(
    leads: pl.DataFrame, *, fields: Sequence[str], stages: Sequence[Stage], quality: Sequence[str] = ()
) -> Frequencies:
    """Count all closed leads, as Odoo's full rebuild does."""
    empty = Frequencies(tuple(fields), tuple(stages), tuple(quality), pl.DataFrame(schema=ROW))
    return counted(empty, leads)


def counted(frequencies: Frequencies, leads: pl.DataFrame, *, weight: int = 1) -> Frequencies:
    """Add closed leads (weight 1), or take them away (-1), as Odoo does when a lead is closed or opened again."""
    cells = _cells(frequencies, leads.filter(pl.col("won").is_not_null()))
    added = cells.group_by(KEY).agg(
        pl.col("won").sum().cast(pl.Float64).alias("more_won"),
        (~pl.col("won")).sum().cast(pl.Float64).alias("more_lost"),
    )
    both = frequencies.rows.join(added, on=KEY, how="full", coalesce=True, nulls_equal=True)
    rows = both.select(*KEY, _updated("won", weight), _updated("lost", weight)).sort(KEY)
    return replace(frequencies, rows=rows)


def score(frequencies: Frequencies, leads: pl.DataFrame) -> pl.Series:
    """Give each lead's probability in per cent, to two decimals; null where nothing was won or nothing lost yet."""
    odds = log_odds(frequencies, leads)
    won_stages = [stage.name for stage in frequencies.stages if stage.is_won]
    percent = (100 / (1 + (-odds).exp())).round(2).clip(LOWEST, HIGHEST)
    return pl.select(
        pl.when(leads["stage"].is_null())
        .then(0.0)
        .when(leads["stage"].is_in(won_stages))
        .then(100.0)
        .otherwise(percent)
        .alias("probability")
    )["probability"]


def log_odds(frequencies: Frequencies, leads: pl.DataFrame) -> pl.Series:
    """Give each lead's log-odds before rounding and clamping: of its team if that has counts, else of all."""
    used = weights(frequencies)
    placed = _placed(frequencies, leads)
    prior = used.unique("table").select("table", "prior")
    total = placed.select("table").join(prior, on="table", how="left", nulls_equal=True, maintain_order="left")["prior"]
    for name in (*frequencies.fields, "stage"):
        total = total + _weighed(placed.select("table", value=name), used.filter(variable=name))
    if "tags" in placed.columns:
        each = placed.select("table", "row", value="tags").explode("value")
        tags = each.with_columns(_weighed(each, used.filter(variable="tags")).alias("weight"))
        total = total + tags.group_by("row", maintain_order=True).agg(pl.col("weight").sum())["weight"]
    return total.alias("log_odds")


def weights(frequencies: Frequencies) -> pl.DataFrame:
    """Give what each value of each table weighs; the table null is all teams together.

    Columns: table, variable, value, won, lost, all_won and all_lost (of the variable; of the stage, those of the first
    stage), prior (of the table) and weight, both in log-odds. Empty while nothing was won or nothing lost.
    """
    kept = frequencies.rows.filter((pl.col("variable") != "tags") | (pl.col("won") + pl.col("lost") >= LEAST_TAG))
    pooled = kept.group_by("variable", "value", maintain_order=True).agg(pl.col("won", "lost").sum())
    own = kept.filter(pl.col("team").is_not_null()).rename({"team": "table"})
    rows = pl.concat(
        [own, pooled.select(pl.lit(None, pl.String).alias("table"), *ROW.keys() - {"team"})], how="diagonal"
    )
    first = rows.filter(variable="stage", value=_first(frequencies.stages))
    totals = first.select("table", table_won="won", table_lost="lost")
    summed = rows.with_columns(pl.col("won", "lost").sum().over("table", "variable").name.prefix("all_"))
    joined = summed.join(totals, on="table", how="inner", nulls_equal=True, maintain_order="left")
    is_stage = pl.col("variable") == "stage"
    return joined.with_columns(
        pl.when(is_stage).then("table_won").otherwise("all_won").alias("all_won"),
        pl.when(is_stage).then("table_lost").otherwise("all_lost").alias("all_lost"),
        (pl.col("table_won") / pl.col("table_lost")).log().alias("prior"),
    ).with_columns((pl.col("won") / pl.col("all_won") * pl.col("all_lost") / pl.col("lost")).log().alias("weight"))


def factors(frequencies: Frequencies, leads: pl.DataFrame) -> pl.DataFrame:
    """Give what Odoo's tooltip looks at: row, variable, value and factor (above a half speaks for the lead)."""
    placed = _placed(frequencies, leads)
    names = [*frequencies.fields, "stage"]
    long = pl.concat([placed.select("row", "table", variable=pl.lit(name), value=name) for name in names])
    if "tags" in placed.columns:
        tags = placed.select("row", "table", variable=pl.lit("tags"), value="tags").explode("value")
        long = pl.concat([long, tags])
    joined = long.join(weights(frequencies), on=["table", "variable", "value"], how="inner", nulls_equal=True)
    won, lost = pl.col("won") / pl.col("all_won"), pl.col("lost") / pl.col("all_lost")
    factor = pl.when(pl.col("variable") == "stage").then(1 - lost).otherwise(won / (won + lost))
    return joined.select("row", "variable", "value", factor.alias("factor")).sort("row", "factor", "variable", "value")


def _updated(side: str, weight: int) -> pl.Expr:
    more = weight * pl.col(f"more_{side}").fill_null(0.0)
    count = (pl.col(side).fill_null(SMOOTHING) + more).round(1)
    return pl.when(count > 0).then(count).otherwise(SMOOTHING).alias(side)


def _cells(frequencies: Frequencies, closed: pl.DataFrame) -> pl.DataFrame:
    """List the (team, variable, value) cells that each closed lead counts in."""
    filled = _filled(frequencies, closed)
    parts = [filled.select("team", variable=pl.lit(name), value=name, won="won") for name in frequencies.fields]
    if "tags" in filled.columns:
        parts.append(filled.select("team", variable=pl.lit("tags"), value="tags", won="won").explode("value"))
    return pl.concat([*parts, _passed(frequencies.stages, filled)]).drop_nulls("value")


def _passed(stages: Sequence[Stage], closed: pl.DataFrame) -> pl.DataFrame:
    """List the stages of each closed lead: a won one was in all, a lost one in those up to its own."""
    places = pl.DataFrame(
        {"value": [stage.name for stage in stages], "sequence": [stage.sequence for stage in stages]},
        schema={"value": pl.String, "sequence": pl.Int64},
    )
    sequence = places.rename({"value": "stage", "sequence": "reached"})
    reached = closed.select("team", "won", "stage").join(sequence, on="stage", how="left")
    each = reached.join(places, how="cross").filter(pl.col("won") | (pl.col("sequence") <= pl.col("reached")))
    return each.select("team", pl.lit("stage").alias("variable"), "value", "won")


def _filled(frequencies: Frequencies, leads: pl.DataFrame) -> pl.DataFrame:
    return leads.with_columns(pl.col(name).fill_null(EMPTY) for name in frequencies.quality)


def _placed(frequencies: Frequencies, leads: pl.DataFrame) -> pl.DataFrame:
    """Put the table beside each lead that it is scored by, and the number of its row."""
    teams = frequencies.rows["team"].drop_nulls().unique()
    table = pl.when(pl.col("team").is_in(teams.implode())).then("team").alias("table")
    return _filled(frequencies, leads).with_columns(table).with_row_index("row")


def _weighed(values: pl.DataFrame, used: pl.DataFrame) -> pl.Series:
    """Give the weight of each (table, value); a value that was never seen weighs nothing."""
    known = used.select("table", "value", "weight")
    joined = values.join(known, on=["table", "value"], how="left", nulls_equal=True, maintain_order="left")
    return joined["weight"].fill_null(0.0)


def _first(stages: Sequence[Stage]) -> str:
    """Name the first stage that all teams share; of equal sequence the one listed first."""
    shared = [stage for stage in stages if stage.team is None]
    return min(shared, key=lambda stage: stage.sequence).name if shared else ""
