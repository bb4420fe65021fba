"""What truly moves each lead of a Salesforce world, and by how much: what a reason that tells the truth would name.

It is read out of what the CRM shows, by the tables that decided who buys, so it is exact and not estimated. Where two
values count together, each gets half of what they add (Shapley's share of a pair), measured from the average lead.
"""

import numpy as np
import polars as pl

from connector.simulator.behaviour import touch_counts
from connector.simulator.draw import Floats, Ints
from connector.simulator.people import meanings
from connector.simulator.truth import CROSSED, EFFECTS, STRENGTH, campaign_engagement, size_band
from connector.simulator.words import COUNTRIES, FREE_EMAIL
from connector.simulator.world import World

ENGAGEMENT = "engagement"


def drivers(world: World) -> pl.DataFrame:
    """Split the log-odds of each lead by driver: Float64 columns, in the order of `world.leads`, each of mean 0.

    Columns: those of `truth.EFFECTS` that Salesforce shows, and engagement. For leads that are five days old or more,
    row sum + a constant = log-odds of `world.truth`'s probability.
    """
    seen = _seen(world)
    touches, answered = touch_counts(world.responses, world.leads.height)
    worth = {name: _single(seen[name], table) for name, table in EFFECTS.items() if name in seen.columns}
    worth[ENGAGEMENT] = campaign_engagement(touches, answered)
    engaged = pl.Series(np.where(answered > 0, "true", "false"))
    for (left, right), table in CROSSED.items():
        other = engaged if right == "engaged" else seen[right]
        one, two = _halves(seen[left], other, table)
        worth[left] = worth[left] + one
        partner = ENGAGEMENT if right == "engaged" else right
        worth[partner] = worth[partner] + two
    return pl.DataFrame({name: STRENGTH * (values - values.mean()) for name, values in worth.items()})


def _seen(world: World) -> pl.DataFrame:
    """Give the values that the truth's tables name, from what was typed."""
    leads = world.leads
    meant = leads.select(title=pl.col("title").str.to_lowercase()).join(
        meanings(), on="title", how="left", maintain_order="left"
    )
    spelled = {word: name for name, place in COUNTRIES.items() for word in (name, *place[3])}
    free = leads["email"].str.extract("@(.*)$").is_in(FREE_EMAIL).fill_null(value=False)
    flags = {"free_email": free, "bounced": leads["email_bounced"]}
    return leads.select(
        meant["seniority"],
        meant["department"],
        size_band(leads["employees"]).alias("size"),
        "source",
        "industry",
        pl.col("country").replace_strict(spelled, default=None, return_dtype=pl.String),
        *(pl.Series(name, np.where(flag.to_numpy(), "true", "false")) for name, flag in flags.items()),
    )


def _single(values: pl.Series, table: dict[str | None, float]) -> Floats:
    known = {value: effect for value, effect in table.items() if value is not None}
    effects = values.replace_strict(known, default=0.0, return_dtype=pl.Float64).to_numpy()
    return np.where(values.is_null().to_numpy(), table.get(None, 0.0), effects)


def _halves(left: pl.Series, right: pl.Series, table: dict[tuple[str, str], float]) -> tuple[Floats, Floats]:
    """Share what pairs of values add between the two."""
    ones, others = sorted({one for one, _ in table}), sorted({other for _, other in table})
    added = np.zeros((len(ones) + 1, len(others) + 1))  # the last of each: any other value
    for (one, other), effect in table.items():
        added[ones.index(one), others.index(other)] = effect
    row, column = _places(left, ones), _places(right, others)
    of_rows, of_columns = _shares(row, len(ones) + 1), _shares(column, len(others) + 1)
    over_rows, over_columns = of_rows @ added, added @ of_columns
    mean, together = of_rows @ over_columns, added[row, column]
    surplus = together - over_columns[row] - over_rows[column] + mean
    return over_columns[row] - mean + surplus / 2, over_rows[column] - mean + surplus / 2


def _places(values: pl.Series, words: list[str]) -> Ints:
    at = {word: place for place, word in enumerate(words)}
    return values.replace_strict(at, default=len(words), return_dtype=pl.Int64).to_numpy()


def _shares(places: Ints, size: int) -> Floats:
    return np.asarray(np.bincount(places, minlength=size) / len(places), dtype=np.float64)
