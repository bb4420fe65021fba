"""How fast a load of everything goes with 1, 2 and 4 workers, held against what the vendor's limits allow.

A simulator in a process of its own answers as slowly as the real ones do, and within their limits; PostgreSQL, Redis,
workers and beat are real. The world is read, scored by a model learned before, and written. Asserts nothing.
"""

import argparse
import json
import tempfile
from datetime import datetime
from pathlib import Path

from tasks import least, log
from tasks.screens import note, say, table
from tasks.settings import load_settings
from tasks.store import records
from tasks.wiring import open_wiring
from tests.processes import MACHINE
from tests.rehearsal import CRMS, World, begun, prepare

WORKERS = (1, 2, 4)
LATENCY_MS = 150.0  # at least, and up to as much again (assumed: neither vendor tells)
INGEST_ROWS_PER_S = 2_000.0  # of a Salesforce org without automation on leads (assumed: batches of 10,000 in seconds)
HUBSPOT_CALLS_PER_S = 19.0  # 190 in 10 s, as an app has on the larger plans (HubSpot, "API usage guidelines")
OPTIONS = {"salesforce": {"ingest_rows_per_s": INGEST_ROWS_PER_S}, "hubspot": {}}
LOOK_EVERY_S = 0.5
UNDONE = "SELECT count(*), count(*) FILTER (WHERE state NOT IN ('done', 'cancelled')) FROM backfills"


def main(arguments):
    log.configure("error")
    options = parsed(arguments)
    measured = measure(options.leads, crms=options.crm or CRMS, workers=options.workers or WORKERS)
    if options.json:
        print(json.dumps(measured))
    else:
        show(measured)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench backfill", description=__doc__)
    parser.add_argument("--leads", type=int, default=50_000, help="in each CRM")
    parser.add_argument("--crm", choices=CRMS, action="append")
    parser.add_argument("--workers", type=int, action="append")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def measure(leads, *, crms=CRMS, workers=WORKERS):
    """Load each CRM once for each number of workers; returns what `--json` prints."""
    with tempfile.TemporaryDirectory(prefix="tg-backfill-") as name:
        made = {}
        for crm in crms:
            learned = World(Path(name) / crm, leads, 0, crms=(crm,), sync_every_s=3_600)
            note(f"{crm}: learning a model (not measured)")
            prepare(learned)
            made[crm] = {str(number): one(learned, crm, number) for number in workers}
        return {"leads": leads, "latency_ms": LATENCY_MS, "ingest_rows_per_s": INGEST_ROWS_PER_S, **made}


def one(learned, crm, workers):
    world = World(
        learned.folder,
        learned.leads,
        0,
        crms=(crm,),
        workers=workers,
        sync_every_s=3_600,
        latency_ms=LATENCY_MS,
        options=OPTIONS,
    )
    note(f"{crm}: {world.leads:,} leads, {workers} workers")
    with begun(world, f"workers-{workers}", TRUEGRADE_LIVE_LEADS="1000") as rehearsal:
        while not is_done(rehearsal):
            rehearsal.revive()
            MACHINE.sleep(LOOK_EVERY_S)
        entries = [entry for entry in rehearsal.remote.entries() if entry["kind"] in {"read", "write", "poll"}]
        written = rehearsal.remote.operate(crm, "writes")["leads"]
        return timed(crm, entries, written, least_calls(rehearsal, crm, written))


def is_done(rehearsal):
    rows = rehearsal.ask(UNDONE)
    return rows is not None and rows[0][0] > 0 and rows[0][1] == 0


def timed(crm, entries, written, calls):
    """Tell seconds and rates, by the simulator's own log, from the first read to the last answer of a write."""
    at = [(entry["kind"], datetime.fromisoformat(entry["at"]).timestamp()) for entry in entries]
    writes = [moment for kind, moment in at if kind in {"write", "poll"}]
    seconds = max(writes) - min(moment for _, moment in at)
    by_ingest = written / INGEST_ROWS_PER_S if crm == "salesforce" else None
    least_s = by_ingest or calls / HUBSPOT_CALLS_PER_S
    least_writing_s = by_ingest or least.push(crm, written) / HUBSPOT_CALLS_PER_S
    writing_s = max(writes) - min(moment for kind, moment in at if kind == "write")
    refused = sum(entry["status"] in {403, 429} or entry["status"] >= 500 for entry in entries)
    return {
        "written": written,
        "seconds": seconds,
        "writing_s": writing_s,
        "rate": written / seconds,
        "limit": written / least_s,
        "share": least_s / seconds,
        "writing_share": least_writing_s / writing_s,
        "answered_calls": len(entries) - refused,
        "least_calls": calls,
        "refused_calls": refused,
    }


def least_calls(rehearsal, crm, written):
    """Count the calls that nobody could do without, by the vendor's page and batch sizes."""
    settings = load_settings(rehearsal.cluster.home)
    settings = settings.model_copy(update={"database_url": rehearsal.cluster.postgres.url})
    wiring = open_wiring(settings, clock=rehearsal.clock)
    held = records.count(wiring.store, crm)
    read = {entity.value: held.get(entity, 0) for entity in least.entities(wiring.mapping(crm))}
    wiring.store.close()
    return least.first_load(crm, read, sign_ins=0) + least.push(crm, written)


def show(measured):
    rows = [
        (
            crm,
            workers,
            f"{run['seconds']:,.0f}",
            f"{run['rate']:,.0f}",
            f"{run['limit']:,.0f}",
            f"{run['share']:.0%}",
            f"{run['writing_share']:.0%}",
            run["answered_calls"],
            run["least_calls"],
            run["refused_calls"],
        )
        for crm in CRMS
        for workers, run in measured.get(crm, {}).items()
    ]
    headings = ("", "workers", "s", "leads/s", "limit", "reached", "writing", "calls", "least", "refused")
    table(f"Load of {measured['leads']:,} leads", headings, rows, right=tuple(range(1, len(headings))))
    say(
        "The limit is what the vendor allows: HubSpot's calls at 19 a second; on Salesforce the ingest of "
        f"{measured['ingest_rows_per_s']:,.0f} rows a second, reading being without one."
    )
