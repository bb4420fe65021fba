"""The inner loops of scoring: from codes to leaves, and from leaves to sums of rows of a table.

A leaf's contributions are a row of a table, and a lead's are the sum of one row for each tree. Rows are 8, 16, 24 or 32
numbers wide, so that a sum stays in the processor's vector registers from the first tree to the last; written as plain
loops it reaches a fifth of the speed, because the compiler cannot know that the table and the sums do not overlap.
Leads go through in blocks, and trees in groups whose tables stay in the nearest cache.

Sums run in the same order whatever the block: a lead's figures are the same alone and among others, to the last bit.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from model.compiled import compiled

LANES = (16, 8)  # float32 numbers in the vectors that a row is cut into, widest first
STRIDE = 64  # trees whose leaves are found in one go: a vector of bytes
WIDEST = 32  # numbers in a row; wider tables are cut into panels
NARROWEST = 8
TOGETHER = 4  # trees whose rows are added to each other before the sum: a shorter chain of additions
ROWS = 256  # leads in a block: their leaves stay in the second cache
GROUP = 64  # trees in a group: their tables stay in the first or second cache


def _adding(_typing: Any, total: Any, table: Any, leaves: Any, count: Any, height: Any, width: Any) -> Any:
    """Write the loop that adds to float32[width] at `total` the row of each tree's leaf, in the compiler's language.

    `total`, `table` and `leaves` are addresses; the table has `height` rows a tree; `count` is a multiple of TOGETHER;
    `width` is a literal.
    """
    tools: Any = cgutils
    cuts = list(_cuts(width.literal_value))

    def generate(context: Any, build: Any, _signature: Any, arguments: Any) -> Any:
        total, table, leaves, count, height, width = arguments
        into = [_at(build, total, place * 4, lanes) for place, lanes in cuts]
        sums = [tools.alloca_once_value(build, build.load(vector, align=4)) for vector in into]
        long = build.mul(width, _integer(4))
        tall = build.mul(height, long)
        with tools.for_range_slice(build, _integer(0), count, _integer(TOGETHER)) as (tree, _):
            rows = []
            for step in range(TOGETHER):
                leaf = _number(build, build.add(build.add(leaves, tree), _integer(step)), ir.IntType(8))
                first = build.add(build.add(table, build.mul(tree, tall)), build.mul(tall, _integer(step)))
                rows.append(build.add(first, build.mul(leaf, long)))
            for (place, lanes), running in zip(cuts, sums, strict=True):
                one, two, three, four = (build.load(_at(build, row, place * 4, lanes), align=4) for row in rows)
                added = build.fadd(build.fadd(one, two), build.fadd(three, four))
                build.store(build.fadd(build.load(running), added), running)
        for vector, running in zip(into, sums, strict=True):
            build.store(build.load(running), vector, align=4)
        return context.get_dummy_value()

    return types.void(total, table, leaves, count, height, width), generate


def _cuts(width: int) -> Iterator[tuple[int, Any]]:
    """Cut a row into vectors: where each begins, and its type."""
    place = 0
    for lanes in LANES:
        while place + lanes <= width:
            yield place, ir.VectorType(ir.FloatType(), lanes)
            place += lanes


def _oring(_typing: Any, leaves: Any, answers: Any, codes: Any, count: Any, apart: Any, trees: Any) -> Any:
    """Write the loop that ORs the answers of `count` features to STRIDE trees into the uint8 at `leaves`.

    `leaves`, `answers` and `codes` are addresses; a row of answers is `trees` bytes long; codes, int32, are `apart`
    bytes apart.
    """
    tools: Any = cgutils
    lanes = ir.VectorType(ir.IntType(8), STRIDE)

    def generate(context: Any, build: Any, _signature: Any, arguments: Any) -> Any:
        leaves, answers, codes, count, apart, trees = arguments
        bits = tools.alloca_once_value(build, ir.Constant(lanes, None))
        with tools.for_range_slice(build, _integer(0), count, _integer(1)) as (feature, _):
            code = _number(build, build.add(codes, build.mul(feature, apart)), ir.IntType(32))
            row = build.load(_at(build, build.add(answers, build.mul(code, trees)), 0, lanes), align=1)
            build.store(build.or_(build.load(bits), row), bits)
        build.store(build.load(bits), _at(build, leaves, 0, lanes), align=1)
        return context.get_dummy_value()

    return types.void(leaves, answers, codes, count, apart, trees), generate


def _at(build: Any, address: Any, offset: int, kind: Any) -> Any:
    """Point at a vector; arrays promise no more alignment than that of their numbers."""
    return build.inttoptr(build.add(address, _integer(offset)), kind.as_pointer())


def _number(build: Any, address: Any, kind: Any) -> Any:
    return build.zext(build.load(build.inttoptr(address, kind.as_pointer())), ir.IntType(64))


def _integer(value: int) -> Any:
    return ir.Constant(ir.IntType(64), value)


add_rows = cast("Callable[..., None]", intrinsic(prefer_literal=True)(_adding))
or_answers = cast("Callable[..., None]", intrinsic(_oring))


@compiled
def contributions_of_leaves(leaves: np.ndarray, table: np.ndarray, places: np.ndarray, features: int) -> np.ndarray:
    """Sum the rows of the leaves' contributions: float64 (n, features).

    `leaves` uint8 (n, trees or more), `table` float32 (panels, trees, height, width), both contiguous; the table's
    columns are those of the features at `places`, int64, which rise; the other features have none.
    """
    parts = np.zeros((len(leaves), features))
    totals = np.empty((ROWS, table.shape[0] * table.shape[3]), np.float32)
    for first in range(0, len(leaves), ROWS):
        some = leaves[first : first + ROWS]
        _add_block(some, table, totals)
        _spread(totals, places, parts[first : first + ROWS])
    return parts


@compiled
def contributions_of_codes(
    codes: np.ndarray, answers: np.ndarray, table: np.ndarray, places: np.ndarray, features: int
) -> np.ndarray:
    """Do the same from codes, int32 (features, n), which are rows of `answers`, uint8 (codes, trees, padded)."""
    parts = np.zeros((codes.shape[1], features))
    totals = np.empty((ROWS, table.shape[0] * table.shape[3]), np.float32)
    leaves = np.empty((ROWS, answers.shape[1]), np.uint8)
    for first in range(0, codes.shape[1], ROWS):
        some = leaves[: min(ROWS, codes.shape[1] - first)]
        _fill_leaves(codes, answers, first, some)
        _add_block(some, table, totals)
        _spread(totals, places, parts[first : first + ROWS])
    return parts


@compiled
def margins_of_codes(codes: np.ndarray, answers: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum the leaves' values, float64 (trees, height), of codes: float64 (n,)."""
    totals = np.zeros(codes.shape[1])
    leaves = np.empty((ROWS, answers.shape[1]), np.uint8)
    for first in range(0, codes.shape[1], ROWS):
        rows = min(ROWS, codes.shape[1] - first)
        _fill_leaves(codes, answers, first, leaves[:rows])
        for row in range(rows):
            totals[first + row] = _summed(leaves[row], values)
    return totals


@compiled
def _fill_leaves(codes: np.ndarray, answers: np.ndarray, first: int, leaves: np.ndarray) -> None:
    """Fill in the leaves, uint8 (rows, trees), of the rows from `first`: the answers of all features, OR-ed."""
    features, count = codes.shape
    trees = answers.shape[1]
    for row in range(len(leaves)):
        codes_at, leaves_at = codes.ctypes.data + (first + row) * 4, leaves.ctypes.data + row * trees
        for tree in range(0, trees, STRIDE):
            or_answers(leaves_at + tree, answers.ctypes.data + tree, codes_at, features, count * 4, trees)


@compiled
def _add_block(leaves: np.ndarray, table: np.ndarray, totals: np.ndarray) -> None:
    """Set the totals to the sums of the leaves' rows, group of trees by group."""
    panels, trees, height, width = table.shape
    totals[:] = 0
    rows_at, table_at, leaves_at = totals.ctypes.data, table.ctypes.data, leaves.ctypes.data
    for panel in range(panels):
        for tree in range(0, trees, GROUP):
            group_at = table_at + (panel * trees + tree) * height * width * 4
            for row in range(len(leaves)):
                total = rows_at + (row * panels + panel) * width * 4
                leaf = leaves_at + row * leaves.shape[1] + tree
                _add_rows(total, group_at, leaf, min(GROUP, trees - tree), height, width)


@compiled
def _add_rows(total: int, table: int, leaves: int, count: int, height: int, width: int) -> None:
    if width == 8:
        add_rows(total, table, leaves, count, height, 8)
    elif width == 16:
        add_rows(total, table, leaves, count, height, 16)
    elif width == 24:
        add_rows(total, table, leaves, count, height, 24)
    else:
        add_rows(total, table, leaves, count, height, 32)


@compiled
def _spread(totals: np.ndarray, places: np.ndarray, parts: np.ndarray) -> None:
    for row in range(len(parts)):
        for column in range(len(places)):
            parts[row, places[column]] = totals[row, column]


@compiled
def _summed(leaves: np.ndarray, values: np.ndarray) -> float:
    """Sum one lead's leaf values, four sums at a time so that additions need not wait for each other."""
    one = two = three = four = 0.0
    for tree in range(0, len(values), TOGETHER):
        one += values[tree, leaves[tree]]
        two += values[tree + 1, leaves[tree + 1]]
        three += values[tree + 2, leaves[tree + 2]]
        four += values[tree + 3, leaves[tree + 3]]
    return one + two + (three + four)
