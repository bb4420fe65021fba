"""A file of folds: which rows of a table each split tests, so that models made elsewhere are judged on the same rows.

Rows are counted from 0 in the order of the file. Taken are JSON: a list with a fold's number for each row, a list of
lists of tested rows, or a list of {"train": [...], "test": [...]}; or text: a fold's number for each row in its line,
with or without a heading, the last column counting. A row with -1 or nothing is tested by none.
"""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from connector.errors import Misconfigured
from model.splits import Split, without_groups_of
from tasks.table import Table

FIX = "Write a fold's number for each row, a line each, or JSON as the README shows."


class Fold(NamedTuple):
    """Rows of the file; `learned` None: all others that any fold tests."""

    tested: list[int]
    learned: list[int] | None


def read_folds(path: Path, table: Table, *, rows: int) -> list[Split]:
    """Read the splits of a table whose file has so many rows; those that were left out are in none.

    Raises Misconfigured.
    """
    place_of = {place: number for number, place in enumerate(table.places)}
    folds = _folds(path, rows)
    splits = []
    for fold in folds:
        tested = _places(fold.tested, place_of)
        learned = _places(fold.learned, place_of) if fold.learned is not None else _others(folds, fold, place_of)
        if not len(tested) or not len(learned):
            raise Misconfigured(f"{path}: a fold tests or teaches no row of the table.", fix=FIX)
        apart = without_groups_of(table.rows["group"], learned, tested)
        in_time = table.in_order and bool(learned.max() < tested.min())
        splits.append(Split(apart, tested, in_time, len(learned) - len(apart)))
    return splits


def _places(rows: list[int], place_of: dict[int, int]) -> np.ndarray:
    return np.sort(np.array([place_of[row] for row in rows if row in place_of], dtype=np.int64))


def _others(folds: list[Fold], fold: Fold, place_of: dict[int, int]) -> np.ndarray:
    mine = set(fold.tested)
    rest = place_of if len(folds) == 1 else [row for other in folds for row in other.tested]
    return _places([row for row in rest if row not in mine], place_of)


def _folds(path: Path, rows: int) -> list[Fold]:
    try:
        content = path.read_bytes()
        told = orjson.loads(content) if content.lstrip()[:1] in (b"[", b"{") else _column(content.decode("utf-8-sig"))
        folds = _told(told, rows)
    except (OSError, ValueError, TypeError, KeyError, OverflowError, csv.Error) as error:
        raise Misconfigured(f"{path} holds no folds ({error}).", fix=FIX) from None
    if not folds:
        raise Misconfigured(f"{path} holds no folds.", fix=FIX)
    return folds


def _told(told: Any, rows: int) -> list[Fold]:
    if isinstance(told, dict):
        told = told["folds"]
    if not isinstance(told, list):
        raise TypeError("not a list")
    if told and all(_is_whole(one) for one in told):
        if len(told) != rows:
            raise ValueError(f"{len(told)} numbers for {rows} rows")
        numbers = sorted({one for one in told if one >= 0})
        return [Fold([row for row, one in enumerate(told) if one == number], None) for number in numbers]
    return [_fold(one, rows) for one in told]


def _fold(one: Any, rows: int) -> Fold:
    tested = _rows(one["test"] if isinstance(one, dict) else one, rows)
    learned = _rows(one["train"], rows) if isinstance(one, dict) and "train" in one else None
    if learned is not None and set(learned) & set(tested):
        raise ValueError("a row both teaches and is tested")
    return Fold(tested, learned)


def _rows(told: Any, rows: int) -> list[int]:
    if not isinstance(told, list) or not all(_is_whole(row) and 0 <= row < rows for row in told):
        raise ValueError(f"rows must be whole numbers from 0 to {rows - 1}")
    if len(set(told)) < len(told):
        raise ValueError("a row is named twice")
    return list(told)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _column(text: str) -> list[int]:
    cells = [line[-1].strip() for line in csv.reader(text.splitlines()) if line]
    body = cells[1:] if cells and not _number(cells[0]) else cells
    wrong = next((cell for cell in body if not _number(cell)), None)
    if wrong is not None:
        raise ValueError(f"{wrong[:20]!r} is no whole number")
    return [int(float(cell)) if cell else -1 for cell in body]


def _number(cell: str) -> bool:
    try:
        return not cell or float(cell).is_integer()
    except ValueError:
        return False
