"""A CatBoost model's trees as plain values: leaves, their weights, and which features each split reads.

The library tells them in its JSON format alone, so the model goes through a file in a folder that is removed at once.
Only oblivious trees are read: there, bit b of a leaf's index is the answer to split b of its tree.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from catboost import CatBoostClassifier

MAX_DEPTH = 8  # a leaf's index is kept in a byte
Splits = dict[int, "Split"]


@dataclass(frozen=True, slots=True)
class Split:
    """A question on features, by their places in the pool: those it `reads`, and those it is `credited` to.

    They differ in statistics of combinations alone: CatBoost credits the categories of a combination, and gives
    nothing to its numbers (libs/fstr/shap_values.cpp, MapBinFeaturesToClasses).
    """

    reads: tuple[int, ...]
    credited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """An oblivious tree: a value (log-odds, scale applied) and a weight for each of its 2**len(splits) leaves."""

    values: np.ndarray
    weights: np.ndarray
    splits: tuple[Split, ...]


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees of one model: margin = bias + the sum of one leaf of each. `borders` are float32, by feature place."""

    trees: tuple[Tree, ...]
    bias: float
    borders: dict[int, np.ndarray]


def read(member: CatBoostClassifier) -> Forest:
    """Read the trees of a trained model. Raises ValueError on a shape other than oblivious trees of depth 8 or less."""
    told = _told(member)
    if "oblivious_trees" not in told:
        raise ValueError("These trees are not oblivious. Train with grow_policy=SymmetricTree.")
    scale, bias = told["scale_and_bias"]
    splits = _splits(told["features_info"])
    trees = tuple(_tree(tree, splits, scale) for tree in told["oblivious_trees"])
    if any(len(tree.splits) > MAX_DEPTH for tree in trees):
        raise ValueError(f"These trees are deeper than {MAX_DEPTH}. Train with depth={MAX_DEPTH} or less.")
    return Forest(trees, float(np.ravel(bias)[0]), _borders(told["features_info"]))


def _told(member: CatBoostClassifier) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="truegrade-trees-") as folder:
        path = Path(folder) / "model.json"
        member.save_model(str(path), format="json")
        told: dict[str, Any] = orjson.loads(path.read_bytes())
    return told


def _tree(tree: Mapping[str, Any], splits: Splits, scale: float) -> Tree:
    asked = tuple(splits[split["split_index"]] for split in tree.get("splits") or ())
    return Tree(scale * np.array(tree["leaf_values"], float), np.array(tree["leaf_weights"], float), asked)


def _splits(info: Mapping[str, Any]) -> Splits:
    """Number the splits as the library does: numbers' borders, then single values of categories, then statistics."""
    numbers, categories = _places(info, "float_features"), _places(info, "categorical_features")
    owners: list[Split] = []
    for feature in info.get("float_features") or ():
        owners += [_of_one(feature["flat_feature_index"])] * len(feature.get("borders") or ())
    for feature in info.get("categorical_features") or ():
        owners += [_of_one(feature["flat_feature_index"])] * len(feature.get("values") or ())
    for statistic in info.get("ctrs") or ():
        owners += [_of_statistic(statistic["elements"], numbers, categories)] * len(statistic["borders"])
    return dict(enumerate(owners))


def _places(info: Mapping[str, Any], kind: str) -> dict[int, int]:
    return {feature["feature_index"]: feature["flat_feature_index"] for feature in info.get(kind) or ()}


def _of_one(place: int) -> Split:
    return Split((place,), (place,))


def _of_statistic(elements: list[dict[str, Any]], numbers: dict[int, int], categories: dict[int, int]) -> Split:
    reads, credited = set(), set()
    for element in elements:
        if element["combination_element"] == "float_feature":
            reads.add(numbers[element["float_feature_index"]])
        else:
            reads.add(categories[element["cat_feature_index"]])
        if element["combination_element"] == "cat_feature_value":
            credited.add(categories[element["cat_feature_index"]])
    return Split(tuple(sorted(reads)), tuple(sorted(credited)))


def _borders(info: Mapping[str, Any]) -> dict[int, np.ndarray]:
    return {
        feature["flat_feature_index"]: np.array(feature.get("borders") or (), np.float32)
        for feature in info.get("float_features") or ()
    }
