"""Evaluating: ours and every baseline on the same splits, the same rows and the same columns."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from model import learner
from model.baselines import BASELINES, Likelihoods
from model.features import Feature
from model.figures import base_rate, figures
from model.leaks.finding import Finding
from model.recipe import Recipe
from model.screening import Screened, screened
from model.splits import Split

OURS = "truegrade"
SIGNAL = "It ranks leads better than chance."
FAR_TOO_GOOD = 0.98  # AUC that nobody reaches with what is known beforehand
TOO_GOOD = "Too good to be true: some of these columns, together, must know the outcome."
NO_SIGNAL = "No usable signal: these columns hardly tell who wins. Do not rank by this score."

OnStep = Callable[[str, int, int], None]


def evaluate(
    rows: pl.DataFrame,
    features: Sequence[Feature],
    splits: Sequence[Split],
    *,
    seed: int,
    threads: int = 2,
    recipe: Recipe | None = None,
    screening: bool = True,
    on_step: OnStep | None = None,
) -> dict[str, Any]:
    """Learn and test every model on every split; plain JSON.

    `rows` has label and a column for each feature. A key for each model with the mean of its figures over the splits
    (model/figures.py; `auc_sd` between them; `fit_cpu_s`, `score_cpu_s` and `rows_per_cpu_s` of this machine), then
    `verdict`, `usable`, `findings` (leaks, with `splits` that saw them) and `about`. What leaks is left out for all
    models, found anew in the rows of each split that teach, unless `screening` is False.
    """
    step, each, seen = on_step or (lambda _name, _done, _total: None), [], []
    total = len(splits) * (len(BASELINES) + 1)
    for number, split in enumerate(splits):
        early, late = rows[split.learned], rows[split.tested]
        chosen = _screened(early, features, seed=seed, screening=screening)
        seen.append(chosen)
        told: dict[str, Any] = {}
        for place, (name, fit) in enumerate(_contestants(split, recipe or Recipe()).items()):
            step(name, number * (len(BASELINES) + 1) + place, total)
            told[name] = _measured(fit, early, late, chosen.used, seed, threads)
        each.append(told)
    step("done", total, total)
    usable = sum(told[OURS].pop("usable") for told in each) * 2 > len(each)
    means = {name: _mean([told[name] for told in each]) for name in each[0]}
    return means | {
        "usable": usable,
        "verdict": _verdict(means, usable=usable),
        "findings": _findings(seen),
        "about": {
            "rows": rows.height,
            "wins": int(rows["label"].sum()),
            "splits": len(splits),
            "in_time": all(split.in_time for split in splits),
            "tested": sum(len(split.tested) for split in splits),
            "left_out_of_tested_groups": sum(split.left_out for split in splits),
            "columns": len(features),
        },
    }


def _verdict(means: Mapping[str, Mapping[str, Any]], *, usable: bool) -> str:
    if not usable:
        return NO_SIGNAL
    return f"{TOO_GOOD if (means[OURS]['auc'] or 0) >= FAR_TOO_GOOD else SIGNAL} {_beside(means)}"


def _beside(means: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how ours stands beside the best of the others, in ranking and in likelihoods."""
    ours, others = means[OURS], {name: means[name] for name in BASELINES if means[name]["auc"] is not None}
    if not others or ours["auc"] is None:
        return ""
    ranks = max(others, key=lambda name: float(others[name]["auc"]))
    true = min(others, key=lambda name: float(others[name]["log_loss"]))
    return (
        f"Ours: AUC {ours['auc']:.4f} (best of the others: {others[ranks]['auc']:.4f}, {ranks.replace('_', ' ')}), "
        f"log-loss {ours['log_loss']:.4f} (best: {others[true]['log_loss']:.4f}, {true.replace('_', ' ')})."
    )


def _contestants(split: Split, recipe: Recipe) -> Mapping[str, Any]:
    def ours(early: pl.DataFrame, used: Sequence[Feature], seed: int, threads: int) -> Any:
        return learner.fit(early, used, recipe=recipe, seed=seed, threads=threads, in_time=split.in_time)

    return {**BASELINES, OURS: ours}


def _screened(early: pl.DataFrame, features: Sequence[Feature], *, seed: int, screening: bool) -> Screened:
    if screening:
        return screened(early, features, seed=seed, sensitive_too=True)
    varied = tuple(feature for feature in features if early[feature.name].n_unique() > 1)
    return Screened(varied, (), (), ())


def _measured(
    fit: Any, early: pl.DataFrame, late: pl.DataFrame, used: Sequence[Feature], seed: int, threads: int
) -> dict[str, Any]:
    label = late["label"].cast(pl.Int8).to_numpy()
    rate = base_rate(early["label"])
    started = time.process_time()
    learned = fit(early, used, seed, threads)
    ours = isinstance(learned, learner.Learned)
    if ours:
        learned.ensemble.margins(late.head(1))  # makes the tables, and compiles what is compiled once on a machine
    fitted = time.process_time()
    say: Likelihoods = learned.ensemble.likelihood if ours else learned
    likelihood = say(late)
    ended = time.process_time()
    speed = {
        "fit_cpu_s": fitted - started,
        "score_cpu_s": ended - fitted,
        "rows_per_cpu_s": late.height / max(ended - fitted, 1e-6),
    }
    told = figures(label, likelihood, base_rate=rate) | speed
    return told | ({"usable": bool(learned.choices["usable"])} if ours else {})


def _mean(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Average the figures of the splits; counts are summed."""
    mean: dict[str, Any] = {}
    for name in told[0]:
        values = [one[name] for one in told if one[name] is not None]
        if name in ("rows", "wins"):
            mean[name] = sum(values)
        else:
            mean[name] = float(np.mean(values)) if values else None
    aucs = [one["auc"] for one in told if one["auc"] is not None]
    return mean | {"auc_sd": float(np.std(aucs)) if aucs else None}


def _findings(seen: Sequence[Screened]) -> list[dict[str, Any]]:
    first: dict[str, Finding] = {}
    counts: dict[str, int] = {}
    for chosen in seen:
        for finding in chosen.findings:
            known = first.get(finding.feature)
            if known is None or (known.verdict == "doubted" and finding.verdict == "dropped"):
                first[finding.feature] = finding
            counts[finding.feature] = counts.get(finding.feature, 0) + 1
    return [finding.as_dict() | {"splits": counts[name]} for name, finding in first.items()]
