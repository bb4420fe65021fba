"""What the earlier leads of the same person or company tell of a lead: fields that stand beside its own.

They are told as of the lead's creation, for training and scoring alike, so that no later fact can move them (law: no
look into the future). What happened within the day before does not count: closing dates are days without a time, and a
form that was sent twice, or a lead that one CRM copies to the other, is one enquiry.
"""

from datetime import timedelta

import polars as pl

from mappings.frames.columns import completed, instant
from mappings.mapping import Mapping
from mappings.words import EARLIER, Fact

A_DAY = timedelta(days=1)
PERSON, COMPANY = "person", "company"
CIRCLES = {"id": pl.String, "kind": pl.String, "circle": pl.String}
ENDS = {"circle": pl.String, "created_at": pl.String, "outcome": pl.String, "outcome_at": pl.String}


def with_earlier(mapping: Mapping, leads: pl.DataFrame, circles: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """Add a text column for each fact that features are made of, named "earlier.FACT", in the order of `leads`.

    `circles` tells which leads belong with others: id, kind ("person" or "company") and circle. `ends` has a row for
    each lead of a circle: circle, created_at, outcome, outcome_at, moments as canonical text. A fact is null where the
    lead's creation is unknown; those of the company too where it links to none.
    """
    created = completed(leads, (mapping.outcome.created,)).select("id", instant(mapping.outcome.created).alias("made"))
    happened = ends.select("circle", "outcome", at=instant("created_at"), ended=instant("outcome_at"))
    told: dict[str, pl.Series] = {}
    for name in mapping.earlier:
        fact, kind = EARLIER[name], COMPANY if EARLIER[name].of_company else PERSON
        own = circles.filter(pl.col("kind") == kind).select("id", "circle").unique("id", keep="first")
        placed = created.join(own, on="id", how="left", maintain_order="left")
        told[name] = _told(fact, placed, happened)
    return leads.with_columns(**told)


def _told(fact: Fact, placed: pl.DataFrame, happened: pl.DataFrame) -> pl.Series:
    """Tell one fact. A lead without others is the first of its person; without a company, nothing is known of one."""
    last = _last(placed, _moments(fact.tells, happened))
    if fact.tells == "days":
        value = (last["made"] - last["at"]).dt.total_days()
    else:
        nothing = pl.when(pl.col("circle").is_not_null() | pl.lit(not fact.of_company)).then(0)
        is_dated = pl.col("made").is_not_null()
        value = last.select(pl.when(is_dated).then(pl.coalesce("number", nothing)).alias("value"))["value"]
    return value.cast(pl.String)


def _moments(tells: str, happened: pl.DataFrame) -> pl.DataFrame:
    """Give the moments that count, numbered within their circle: circle, at, number; in order of time."""
    if tells not in ("leads", "days"):
        # A deal may close before the lead is there, as after an import: neither is known before the other.
        moment = pl.max_horizontal("at", "ended").alias("at")
        happened = happened.filter((pl.col("outcome") == tells) & pl.col("ended").is_not_null()).with_columns(moment)
    known = happened.filter(pl.col("at").is_not_null()).sort("at").select("circle", "at")
    return known.with_columns(pl.int_range(1, pl.len() + 1).over("circle").alias("number"))


def _last(placed: pl.DataFrame, moments: pl.DataFrame) -> pl.DataFrame:
    """Give each row the last moment of its circle that was a day ago when it was made: at, number; null for none."""
    rows = placed.with_row_index("__row").with_columns((pl.col("made") - A_DAY).alias("__until"))
    sought = rows.filter(pl.col("circle").is_not_null() & pl.col("__until").is_not_null()).sort("__until")
    found = sought.select("__row", "circle", "__until").join_asof(
        moments,
        left_on="__until",
        right_on="at",
        by="circle",
        strategy="backward",
        coalesce=False,
        check_sortedness=False,
    )
    return rows.join(found.select("__row", "at", "number"), on="__row", how="left", maintain_order="left")
