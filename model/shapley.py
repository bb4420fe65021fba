"""What each feature adds to a leaf of an oblivious tree: exact Shapley values, worked out once for each leaf.

In an oblivious tree a lead's values depend on its leaf alone, and there are few leaves; so all coalitions of a tree's
features are simply enumerated. Source: Lundberg 2018, path-dependent TreeSHAP, with the leaf weights that CatBoost
keeps, in its order of levels (the last split is the root), as in its libs/fstr/shap_values.cpp.

An empty leaf is one that no row reached in learning. Where a coalition leads into a part of the tree that is empty, the
plain mean of the leaves there is expected. CatBoost says the same wherever empty leaves hold 0; under monotone
constraints they may hold more, and CatBoost then mixes the rows being explained into its weights, so that a lead's
reasons would depend on the other leads of the frame. Ours never do.
"""

from functools import cache
from math import comb

import numpy as np

from model.trees import Tree


def attributions(tree: Tree, features: int) -> tuple[np.ndarray, float]:
    """Attribute a tree's leaves: (leaves, features) log-odds, and the base; row sum + base = the leaf's value.

    A split that is credited to several features counts as one player, whose part they share evenly, as in CatBoost.
    """
    players = list(dict.fromkeys(split.credited for split in tree.splits))
    levels = tuple(players.index(split.credited) for split in tree.splits)
    expected = _expected(tree)
    parts = np.zeros((len(tree.values), features))
    for player, values in zip(players, _shapley(expected, levels, len(players)), strict=True):
        for place in player:
            parts[:, place] += values / len(player)
    return parts, float(expected[0, 0])


def _expected(tree: Tree) -> np.ndarray:
    """Give the expected value for each (set of levels whose answers are known, leaf): (2**depth, leaves).

    From the lowest level up, the sets double while the nodes halve.
    """
    expected, weights = tree.values[None, :, None], tree.weights  # (sets, nodes, answers below the node)
    for _ in tree.splits:
        pairs = expected.reshape(len(expected), len(weights) // 2, 2, -1)
        share = _shares(weights.reshape(-1, 2))
        unknown = np.einsum("sncb,nc->snb", pairs, share)
        known = pairs.reshape(len(expected), len(share), -1)
        expected = np.concatenate([np.concatenate([unknown, unknown], axis=2), known])
        weights = weights.reshape(-1, 2).sum(axis=1)
    return np.asarray(expected[:, 0])


def _shares(pairs: np.ndarray) -> np.ndarray:
    total = pairs.sum(axis=1, keepdims=True)
    return np.where(total > 0, pairs / np.where(total > 0, total, 1.0), 0.5)


def _shapley(expected: np.ndarray, levels: tuple[int, ...], players: int) -> np.ndarray:
    """Weigh the coalitions' expectations: (players, leaves)."""
    coalitions = np.arange(2**players)
    known = sum(((coalitions >> player & 1) << level for level, player in enumerate(levels)), np.zeros_like(coalitions))
    return np.asarray(_weights(players) @ expected[known])


@cache
def _weights(players: int) -> np.ndarray:
    """Weigh each coalition in each player's Shapley value: (players, 2**players)."""
    weights = np.zeros((players, 2**players))
    for coalition in range(2**players):
        size = coalition.bit_count()
        for player in range(players):
            if coalition >> player & 1:
                weights[player, coalition] = 1 / (players * comb(players - 1, size - 1))
            else:
                weights[player, coalition] = -1 / (players * comb(players - 1, size))
    return weights
