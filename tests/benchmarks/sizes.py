"""A benchmark at several sizes: measured one after the other, shown as a table or printed for machines."""

import argparse
import json

from tasks.screens import note

LEADS = (100_000, 1_000_000)


def run(name, told_of, arguments, measured, show):
    """Measure at each size that the arguments name; `measured(leads, seed)` gives what `show({leads: ...})` shows."""
    options = _parsed(name, told_of, arguments)
    told = {}
    for leads in options.leads or LEADS:
        note(f"{leads:,} leads")
        told[leads] = measured(leads, options.seed)
    if options.json:
        print(json.dumps(told))
    else:
        show(told)
    return 0


def _parsed(name, told_of, arguments):
    parser = argparse.ArgumentParser(prog=f"./dev bench {name}", description=told_of)
    parser.add_argument("--leads", type=int, action="append", help="so many leads; may be given more than once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args(arguments)
