"""What a text stands for, looked up once for each distinct one: titles, countries, keywords, options that are chosen.

Texts repeat, and a dozen patterns a text are most of a mapping's time.
"""

import re
from collections.abc import Sequence

import polars as pl

from mappings import lexicon
from mappings.amounts import employees

OTHERS = "*"  # every word that is not listed
ENDING = "*"  # at a keyword's end: whatever follows within the word
TEXT = pl.col("text")
LETTERS = r"\p{L}\p{N}_"


def once(value: pl.Expr, found: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Look each distinct text up: `found` tells of the column "text". Null stays null."""
    return value.map_batches(lambda texts: _looked_up(texts, found, dtype), return_dtype=dtype)


def _looked_up(texts: pl.Series, found: pl.Expr, dtype: pl.DataType) -> pl.Series:
    distinct = texts.drop_nulls().unique()
    meant = pl.DataFrame({"text": distinct}).select(found.cast(dtype).alias("found"))["found"]
    return texts.replace_strict(distinct, meant, default=None, return_dtype=dtype)


def plain(value: pl.Expr) -> pl.Expr:
    """Write text as `lexicon.plain` does."""
    text = value.str.replace_all(".", "", literal=True).str.strip_chars().str.to_lowercase()
    return text.str.normalize("NFKD").str.replace_all(r"[\x{0300}-\x{036f}]", "")


def titled(value: pl.Expr, name: str, otherwise: str) -> pl.Expr:
    """Find what a job title tells; one without letters tells nothing."""
    rest = pl.when(TEXT.str.contains(r"\p{L}")).then(pl.lit(otherwise)).otherwise(pl.lit("unknown"))
    return once(value, _first(lexicon.patterns(name), rest), pl.String())


def country(value: pl.Expr) -> pl.Expr:
    """Give a country's usual English name; one that is not known keeps its own, each word with a capital."""
    stripped = TEXT.str.strip_chars()
    own = pl.when(stripped != "").then(stripped).str.to_titlecase()
    return once(value, plain(TEXT).replace_strict(lexicon.countries(), default=own), pl.String())


def head_count(value: pl.Expr) -> pl.Expr:
    """Read a head count from figures, or from words where there is no figure."""
    words = _first(lexicon.patterns("employees"), pl.lit(None, dtype=pl.String)).cast(pl.Float64, strict=False)
    in_words = pl.when(~TEXT.str.contains(r"\d")).then(words)
    return once(value, pl.coalesce(employees(TEXT), in_words), pl.Float64())


def containing(value: pl.Expr, keywords: Sequence[tuple[str, str]]) -> pl.Expr:
    """Give the word of the first keyword that is in the text."""
    rest = dict(keywords).get(OTHERS)
    listed = [(meant, _pattern(keyword)) for keyword, meant in keywords if keyword != OTHERS]
    return once(value, _first(listed, pl.lit(rest, dtype=pl.String)), pl.String())


def _first(patterns: Sequence[tuple[str, str]], rest: pl.Expr) -> pl.Expr:
    """Give the value of the first pattern that the text matches, as `plain` writes it."""
    found: pl.Expr = pl.when(TEXT.is_not_null()).then(rest)
    for meant, pattern in reversed(patterns):
        found = pl.when(TEXT.str.contains(pattern)).then(pl.lit(meant)).otherwise(found)
    return _within(plain(TEXT), found)


def _within(text: pl.Expr, found: pl.Expr) -> pl.Expr:
    """Write the text in another way first, once for all patterns that look at it."""
    return text.map_batches(lambda texts: pl.DataFrame({"text": texts}).select(found.alias("found"))["found"])


def _pattern(keyword: str) -> str:
    """Make a pattern of a keyword: whole words, any blanks between them."""
    begins = lexicon.plain(keyword)
    ends = rf"[{LETTERS}]*" if begins.endswith(ENDING) else ""
    words = r"\s+".join(map(re.escape, begins.removesuffix(ENDING).split()))
    return rf"(?:^|[^{LETTERS}]){words}{ends}(?:$|[^{LETTERS}])"


def has(value: pl.Expr, listed: Sequence[str]) -> pl.Expr:
    """Tell whether one of the options is chosen."""
    wanted = [option.lower() for option in listed]
    return once(value, _chosen().list.eval(pl.element().is_in(wanted)).list.any(), pl.Boolean())


def picked(value: pl.Expr) -> pl.Expr:
    """Count the options that are chosen."""
    return once(value, _chosen().list.len(), pl.Float64())


def first_of(value: pl.Expr, listed: Sequence[str]) -> pl.Expr:
    """Give the first of the options that is chosen; null if none is."""
    found = pl.lit(None, dtype=pl.String)
    for option in reversed(listed):
        found = pl.when(_chosen().list.contains(pl.lit(option.lower()))).then(pl.lit(option)).otherwise(found)
    return once(value, found, pl.String())


def _chosen() -> pl.Expr:
    """List the options that are chosen, as the CRMs' adapters write them: ";" between (connector/crm.py)."""
    options = TEXT.str.to_lowercase().str.split(";").list.eval(pl.element().str.strip_chars())
    return options.list.eval(pl.element().filter(pl.element() != "")).list.unique()
