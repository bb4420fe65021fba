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


def read_folds(path: Path, table: Table) -> list[Split]:
    """Read the splits of a table; its rows that were left out are in none. Raises Misconfigured."""
    place_of = {place: number for number, place in enumerate(table.places)}
    folds = _folds(path, 1 + max(table.places, default=-1))
    splits = []
    for fold in folds:
        tested = _places(fold.tested, place_of)
        learned = _places(fold.learned, place_of) if fold.learned is not None else _others(folds, fold, place_of)
        if not len(tested) or not len(learned):
            raise Misconfigured(f"{path}: a fold tests or teaches no row of the table.", fix=FIX)
        apart = without_groups_of(table.rows["group"], learned, tested)
        splits.append(Split(apart, tested, table.in_order and learned.max() < tested.min(), len(learned) - len(apart)))
    return splits


def _places(rows: list[int], place_of: dict[int, int]) -> np.ndarray:
    return np.sort(np.array([place_of[row] for row in rows if row in place_of], dtype=np.int64))


def _others(folds: list[Fold], fold: Fold, place_of: dict[int, int]) -> np.ndarray:
    mine = set(fold.tested)
    if len(folds) == 1:
        return _places([row for row in place_of if row not in mine], place_of)
    return _places([row for other in folds for row in other.tested if row not in mine], place_of)


def _folds(path: Path, rows: int) -> list[Fold]:
    try:
        content = path.read_bytes()
        told = orjson.loads(content) if content.lstrip()[:1] in (b"[", b"{") else _column(content.decode("utf-8-sig"))
        folds = _told(told)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Misconfigured(f"{path} holds no folds ({type(error).__name__}: {error}).", fix=FIX) from None
    if not folds:
        raise Misconfigured(f"{path} holds no folds.", fix=FIX)
    highest = max((max(fold.tested, default=-1) for fold in folds), default=-1)
    if highest >= rows:
        raise Misconfigured(f"{path} names row {highest}, but the table ends at row {rows - 1}.", fix=FIX)
    return folds


def _told(told: Any) -> list[Fold]:
    if isinstance(told, dict):
        told = told["folds"] if "folds" in told else list(told.values())
    if all(isinstance(one, int) for one in told):
        numbers = sorted({one for one in told if one >= 0})
        return [Fold([row for row, one in enumerate(told) if one == number], None) for number in numbers]
    return [
        Fold([int(row) for row in one["test"]], [int(row) for row in one["train"]] if "train" in one else None)
        if isinstance(one, dict)
        else Fold([int(row) for row in one], None)
        for one in told
    ]


def _column(text: str) -> list[int]:
    lines = [line[-1].strip() for line in csv.reader(text.splitlines()) if line]
    body = lines[1:] if lines and not _is_number(lines[0]) else lines
    return [int(float(value)) if value else -1 for value in body]


def _is_number(text: str) -> bool:
    try:
        float(text or "-1")
    except ValueError:
        return False
    return True
