"""Exact reasons by tables beside CatBoost's own ShapValues, and a million leads from frame to reasons."""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"  # read when Polars is loaded, below

import numpy as np
import polars as pl
from catboost import CatBoostClassifier

from model import learn
from model.codes import known_values
from model.features import Feature
from model.pool import to_pool
from model.tabulated import tabulate
from tasks.screens import note, say, table

# What is learned, and on how many rows the library is measured: it would take minutes on all.
SHAPES = {
    "300 trees depth 4": ({"iterations": 300, "depth": 4, "max_ctr_complexity": 1}, 20_000),
    "300 trees depth 3": ({"iterations": 300, "depth": 3, "max_ctr_complexity": 1}, 20_000),
    "300 trees depth 6": ({"iterations": 300, "depth": 6, "max_ctr_complexity": 1}, 10_000),
    "1000 trees depth 6": ({"iterations": 1_000, "depth": 6, "max_ctr_complexity": 1}, 4_000),
    "1000 trees depth 6 with pair statistics": ({"iterations": 1_000, "depth": 6, "max_ctr_complexity": 2}, 4_000),
}
REPEATS = 3  # the best counts, on both sides
BARS = {"times_faster": 50, "cpu_s": 10.0, "peak_mib": 1_536.0, "one_lead_ms": 5.0}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = ("TotalVisits", "Total Time Spent on Website", "Page Views Per Visit")
CARDINALITIES = (5, 22, 2, 2, 39, 19, 10, 7, 4, 2, 2, 2, 2, 2, 2, 7, 2)


def main(arguments):
    options = parsed(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    examples, features, source = leads()
    frame = resampled(examples, options.rows)
    measured = {"source": source, "rows": options.rows, "columns": len(features), "shapes": {}}
    for name, (shape, library_rows) in SHAPES.items():
        note(f"{name}: learning (not measured), then measuring")
        measured["shapes"][name] = measure(examples, features, frame, shape, min(library_rows, options.rows))
    note(f"end to end: {options.leads:,} leads")
    measured["end_to_end"] = end_to_end(examples, features, options.leads)
    measured["one_lead_ms"] = measured["end_to_end"].pop("one_lead_ms")
    if options.json:
        print(json.dumps(measured))
    else:
        show(measured)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench reasons", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="rows that each shape explains")
    parser.add_argument("--leads", type=int, default=1_000_000, help="leads scored end to end")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def leads():
    folder = os.environ.get("TRUEGRADE_TABLES")
    if not folder:
        return *made_up(9_240), "made up in the shape of x_education"
    sys.path.insert(0, folder)
    task = importlib.import_module("tables").load("x_education")
    columns = {
        name: pl.Series([None if value == "__NA__" else value for value in task.X[name]], dtype=pl.String)
        for name in task.cats
    } | {name: pl.Series(task.X[name].to_numpy()).fill_nan(None) for name in task.nums}
    return *dressed(columns, np.asarray(task.y) > 0), "x_education, drawn with repetition"


def made_up(rows):
    draw = np.random.default_rng(5)
    margin, columns = np.full(rows, -0.5), {}
    for place, count in enumerate(CARDINALITIES):
        values = draw.integers(0, count, rows)
        margin += draw.normal(0, 0.4, count)[values]
        columns[f"Field {place}"] = pl.Series([None if value == 0 else f"value {value}" for value in values])
    for name in NUMBERS:
        values = np.round(draw.gamma(1.5, 300, rows))
        margin += (values - 450) / 900
        columns[name] = pl.Series(np.where(draw.random(rows) < 0.1, np.nan, values)).fill_nan(None)
    return dressed(columns, draw.random(rows) < 1 / (1 + np.exp(-margin)))


def dressed(columns, won):
    features = [
        Feature(f"f{place}", label, "category" if values.dtype == pl.String else "number", "engagement")
        for place, (label, values) in enumerate(columns.items())
    ]
    frame = pl.DataFrame({f"f{place}": values for place, values in enumerate(columns.values())})
    since = [NOW - timedelta(days=200, minutes=len(won) - row) for row in range(len(won))]
    return frame.with_columns(pl.Series("label", won), pl.Series("created_at", since)), features


def resampled(examples, rows):
    drawn = np.random.default_rng(1).integers(0, examples.height, rows)
    return examples[drawn].drop("label", "created_at").with_row_index("id").with_columns(pl.col("id").cast(pl.String))


def measure(examples, features, frame, shape, library_rows):
    label = examples["label"].cast(pl.Int8).to_numpy()
    member = CatBoostClassifier(
        **shape, learning_rate=0.08, random_seed=1, thread_count=1, verbose=0, allow_writing_files=False
    ).fit(to_pool(examples, features, label))
    tables, tables_s = clocked(lambda: tabulate([member], features, known_values(examples, features)), repeats=2)
    (parts, base), ours_s = clocked(lambda: tables.contributions(frame))
    margins, margins_s = clocked(lambda: tables.margins(frame))
    pool, whole = to_pool(frame[:library_rows], features), to_pool(frame, features)
    shap, theirs_s = clocked(lambda: member.get_feature_importance(pool, type="ShapValues", thread_count=1))
    raw, raw_s = clocked(lambda: member.predict(whole, prediction_type="RawFormulaVal", thread_count=1))
    apart = (parts[:library_rows] - shap[:, :-1], base - shap[:, -1], margins - raw, parts.sum(axis=1) + base - raw)
    ours, theirs = frame.height / ours_s, library_rows / theirs_s
    return {
        "rows_per_cpu_s": round(ours),
        "library_rows_per_cpu_s": round(theirs),
        "times_faster": round(ours / theirs, 1),
        "largest_difference": max(float(np.abs(some).max()) for some in apart),
        "predict_rows_per_cpu_s": round(frame.height / margins_s),
        "library_predict_rows_per_cpu_s": round(frame.height / raw_s),
        "library_rows": library_rows,
        "tables_cpu_s": round(tables_s, 3),
    }


def clocked(work, repeats=REPEATS):
    """Do it a few times; return what came out, and the least CPU seconds it took."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        done = work()
        best = min(best, time.process_time() - start)
    return done, best


def end_to_end(examples, features, count):
    numbered = examples.with_row_index("id").with_columns(pl.col("id").cast(pl.String))
    model = learn.train(numbered, features, seed=1, now=NOW, horizon_days=90, milestone="won", threads=1)
    with tempfile.TemporaryDirectory(prefix="truegrade-bench-") as folder:
        model.save(Path(folder) / "model")
        resampled(examples, count).write_parquet(Path(folder) / "leads.parquet")
        command = [sys.executable, "-m", "tests.benchmarks.one_scoring", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def show(measured):
    say(f"{measured['rows']:,} rows of {measured['columns']} columns ({measured['source']}), one core, CPU seconds.")
    keys = (
        "rows_per_cpu_s", "library_rows_per_cpu_s", "times_faster", "largest_difference",
        "predict_rows_per_cpu_s", "library_predict_rows_per_cpu_s",
    )  # fmt: skip
    rows = [(name, *(told(shape[key]) for key in keys)) for name, shape in measured["shapes"].items()]
    headings = ("", "reasons/s", "library's", "times faster", "difference", "scores/s", "library's")
    table("Exact contributions and scores, rows a CPU second", headings, rows, right=(1, 2, 3, 4, 5, 6))
    cost = measured["end_to_end"]
    say(
        f"{cost['leads']:,} leads from frame to score, grade and reasons, {cost['trees']} trees: "
        f"{cost['cpu_s']:.1f} CPU s, peak {cost['peak_mib']:,.0f} MiB; "
        f"to reach at a million: {BARS['cpu_s']:g} s, {BARS['peak_mib']:,.0f} MiB."
    )
    say(f"One lead: {measured['one_lead_ms']:.1f} ms; to reach: {BARS['one_lead_ms']:g} ms.")
    faster = measured["shapes"]["300 trees depth 4"]["times_faster"]
    say(f"To reach at 300 trees depth 4: {BARS['times_faster']} times the library; reached {faster:g}.")


def told(figure):
    return f"{figure:.1e}" if 0 < figure < 0.01 else f"{figure:,}"
