"""The transforms as Polars expressions: a column of text in, a column of the feature's kind out.

Whole columns; no row is looked at alone, so a single lead gets what it gets in a batch.
"""

from collections.abc import Callable

import polars as pl

from mappings import lexicon
from mappings.links import HOST, free_mail_domains
from mappings.mapping import Step

TRUE = ("true", "yes", "y", "on", "1")
FALSE = ("false", "no", "n", "off", "0")
AMOUNT = r"(\d+(?:\.\d+)?)\s*(k|m|mio|mn|b|bn)?\b"
UNITS = {"k": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9}
OTHERS = "*"  # in `map`: every word that is not listed


def apply(value: pl.Expr, step: Step) -> pl.Expr:
    """Put a column through one transform. The loader has checked that it can take what comes before it."""
    return COMPILED[step.name](value, step)


def ended(value: pl.Expr, kind: str) -> pl.Expr:
    """Turn what the transforms made, or the CRM's own text, into a column of the feature's kind."""
    match kind:
        case "number":
            return numeric(value)
        case "boolean":
            return boolean(value)
        case _:
            return value.cast(pl.String)


def numeric(value: pl.Expr) -> pl.Expr:
    """Read numbers; what is none, or not finite, is null."""
    number = value.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def boolean(value: pl.Expr) -> pl.Expr:
    """Read true and false in their usual spellings; anything else is null."""
    text = value.cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(text.is_in(TRUE)).then(pl.lit(value=True)).when(text.is_in(FALSE)).then(pl.lit(value=False))


def plain(value: pl.Expr) -> pl.Expr:
    """Write text as `lexicon.plain` does."""
    text = value.str.replace_all(".", "", literal=True).str.strip_chars().str.to_lowercase()
    return text.str.normalize("NFKD").str.replace_all(r"[\x{0300}-\x{036f}]", "")


def _filled(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _domain(value: pl.Expr) -> pl.Expr:
    return value.str.strip_chars().str.to_lowercase().str.extract(HOST, 1)


def _first_number(value: pl.Expr) -> pl.Expr:
    text = value.str.to_lowercase().str.replace_all(r"[,'\x{2019}]", "")
    unit = text.str.extract(AMOUNT, 2).replace_strict(UNITS, default=1.0, return_dtype=pl.Float64)
    return numeric(numeric(text.str.extract(AMOUNT, 1)) * unit)


def _from_title(value: pl.Expr, name: str, otherwise: str) -> pl.Expr:
    """Find the first pattern that matches; a title without letters tells nothing."""
    found = pl.when(pl.col("title").str.contains(r"\p{L}")).then(pl.lit(otherwise)).otherwise(pl.lit("unknown"))
    for meant, pattern in reversed(lexicon.patterns(name)):
        found = pl.when(pl.col("title").str.contains(pattern)).then(pl.lit(meant)).otherwise(found)
    return value.map_batches(lambda titles: _looked_up(titles, found), return_dtype=pl.String)


def _looked_up(titles: pl.Series, found: pl.Expr) -> pl.Series:
    """Look each distinct title up once: titles repeat, and a dozen patterns a title are most of a mapping's time."""
    distinct = titles.drop_nulls().unique()
    meant = pl.select(plain(pl.lit(distinct)).alias("title")).select(found.alias("found"))["found"]
    return titles.replace_strict(distinct, meant, default=None, return_dtype=pl.String)


def _country(value: pl.Expr) -> pl.Expr:
    own = _filled(value.str.strip_chars()).str.to_titlecase()
    return plain(value).replace_strict(lexicon.countries(), default=own)


def _bands(number: pl.Expr, edges: tuple[float, ...]) -> pl.Expr:
    band = pl.lit(f"below {edges[0]:g}")
    for low, high in zip(edges, (*edges[1:], None), strict=True):
        label = f"{low:g} or more" if high is None else f"{low:g} to below {high:g}"
        band = pl.when(number >= low).then(pl.lit(label)).otherwise(band)
    return pl.when(number.is_not_null()).then(band)


def _mapped(value: pl.Expr, words: dict[str, str]) -> pl.Expr:
    text = value.cast(pl.String)
    listed = {word: meant for word, meant in words.items() if word != OTHERS}
    default = pl.when(text.is_not_null()).then(pl.lit(words[OTHERS])) if OTHERS in words else text
    return text.str.strip_chars().str.to_lowercase().replace_strict(listed, default=default, return_dtype=pl.String)


COMPILED: dict[str, Callable[[pl.Expr, Step], pl.Expr]] = {
    "trim": lambda value, _: _filled(value.str.strip_chars()),
    "lower": lambda value, _: value.str.to_lowercase(),
    "number": lambda value, _: numeric(value.str.strip_chars()),
    "first_number": lambda value, _: _first_number(value),
    "boolean": lambda value, _: boolean(value),
    "present": lambda value, _: value.is_not_null(),
    "domain": lambda value, _: _domain(value),
    "free_mail": lambda value, _: _domain(value).is_in(sorted(free_mail_domains())),
    "seniority": lambda value, _: _from_title(value, "seniority", "staff"),
    "department": lambda value, _: _from_title(value, "department", "other"),
    "country": lambda value, _: _country(value),
    "map": lambda value, step: _mapped(value, dict(step.words)),
    "length": lambda value, _: value.str.len_chars().cast(pl.Float64),
    "cap": lambda value, step: numeric(value).clip(upper_bound=step.number),
    "log1p": lambda value, _: numeric(value).clip(lower_bound=0).log1p(),
    "bands": lambda value, step: _bands(numeric(value), step.numbers),
}
