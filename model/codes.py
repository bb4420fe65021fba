"""Frames as codes: each value of each feature as the number of the bin or the category that the trees tell apart.

A number's code is the bin between two borders, a category's its place among the known ones; a missing number and a
category never seen have codes of their own. Comparisons are made in float32, as CatBoost makes them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from model.compiled import compiled
from model.errors import UnsuitableFrame
from model.features import Feature
from model.pool import MISSING, NUMBERS
from model.rare import RARE

HASH_SEED = 0  # hashes live as long as the process: they are never kept, nor compared with another version's


@dataclass(frozen=True, slots=True)
class Numbers:
    """Codes of a number or a boolean: 0 to len(borders) for the bins, one more for missing. Borders rise."""

    name: str
    borders: np.ndarray
    column: pl.Expr

    @property
    def count(self) -> int:
        return len(self.borders) + 2


@dataclass(frozen=True, slots=True)
class Categories:
    """Codes of a category: its place in `values`, which are in order, and one more for what is not among them.

    Values are told apart by their hashes of 64 bits, kept in an open table: `keys`, and `places` in `values` or -1.
    """

    name: str
    values: tuple[str, ...]
    keys: np.ndarray
    places: np.ndarray
    column: pl.Expr

    @property
    def count(self) -> int:
        return len(self.values) + 1


Coding = Numbers | Categories


def numbers(name: str, borders: np.ndarray) -> Numbers:
    """Make the codes of a number or a boolean. What is too large for float32 is infinite: in the outermost bin."""
    return Numbers(name, borders, pl.col(name).cast(pl.Float32, strict=False).fill_null(np.nan))


def categories(name: str, values: Sequence[str]) -> Categories:
    """Make the codes of a category; missing is always among the known ones."""
    ordered = sorted({*values, MISSING})
    hashes = pl.Series([*ordered, None], dtype=pl.String).hash(HASH_SEED).to_numpy()
    if len(np.unique(hashes)) < len(hashes):
        raise ValueError(f"Two values of {name} have the same hash. Choose another HASH_SEED in model/codes.py.")
    places = np.array([*range(len(ordered)), ordered.index(MISSING)], np.int32)
    return Categories(name, tuple(ordered), *_open_table(hashes, places), pl.col(name).hash(HASH_SEED))


def _open_table(hashes: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put each hash into the first free slot from the one that its last bits name; a quarter of the slots is used."""
    size = 4 << len(hashes).bit_length()
    keys, held = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
    for key, place in zip(hashes.tolist(), places.tolist(), strict=True):
        slot = key % size
        while held[slot] >= 0:
            slot = (slot + 1) % size
        keys[slot], held[slot] = key, place
    return keys, held


def known_values(frame: pl.DataFrame, features: Sequence[Feature]) -> dict[str, list[str]]:
    """List the values of each category that a model learned from this frame will have seen, in order."""
    return {f.name: frame[f.name].drop_nulls().unique().sort().to_list() for f in features if f.kind == "category"}


def admitted(frame: pl.DataFrame, feature: Feature) -> pl.Series:
    """Give a feature's column. Raises UnsuitableFrame when it is not there or of the wrong kind."""
    if feature.name not in frame.columns:
        raise UnsuitableFrame(
            f"The column {feature.name} is missing. The mapping must give every feature of the model."
        )
    series = frame[feature.name]
    kinds = {"category": (pl.String,), "number": NUMBERS, "boolean": (pl.Boolean,)}[feature.kind]
    if series.dtype not in kinds:
        raise UnsuitableFrame(f"The column {feature.name} is {series.dtype}, which is no {feature.kind}.")
    return series


def encode(frame: pl.DataFrame, codings: Sequence[Coding]) -> Iterator[np.ndarray]:
    """Encode columns that were admitted: for each coding integers from 0 to its count - 1, in the order of the rows.

    All columns are selected at once: column by column, one lead would take five times as long.
    """
    for column, coding in zip(frame.select([coding.column for coding in codings]), codings, strict=True):
        match coding:
            case Numbers(borders=borders):
                yield _bins(np.array(column), borders)
            case Categories():
                yield _looked_up(column.to_numpy(), coding.keys, coding.places, coding.count - 1)


@compiled
def _bins(values: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """Count the borders, float32 and rising, below each value: int32 (n,); len(borders) + 1 where it is missing."""
    found = np.empty(len(values), np.int32)
    for row in range(len(values)):
        below = np.int32(0)
        for border in borders:  # all of them: eight at a time cost less than the wrong guesses of a binary search
            below += np.int32(border < values[row])
        found[row] = len(borders) + 1 if np.isnan(values[row]) else below
    return found


@compiled
def _looked_up(hashes: np.ndarray, keys: np.ndarray, places: np.ndarray, unseen: int) -> np.ndarray:
    """Look hashes up in an open table: int32 (n,)."""
    found = np.empty(len(hashes), np.int32)
    last = np.uint64(len(keys) - 1)
    for row in range(len(hashes)):
        slot = hashes[row] & last
        while places[slot] >= 0 and keys[slot] != hashes[row]:
            slot = (slot + np.uint64(1)) & last
        found[row] = places[slot] if places[slot] >= 0 else unseen
    return found


def one_of_each(coding: Coding) -> pl.Series:
    """Make a column that holds one value of each code, in their order: the model's answers are read with it.

    What was never seen is answered as rare words are, where some were.
    """
    match coding:
        case Numbers(name=name, borders=borders):
            return pl.Series(name, [*borders.tolist(), float("inf"), None], dtype=pl.Float64)
        case Categories(name=name, values=values):
            return pl.Series(name, [*values, RARE if RARE in values else _unseen(values)], dtype=pl.String)


def _unseen(values: Sequence[str]) -> str:
    known, word = set(values), "never seen"
    while word in known:
        word += "."
    return word
