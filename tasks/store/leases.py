"""Who is at work, and until when: a lease is renewed while its holder lives, and ends soon after it.

Kept in the database beside what it guards, so that a broker which forgets everything changes nothing. A lease that says
that it lasts much longer than leases do was made before the clock was put back, and counts as ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, insert, select, update

from tasks.store.engine import Store
from tasks.store.tables import leases
from tasks.store.times import from_text, to_text

LEASE_S = 60.0
LONGEST_S = 3_600.0  # no lease is ever made for so long
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that lives, and what it is about."""

    token: str
    holds: str
    host: str
    until: datetime


def make(store: Store, token: str, *, holds: str, host: str, until: datetime, now: datetime) -> None:
    """Note a new lease; those that ended long ago go."""
    with store.write() as tx:
        tx.execute(delete(leases).where(leases.c.until < to_text(now - KEPT)))
        tx.execute(insert(leases).values(token=token, holds=holds, host=host, until=to_text(until)))


def renew(store: Store, token: str, *, until: datetime) -> bool:
    """Let it last longer; False when somebody has ended it."""
    with store.write() as tx:
        mine = update(leases).where(leases.c.token == token).values(until=to_text(until))
        return tx.execute(mine).rowcount == 1


def end(store: Store, token: str) -> None:
    """End it at once: what it claimed is free."""
    with store.write() as tx:
        tx.execute(delete(leases).where(leases.c.token == token))


def end_of_host(store: Store, host: str, holds: Iterable[str]) -> None:
    """End those of a machine whose holders are known to be dead."""
    dead = (leases.c.host == host) & leases.c.holds.in_(tuple(holds))
    with store.write() as tx:
        tx.execute(delete(leases).where(dead))


def living(now: datetime) -> ScalarSelect[str]:
    """Select the tokens of those that live, for use in other statements."""
    return select(leases.c.token).where(lives(now)).scalar_subquery()


def lives(now: datetime) -> ColumnElement[bool]:
    """Tell a lease that lives."""
    latest = to_text(now + timedelta(seconds=LONGEST_S))
    return and_(leases.c.until > to_text(now), leases.c.until <= latest)


def all_living(store: Store, now: datetime) -> list[Lease]:
    """Return the leases that live, for people."""
    with store.read() as tx:
        found = tx.execute(select(leases).where(lives(now)).order_by(leases.c.holds))
        return [Lease(row.token, row.holds, row.host, from_text(row.until)) for row in found]
