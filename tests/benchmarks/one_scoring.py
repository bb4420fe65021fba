"""Score a kept model's leads in this process and print its cost: `python -m tests.benchmarks.one_scoring FOLDER`."""

import json
import statistics
import sys
import time
from pathlib import Path

import polars as pl

from model.model import load
from tests.benchmarks.peak import peak_mib

SINGLE = 100  # leads that are scored one by one


def main(folder):
    start = time.process_time()
    model = load(Path(folder) / "model")
    frame = pl.read_parquet(Path(folder) / "leads.parquet")
    model.score(frame[:1])  # makes the tables, and compiles where nothing is kept on disk
    ready = time.process_time()
    scored = model.score(frame)
    done = time.process_time()
    cost = {
        "leads": scored.height,
        "trees": sum(member.tree_count_ for member in model.ensemble.members),
        "cpu_s": done - ready,
        "ready_cpu_s": ready - start,
        "peak_mib": peak_mib(),
        "one_lead_ms": statistics.median(
            clocked_ms(model, frame.slice(row, 1)) for row in range(min(SINGLE, frame.height))
        ),
    }
    print(json.dumps(cost))


def clocked_ms(model, lead):
    start = time.perf_counter()
    model.score(lead)
    return (time.perf_counter() - start) * 1_000


if __name__ == "__main__":
    main(*sys.argv[1:])
