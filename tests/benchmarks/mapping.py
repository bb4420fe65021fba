"""Rows per CPU second of mapping and enrichment, beside a Polars script written by hand for the same frames."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tasks.screens import say, table
from tests.benchmarks.mapped_leads import write
from tests.benchmarks.sizes import run

RUNS = (
    ("enriched", "ours", "chunks"),
    ("enriched", "by_hand", "chunks"),
    ("enriched", "ours", "single"),
    ("plain", "ours", "chunks"),
    ("plain", "by_hand", "chunks"),
    ("plain", "ours", "single"),
    ("everything", "ours", "chunks"),
)
COMPARED = ("enriched", "plain")
BAR = 1.5  # ours may take so many times the CPU of the script by hand


def main(arguments):
    return run("mapping", __doc__, arguments, measured, show)


def measured(leads, seed):
    """Run everybody over the same files, one after the other, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), leads, seed)
        costs = [cost(folder, *run) for run in RUNS]
    found = [dict(zip(("mapping", "who", "how"), run, strict=True)) | one for run, one in zip(RUNS, costs, strict=True)]
    return {"runs": found, "times_by_hand": {name: times_by_hand(found, name) for name in COMPARED}}


def cost(folder, mapping, who, how):
    command = [sys.executable, "-m", "tests.benchmarks.one_mapping", folder, who, mapping, how]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def times_by_hand(found, mapping):
    """Tell how many times the CPU of the script by hand ours takes."""
    spent = {one["who"]: one["cpu_s"] for one in found if (one["mapping"], one["how"]) == (mapping, "chunks")}
    return spent["ours"] / spent["by_hand"]


def show(told):
    heads = ("mapping", "who", "leads", "rows per CPU s", "CPU s", "one lead ms", "peak MiB")
    for leads, found in told.items():
        rows = [(one["mapping"], one["who"].replace("_", " "), one["how"], *figures(one)) for one in found["runs"]]
        table(f"{leads:,} leads", heads, rows, right=range(3, 7))
        times = ", ".join(f"{value:.2f} for {name}" for name, value in found["times_by_hand"].items())
        say(f"Ours takes so many times the CPU of the script by hand: {times} (aim: at most {BAR}).")


def figures(one):
    single = f"{one['one_lead_ms']:.1f}" if one["one_lead_ms"] else ""
    return (f"{one['rows_per_cpu_s']:,.0f}", f"{one['cpu_s']:.2f}", single, f"{one['peak_mib']:,.0f}")
