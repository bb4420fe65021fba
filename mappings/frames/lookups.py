"""What a text stands for, looked up once for each distinct one: titles, countries, keywords, options that are chosen.

Texts repeat, within a chunk and from chunk to chunk, and a dozen patterns a text are most of a mapping's time.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, partial

import polars as pl

from mappings import lexicon
from mappings.frames.amounts import employees
from mappings.links import free_mail_domains

OTHERS = "*"  # every word that is not listed
ENDING = "*"  # at a keyword's end: whatever follows within the word
TEXT = pl.col("text")
KEPT = 10_000  # texts of each lookup
LONGEST_KEPT = 100  # signs
FEW = 20  # texts: Polars compiles patterns anew for each frame, Python has them

Quick = Callable[[str], str | None]
LETTERS = r"\p{L}\p{N}_"


def once(value: pl.Expr, found: pl.Expr, dtype: pl.DataType, quick: Quick | None = None) -> pl.Expr:
    """Look each distinct text up: `found` tells of the column "text". Null stays null.

    `quick` tells the same of one text of printable ASCII, for a few of which it is faster.
    """
    return value.map_batches(Lookup(found, dtype, quick), return_dtype=dtype)


class Lookup:
    """Tells of texts what `found` tells of the column "text", and keeps it, for the next chunk has them again.

    `kept` is what was told of the last short texts, at most `most` of them; `quick` is as in `once`.
    """

    def __init__(self, found: pl.Expr, dtype: pl.DataType, quick: Quick | None = None, *, most: int = KEPT) -> None:
        self._found, self._dtype, self._quick, self._most = found.cast(dtype).alias("found"), dtype, quick, most
        self.kept: dict[str, object] = {}

    def __call__(self, texts: pl.Series) -> pl.Series:
        held, kept = texts.to_list(), self.kept
        distinct = set(held) - {None}
        own = {text: kept[text] for text in distinct if text in kept}
        if new := [text for text in distinct if text not in own]:
            told = self._told(new)
            own |= told
            self._keep({text: told[text] for text in new if len(text) <= LONGEST_KEPT})
        return pl.Series(texts.name, [own.get(text) for text in held], dtype=self._dtype)

    def _told(self, texts: list[str]) -> dict[str, object]:
        if self._quick and len(texts) <= FEW and all(text.isascii() and text.isprintable() for text in texts):
            return {text: self._quick(text) for text in texts}
        found = pl.DataFrame({"text": texts}).select(self._found)["found"]
        return dict(zip(texts, found.to_list(), strict=True))

    def _keep(self, told: dict[str, object]) -> None:
        """Begin anew when there are too many; nothing is taken out of what another thread may be reading."""
        if len(self.kept) + len(told) > self._most:
            self.kept = {}
        if len(told) <= self._most:
            self.kept.update(told)


def plain(value: pl.Expr) -> pl.Expr:
    """Write text as `lexicon.plain` does."""
    text = value.str.replace_all(".", "", literal=True).str.strip_chars().str.to_lowercase()
    return text.str.normalize("NFKD").str.replace_all(r"[\x{0300}-\x{036f}]", "")


def titled(value: pl.Expr, name: str, otherwise: str) -> pl.Expr:
    """Find what a job title tells; one without letters tells nothing."""
    rest = pl.when(TEXT.str.contains(r"\p{L}")).then(pl.lit(otherwise)).otherwise(pl.lit("unknown"))
    return once(value, _first(lexicon.patterns(name), rest), pl.String(), partial(_level, name, otherwise))


def _level(name: str, otherwise: str, title: str) -> str:
    """Find what one title of printable ASCII tells, for which Python's patterns are as good as those of Polars."""
    text = lexicon.plain(title)
    rest = otherwise if any(map(str.isalpha, text)) else "unknown"
    return next((meant for meant, pattern in _compiled(name) if pattern.search(text)), rest)


@cache
def _compiled(name: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(meant, re.compile(pattern)) for meant, pattern in lexicon.patterns(name)]


def country(value: pl.Expr) -> pl.Expr:
    """Give a country's usual English name; one that is not known keeps its own, each word with a capital."""
    stripped = TEXT.str.strip_chars()
    own = pl.when(stripped != "").then(stripped).str.to_titlecase()
    return once(value, plain(TEXT).replace_strict(lexicon.countries(), default=own), pl.String())


def is_free_mail(host: pl.Expr) -> pl.Expr:
    """Tell whether hosts are free-mail providers."""
    return host.map_batches(_are_free, return_dtype=pl.Boolean)


def _are_free(hosts: pl.Series) -> pl.Series:
    free = free_mail_domains()
    told = [None if host is None else host in free for host in hosts.to_list()]
    return pl.Series(hosts.name, told, dtype=pl.Boolean)


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
