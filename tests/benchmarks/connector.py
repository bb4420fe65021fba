"""What pull, score and push cost on each CRM: API calls, CPU seconds and peak memory of our side."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from connector.simulator.remote import spawn
from connector.simulator.spec import Contents, Spec
from tasks import least, log, run, simulate
from tasks.provisioning import provisioned
from tasks.screens import note, say, table
from tasks.settings import load_settings
from tasks.store import records
from tasks.wiring import open_wiring

CRMS = ("salesforce", "hubspot")
VERBS = ("pull", "score", "push")
NO_LIMITS = {
    "burst_per_10s": None,
    "search_per_s": None,
    "associations_per_10s": None,
    "daily": None,
    "index_lag_s": 0.0,
}
BARS = {"pull": (10.0, 150.0), "push": (5.0, None)}  # CPU seconds, MiB at 100,000 leads

# Measured earlier, 100,000 records each, against a server of pre-rendered pages; leads or contacts alone.
PEERS = {
    "pull": (
        ("salesforce: requests, no checks, nothing stored", 50, 1.5, 45),
        ("salesforce: simple-salesforce, nothing stored", 50, 2.7, 71),
        ("salesforce: dlt to DuckDB", 7, 87, 1_076),
        ("salesforce: airbyte-source-salesforce", 7, 85, 125),
        ("hubspot: requests, no checks, nothing stored", 1_000, 3.1, 28),
        ("hubspot: hubspot-api-client, nothing stored", 1_000, 27, 33),
        ("hubspot: dlt to DuckDB", 1_001, 75, 1_131),
    ),
    "push": (
        ("salesforce: simple-salesforce collections", 500, 1.9, 47),
        ("salesforce: simple-salesforce Bulk 2, outcomes not fetched", 10, 1.3, 113),
        ("salesforce: one PATCH a row", 100_000, 152, 46),
        ("hubspot: requests", 1_000, 2.1, 28),
        ("hubspot: hubspot-api-client batch", 1_000, 26, 33),
    ),
}


def main(arguments):
    log.configure("error")
    options = parsed(arguments)
    measured = {"leads": options.leads} | {crm: measure(crm, options.leads) for crm in options.crm or CRMS}
    if options.json:
        print(json.dumps(measured))
    else:
        show(measured)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench connector", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--crm", choices=CRMS, action="append")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def measure(crm, leads):
    contents = Contents(leads=leads, options=NO_LIMITS if crm == "hubspot" else {"daily": None})
    note(f"{crm}: making a world of {leads:,} leads")
    with spawn(Spec(**{crm: contents})) as remote, tempfile.TemporaryDirectory(prefix="truegrade-bench-") as folder:
        home = Path(folder)
        simulate.install(home, url=remote.url, crms=(crm,), burst_per_10s=1e6, searches_per_s=1e6)
        wiring = open_wiring(load_settings(home))
        provisioned(wiring, crm, dry_run=False)
        costs = {}
        for verb in VERBS:
            if verb == "score":
                note(f"{crm}: learning a model (not measured)")
                run.train(wiring, crm)
            note(f"{crm}: {verb}")
            remote.clear_log()
            costs[verb] = one_verb(home, crm, verb)
            calls = remote.counts().get(crm, {})
            costs[verb]["api_calls"] = sum(calls.values())
            costs[verb]["api_calls_least"] = least_calls(wiring, crm, verb, costs[verb]["counts"], calls.get("poll", 0))
        wiring.store.close()
    return costs


def one_verb(home, crm, verb):
    command = [sys.executable, "-m", "tests.benchmarks.one_verb", str(home), crm, verb]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def least_calls(wiring, crm, verb, counts, polls):
    if verb == "score":
        return 0
    if verb == "push":  # the pull's token is still good, as it is in a sync
        return 1 + least.push(crm, counts["taken"], polls=polls)
    sign_ins = 1 if crm == "salesforce" else 0
    held = records.count(wiring.store, crm)
    read = {entity.value: held.get(entity, 0) for entity in least.entities(wiring.mapping(crm))}
    return least.first_load(crm, read, sign_ins=sign_ins)


def show(measured):
    for verb in VERBS:
        rows = []
        for crm in CRMS:
            if crm in measured:
                cost = measured[crm][verb]
                rows.append(
                    (f"truegrade on {crm}", cost["api_calls"], cost["api_calls_least"], cost["cpu_s"], cost["peak_mib"])
                )
        rows += [(name, calls, "", float(cpu), float(mib)) for name, calls, cpu, mib in PEERS.get(verb, ())]
        headings = ("", "API calls", "least possible", "CPU s", "peak MiB")
        table(f"{verb}, {measured['leads']:,} leads", headings, rows, right=(1, 2, 3, 4))
        say(bars(measured, verb))


def bars(measured, verb):
    cpu, mib = BARS.get(verb, (None, None))
    if cpu is None or measured["leads"] != 100_000:
        return "No bar is set for this."
    told = []
    for crm in CRMS:
        if crm in measured:
            cost = measured[crm][verb]
            well = cost["cpu_s"] <= cpu and (mib is None or cost["peak_mib"] <= mib)
            told.append(f"{crm}: {'reached' if well else 'missed'}")
    return f"To reach: {cpu:g} CPU s" + (f" and {mib:g} MiB" if mib else "") + "; " + ", ".join(told)
