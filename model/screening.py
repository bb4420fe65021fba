"""Which features are learned from: not those that leak, that are sensitive, or that never vary. Each with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from model.features import Feature
from model.leaks.find import find
from model.leaks.finding import Finding, Verdict
from model.sensitive import why


@dataclass(frozen=True, slots=True)
class Screened:
    """`used` are left to learn from. `findings` tell of leaks, `sensitive` of who a person is, `constant` names."""

    used: tuple[Feature, ...]
    findings: tuple[Finding, ...]
    sensitive: tuple[Finding, ...]
    constant: tuple[str, ...]


def screened(rows: pl.DataFrame, features: Sequence[Feature], *, seed: int, sensitive_too: bool = False) -> Screened:
    """Look at rows to learn from: `label` and the features' columns, in their order.

    `sensitive_too` learns from sensitive features as well, which is for measuring alone.
    """
    wanted = [feature for feature in features if feature.learned]
    varied = [feature for feature in wanted if rows.height and rows[feature.name].n_unique() > 1]
    sensitive = [] if sensitive_too else [_sensitive(feature) for feature in varied if why(feature) == "sensitive"]
    label = rows["label"].cast(pl.Int8).to_numpy() if rows.height else np.zeros(0, np.int8)
    vouched = [feature.name for feature in varied if feature.trusted]
    findings = find(rows, varied, label, seed=seed, kept=vouched) if rows.height else ()
    out = {finding.feature for finding in (*findings, *sensitive) if finding.verdict == "dropped"}
    return Screened(
        used=tuple(feature for feature in varied if feature.name not in out),
        findings=findings,
        sensitive=tuple(sensitive),
        constant=tuple(feature.name for feature in wanted if feature not in varied),
    )


def _sensitive(feature: Feature) -> Finding:
    verdict: Verdict = "kept by hand" if feature.trusted else "dropped"
    reason = "It tells who a person is by nature; a score should not rest on that, and in some places must not."
    return Finding(feature.name, feature.label, verdict, "sensitive", reason)
