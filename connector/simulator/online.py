"""Made-up visits to our website: which pages, when, and the forms that were filled on them."""

import numpy as np
import polars as pl

from connector.simulator.draw import Floats, Ints, indexes, masked, picked, sigmoid
from connector.simulator.happenings import at, repeated, shuffled, within

HIGH_VALUE = ("pricing", "demo")
_OTHER_PAGES = ("home", "product", "docs", "blog", "careers")
_WEIGHTS = (30, 30, 12, 20, 8)
_FORMS = ("Demo request", "Contact us", "Download", "Newsletter")
_FORM_WEIGHTS = (18, 22, 35, 25)
_PACE_DAYS = 2.0


def visits(rng: np.random.Generator, visited: Ints, forms: Ints, created_ms: Ints) -> pl.DataFrame:
    """Draw so many visits of each lead, and on so many of them a form: lead_key at_ms page seconds form.

    How fast a lead comes back and how keen it is on prices are its own; neither follows from how often it comes.
    """
    leads, lead = len(visited), repeated(visited)
    count = len(lead)
    pace, keen = _PACE_DAYS * np.exp(rng.normal(0.0, 0.9, leads)), rng.normal(0.0, 1.0, leads)
    days = within(rng.exponential(1.0, count) * pace[lead])
    is_high = rng.random(count) < sigmoid(-1.8 + 1.1 * keen[lead])
    high = picked(HIGH_VALUE, indexes(rng, count, (70, 30)))
    page = high.zip_with(pl.Series(is_high), picked(_OTHER_PAGES, indexes(rng, count, _WEIGHTS)))
    is_filled = shuffled(rng, lead) < forms[lead]
    form = masked(picked(_FORMS, indexes(rng, count, _FORM_WEIGHTS)), ~is_filled)
    seconds: Floats = np.round(3 + rng.exponential(60.0, count))
    columns = {"lead_key": lead, "at_ms": at(created_ms, lead, days), "page": page, "seconds": seconds, "form": form}
    return pl.DataFrame(columns)


def high_value(drawn: pl.DataFrame) -> pl.DataFrame:
    """Give the visits to pages of people who think of buying."""
    return drawn.filter(pl.col("page").is_in(HIGH_VALUE))


def last_values(drawn: pl.DataFrame, column: str, leads: int) -> pl.Series:
    """Give each lead's last value of a column; null where it has none."""
    known = drawn.filter(pl.col(column).is_not_null()).sort("at_ms", maintain_order=True)
    last = known.group_by("lead_key").agg(pl.col(column).last())
    return pl.DataFrame({"lead_key": np.arange(leads)}).join(last, on="lead_key", how="left", maintain_order="left")[
        column
    ]
