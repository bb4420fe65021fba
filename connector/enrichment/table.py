"""The customer's own table as a source: a CSV or Parquet file, read once and again when it has changed."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from connector.enrichment.sources import TableSource, Values
from connector.errors import Misconfigured

READ_BYTES = 1 << 20
TABLES_KEPT = 4
LINE_END = r"\r\n?"
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"  # PostgreSQL keeps no NUL, and nobody sees the others
COLUMNS_TOLD = 20
# A head is a short name; what has an @, many digits or much text, or begins with a +, may be a person's.
DATA = re.compile(r"@|(?:\d\D{0,2}){5}|^\s*\+|://|^.{41}|^\s*$", re.DOTALL)

KeyOf = Callable[[str | None], str | None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read: `frame` has "key" and one text column for each enriched field, a row for each key.

    `rows` counts those of the file, `doubled` those whose key stood there before (the first row counts), `keyless`
    those without a usable key. An `Enricher`.
    """

    frame: pl.DataFrame
    rows: int
    doubled: int
    keyless: int

    def told(self, keys: Sequence[str]) -> Iterator[tuple[str, Values | None]]:
        """Tell what the row of each key holds; never raises."""
        known = {row["key"]: row for row in self.frame.filter(pl.col("key").is_in(list(set(keys)))).to_dicts()}
        for key in keys:
            row = known.get(key)
            yield key, None if row is None else {name: row[name] for name in row if name != "key" and row[name]}


def opened(source: TableSource, folder: Path, key_of: KeyOf) -> Table:
    """Read the table, or give the one that was read before if the file is the same.

    `key_of` makes a key of what the key column holds, as it does of a lead's field. Relative paths are in `folder`.
    Raises Misconfigured naming the file and what is wrong with it.
    """
    path = folder / source.path
    try:
        seen = path.stat()
    except OSError as error:
        raise _unreadable(source, path, error.strerror or "it cannot be read") from error
    return _read(source, path, key_of, seen.st_mtime_ns, seen.st_size)


def fingerprint(source: TableSource, folder: Path) -> str:
    """Hash the file's content: another one may make other scores. Raises Misconfigured when it cannot be read."""
    path = folder / source.path
    digest = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while block := file.read(READ_BYTES):
                digest.update(block)
    except OSError as error:
        raise _unreadable(source, path, error.strerror or "it cannot be read") from error
    return digest.hexdigest()


@lru_cache(TABLES_KEPT)
def _read(source: TableSource, path: Path, key_of: KeyOf, _modified: int, _size: int) -> Table:
    """Read a file of this time and size."""
    wanted = dict.fromkeys((source.column, *(column for _, column in source.fields)))
    try:
        # Text, as in a CRM's records: a postcode is no number, and an id begins with noughts.
        scanned = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path, infer_schema=False)
        names = scanned.collect_schema().names()
        if missing := [name for name in wanted if name not in names]:
            raise Misconfigured(f"The table {path} has no column {missing[0]}.", fix=_fix(source, wanted, names))
        frame = scanned.select(pl.col(name).cast(pl.String) for name in wanted).collect()
    except (PolarsError, UnicodeDecodeError, OSError):  # its words may be those of a row, so that they end here
        raise _unreadable(source, path, "it is no CSV file in UTF-8 with a head line, nor Parquet") from None
    return _keyed(source, frame, key_of)


def _fix(source: TableSource, wanted: Iterable[str], names: Sequence[str]) -> str:
    """Say what the table has instead; of a first line that may be a person's data and no head, only that."""
    known = {name.strip().casefold() for name in names}
    if any(DATA.search(name) for name in names) or known.isdisjoint(name.casefold() for name in wanted):
        said = f"the first line of the table, of {len(names)} columns, holds what looks like data, not names"
        return f"Give the table a head line with {', '.join(wanted)}: {said}."
    told = ", ".join(f"{number} {name}" for number, name in enumerate(names[:COLUMNS_TOLD], 1))
    more = f", and {len(names) - COLUMNS_TOLD} more" if len(names) > COLUMNS_TOLD else ""
    return f"Correct `fields` or `column` of {source.name}; the table has the columns {told}{more}."


def _keyed(source: TableSource, frame: pl.DataFrame, key_of: KeyOf) -> Table:
    written = frame[source.column].drop_nulls().unique()
    keys = pl.DataFrame({"__written": written, "key": pl.Series([key_of(text) for text in written], dtype=pl.String)})
    columns = (_cleaned(column).alias(name) for name, column in source.fields)
    chosen = frame.select(pl.col(source.column).alias("__written"), *columns)
    joined = chosen.join(keys, on="__written", how="left", maintain_order="left").drop("__written")
    found = joined.filter(pl.col("key").is_not_null())
    doubled = found.height - found["key"].n_unique()
    once = found.unique("key", keep="first", maintain_order=True)
    return Table(once, frame.height, doubled, frame.height - found.height)


def _cleaned(column: str) -> pl.Expr:
    """Give the texts as CRMs keep them: lines end with a line feed, and other control characters have no place."""
    lines = pl.col(column).str.replace_all(LINE_END, "\n").str.replace_all(CONTROL, "")
    return lines.str.strip_chars().replace("", None)


def _unreadable(source: TableSource, path: Path, why: str) -> Misconfigured:
    start = path if Path(source.path).is_absolute() else path.absolute().parents[len(Path(source.path).parts) - 1]
    sought = "" if start == path else f" (relative paths start from {start})"
    return Misconfigured(
        f"The table {path} of {source.name} cannot be used: {why}.",
        fix=f"Put it there{sought}, or correct `table` in the section enrich of the mapping.",
    )
