"""Train on kept examples in this process and print its cost by step: `python -m tests.benchmarks.one_training FOLDER`.

The folder holds examples.parquet and features.json; the model is saved beside them.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from model import learn
from model.features import Feature
from model.recipe import RECIPES
from tests.benchmarks.peak import peak_mib

CLEAR = Path("/proc/self/clear_refs")
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HORIZON_DAYS = 90


class Meter:
    """CPU seconds and peak memory of each step, told when the next begins."""

    def __init__(self):
        self.steps = {}
        self.name, self.since = "start", time.process_time()

    def __call__(self, name, share):
        now, peak = time.process_time(), peak_mib()
        self.steps[self.name] = {"cpu_s": round(now - self.since, 2), "peak_mib": round(peak)}
        self.name, self.since = name, now
        if CLEAR.exists():
            CLEAR.write_text("5")  # the peak starts anew


def main(folder, threads, recipe="full"):
    examples = pl.read_parquet(Path(folder) / "examples.parquet")
    features = [Feature(**feature) for feature in json.loads((Path(folder) / "features.json").read_text())]
    meter, start = Meter(), time.process_time()
    model = learn.train(
        examples, features, seed=1, now=NOW, horizon_days=HORIZON_DAYS, milestone="won",
        threads=int(threads), recipe=RECIPES[recipe], on_step=meter,
    )  # fmt: skip
    spent = time.process_time() - start
    model.save(Path(folder) / "model")
    print(
        json.dumps(
            {
                "cpu_s": spent,
                "peak_mib": max(step["peak_mib"] for step in meter.steps.values()),
                "steps": meter.steps,
                "choices": model.card["choices"],
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
