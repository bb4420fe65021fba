"""Leads whose honest fields tell something, and the detector asked about them."""

import numpy as np
import polars as pl

from model.features import Feature
from model.leaks.find import find

ROWS = 6_000


def honest(rows=ROWS, seed=1):
    """An honest table and its label: four fields that tell something, one that tells nothing."""
    draw = np.random.default_rng(seed)
    source = draw.choice(["web", "partner", "list"], rows)
    employees = np.round(np.exp(draw.normal(5, 1.5, rows)))
    visits = draw.poisson(3, rows).astype(float)
    margin = -1.5 + 1.2 * (source == "partner") + 0.4 * (np.log(employees + 1) - 5) + 0.3 * (visits - 3)
    label = (draw.random(rows) < 1 / (1 + np.exp(-margin))).astype(np.int8)
    frame = pl.DataFrame(
        {
            "source": source,
            "employees": pl.Series(np.where(draw.random(rows) < 0.1, np.nan, employees)).fill_nan(None),
            "visits": visits,
            "has_phone": draw.random(rows) < 0.6,
            "region": draw.choice(["north", "south", "east", "west"], rows),
        }
    )
    return frame, label


def silent(rows=ROWS, seed=1):
    """A table of six fields that tell nothing, and its label."""
    draw = np.random.default_rng(seed)
    columns = {f"number {place}": draw.normal(0, 1, rows) for place in range(5)}
    return pl.DataFrame(columns | {"region": draw.choice(["north", "south"], rows)}), (draw.random(rows) < 0.4).astype(
        np.int8
    )


def features(frame):
    kinds = {pl.String: "category", pl.Boolean: "boolean"}
    return tuple(
        Feature(name, name.capitalize(), kinds.get(frame[name].dtype, "number"), "fit") for name in frame.columns
    )


def asked(frame, label, **more):
    """Let the detector look: the findings by the feature's name."""
    return {finding.feature: finding for finding in find(frame, features(frame), label, **{"seed": 1} | more)}


def signs(frame, label, **more):
    return {name: finding.sign for name, finding in asked(frame, label, **more).items() if finding.verdict == "dropped"}


def hidden(values, rows):
    """Make values null where not `rows`."""
    return pl.select(pl.when(pl.Series(rows)).then(pl.Series(values))).to_series()
