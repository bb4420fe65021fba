"""The score beside simpler ways to predict, on the same tested leads: what the learning is worth."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from model.errors import UnsuitableFrame
from model.figures import auc_interval, figures

OURS = "this model"
KEPT = ("auc", "pr_auc", "log_loss", "brier", "ece", "ece_floor", "lift_10")


def rivals(
    label: np.ndarray, likelihood: np.ndarray, others: Mapping[str, np.ndarray], *, base_rate: float
) -> dict[str, Any]:
    """Measure the model and each rival; `models` holds their figures, ours first, with `auc_low` and `auc_high`.

    `others` are likelihoods in the order of the tested leads. `left_out` names rivals that make no likelihood.
    """
    if not len(label):
        return {"says": "No lead was tested, so nothing can be compared.", "models": [], "left_out": []}
    usable = {name: values for name, values in others.items() if np.isfinite(values).all()}
    models = [
        {"name": name, **_figures(label, values, base_rate)} for name, values in {OURS: likelihood, **usable}.items()
    ]
    return {"says": _says(models), "models": models, "left_out": sorted(set(others) - set(usable))}


def checked(others: Mapping[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
    """Return the rivals' likelihoods as floats. Raises UnsuitableFrame when one is not of the tested leads."""
    made = {str(name): np.asarray(values, dtype=float) for name, values in others.items()}
    for name, values in made.items():
        if values.shape != (rows,):
            raise UnsuitableFrame(
                f"The rival {name} gives {values.size} likelihoods for {rows} tested leads. Give one each, in order."
            )
    return made


def _figures(label: np.ndarray, likelihood: np.ndarray, base_rate: float) -> dict[str, Any]:
    found = figures(label.astype(int), likelihood, base_rate=base_rate)
    wins = int(label.sum())
    low, high = (None, None)
    if found["auc"] is not None:
        low, high = auc_interval(found["auc"], wins=wins, losses=len(label) - wins)
    return {name: found[name] for name in KEPT} | {"auc_low": low, "auc_high": high}


def _says(models: list[dict[str, Any]]) -> str:
    ours, others = models[0], models[1:]
    if ours["auc"] is None:
        return "All tested leads ended alike, so rankings cannot be compared; log-loss and Brier score can."
    if not others:
        return "There is no rival to compare with."
    best = max(others, key=lambda model: float(model["auc"]))
    nearest = f"AUC {ours['auc']:.3f}; the best of the others is {best['name']!r} with {best['auc']:.3f}"
    if ours["auc"] < best["auc"]:
        return f"Another way ranked better on these leads: {nearest}. Ask why before you rely on the score."
    near = ours["auc_low"] is not None and best["auc"] > ours["auc_low"]
    return f"It ranked best: {nearest}{', which is within the interval of ours' if near else ''}."
