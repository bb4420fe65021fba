"""The leak detector: finds, without being told, the features that exist only because of the outcome.

It needs no names: it looks at values, at what is filled together, at shapes, and at how much each tells. Cheap and sure
signs come first; then, in turns, what is too good to have been known beforehand; at last, what alone tells anything.
What it drops is listed with its evidence, and people may overrule it (`trusted`), which is listed too.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from model.features import Feature
from model.leaks.finding import Finding
from model.leaks.measured import alone_in_silence, clocks, too_good
from model.leaks.search import Search
from model.leaks.signs import (
    LEAST_ROWS,
    doubts,
    ended_processes,
    filled_together,
    identifiers,
    one_class,
    settled_outcomes,
    work_words,
)

ROWS = 20_000  # that AUCs are measured on; signs are looked for in all


def find(
    frame: pl.DataFrame, features: Sequence[Feature], label: np.ndarray, *, seed: int, kept: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Return what is dropped, doubted, or kept by hand (`kept` names it), in the order of the features.

    `label` is 0 or 1 for each row. Deterministic by its arguments. The rows' order is looked at, too.
    """
    search = Search(frame, {feature.name: feature for feature in features}, label, seed)
    identifiers(search)
    work_words(search)
    one_class(search)
    settled_outcomes(search)
    ended_processes(search)
    if label.min() != label.max() and len(label) >= LEAST_ROWS:
        some = np.sort(np.random.default_rng(seed).permutation(len(label))[:ROWS])
        sampled = Search(frame[some], search.features, label[some], seed, search.found)
        clocks(sampled)
        too_good(sampled)
        alone_in_silence(sampled)
    filled_together(search)
    doubts(search)
    return tuple(_overruled(search.found[name], kept) for name in search.features if name in search.found)


def _overruled(finding: Finding, kept: Sequence[str]) -> Finding:
    is_kept = finding.verdict == "dropped" and finding.feature in kept
    return replace(finding, verdict="kept by hand") if is_kept else finding
