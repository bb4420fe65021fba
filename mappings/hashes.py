"""Fingerprints: of what a score is made from, and of what it says. Equal ones save a scoring, or a write."""

from collections.abc import Mapping as Values
from hashlib import blake2b

import orjson
import polars as pl

from connector.crm import Entity
from mappings.activities import within
from mappings.columns import completed
from mappings.companies import PREFIX, beside_leads
from mappings.mapping import Count, Mapping
from mappings.outputs import PERISHABLE

SIZE = 16  # bytes


def input_hashes(mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame, activities: pl.DataFrame) -> pl.Series:
    """Hash each lead's mapped inputs, in the order of `leads`: hex text, the same on every machine.

    Inputs are the raw values that features are made of: the lead's own, those of its company if it counts, and those of
    the activities in the longest window, in whatever order they come. Stamps, outcome fields and our own outputs are
    none, and neither are the record's creation or its links: what they decide shows in what counts.
    """
    joined = beside_leads(mapping, leads, companies)
    names = [*mapping.inputs(Entity.LEAD), *(PREFIX + name for name in mapping.inputs(Entity.COMPANY))]
    texts = [joined.select(_packed(names).alias("text"))["text"]] if names else []
    texts += [_acted(mapping, leads, activities, rule) for rule in _windows(mapping)]
    head = "\n".join(names)
    lines = pl.select(pl.concat_str(pl.lit(head), *texts, separator="\n").alias("line"))["line"]
    return pl.Series("inputs_hash", [blake2b(line.encode(), digest_size=SIZE).hexdigest() for line in lines], pl.String)


def outputs_hash(mapping: Mapping, values: Values[str, object]) -> str:
    """Hash what a score says, leaving out what alone never justifies a write, whatever its field is called."""
    perishable = {name for role, name in mapping.outputs if role in PERISHABLE}
    kept = {name: value for name, value in values.items() if name not in perishable}
    return blake2b(orjson.dumps([mapping.crm, kept], option=orjson.OPT_SORT_KEYS), digest_size=SIZE).hexdigest()


def _packed(names: list[str]) -> pl.Expr:
    """Join values so that no two rows of different values give the same text: each with its length before it."""
    sized = (pl.concat_str(pl.col(name).str.len_bytes().cast(pl.String), pl.col(name), separator=":") for name in names)
    return pl.concat_str(*(text.fill_null("-") for text in sized), separator=",")


def _windows(mapping: Mapping) -> list[Count]:
    """Give one count for each time field: the longest window, and every field that any of them looks at."""
    widest: dict[str, Count] = {}
    for rule in (rule.count for rule in mapping.rules if rule.count):
        known = widest.get(rule.at, Count(rule.at, 0))
        widest[rule.at] = Count(rule.at, max(known.window_days, rule.window_days), (*known.where, *rule.where))
    return list(widest.values())


def _acted(mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rule: Count) -> pl.Series:
    fields = list(dict.fromkeys(rule.fields))
    found = within(mapping, leads, completed(activities, fields), rule)
    packed = found.select("link", _packed(fields).alias("one")).sort("link", "one")
    joined = packed.group_by("link", maintain_order=True).agg(pl.col("one").str.join(";").alias("acted"))
    own = leads.select("id").join(joined, left_on="id", right_on="link", how="left", maintain_order="left")
    return own["acted"].fill_null("")
