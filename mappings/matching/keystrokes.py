"""Whether two texts are one keystroke apart: a letter more, a letter less, another letter, or two that changed places.

Two texts are so exactly when what they have in common at the beginning and at the end leaves out that one place. That
is counted for all pairs at once, so no pair is walked through by itself; a general edit distance would need a package
for what is a few comparisons of arrays. (The distance is Damerau's, 1964, "A technique for computer detection and
correction of spelling errors": his four kinds of error are these four.)
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

AT_ONCE = 100_000  # pairs; of 60 letters each they take 48 MB

Letters = NDArray[np.uint32]


def one_apart(one: pl.Series, other: pl.Series, *, where: pl.Series) -> pl.Series:
    """Tell for each pair of texts whether they are one keystroke apart; no where `where` says not to look."""
    places = where.arg_true()
    found = np.zeros(len(one), dtype=bool)
    for start in range(0, len(places), AT_ONCE):
        some = places[start : start + AT_ONCE]
        found[some.to_numpy()] = _one_apart(one.gather(some).to_list(), other.gather(some).to_list())
    return pl.Series(found)


def _one_apart(one: list[str], other: list[str]) -> NDArray[np.bool_]:
    width = max(map(len, (*one, *other)), default=0) + 2  # two places of nothing behind the longest
    a, b = _letters(one, width), _letters(other, width)
    begin = _common(a, b)
    end = _common(_letters([text[::-1] for text in one], width), _letters([text[::-1] for text in other], width))
    long_a, long_b = (a != 0).sum(axis=1), (b != 0).sum(axis=1)
    shorter, same_length = np.minimum(long_a, long_b), long_a == long_b
    one_more = (np.abs(long_a - long_b) == 1) & (begin + end >= shorter)
    another = same_length & (begin + end == shorter - 1)
    swapped = same_length & (begin + end == shorter - 2) & _swapped(a, b, begin)
    return np.asarray(one_more | another | swapped)


def _letters(texts: list[str], width: int) -> Letters:
    return np.array(texts, dtype=f"U{width}").view(np.uint32).reshape(len(texts), width)


def _common(a: Letters, b: Letters) -> NDArray[np.int64]:
    """Count the letters that both begin with; texts that are equal have all of the width in common."""
    differs = a != b
    return np.asarray(np.where(differs.any(axis=1), differs.argmax(axis=1), a.shape[1]), dtype=np.int64)


def _swapped(a: Letters, b: Letters, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    rows, first = np.arange(len(at)), np.minimum(at, a.shape[1] - 2)
    crossed = (a[rows, first] == b[rows, first + 1]) & (a[rows, first + 1] == b[rows, first])
    return np.asarray(crossed)
