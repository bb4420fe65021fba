"""Look for duplicates in this process and print its cost: `python -m tests.benchmarks.one_look URL CONNECTION`."""

import json
import resource
import sys
from datetime import UTC, datetime

from mappings.file.load import load_preset
from tasks import log
from tasks.store.engine import open_store
from tasks.verbs.duplicates import refresh
from tests.benchmarks.peak import peak_mib

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def main(url, connection):
    log.configure("error")
    store = open_store(url)
    looked = refresh(store, load_preset("hubspot"), connection=connection, now=NOW)
    store.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": peak_mib(), "looked_at": looked.records}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
