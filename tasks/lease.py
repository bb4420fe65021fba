"""One job at a time on a connection: a lock in Redis that is renewed while its holder lives and ends soon after it.

Losing it (Redis flushed, a paused process) costs no correctness, only work done twice: every verb is idempotent. So it
is kept in Redis, which holds only what may be lost.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import redis
import structlog
from redis.exceptions import LockError

from connector.errors import Retryable

log = structlog.get_logger()

LEASE_S = 60.0
RENEW_EVERY_S = 15.0


@contextmanager
def leased(client: "redis.Redis", name: str, *, lease_s: float = LEASE_S) -> Iterator[None]:
    """Hold the lease for as long as the block lasts. Raises Retryable when another job holds it."""
    lock = client.lock(f"truegrade:lease:{name}", timeout=lease_s, blocking=False, thread_local=False)
    if not lock.acquire():
        raise Retryable(f"Another job works on {name}.", after_s=lease_s)
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(lock, done, name), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        done.set()
        renewing.join()
        try:
            lock.release()
        except LockError:
            log.warning("lease.lost", lease=name)


def _renew(lock: "redis.lock.Lock", done: threading.Event, name: str) -> None:
    while not done.wait(RENEW_EVERY_S):
        try:
            lock.reacquire()
        except (LockError, redis.RedisError):
            log.warning("lease.not_renewed", lease=name)
