"""Kill everything while a load and live edits run, and hold what the CRMs carry at the end against a fault-free run.

Real PostgreSQL, real Redis, workers and beat as plain processes, a simulated Salesforce and HubSpot with quotas in a
process of their own. Each seed has its own list of kills and faults (tests/killer.py). Asserts nothing: it counts.
"""

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

from tasks import log
from tasks.screens import note, say, table
from tests.killer import KILLS, Killer, schedule
from tests.rehearsal import CRMS, World, prepare, rehearse

WORST = 1.15  # the answered calls of a run with faults, beside those of one without
BARS = {"lost": 0, "wrong": 0, "conflicting_writes": 0, "foreign_writes": 0}
SEED = 20_260_302


def main(arguments):
    log.configure("error")
    options = parsed(arguments)
    seeds = [options.first_seed + number for number in range(options.seeds)]
    measured = measure(
        options.leads, seeds, kills=options.kills, edits=options.edits, workers=options.workers, crms=CRMS, tell=note
    )
    if options.json:
        print(json.dumps(measured))
    else:
        show(measured)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench chaos", description=__doc__)
    parser.add_argument("--leads", type=int, default=200_000, help="in all, shared evenly between the CRMs")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=SEED)
    parser.add_argument("--kills", type=int, default=26, help="of each seed")
    parser.add_argument("--edits", type=int, default=100, help="of each CRM")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def measure(leads, seeds, *, kills, edits, workers=2, crms=CRMS, sync_every_s=60, gap_s=None, tell=note, **world):
    """Run the world once without faults and once for each seed; returns what `--json` prints.

    Without `gap_s` between kills, on average, they are spread over as long as the fault-free run took.
    """
    with tempfile.TemporaryDirectory(prefix="tg-chaos-") as name:
        world = World(
            Path(name), leads // len(crms), edits, crms=crms, workers=workers, sync_every_s=sync_every_s, **world
        )
        tell(f"learning models; then {leads:,} leads without a fault")
        prepare(world)
        calm = rehearse(world, "calm", tell=tell)
        mean_gap_s = gap_s or max(1.0, calm.seconds / kills)
        runs = []
        for seed in seeds:
            tell(f"seed {seed}: {kills} kills, {mean_gap_s:.1f} s apart on average")
            rough = rehearse(
                world,
                f"seed-{seed}",
                killer=lambda rehearsal, seed=seed: Killer(rehearsal, seed),
                events=schedule(seed, kills),
                mean_gap_s=mean_gap_s,
                tell=tell,
            )
            runs.append({"seed": seed, **compared(calm, rough)})
    return summed(leads, seeds, calm, runs)


def compared(calm, rough):
    """Hold one run against the fault-free one."""
    lost, wrong, theirs = [], [], []
    for crm, records in calm.held.items():
        for record in sorted(records.keys() | rough.held[crm].keys()):
            ours, others = records.get(record, (None, None))
            found, found_others = rough.held[crm].get(record, (None, None))
            if ours is not None and found is None:
                lost.append(record)
            elif ours != found:
                wrong.append(record)
            if others != found_others:
                theirs.append(record)
    writes = Counter()
    for told in rough.writes.values():
        writes.update({term: number for term, number in told.items() if isinstance(number, int)})
    carried = {crm: sum(ours is not None for ours, _ in records.values()) for crm, records in rough.held.items()}
    return {
        "kills": sum(number for what, number in rough.kills.items() if what in KILLS),
        "did": dict(rough.kills),
        "lost": len(lost),
        "wrong": len(wrong),
        "theirs_changed": len(theirs),
        "conflicting_writes": writes["conflicting_writes"],
        "reverted_writes": writes["reverted_writes"],
        "foreign_writes": writes["foreign_writes"],
        "writes": writes["writes"],
        "unreconciled": sum(abs(carried[crm] - rough.kept.get(crm, 0)) for crm in carried) + len(rough.failed),
        "parked": len(rough.parked),
        "ended_by_themselves": rough.revived,
        "edits_alike": rough.edited == calm.edited,
        "model_frozen": rough.versions == calm.versions,
        "answered_calls": rough.answered,
        "calls": dict(sorted(rough.calls.items())),
        "refused_calls": {str(status): number for status, number in sorted(rough.refused.items())},
        "api_calls_ratio": rough.answered / calm.answered,
        "seconds": rough.seconds,
        "examples": {"lost": lost[:5], "wrong": wrong[:5], "theirs": theirs[:5]},
        "parked_units": rough.parked,
        "failures": rough.failures[:5],
    }


def summed(leads, seeds, calm, runs):
    terms = ("kills", "lost", "wrong", "conflicting_writes", "foreign_writes", "unreconciled", "parked")
    return {
        "leads": leads,
        "seeds": seeds,
        **{term: sum(run[term] for run in runs) for term in terms},
        "api_calls_ratio": max(run["api_calls_ratio"] for run in runs),
        "calm": {
            "answered_calls": calm.answered,
            "calls": dict(sorted(calm.calls.items())),
            "refused_calls": dict(calm.refused),
            "seconds": calm.seconds,
            "leads_written": sum(told["leads"] for told in calm.writes.values()),
            "writes": sum(told["writes"] for told in calm.writes.values()),
            "conflicting_writes": sum(told["conflicting_writes"] for told in calm.writes.values()),
        },
        "runs": runs,
    }


def show(measured):
    calm = measured["calm"]
    say(
        f"{measured['leads']:,} leads, {calm['leads_written']:,} of them scored. "
        f"Without a fault: {calm['seconds']:,.0f} s, {calm['answered_calls']:,} answered calls."
    )
    columns = ("kills", "lost", "wrong", "conflicting_writes", "foreign_writes", "unreconciled", "parked")
    rows = [
        (str(run["seed"]), *(run[term] for term in columns), f"{run['api_calls_ratio']:.3f}", f"{run['seconds']:,.0f}")
        for run in measured["runs"]
    ]
    headings = ("seed", *(term.replace("_", " ") for term in columns), "calls", "s")
    table("With kills and faults", headings, rows, right=tuple(range(1, len(headings))))
    kept = all(measured[term] == bar for term, bar in BARS.items())
    say(f"Nothing lost, wrong, conflicting or foreign: {'reached' if kept else 'missed'}.")
    within = "reached" if measured["api_calls_ratio"] <= WORST else "missed"
    say(f"Answered calls within {WORST:g} of the fault-free run: {within} ({measured['api_calls_ratio']:.3f}).")
