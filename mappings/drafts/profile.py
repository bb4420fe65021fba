"""What the values of one field look like, whatever the field is called: how many, how often, of what shape."""

from dataclasses import dataclass

import polars as pl

from mappings.frames import transforms
from mappings.frames.columns import share
from mappings.parts import Step

NUMBER = r"^[-+]?\$?\d[\d.,' ]*%?$"
MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
WEB = r"^(?i:https?://\S+|www\.\S+)$"
PHONE = r"^\+?[\d\s().\-/]{7,}$"


@dataclass(frozen=True, slots=True)
class Profile:
    """Figures of one column. Shares are of the filled values; `filled` is a share of the rows.

    `titles` is how many distinct values tell a level as job titles do, `words` the mean number of words in a value.
    """

    rows: int
    filled: float
    distinct: int
    usual: float  # the most frequent value
    numeric: float
    whole: float
    mail: float
    web: float
    phone: float
    words: float
    titles: float

    @property
    def unique(self) -> float:
        """How many of the filled rows have a value of their own."""
        return self.distinct / max(1.0, self.filled * self.rows)

    def __str__(self) -> str:
        many = "1 value" if self.distinct == 1 else f"{self.distinct:,} values"
        return f"{self.filled:.0%} filled, {many}"


def profile(values: pl.Series, rows: int) -> Profile:
    """Measure text values of which `rows` could have been filled."""
    known = values.str.strip_chars().replace("", None).drop_nulls()
    counts = known.alias("value").value_counts(sort=True)
    numbers = known.str.contains(NUMBER)
    return Profile(
        rows=rows,
        filled=len(known) / rows if rows else 0.0,
        distinct=counts.height,
        usual=float(counts["count"][0] / len(known)) if len(known) else 0.0,
        numeric=share(numbers),
        whole=share(known.str.contains(r"^[-+]?\d+$")),
        mail=share(known.str.contains(MAIL)),
        web=share(known.str.contains(WEB)),
        phone=share(known.str.contains(PHONE) & ~known.str.contains(r"^\d+([.,]\d+)?$")),
        words=int(known.str.count_matches(r"\S+").sum()) / max(1, len(known)),
        titles=_titles(counts["value"]) if counts.height else 0.0,
    )


def _titles(distinct: pl.Series) -> float:
    level = pl.select(transforms.apply(pl.lit(distinct.head(500)), Step("seniority")).alias("level"))["level"]
    return share(~level.is_in(["staff", "unknown"]))
