"""Make features in this process and print the cost: `python -m tests.benchmarks.one_mapping FOLDER WHO MAPPING HOW`.

WHO is `ours` or `by_hand`; MAPPING `plain`, `enriched` or `everything`; HOW `chunks`, or `single`, which is one lead
after the other. Reading files is not counted.
"""

import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import polars as pl

from mappings.enrichment import PREFIX
from mappings.file.load import load
from mappings.frames.features import feature_frame
from tasks.verbs.enriched import enriched
from tests.benchmarks import by_hand, by_hand_enriched
from tests.benchmarks.mapped_leads import TABLE
from tests.benchmarks.peak import peak_mib

FRAMES = ("leads", "companies", "activities")
HERE = Path(__file__).parent
SINGLES = 200


def main(folder, who, named, how):
    mapping, folder = mapping_of(named, Path(folder)), Path(folder)
    make(who, mapping, *(frame[:1] for frame in next(chunks(folder))))  # lexicons and patterns are read once
    costs = [cost(who, mapping, frames) for frames in HOW[how](folder)]
    rows, spent = sum(rows for rows, _ in costs), sum(spent for _, spent in costs)
    one_ms = statistics.median(spent for _, spent in costs) * 1_000 if how == "single" else None
    told = {"rows": rows, "cpu_s": spent, "rows_per_cpu_s": rows / spent, "one_lead_ms": one_ms}
    print(json.dumps(told | {"peak_mib": peak_mib()}))


def cost(who, mapping, frames):
    start = time.process_time()
    rows = make(who, mapping, *frames).height
    return rows, time.process_time() - start


def mapping_of(named, folder):
    """Load a mapping; `plain` is `enriched` without what enrichment tells, and tables are those in `folder`."""
    mapping = load(HERE / ("everything.yaml" if named == "everything" else "enriched.yaml"))
    mapping = replace(mapping, enrich=replace(mapping.enrich, folder=str(folder)))
    if named != "plain":
        return mapping
    told = [rule for rule in mapping.rules if not any(source.field.startswith(PREFIX) for source in rule.sources)]
    return replace(mapping, rules=tuple(told))


def make(who, mapping, leads, companies, activities):
    if who == "ours":
        if mapping.enriched:
            leads = enriched(None, mapping, "", leads)  # the store is asked for what services answered alone
        return feature_frame(mapping, leads, companies, activities)
    made = by_hand.features(leads, companies, activities)
    if not mapping.enriched:
        return made
    return made.hstack(by_hand_enriched.columns(leads, Path(mapping.enrich.folder) / TABLE))


def chunks(folder):
    for path in sorted(folder.glob("leads-*.parquet")):
        yield [pl.read_parquet(path.with_name(path.name.replace("leads", name))) for name in FRAMES]


def single(folder):
    """Give the first leads, each with the company and the activities that belong to it, as a sync has them."""
    leads, companies, activities = next(chunks(folder))
    for lead in leads[:SINGLES].iter_slices(1):
        own = activities.filter(pl.col("link") == lead["id"][0])
        yield lead, companies.join(lead.select(key="link"), on="key"), own


HOW = {"chunks": chunks, "single": single}


if __name__ == "__main__":
    main(*sys.argv[1:])
