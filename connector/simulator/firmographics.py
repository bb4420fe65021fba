"""More about made-up companies: when they were founded, who owns them, and the legal form at the end of their names."""

import numpy as np
import polars as pl

from connector.simulator.draw import Bools, holed, indexes, masked, picked

PUBLIC, SUBSIDIARY, PRIVATE, OTHER = "Public", "Subsidiary", "Private", "Other"  # Salesforce's Account.Ownership
_PARENT_SHARE = 0.22
_PUBLIC_SHARE = 0.14
_FORM_SHARE = 0.75
# (stock company, limited company, partnership or the like) of each country
FORMS = {
    "United States": ("Corp.", "Inc.", "LLC"), "United Kingdom": ("plc", "Ltd", "LLP"), "Germany": ("AG", "GmbH", "KG"),
    "Canada": ("Corp.", "Inc.", "LP"), "France": ("SA", "SARL", "SNC"), "Australia": ("Ltd", "Pty Ltd", "LP"),
    "Netherlands": ("N.V.", "B.V.", "V.O.F."), "Spain": ("S.A.", "S.L.", "S.C."), "Sweden": ("AB", "AB", "HB"),
    "India": ("Ltd", "Pvt Ltd", "LLP"), "Brazil": ("S.A.", "Ltda", "ME"), "Nigeria": ("plc", "Ltd", "LLP"),
}  # fmt: skip
_FORM_WEIGHTS = (18, 52, 30)


def told(rng: np.random.Generator, companies: pl.DataFrame, year: int) -> pl.DataFrame:
    """Add founded(i64|null), ownership(text|null), parent_key(i64|null), form(0|1|2|null); forms stand in the names.

    A parent was created before its subsidiary.
    """
    count = companies.height
    age = np.clip(np.exp(rng.normal(2.7, 0.9, count)), 0, 160).astype(np.int64)
    key = companies["key"].to_numpy()
    has_parent = (rng.random(count) < _PARENT_SHARE) & (key > 0)
    parent = (rng.random(count) * np.maximum(key, 1)).astype(np.int64)
    form, country = indexes(rng, count, _FORM_WEIGHTS), companies["country"]
    unformed = rng.random(count) >= _FORM_SHARE
    ending = pl.DataFrame({"country": country, "form": form}).join(_endings(), on=("country", "form"), how="left",
                                                                   maintain_order="left")["ending"]  # fmt: skip
    return companies.with_columns(
        (companies["name"] + masked(" " + ending, unformed).fill_null("")).alias("name"),
        holed(rng, pl.Series(year - age), 0.15).alias("founded"),
        holed(rng, _owned(rng, has_parent), 0.15).alias("ownership"),
        masked(pl.Series(parent), ~has_parent).alias("parent_key"),
        masked(pl.Series(form), unformed).alias("form"),
    )


def _owned(rng: np.random.Generator, has_parent: Bools) -> pl.Series:
    drawn = rng.random(len(has_parent))
    which = np.where(drawn < _PUBLIC_SHARE, 0, np.where(has_parent, 1, np.where(drawn > 0.95, 3, 2)))
    return picked((PUBLIC, SUBSIDIARY, PRIVATE, OTHER), which)


def _endings() -> pl.DataFrame:
    rows = [(country, form, ending) for country, forms in FORMS.items() for form, ending in enumerate(forms)]
    return pl.DataFrame(rows, schema=["country", "form", "ending"], orient="row")
