"""Records as they stood at a time, from what they hold now and what they held before each change since.

Of the changes after that time the oldest decides: what it replaced was the value then. A field without such a change
had the value that it has now. Changes are frames of "id", "field", "at" (canonical instant) and "old" (text or null).
"""

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

import polars as pl

from connector.crm import Entity
from mappings.frames.columns import completed, instant
from mappings.mapping import Mapping

CHANGES = {"id": pl.String, "field": pl.String, "at": pl.String, "old": pl.String}
AS_OF = "__as_of"


def no_changes() -> pl.DataFrame:
    """Make a frame of no changes."""
    return pl.DataFrame(schema=CHANGES)


@dataclass(frozen=True, slots=True)
class Past:
    """The changes of leads, companies and activities that are known, in any order."""

    leads: pl.DataFrame
    companies: pl.DataFrame
    activities: pl.DataFrame


def unchanged() -> Past:
    """Tell of a past in which nothing was ever changed."""
    return Past(no_changes(), no_changes(), no_changes())


def as_of(mapping: Mapping) -> pl.Expr:
    """Tell when a lead is looked at: so many days after its creation; null when that is not known.

    Where there are several days to look at leads, the id decides on which of them this one is: each is an example
    once, and all of them together are of every age, as those are that will be scored.
    """
    days = mapping.outcome.looks
    after = pl.duration(days=_looked_at(days)) if days else timedelta(days=mapping.observe_days)
    return instant(mapping.outcome.created) + after


def _looked_at(days: tuple[int, ...]) -> pl.Expr:
    def chosen(ids: pl.Series) -> pl.Series:
        places = (days[crc32(one.encode()) % len(days)] for one in ids)  # the same on every machine and version
        return pl.Series(ids.name, list(places), dtype=pl.Int64)

    return pl.col("id").map_batches(chosen, return_dtype=pl.Int64)


def leads_then(mapping: Mapping, leads: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Give the leads as they stood when each is looked at, with the company that they linked to then."""
    names = mapping.remembered_fields(Entity.LEAD)
    frame = completed(leads, (*names, "link", mapping.outcome.created)).with_columns(as_of(mapping).alias(AS_OF))
    then = rewound(frame, changes, {name: name for name in names if name != mapping.outcome.created})
    return _linked(mapping, then, changes).drop(AS_OF)


def rewound(
    frame: pl.DataFrame, changes: pl.DataFrame, columns: Dict[str, str], *, by: str = "id", at: str = AS_OF
) -> pl.DataFrame:
    """Set columns back to what they held at each row's time, in the order of `frame`.

    `columns` names the column of each field; `by` is the column with the record's id, `at` the one with the time. A row
    whose time is null keeps what it has.
    """
    wanted = changes.filter(pl.col("field").is_in(list(columns)))
    if wanted.is_empty():
        return frame
    rows = frame.select(pl.int_range(pl.len()).alias("__row"), pl.col(by).alias("id"), pl.col(at).alias("__then"))
    deciding = (
        wanted.with_columns(instant("at").alias("__changed"))
        .join(rows, on="id", how="inner")
        .filter(pl.col("__changed") > pl.col("__then"))
        .sort("__changed", maintain_order=True)
        .unique(["__row", "field"], keep="first", maintain_order=True)
    )
    for field in deciding["field"].unique().sort():
        frame = _set(frame, columns[field], deciding.filter(pl.col("field") == field))
    return frame


def last_change(changes: pl.DataFrame, field: str) -> pl.DataFrame:
    """Tell when a field changed last, where that is known: id, changed_at."""
    own = changes.filter(pl.col("field") == field)
    return own.group_by("id").agg(instant("at").max().alias("changed_at"))


def _set(frame: pl.DataFrame, column: str, deciding: pl.DataFrame) -> pl.DataFrame:
    """Put old values, null too, into a column at their rows."""
    olds = deciding.select("__row", pl.col("old").alias("__old"), pl.lit(value=True).alias("__is_old"))
    rows = frame.select(pl.int_range(pl.len()).alias("__row"), pl.col(column).alias("__now"))
    joined = rows.join(olds, on="__row", how="left", maintain_order="left")
    then = pl.when(pl.col("__is_old")).then("__old").otherwise("__now")
    return frame.with_columns(joined.select(then.alias(column))[column])


def _linked(mapping: Mapping, then: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Find again the links of the leads of which a linking field has ever changed."""
    fields = mapping.links.lead
    moved = changes.filter(pl.col("field").is_in(list(fields)))["id"].unique()
    if moved.is_empty():
        return then
    link = mapping.linker(Entity.LEAD, fields)
    rows = then.filter(pl.col("id").is_in(moved.implode())).unique("id")
    links = [link(values)[1] for values in rows.select(fields).iter_rows()]
    found = pl.DataFrame({"id": rows["id"], "__link": pl.Series(links, dtype=pl.String), "__moved": True})
    joined = then.join(found, on="id", how="left", maintain_order="left")
    link_then = pl.when(pl.col("__moved")).then("__link").otherwise("link").alias("link")
    return joined.with_columns(link_then).drop("__link", "__moved")
