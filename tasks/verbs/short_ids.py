"""Files in which a short id stands where ids stand: in a column of ids, or behind a key that names one.

An id such as 39 stands in many a number, so it is not looked for in text as longer ones are (`tasks.verbs.places`).
"""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import polars as pl

COLUMN = re.compile(r"(?:.*[ _.-])?(?:ids?|lead|contact|vid)|.*[a-z](?:Id|ID)", re.IGNORECASE)
KEYED = (
    r"(?<![a-z])(?:(?:lead|contact|record|object|person)[ _.-]?)?(?:ids?|lead|contact|vid)[\"']?\s*[:=]\s*\[?\s*[\"']?"
)
TABLES, TEXTS = {".csv", ".tsv"}, {".json", ".jsonl", ".ndjson", ".log", ".txt", ".yaml", ".yml"}
SIGNS = ",;\t|"


def naming(paths: Iterable[Path], ids: Sequence[str]) -> Iterator[Path]:
    """Yield the files (CSV, Parquet, JSON, logs; also in gzip) in which one of these ids stands as one."""
    for path in paths if ids else ():
        try:
            if _stands_in(path, frozenset(ids)):
                yield path
        except (OSError, EOFError, UnicodeError, csv.Error):  # it went meanwhile, or is none
            continue


def _stands_in(path: Path, ids: frozenset[str]) -> bool:
    kind = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if kind == ".parquet":
        return _in_parquet(path, ids)
    if kind not in TABLES | TEXTS:
        return False
    with gzip.open(path, "rt", errors="replace") if path.suffix == ".gz" else path.open(errors="replace") as file:
        return _in_table(file, ids) if kind in TABLES else _in_text(file, ids)


def _in_table(file: TextIO, ids: frozenset[str]) -> bool:
    head = file.readline()
    sign = max(SIGNS, key=head.count)
    names = next(csv.reader([head], delimiter=sign), [])
    places = [place for place, name in enumerate(names) if COLUMN.fullmatch(name.strip())]
    rows = csv.reader(file, delimiter=sign)
    return bool(places) and any(row[place].strip() in ids for row in rows for place in places if place < len(row))


def _in_text(file: TextIO, ids: frozenset[str]) -> bool:
    named = re.compile(rf"{KEYED}(?:{'|'.join(map(re.escape, sorted(ids)))})(?![\w.-])", re.IGNORECASE)
    return any(named.search(line) for line in file)


def _in_parquet(path: Path, ids: frozenset[str]) -> bool:
    import polars as pl  # noqa: PLC0415  few homes have such a file beside their models

    try:
        columns = [name for name, kind in pl.read_parquet_schema(path).items() if _may_hold(name, kind)]
        found = pl.scan_parquet(path).select(pl.col(name).cast(pl.String).is_in(sorted(ids)).any() for name in columns)
        return bool(columns) and any(found.collect(engine="streaming").row(0))
    except pl.exceptions.PolarsError:  # damaged, or no such file
        return False


def _may_hold(name: str, kind: "pl.DataType") -> bool:
    return COLUMN.fullmatch(name) is not None and (kind.is_integer() or str(kind) == "String")
