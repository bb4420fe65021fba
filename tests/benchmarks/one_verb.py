"""Run one verb in this process and print its cost: `python -m tests.benchmarks.one_verb HOME CRM VERB`."""

import json
import resource
import sys
from pathlib import Path

from tasks import log, run
from tasks.settings import load_settings
from tasks.wiring import open_wiring
from tests.benchmarks.peak import peak_mib


def main(home, crm, verb):
    log.configure("error")
    wiring = open_wiring(load_settings(Path(home)))
    counts = getattr(run, verb)(wiring, crm)
    used = resource.getrusage(resource.RUSAGE_SELF)
    counts = {name: count for name, count in counts.items() if isinstance(count, int)}
    print(json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": peak_mib(), "counts": counts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
