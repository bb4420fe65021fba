"""Made-up people: names, e-mail addresses, telephone numbers and the job titles they type."""

import unicodedata
from dataclasses import dataclass

import numpy as np
import polars as pl

from connector.simulator.draw import Floats, Ints, indexes, picked
from connector.simulator.words import DEPARTMENTS, FIRST_NAMES, LAST_NAMES, TITLES

SENIORITIES = tuple(TITLES)


@dataclass(frozen=True, slots=True)
class Names:
    """First and last names, and both as they stand in an e-mail address; Series of equal length."""

    first: pl.Series
    last: pl.Series
    first_ascii: pl.Series
    last_ascii: pl.Series


def names(rng: np.random.Generator, count: int) -> Names:
    """Make up `count` names; a few of them are equal, as in life."""
    first = rng.integers(0, len(FIRST_NAMES), count)
    last = rng.integers(0, len(LAST_NAMES), count)
    return Names(
        picked(FIRST_NAMES, first),
        picked(LAST_NAMES, last),
        picked([_ascii(name) for name in FIRST_NAMES], first),
        picked([_ascii(name) for name in LAST_NAMES], last),
    )


def emails(rng: np.random.Generator, of: Names, domain: pl.Series) -> pl.Series:
    """Give each person an address at the domain; no two are equal."""
    style = pl.Series(indexes(rng, len(domain), (60, 25, 15)))
    local = (of.first_ascii + "." + of.last_ascii).zip_with(
        style.eq(0), (of.first_ascii.str.head(1) + of.last_ascii).zip_with(style.eq(1), of.first_ascii + of.last_ascii)
    )
    frame = pl.DataFrame({"local": local, "domain": domain})
    nth = frame.select(pl.int_range(pl.len()).over("local", "domain").alias("nth"))["nth"]
    # Letters never end in the "." that sets the number apart, so numbered addresses cannot meet plain ones.
    numbered = local + "." + (nth + 1).cast(pl.String)
    return numbered.zip_with(nth > 0, local) + "@" + domain


def phones(rng: np.random.Generator, prefix: pl.Series) -> pl.Series:
    """Give each person a telephone number behind the country's prefix."""
    count = len(prefix)
    area, number = rng.integers(200, 990, count), rng.integers(1000, 9999, count)
    return prefix + " " + pl.Series(area).cast(pl.String) + " 555 " + pl.Series(number).cast(pl.String)


def titles(rng: np.random.Generator, pull: Floats) -> pl.DataFrame:
    """Draw a title per person, as typed: columns title, seniority, department (null where the title tells none).

    `pull` in standard deviations moves a person up the ladder; every twelfth or so is typed carelessly.
    """
    count = len(pull)
    ladder = np.clip(rng.normal(0.0, 1.0, count) + pull, -3.0, 3.0)
    seniority = np.searchsorted(np.array([-1.15, -0.3, 0.45, 1.0, 1.5]), ladder)
    rung = (len(SENIORITIES) - 1 - seniority).astype(np.int64)
    table, starts, sizes = _title_table()
    # Squared, the draw prefers the first, commonest patterns of each rung.
    drawn = starts[rung] + (rng.random(count) ** 1.5 * sizes[rung]).astype(np.int64)
    typed = picked([title for title, _, _ in table], drawn)
    care = rng.random(count)
    typed = typed.str.to_lowercase().zip_with(pl.Series(care < 0.05), typed)
    typed = typed.str.to_uppercase().zip_with(pl.Series((care >= 0.05) & (care < 0.08)), typed)
    return pl.DataFrame(
        {
            "title": typed,
            "seniority": picked([rank for _, rank, _ in table], drawn),
            "department": picked([department for _, _, department in table], drawn),
        }
    )


def meanings() -> pl.DataFrame:
    """List what every title means: columns title (in lower case, each once), seniority, department (null for none)."""
    table, _, _ = _title_table()
    listed = pl.DataFrame(table, schema=["title", "seniority", "department"], orient="row")
    return listed.with_columns(pl.col("title").str.to_lowercase())


def _title_table() -> tuple[list[tuple[str, str, str | None]], Ints, Ints]:
    """List all titles with their seniority and department, and where each seniority starts and how many it has."""
    table: list[tuple[str, str, str | None]] = []
    starts, sizes = [], []
    for seniority, patterns in TITLES.items():
        starts.append(len(table))
        for pattern in patterns:
            if "{d}" not in pattern:
                table.append((pattern, seniority, None))
                continue
            table += [(pattern.format(d=word), seniority, of) for of, words in DEPARTMENTS.items() for word in words]
        sizes.append(len(table) - starts[-1])
    return table, np.array(starts, dtype=np.int64), np.array(sizes, dtype=np.int64)


def _ascii(name: str) -> str:
    spelled = name.lower().replace("ø", "o").replace("ł", "l").replace("ß", "ss")
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if letter.isascii() and letter.isalnum())
