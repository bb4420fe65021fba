"""When each scheduled thing was last started: a slot of time is claimed by exactly one of any number of beats."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import schedule


def claim(store: Store, name: str, *, every_s: int, now: datetime, at_once: bool = True) -> bool:
    """Claim the present slot in a transaction of its own; True for one caller only. See `claim_slot`."""
    with store.write() as tx:
        return claim_slot(tx, name, every_s=every_s, now=now, at_once=at_once) is not None


def claim_slot(tx: Connection, name: str, *, every_s: int, now: datetime, at_once: bool = True) -> int | None:
    """Claim the present slot of `every_s` seconds; returns it to one caller only, however many ask.

    A name that was never claimed before starts now, or, if not `at_once`, in the next slot. Slots that passed
    while nobody asked are not made up for. A changed `every_s` counts from the next claim on. A slot that is
    yet to come was claimed before the clock was put back, and holds nobody up. Slots are seconds since 1970.
    """
    slot = int(now.timestamp()) // every_s * every_s
    bulk.upsert(tx, schedule, ("name", "every_s", "last_slot"), [(name, every_s, -1 if at_once else slot)], update=())
    free = or_(schedule.c.last_slot < slot, schedule.c.last_slot > slot + every_s)
    claimed = tx.execute(update(schedule).where(schedule.c.name == name, free).values(last_slot=slot, every_s=every_s))
    return slot if claimed.rowcount == 1 else None


def all_slots(store: Store) -> dict[str, tuple[int, int]]:
    """Return (every_s, start of the last claimed slot in seconds since 1970) by name."""
    with store.read() as tx:
        return {row.name: (row.every_s, row.last_slot) for row in tx.execute(select(schedule))}
