"""Why a score moved: what is due to each input that changed, and what to a new model, in points of the score.

Old and new inputs are both scored under the same model. The difference of a feature's exact contributions is its part
of the way; what the change did to the contributions of other features is shared among those that changed, in
proportion. The way is then walked, the largest part first, and each step counts the points that it moved the rank: so
the points are whole, each within the scale, and add up to the move of the score.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from model.features import Feature
from model.points import Points
from model.reference import ranks
from model.sentences import spoken
from model.wording import PLAIN, Wording

if TYPE_CHECKING:
    from model.model import Model


@dataclass(frozen=True, slots=True)
class Cause:
    """What moved a score by so many points: an input and its two values, as people read them, or the model."""

    label: str
    points: int
    was: str = ""
    now: str = ""


def moves(
    model: "Model | Points",
    before: pl.DataFrame,
    after: pl.DataFrame,
    held: Sequence[int],
    wording: Wording = PLAIN,
) -> list[tuple[Cause, ...]]:
    """Tell for each lead what moved its score, strongest first; the points add up to its new score less `held`.

    `before` and `after` are frames of the model's features, of the same leads in the same order; `held` are the scores
    that were made of `before` then, by whatever model. What `model` says of `before` otherwise is due to the new model.
    Of the points model, one that was not calibrated: its contributions are points. `wording` tells the causes; those
    that it may not name are told together, as other inputs.
    """
    if not before.height:
        return []
    first, last = (model.score(frame)["score"].to_numpy().astype(np.int64) for frame in (before, after))
    found: list[list[Cause]] = [[] for _ in range(before.height)]
    for row, points in enumerate((first - np.asarray(held)).tolist()):
        if points:
            found[row].append(Cause(wording.language.new_model, points))
    for row, cause in _of_inputs(model, before, after, first, last, wording):
        found[row].append(cause)
    return [tuple(sorted(causes, key=lambda cause: -abs(cause.points))) for causes in found]


def _of_inputs(
    model: "Model | Points",
    before: pl.DataFrame,
    after: pl.DataFrame,
    first: np.ndarray,
    last: np.ndarray,
    wording: Wording,
) -> Iterator[tuple[int, Cause]]:
    """Yield the row and the cause of each move from the score `first` to `last` that is due to an input."""
    changed = np.column_stack([before[f.name].ne_missing(after[f.name]).to_numpy() for f in model.features])
    (then, base), (now, _) = (_explained(model, frame) for frame in (before, after))
    effects = _owned(now - then, changed)
    groups = _fields(model.features, wording)
    steps = np.column_stack([effects[:, places].sum(axis=1) for places in groups])
    points = _walked(then.sum(axis=1) + base, steps, first, last, _ranking(model))
    for row, group in np.argwhere(points).tolist():
        strength = np.abs(effects[row])  # zero for an input that stayed as it was
        place = max(groups[group], key=strength.__getitem__)
        yield row, _cause(model.features[place], before[row], after[row], int(points[row, group]), wording)


def _explained(model: "Model | Points", frame: pl.DataFrame) -> tuple[np.ndarray, float]:
    match model:
        case Points():
            return model.contributions(frame)
        case _:
            return model.ensemble.contributions(frame)


def _ranking(model: "Model | Points") -> Callable[[np.ndarray], np.ndarray]:
    """Tell how the model makes scores of the sums of its contributions."""
    match model:
        case Points():
            return model.ranks
        case _:
            return partial(ranks, quantiles=model.reference.total)


def _owned(differences: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Give what moved of inputs that stayed as they were to those that changed; rows add up as before."""
    own = differences * changed
    size = np.abs(own).sum(axis=1, keepdims=True)
    even = changed / np.maximum(changed.sum(axis=1, keepdims=True), 1)
    shares = np.where(size > 0, np.abs(own) / np.where(size > 0, size, 1), even)
    return np.asarray(own + shares * (differences * ~changed).sum(axis=1, keepdims=True))


def _fields(features: Sequence[Feature], wording: Wording) -> list[list[int]]:
    """Gather the places of features that people see as one field; those that may not be told are one group."""
    keys = [(feature.field or feature.name) if wording.names(feature) else "" for feature in features]
    order = sorted(range(len(features)), key=lambda place: keys[place])
    return [list(places) for _, places in groupby(order, key=lambda place: keys[place])]


def _walked(
    start: np.ndarray,
    steps: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    ranked: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Count the points of each step, int (leads, groups): from the rank `first` to the rank `last`, largest first."""
    order = np.argsort(-np.abs(steps), axis=1, kind="stable")
    way = start[:, None] + np.cumsum(np.take_along_axis(steps, order, axis=1), axis=1)
    passed = ranked(way).astype(np.int64)
    # The last step ends where the score is, whatever the order in which floats were summed.
    ends = np.arange(1, steps.shape[1] + 1) >= (steps != 0).sum(axis=1, keepdims=True)
    passed = np.where(ends, last[:, None], passed)
    walked = np.diff(passed, axis=1, prepend=first[:, None])
    points = np.zeros_like(walked)
    np.put_along_axis(points, order, walked, axis=1)
    return points


def _cause(feature: Feature, before: pl.DataFrame, after: pl.DataFrame, points: int, wording: Wording) -> Cause:
    if not wording.names(feature):
        return Cause(wording.language.other_inputs, points)
    both = pl.concat([before[feature.name], after[feature.name]])
    was, now = spoken(feature, both, wording).to_list()
    return Cause(wording.of(feature).label, points, was, now)
