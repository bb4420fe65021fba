"""Mapping files changed at random: each loads and behaves, or is refused in words. What does neither is a bug.

The tests of `tests/mappings/file/test_fuzz.py` do the same with a few hundred.
"""

import argparse
import json
import time
import traceback
from collections import Counter
from contextlib import suppress

from hypothesis import HealthCheck, Phase, given, settings

from tests.mappings import mutants

SHOWN = 20


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench fuzz", description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    told = fuzzed(options.mutants)
    print(json.dumps(told) if options.json else table(told))
    return 1 if told["neither"] else 0


def fuzzed(number):
    """Count how `number` mutants fared, and say of those that did neither what went wrong, and how to make them again.

    A mutant is made of one number alone: `mutants.mutant(seed)`.
    """
    fared, neither, begun = Counter(), {}, time.process_time()

    @settings(
        max_examples=number, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=HealthCheck
    )
    @given(mutants.SEEDS)
    def run(seed):
        try:
            fared[mutants.fared(mutants.mutant(seed), seed)] += 1
        except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
            neither.setdefault(_place(error), []).append(seed)

    with suppress(KeyboardInterrupt):  # what was found until then is told
        run()
    found = [{"what": what, "times": len(seeds), "seeds": seeds[:3]} for what, seeds in neither.items()]
    return {
        "mutants": sum(fared.values()) + sum(len(seeds) for seeds in neither.values()),
        "loaded": fared["loaded"],
        "refused": fared["refused"],
        "neither": sorted(found, key=lambda one: -one["times"]),
        "cpu_s": round(time.process_time() - begun, 1),
    }


def _place(error):
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name} ({last.filename.rpartition('/')[2]}:{last.lineno}): {error!s:.120}"


def table(told):
    rows = [f"{name:>10} {told[name]:>8,}" for name in ("mutants", "loaded", "refused")]
    bugs = [f"  {one['times']} x {one['what']}; such as mutants.mutant({one['seeds'][0]})" for one in told["neither"]]
    return "\n".join([*rows, f"{'neither':>10} {sum(one['times'] for one in told['neither']):>8,}", *bugs[:SHOWN]])
