"""Make features in this process and print the cost: `python -m tests.benchmarks.one_mapping FOLDER WHO MAPPING HOW`.

WHO is `ours` or `by_hand`, MAPPING `salesforce` or `everything`, HOW `chunks` or `whole`. Reading files is not counted.
"""

import json
import sys
import time
from pathlib import Path

import polars as pl

from mappings.features import feature_frame
from mappings.load import load, load_preset
from tests.benchmarks import by_hand
from tests.benchmarks.one_verb import peak_mib

FRAMES = ("leads", "companies", "activities")
EVERYTHING = Path(__file__).parent / "everything.yaml"


def main(folder, who, named, how):
    mapping = mapping_of(named)
    rows, spent = 0, 0.0
    make(who, mapping, *(frame[:1] for frame in next(chunks(Path(folder)))))  # lexicons and patterns are read once
    for frames in chunks(Path(folder)) if how == "chunks" else [whole(Path(folder))]:
        start = time.process_time()
        rows += make(who, mapping, *frames).height
        spent += time.process_time() - start
    print(json.dumps({"rows": rows, "cpu_s": spent, "rows_per_cpu_s": rows / spent, "peak_mib": peak_mib()}))


def mapping_of(named):
    return load(EVERYTHING) if named == "everything" else load_preset(named)


def make(who, mapping, leads, companies, activities):
    if who == "by_hand":
        return by_hand.features(leads, companies, activities)
    return feature_frame(mapping, leads, companies, activities)


def chunks(folder):
    for path in sorted(folder.glob("leads-*.parquet")):
        yield [pl.read_parquet(path.with_name(path.name.replace("leads", name))) for name in FRAMES]


def whole(folder):
    return [pl.read_parquet(sorted(folder.glob(f"{name}-*.parquet"))) for name in FRAMES]


if __name__ == "__main__":
    main(*sys.argv[1:])
