"""Fingerprints: of what a score is made from, and of what it says. Equal ones save a scoring, or a write."""

from collections.abc import Mapping as Values
from hashlib import blake2b

import orjson
import polars as pl

from connector.crm import Entity
from mappings.features import COMPANY, counting, with_company
from mappings.load import Mapping
from mappings.outputs import PERISHABLE, field_name

EMPTY = "\x00"
BETWEEN = "\x1f"


def input_hashes(mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame, activities: pl.DataFrame) -> pl.Series:
    """Hash each lead's mapped inputs, in the order of `leads`: its own, its company's, its counted activities'.

    Stamps, outcome fields and our own outputs are no inputs. The order of activities does not matter.
    """
    joined = with_company(mapping, leads, companies)
    own = [name for name in mapping.inputs(Entity.LEAD) if name in joined.columns]
    names = [*own, mapping.outcome.created, *(COMPANY + name for name in mapping.inputs(Entity.COMPANY))]
    values = [pl.col(name).fill_null(EMPTY) for name in names if name in joined.columns]
    text = joined.select("id", pl.concat_str(pl.lit("|".join(names)), *values, separator=BETWEEN).alias("text"))
    for rule in mapping.rules:
        if rule.count is not None:
            found = counting(mapping, leads, activities, rule.count).group_by("link").len()
            text = text.join(found.rename({"link": "id"}), on="id", how="left", maintain_order="left").select(
                "id", pl.concat_str("text", pl.col("len").fill_null(0).cast(pl.String), separator=BETWEEN).alias("text")
            )
    return pl.Series(
        "inputs_hash", [blake2b(line.encode(), digest_size=16).hexdigest() for line in text["text"]], dtype=pl.String
    )


def outputs_hash(crm: str, values: Values[str, object]) -> str:
    """Hash what a score says, leaving out what alone never justifies a write."""
    perishable = {field_name(crm, role) for role in PERISHABLE}
    kept = {name: value for name, value in values.items() if name not in perishable}
    return blake2b(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
