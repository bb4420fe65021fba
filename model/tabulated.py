"""An average of CatBoost models turned into look-up tables: the same margins, and exact contributions, much faster.

Two facts make it exact. In an oblivious tree a lead's contributions depend on its leaf alone, so one table holds them
all (shapley.py). And where every split reads one feature, a leaf's index is the OR of what each feature's value answers
(answers.py). Where some split reads a combination, CatBoost itself finds the leaves, and the same table serves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from catboost import CatBoostClassifier

from model.answers import AT_ONCE, Answers, as_numbers, codes, leaves, one_lead_for_each, padded, read_answers
from model.features import Feature
from model.kernels import NARROWEST, TOGETHER, WIDEST, contributions_of_codes, contributions_of_leaves, margins_of_codes
from model.pool import to_pool
from model.rare import as_known
from model.shapley import attributions
from model.trees import Tree, read

CLOSE = 1e-4  # log-odds by which tables and models may differ on the values that the tables were read from


@dataclass(frozen=True, slots=True)
class Tabulated:
    """An average of models as tables; see the module. `answers` is None where splits read combinations.

    `parts` is float32 (panels, trees, leaves, width): contributions of the features at `places`; `values` is float64
    (trees, leaves). Both are divided by the number of members. margin = bias + values; `base` is its expectation.
    """

    members: tuple[CatBoostClassifier, ...]
    features: tuple[Feature, ...]
    known: Mapping[str, Sequence[str]]
    answers: Answers | None
    places: np.ndarray
    parts: np.ndarray
    values: np.ndarray
    bias: float
    base: float

    def margins(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the mean margins (log-odds), float64 (n,), in the order of the rows. Raises UnsuitableFrame."""
        if not frame.height:
            return np.zeros(0)
        if self.answers is None:
            return _margins(self.members, as_known(frame, self.known), self.features)
        rows = codes(frame, self.features, self.answers)
        return np.asarray(margins_of_codes(rows, self.answers.table, self.values)) + self.bias

    def contributions(self, frame: pl.DataFrame) -> tuple[np.ndarray, float]:
        """Explain the margins: float64 (n, features) log-odds, and the base; row sum + base = margin to 1e-5.

        Each equals CatBoost's ShapValues of the members, averaged, to 1e-5; on empty leaves see shapley.py.
        Raises UnsuitableFrame.
        """
        if not frame.height:
            return np.zeros((0, len(self.features))), self.base
        if self.answers is None:
            found = leaves(self.members, as_known(frame, self.known), self.features)
            return np.asarray(contributions_of_leaves(found, self.parts, self.places, len(self.features))), self.base
        rows, table = codes(frame, self.features, self.answers), self.answers.table
        return np.asarray(contributions_of_codes(rows, table, self.parts, self.places, len(self.features))), self.base


def tabulate(
    members: Sequence[CatBoostClassifier], features: Sequence[Feature], known: Mapping[str, Sequence[str]]
) -> Tabulated:
    """Turn equally weighted models of these features, trained through to_pool, into tables.

    `known` names for each category all values that the models have seen; any other counts as never seen.
    Raises ValueError when the trees are of another shape than trees.py reads.
    """
    forests = [read(member) for member in members]
    trees = [tree for forest in forests for tree in forest.trees]
    splits = [split for tree in trees for split in tree.splits]
    places = np.array(sorted({place for split in splits for place in split.credited}), np.int64)
    single = all(len(split.reads) == 1 for split in splits)
    parts, expected = _parts(trees, places, len(features))
    bias = sum(forest.bias for forest in forests)
    made = Tabulated(
        members=tuple(members),
        features=tuple(features),
        known=known,
        answers=read_answers(members, features, forests, known) if single else None,
        places=places,
        parts=(parts / len(members)).astype(np.float32),
        values=_values(trees) / len(members),
        bias=bias / len(members),
        base=(bias + expected) / len(members),
    )
    _require_close(made)
    return made


def _parts(trees: Sequence[Tree], places: np.ndarray, features: int) -> tuple[np.ndarray, float]:
    """Tabulate contributions, float64 (panels, trees, leaves, width), and the sum of the trees' bases.

    Panels are no wider than the widest row of the kernels, and as narrow as they can be.
    """
    panels = max(1, -(-len(places) // WIDEST))
    width = padded(-(-len(places) // panels), NARROWEST)
    shape = (padded(len(trees), TOGETHER), _height(trees))
    parts, base = np.zeros((*shape, panels * width)), 0.0
    for number, tree in enumerate(trees):
        attributed, expected = attributions(tree, features)
        parts[number, : len(attributed), : len(places)] = attributed[:, places]
        base += expected
    return np.ascontiguousarray(parts.reshape(*shape, panels, width).transpose(2, 0, 1, 3)), base


def _values(trees: Sequence[Tree]) -> np.ndarray:
    values = np.zeros((padded(len(trees), TOGETHER), _height(trees)))
    for number, tree in enumerate(trees):
        values[number, : len(tree.values)] = tree.values
    return values


def _height(trees: Sequence[Tree]) -> int:
    return max(len(tree.values) for tree in trees)


def _margins(members: Sequence[CatBoostClassifier], frame: pl.DataFrame, features: Sequence[Feature]) -> np.ndarray:
    pool = to_pool(frame, features)
    margins = [np.asarray(member.predict(pool, prediction_type="RawFormulaVal")) for member in members]
    return np.asarray(np.mean(margins, axis=0))


def _require_close(made: Tabulated) -> None:
    """Compare tables and models on the values they were read from: CatBoost may come to write its models otherwise."""
    if made.answers is None:
        return
    each, features = one_lead_for_each(made.features, made.answers.codings)[:AT_ONCE], as_numbers(made.features)
    if not each.height:
        return
    apart = np.abs(replace(made, features=features).margins(each) - _margins(made.members, each, features)).max()
    if apart > CLOSE:
        raise ValueError(f"Tables and models differ by {apart:.2g}. Use the locked versions of CatBoost and Numba.")
