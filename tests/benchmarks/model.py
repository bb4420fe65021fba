"""Ours beside everything it has to beat, on the real tables: the same splits, rows and columns for all."""

import argparse
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl

from model.baselines import BASELINES
from model.evaluation import OURS, evaluate
from model.features import Feature
from model.splits import Split
from tasks.screens import note, progress, say, table

# The splits of each table, and the bars it is held to: (AUC, log-loss, PR-AUC, lift in the top tenth, calibration
# error), measured elsewhere on the same folds.
BARS = {
    ("x_education", "cv5"): (0.880, 0.417, 0.832, 2.47, 0.028),
    ("x_education", "forward"): (0.899, 0.388, 0.850, 2.60, 0.042),
    ("x_education:strict", "cv5"): (0.823, 0.486, 0.757, 2.28, 0.032),
    ("ibm_winloss", "cv5"): (0.845, 0.384, 0.648, 3.33, 0.012),
    ("ibm_winloss", "forward"): (0.842, 0.445, 0.698, 2.82, 0.055),
    ("bank_marketing", "cv5"): (0.806, 0.271, 0.472, 4.55, 0.010),
    ("bank_marketing", "forward"): (0.748, 0.552, 0.53, 2.0, 0.085),
    ("bank_marketing:precall", "forward"): (0.698, 0.667, 0.54, 2.3, None),
    ("extraalearn", "cv5"): (0.911, 0.340, 0.808, 3.02, 0.032),
    ("salvirt_b2b", "cv5"): (0.836, 0.506, 0.83, 1.83, 0.13),
    ("online_shoppers", "cv5"): (0.785, 0.359, 0.375, 2.85, 0.022),
    ("maven_crm", "cv5"): (None, 0.663, None, None, None),
    ("maven_crm", "forward"): (None, 0.681, None, None, None),
}
FIGURES = ("auc", "log_loss", "pr_auc", "lift_10", "ece")
SEED = 1


def main(arguments):
    options = parsed(arguments)
    tables = loaded()
    if tables is None:
        print("./dev bench model needs the real tables: set TRUEGRADE_TABLES to their folder.", file=sys.stderr)
        return 2
    wanted = [(name, split) for name, split in BARS if selected(name, split, options)]
    told = {}
    for name, split in wanted:
        task = tables.load(name)
        rows, features = examples(task)
        splits = splits_of(tables, task, split, options.folds)
        note(f"{name}, {split}: {rows.height:,} rows")
        with progress(f"{name} {split}:") as on_progress:
            found = evaluate(
                rows, features, splits, seed=SEED, threads=options.threads, on_step=on_progress, screening=True
            )
        told.setdefault(name, {})[split] = found | {"bars": dict(zip(FIGURES, BARS[name, split], strict=True))}
    if options.json:
        print(json.dumps(told))
    else:
        show(told)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench model", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--tables", help="names of tables, a comma between; all of them if none are given")
    parser.add_argument("--split", choices=("cv5", "forward"), help="this split only")
    parser.add_argument("--folds", type=int, default=5, help="look at the first so many folds only")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(arguments)


def selected(name, split, options):
    names = options.tables.split(",") if options.tables else None
    return (names is None or name in names) and options.split in (None, split)


def loaded():
    """Load the module beside the tables that reads and splits them; None where there are no tables."""
    import os

    folder = os.environ.get("TRUEGRADE_TABLES")
    path = Path(folder or "") / "tables.py"
    if not folder or not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("truegrade_tables", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def examples(task):
    """Make examples of a table: columns by number, words with null for missing."""
    columns = {"label": pl.Series(task.y.astype(bool)), "group": pl.Series([None] * len(task.y), dtype=pl.String)}
    features = []
    for name in task.X.columns:
        words = name in task.cats
        place = f"c{len(features)}"
        values = task.X[name]
        columns[place] = (
            pl.Series([None if value == "__NA__" else value for value in values], dtype=pl.String)
            if words
            else pl.Series(values.to_numpy()).fill_nan(None)
        )
        features.append(Feature(place, name, "category" if words else "number", "fit"))
    return pl.DataFrame(columns), tuple(features)


def splits_of(tables, task, split, folds):
    if split == "forward":
        learned, tested = tables.forward_split(task)
        return [Split(np.asarray(learned), np.asarray(tested), in_time=True)]
    return [Split(early, late, in_time=False) for early, late in tables.outer_folds(task)][:folds]


def show(told):
    for name, splits in told.items():
        for split, found in splits.items():
            rows = [row(model, found[model]) for model in (*BASELINES, OURS)]
            bars = [("bar", *("-" if bar is None else f"{bar:.3f}" for bar in found["bars"].values()), "", "")]
            heads = ("model", "AUC", "log-loss", "PR-AUC", "lift 10 %", "calibration (chance)", "fit CPU s", "rows/s")
            table(f"{name}, {split}", heads, [*rows, *bars], right=range(1, 8))
            for finding in found["findings"]:
                say(f"{finding['label']}: {finding['verdict']} ({finding['sign']})")
            say(found["verdict"])


def row(model, values):
    shown = ["-" if values[key] is None else f"{values[key]:.4f}" for key in FIGURES[:-1]]
    error = f"{values['ece']:.3f} ({values['ece_floor']:.3f})"
    return (model.replace("_", " "), *shown, error, f"{values['fit_cpu_s']:.1f}", f"{values['rows_per_cpu_s']:,.0f}")
