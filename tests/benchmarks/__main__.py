"""`./dev bench NAME`: run one benchmark. Each prints a table for people, or with --json one object on the last line."""

import importlib
import sys

BENCHMARKS = {
    "accounts": "whether any lead of a company wins, beside its best lead and plain independence, on both CRMs",
    "connector": "API calls, CPU and memory of pull, score and push on both CRMs",
    "model": "quality on the real tables, beside everything it has to beat",
    "world": "training in a world whose truth is known, with planted leaks and null fields",
    "families": "what each family of lead data adds, on later leads of both CRMs, with enrichment",
    "deals": "deal scores on real tables and in a world of pursued deals, beside the stage's own probability",
    "backfill": "rate of a load with 1, 2 and 4 workers, beside what the vendors' limits allow",
    "chaos": "kills and faults of everything during a load of 200,000 leads, held against a fault-free run",
    "duplicates": "people who are there twice, planted among 100,000 and 1,000,000: found, rightly found, and the cost",
    "fuzz": "mapping files changed at random: each loads and behaves, or is refused in words",
    "mapping": "rows per CPU second of a mapping's features, beside a Polars script written by hand",
    "reasons": "exact reasons and scores beside CatBoost's own, and a million leads end to end",
}


def main(arguments):
    if not arguments or arguments[0] not in BENCHMARKS:
        lines = "\n".join(f"  {name}: {what}" for name, what in BENCHMARKS.items())
        print(f"usage: ./dev bench NAME [--json] ...\n{lines}", file=sys.stderr)
        return 2
    return importlib.import_module(f"tests.benchmarks.{arguments[0]}").main(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
