"""The verb retention: once a day, let go what was kept long enough, and whom the CRM has erased.

In small transactions, at most so many a day for each table: what is left goes the day after. Killed anywhere, the next
day goes on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from connector.crm import Entity
from tasks.store import aging, models, outliving
from tasks.store.engine import Store
from tasks.store.living import living

MOST_TRANSACTIONS = 250  # for each table in a day: half a million rows


def retain(store: Store, days: Mapping[str, int], *, now: datetime) -> dict[str, int]:
    """Delete what is older than its days, by name of `aging.AGED`; returns how many rows went, by name.

    0 days keep for ever. SQLite's log is emptied after it, so that nothing which was deleted stands in a file.
    """
    aging.note_gone(store, now=now)
    counts = {}
    for what, kept in days.items():
        if kept:
            batches = aging.remove(store, what, before=now - timedelta(days=kept))
            counts[what] = sum(islice(batches, MOST_TRANSACTIONS))
    outliving.forget(store)
    aging.empty_log(store)
    return counts


def leave_backtests(store: Store, connection: str, models_folder: Path) -> int:
    """Take leads that are gone from the back-tests of the connection's models; returns of how many models.

    A back-test names the leads that a model was measured on. Whoever was deleted, merged or erased in the CRM since is
    named no longer; the figures stay.
    """
    import polars as pl  # noqa: PLC0415  a tick need not load frames but for this, once a day

    left = 0
    for one in models.every(store, connection):
        path = models_folder / one.path
        if not (path / "backtest.parquet").is_file():
            continue
        named = set(pl.read_parquet(path / "backtest.parquet", columns=["id"])["id"])
        with store.write() as tx:
            gone = named - living(tx, connection, Entity.LEAD, named)
        if gone:
            from model.erasing import without  # noqa: PLC0415  loads the learner, which is rarely needed

            left += bool(without(path, gone))
    return left
