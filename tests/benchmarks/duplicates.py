"""Finding people who are there twice, planted among many: how many are found, how many rightly, and what it costs."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from connector.crm import Entity, Page, Record
from tasks.screens import say, table
from tasks.store import duplicates, records
from tasks.store.engine import open_store
from tests.benchmarks.sizes import run
from tests.benchmarks.twins import FIELDS, NOTHING, WAYS, people, with_twins

PAGE = 10_000
NAME = "crm"
EDITED = 100  # leads that change before the look of a poll


def main(arguments):
    return run("duplicates", __doc__, arguments, measured, show)


def measured(leads, seed):
    rows = with_twins(people(leads, seed), seed + 1)
    with tempfile.TemporaryDirectory(prefix="truegrade-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'store.db'}"
        store = open_store(url)
        store.migrate()
        put(store, rows, "2026-01-01T00:00:00.000Z")
        first = look(url)
        quality = held_against(rows, clusters(store))
        edited = rows[:EDITED].with_columns(lastname=pl.lit("Renamed"))
        put(store, edited, "2026-01-02T00:00:00.000Z")
        poll, quiet = look(url), look(url)
        store.close()
    return {"records": rows.height, **quality, "first": first, "poll": poll, "quiet": quiet}


def put(store, rows, stamp):
    """Save records as a pull does."""
    for page in rows.iter_slices(PAGE):
        found = tuple(Record(row[0], stamp, row[1:]) for row in page.select("id", *FIELDS).iter_rows())
        records.save_page(store, NAME, Page(Entity.LEAD, FIELDS, found, None), identify=lambda _values: (None, None))


def look(url):
    command = [sys.executable, "-m", "tests.benchmarks.one_look", url, NAME]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def clusters(store):
    with store.read() as tx:
        return duplicates.of_connection(tx, NAME, Entity.LEAD)


def held_against(rows, found):
    """Count pairs: of twins in one cluster, by the way they differ, and of all in one cluster, by who they are."""
    held = pl.DataFrame(
        {"id": list(found), "cluster": list(found.values())}, schema={"id": pl.String, "cluster": pl.String}
    )
    known = rows.select("id", "person", "way").join(held, on="id", how="left")
    twins = known.filter(pl.col("way") != "").join(known.filter(pl.col("way") == ""), on="person", suffix="_first")
    is_found = (pl.col("cluster") == pl.col("cluster_first")).fill_null(value=False)
    ways = dict(twins.group_by("way").agg(is_found.mean()).iter_rows())
    together = known.drop_nulls("cluster")
    sizes = together.group_by("cluster").len()["len"].cast(pl.Int64)
    same = together.group_by("cluster", "person").len()["len"].cast(pl.Int64)
    pairs, right = ((one * (one - 1) // 2).sum() for one in (sizes, same))
    return {
        "twins": twins.height,
        "recall": twins.select(is_found.mean()).item(),
        "recall_of_findable": twins.filter(pl.col("way") != NOTHING).select(is_found.mean()).item(),
        "recall_by_way": {way: ways[way] for way in WAYS if way in ways},
        "pairs": pairs,
        "precision": right / pairs if pairs else None,
        "largest_cluster": sizes.max(),
    }


def show(told):
    heads = [
        "people",
        "records",
        "found of what can be",
        "rightly",
        "first look: CPU s",
        "peak MiB",
        f"{EDITED} edits: CPU s",
        "quiet: CPU s",
    ]
    lines = [
        (
            f"{leads:,}", f"{one['records']:,}", f"{one['recall_of_findable']:.1%}", f"{one['precision']:.2%}",
            f"{one['first']['cpu_s']:.1f}", f"{one['first']['peak_mib']:.0f}", f"{one['poll']['cpu_s']:.2f}",
            f"{one['quiet']['cpu_s']:.2f}",
        )
        for leads, one in told.items()
    ]  # fmt: skip
    table("People who are there twice", heads, lines)
    largest = told[max(told)]
    rows = [(way, f"{WAYS[way]:.0%}", f"{share:.1%}") for way, share in largest["recall_by_way"].items()]
    table("Found, by how the second record differs", ["the second record", "of twins", "found"], rows)
    say(f"{largest['pairs']:,} pairs in clusters; the largest cluster has {largest['largest_cluster']} records.")
