"""A lease for as long as a block lasts: renewed in the background while we live, and ended with the block.

Losing one (a machine that slept, a database that was away) costs no correctness, only work done twice: every verb may
be repeated, and a score that replaces another on its way to the CRM is sent again.
"""

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from connector.clock import Clock
from connector.errors import Retryable
from tasks.store import leases
from tasks.store.engine import Store, StoreUnreachable

log = structlog.get_logger()

HOST = socket.gethostname()
RENEWALS = 4  # in the time of a lease


@dataclass(slots=True)
class Held:
    """A lease that we hold. `lost` when it could not be renewed in time, or was ended by another."""

    token: str
    lost: bool = False

    def require(self) -> None:
        """Go on only while it is ours. Raises Retryable."""
        if self.lost:
            raise Retryable("This process was away for too long; its work goes on in another.")


@contextmanager
def held(store: Store, clock: Clock, *, holds: str, lease_s: float = leases.LEASE_S) -> Iterator[Held]:
    """Hold a lease for as long as the block lasts."""
    mine = Held(uuid.uuid4().hex)
    now = clock.now()
    until = now + timedelta(seconds=lease_s)
    leases.make(store, mine.token, holds=holds, host=HOST, until=until, now=now)
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(store, clock, mine, done, lease_s), daemon=True)
    renewing.start()
    try:
        yield mine
    finally:
        done.set()
        renewing.join()
        leases.end(store, mine.token)


def _renew(store: Store, clock: Clock, mine: Held, done: threading.Event, lease_s: float) -> None:
    """Renew in real time: a clock that jumps must not keep us from it."""
    while not done.wait(lease_s / RENEWALS):
        try:
            kept = leases.renew(store, mine.token, until=clock.now() + timedelta(seconds=lease_s))
        except StoreUnreachable as error:
            log.warning("lease.not_renewed", reason=str(error))
        else:
            if not kept:
                mine.lost = True
                log.warning("lease.lost")
                return
