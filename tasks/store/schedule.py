"""When each scheduled thing was last started: a slot of time is claimed by exactly one of any number of beats."""

from datetime import datetime

from sqlalchemy import select, update

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import schedule


def claim(store: Store, name: str, *, every_s: int, now: datetime, at_once: bool = True) -> bool:
    """Claim the present slot of `every_s` seconds; True for one caller only, however many ask.

    A name that was never claimed before starts now, or, if not `at_once`, in the next slot. Slots that passed
    while nobody asked are not made up for. A changed `every_s` counts from the next claim on.
    """
    slot = int(now.timestamp()) // every_s * every_s
    with store.write() as tx:
        bulk.upsert(
            tx, schedule, ("name", "every_s", "last_slot"), [(name, every_s, -1 if at_once else slot)], update=()
        )
        free = (schedule.c.name == name) & (schedule.c.last_slot < slot)
        claimed = tx.execute(update(schedule).where(free).values(last_slot=slot, every_s=every_s))
        return claimed.rowcount == 1


def all_slots(store: Store) -> dict[str, tuple[int, int]]:
    """Return (every_s, start of the last claimed slot in seconds since 1970) by name."""
    with store.read() as tx:
        return {row.name: (row.every_s, row.last_slot) for row in tx.execute(select(schedule))}
