"""Fingerprints: of what a score is made from, and of what it says. Equal ones save a scoring, or a write."""

from collections.abc import Mapping as Values
from hashlib import blake2b

import orjson
import polars as pl

from connector.crm import Entity
from mappings.frames.activities import alike, within
from mappings.frames.companies import PREFIX, beside_leads
from mappings.mapping import Mapping
from mappings.outputs import PERISHABLE
from mappings.parts import Count
from mappings.words import MEASURES

SIZE = 16  # bytes


def input_hashes(mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame, activities: pl.DataFrame) -> pl.Series:
    """Hash each lead's mapped inputs, in the order of `leads`: hex text, the same on every machine.

    Inputs are the raw values that features are made of: the lead's own, those of its company if it counts, and those of
    the activities in the longest window, in whatever order they come. Stamps, outcome fields and our own outputs are
    none, and neither are the record's links and, but for measures that are reckoned from it, its creation: what they
    decide shows in what counts.
    """
    joined = beside_leads(mapping, leads, companies)
    own = dict.fromkeys((*mapping.inputs(Entity.LEAD), *((mapping.outcome.created,) if _dated(mapping) else ())))
    names = [*own, *(PREFIX + name for name in mapping.inputs(Entity.COMPANY))]
    texts = [joined.select(_packed(names).alias("text"))["text"]] if names else []
    counts = alike(rule.count for rule in mapping.rules if rule.count)
    texts += [_acted(mapping, leads, activities, rules) for rules in counts]
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


def _dated(mapping: Mapping) -> bool:
    """Tell whether a feature is reckoned from the lead's creation, and not only bounded by it."""
    counts = [rule.count for rule in mapping.rules if rule.count]
    return any(MEASURES[count.measure].dated or count.half_life_days is not None for count in counts)


def _acted(mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rules: list[Count]) -> pl.Series:
    """Give what each lead's activities hold in the longest window, of every field that any of the rules looks at."""
    fields = list(dict.fromkeys(name for rule in rules for name in rule.fields))
    found = within(mapping, leads, activities, rules)
    packed = found.select("link", _packed(fields).alias("one")).sort("link", "one")
    joined = packed.group_by("link", maintain_order=True).agg(pl.col("one").str.join(";").alias("acted"))
    own = leads.select("id").join(joined, left_on="id", right_on="link", how="left", maintain_order="left")
    return own["acted"].fill_null("")
