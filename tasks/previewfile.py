"""The file that a preview may write: CSV or Parquet by its name, a row for each lead, for this user's eyes alone."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from connector.crm import Kind
from connector.errors import Misconfigured
from tasks.csvout import write_csv
from tasks.previewrows import Columns, Export, Rows

ROWS_AT_ONCE = 10_000


def exporter(path: Path, *, overwrite: bool) -> Export:
    """Make what writes columns and rows to the file, and returns how many rows; Parquet at the end alone.

    Raises Misconfigured for a name that ends otherwise, at once for a file that is there and not to be replaced, and
    for a folder that is not there.
    """
    ending = path.suffix.lower()
    if ending not in {".csv", ".parquet"}:
        raise Misconfigured(f"{path} ends neither in .csv nor in .parquet.", fix="Give it one of these endings.")
    if path.exists() and not overwrite:
        raise Misconfigured(f"There is a file {path} already.", fix="Name another, or add --overwrite.")
    if not path.parent.is_dir():
        raise Misconfigured(f"There is no folder {path.parent}.", fix="Make it, or name another.")
    if ending == ".csv":
        return lambda columns, rows: write_csv(path, list(columns), map(_filled, rows), overwrite=overwrite)
    return lambda columns, rows: _parquet(path, columns, rows)


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "" if value is None else value for name, value in row.items()}


def _parquet(path: Path, columns: Columns, rows: Rows) -> int:
    schema = {name: pl.Float64() if kind is Kind.NUMBER else pl.String() for name, kind in columns.items()}
    chunks = [pl.DataFrame(chunk, schema=schema, orient="row") for chunk in _batches(rows)]
    table = pl.concat(chunks) if chunks else pl.DataFrame(schema=schema)
    with open(path, "wb", opener=_private) as file:
        table.write_parquet(file)
    return table.height


def _batches(rows: Rows) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
