"""What each value of each feature answers to the splits of all trees: read out of the models, once for every value.

Where a split reads one feature, the bits of a leaf's index that a feature decides depend on its value alone. So one
lead for each value, whose leaves CatBoost finds, tells the bits for good; no statistic of a category is recomputed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from catboost import CatBoostClassifier

from model.codes import Coding, admitted, categories, encode, numbers, one_of_each
from model.features import Feature
from model.kernels import STRIDE
from model.pool import to_pool
from model.trees import Forest, Tree

AT_ONCE = 8_192  # values that are read in one go


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to all trees: uint8 (rows, trees, padded), a bit for each split of the tree that reads the feature.

    `codings` and `rows` are by the place of a feature that some split reads; `rows` gives the row of each of its codes.
    """

    codings: dict[int, Coding]
    rows: dict[int, np.ndarray]
    table: np.ndarray


def read_answers(
    members: Sequence[CatBoostClassifier],
    features: Sequence[Feature],
    forests: Sequence[Forest],
    known: Mapping[str, Sequence[str]],
) -> Answers:
    """Read the answers of every value; `known` names each category's values. Values that answer alike share a row."""
    codings, trees = _codings(features, forests, known), [tree for forest in forests for tree in forest.trees]
    masks = np.array([_bits(trees, place) for place in codings], np.uint8)
    owners = np.repeat(np.arange(len(codings)), [coding.count for coding in codings.values()])
    found: dict[bytes, int] = {}
    rows: list[int] = []
    for first, some in enumerate(one_lead_for_each(features, codings).iter_slices(AT_ONCE)):
        answered = leaves(members, some, as_numbers(features))
        answered &= masks[owners[first * AT_ONCE : (first + 1) * AT_ONCE]]
        rows += [found.setdefault(answer.tobytes(), len(found)) for answer in answered]
    return Answers(
        codings,
        {place: np.array(rows, np.int32)[owners == number] for number, place in enumerate(codings)},
        np.frombuffer(b"".join(found), np.uint8).reshape(len(found), padded(len(trees), STRIDE)).copy(),
    )


def _codings(
    features: Sequence[Feature], forests: Sequence[Forest], known: Mapping[str, Sequence[str]]
) -> dict[int, Coding]:
    """Choose the codes of the features that some split reads."""
    asked = {place for forest in forests for tree in forest.trees for split in tree.splits for place in split.reads}
    codings: dict[int, Coding] = {}
    for place in sorted(asked):
        feature = features[place]
        if feature.kind == "category":
            codings[place] = categories(feature.name, known[feature.name])
        else:
            borders = [forest.borders[place] for forest in forests if place in forest.borders]
            codings[place] = numbers(feature.name, np.unique(np.concatenate(borders)))
    return codings


def _bits(trees: Sequence[Tree], place: int) -> np.ndarray:
    """Mark the bits of each tree's leaf index that the feature at this place answers."""
    bits = np.zeros(padded(len(trees), STRIDE), np.uint8)
    for number, tree in enumerate(trees):
        bits[number] = sum(1 << bit for bit, split in enumerate(tree.splits) if split.reads == (place,))
    return bits


def one_lead_for_each(features: Sequence[Feature], codings: Mapping[int, Coding]) -> pl.DataFrame:
    """Make a frame with one lead for each value of each feature, its other features missing; booleans are numbers."""
    kinds = {"number": pl.Float64, "category": pl.String}
    empty = pl.DataFrame(schema={feature.name: kinds[feature.kind] for feature in as_numbers(features)})
    return pl.concat([empty, *(one_of_each(coding).to_frame() for coding in codings.values())], how="diagonal")


def as_numbers(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """Take booleans for what the models see: numbers, between whose borders there may be more than 0 and 1."""
    return tuple(replace(feature, kind="number") if feature.kind == "boolean" else feature for feature in features)


def leaves(members: Sequence[CatBoostClassifier], frame: pl.DataFrame, features: Sequence[Feature]) -> np.ndarray:
    """Let the models find the leaves of their trees: uint8 (n, trees, padded). Raises UnsuitableFrame."""
    pool, first = to_pool(frame, features), 0
    found = np.zeros((frame.height, padded(sum(member.tree_count_ for member in members), STRIDE)), np.uint8)
    for member in members:
        found[:, first : first + member.tree_count_] = member.calc_leaf_indexes(pool)
        first += member.tree_count_
    return found


def codes(frame: pl.DataFrame, features: Sequence[Feature], answers: Answers) -> np.ndarray:
    """Give the rows of the answers for each feature that is read: int32 (features, n). Raises UnsuitableFrame."""
    for feature in features:
        admitted(frame, feature)
    found = np.empty((len(answers.codings), frame.height), np.int32)
    encoded = encode(frame, list(answers.codings.values()))
    for into, rows, places in zip(found, answers.rows.values(), encoded, strict=True):
        np.take(rows, places, out=into, mode="clip")  # "raise" is slower
    return found


def padded(count: int, step: int) -> int:
    """Round up to a multiple of the step, and to one step at least."""
    return max(step, -(-count // step) * step)
