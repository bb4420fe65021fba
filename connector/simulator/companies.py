"""Made-up companies: names by industry, domains by country, sizes with a long tail."""

import numpy as np
import polars as pl

from connector.simulator.draw import Ints, indexes, picked
from connector.simulator.words import COMPANY_FIRST, COMPANY_SECOND, COUNTRIES, INDUSTRIES

_INDUSTRY_WEIGHTS = {"Technology": 6.0, "Manufacturing": 4.0, "Finance": 3.0, "Healthcare": 3.0, "Consulting": 3.0}
_INDUSTRY_WEIGHTS |= {"Retail": 2.5, "Banking": 2.0, "Education": 2.0, "Government": 1.5, "Telecommunications": 1.5}
_COUNTRY_WEIGHTS = (42, 11, 10, 6, 6, 4, 4, 4, 2.5, 6, 3, 1.5)
_TYPES = ("prospect", "customer", "partner", "other")


def companies(rng: np.random.Generator, count: int) -> pl.DataFrame:
    """Make up `count` companies: the columns of `World.companies` but its stamps. Names and domains are distinct."""
    industry = indexes(rng, count, [_INDUSTRY_WEIGHTS.get(name, 1.0) for name in INDUSTRIES])
    country = indexes(rng, count, _COUNTRY_WEIGHTS)
    employees = np.clip(np.exp(rng.normal(4.9, 1.9, count)), 1, 400_000).astype(np.int64)
    revenue = employees * np.exp(rng.normal(11.9, 0.6, count))
    frame = pl.DataFrame(
        {
            "key": pl.Series(np.arange(count), dtype=pl.Int64),
            "name": _names(rng, industry),
            "industry": picked(tuple(INDUSTRIES), industry),
            "employees": employees,
            "annual_revenue": np.round(revenue, -4).astype(np.int64) + 10_000,
            "country": picked(tuple(COUNTRIES), country),
            "type": picked(_TYPES, indexes(rng, count, (70, 18, 7, 5))),
            **places(rng, country),
        }
    )
    return _distinct(frame, picked([place[1] for place in COUNTRIES.values()], country))


def places(rng: np.random.Generator, country: Ints) -> dict[str, pl.Series]:
    """Draw a state and a city within each country (a position in COUNTRIES)."""
    towns = [place[4] for place in COUNTRIES.values()]
    starts = np.cumsum([0, *(len(of) for of in towns)])[:-1]
    sizes = np.array([len(of) for of in towns])
    drawn = starts[country] + (rng.random(len(country)) * sizes[country]).astype(np.int64)
    flat = [town for of in towns for town in of]
    return {"state": picked([state for state, _ in flat], drawn), "city": picked([city for _, city in flat], drawn)}


def slug(texts: pl.Series) -> pl.Series:
    """Give each text as it stands in a domain: lower-case ASCII letters and digits only."""
    return texts.str.normalize("NFKD").str.to_lowercase().str.replace_all("&", "and").str.replace_all(r"[^a-z0-9]", "")


def _names(rng: np.random.Generator, industry: Ints) -> pl.Series:
    count = len(industry)
    first = picked(COMPANY_FIRST, rng.integers(0, len(COMPANY_FIRST), count))
    second = picked(COMPANY_SECOND, rng.integers(0, len(COMPANY_SECOND), count))
    lasts = [word for words in INDUSTRIES.values() for word in words]
    per_industry = len(lasts) // len(INDUSTRIES)
    last = picked(lasts, industry * per_industry + rng.integers(0, per_industry, count))
    joint = picked(["", " & "], indexes(rng, count, (9, 1)))
    second = second.zip_with(joint.eq(""), second.str.to_titlecase())
    return first + joint + second + " " + last


def _distinct(frame: pl.DataFrame, top_level: pl.Series) -> pl.DataFrame:
    """Tell namesakes apart by their city, then by a number, and derive the domains."""
    named = frame.with_columns(
        pl.when(pl.int_range(pl.len()).over("name") > 0)
        .then(pl.col("name") + " " + pl.col("city"))
        .otherwise(pl.col("name"))
        .alias("name")
    )
    nth = named.select((pl.int_range(pl.len()).over("name") + 1).alias("nth"))["nth"]
    numbered = (named["name"] + " " + nth.cast(pl.String)).zip_with(nth > 1, named["name"])
    return named.with_columns(numbered, domain=slug(numbered) + "." + top_level)
