"""The verb retention: once a day, let go what was kept long enough.

In small transactions, at most so many a day for each table: what is left goes the day after. Killed anywhere, the next
day goes on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice

from tasks.store import aging
from tasks.store.engine import Store

MOST_TRANSACTIONS = 250  # for each table in a day: half a million rows


def retain(store: Store, days: Mapping[str, int], *, now: datetime) -> dict[str, int]:
    """Delete what is older than its days, by name of `aging.AGED`; returns how many rows went, by name.

    0 days keep for ever. SQLite's log is emptied after it, so that nothing which was deleted stands in a file.
    """
    counts = {}
    for what, kept in days.items():
        if kept:
            batches = aging.remove(store, what, before=now - timedelta(days=kept))
            counts[what] = sum(islice(batches, MOST_TRANSACTIONS))
    aging.empty_log(store)
    return counts
