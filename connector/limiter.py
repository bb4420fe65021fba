"""Staying under the vendors' burst limits.

A limiter knows named buckets (a vendor's own: "burst", "search", "associations") and makes the caller wait its turn on
the given clock. In memory here, for one process; shared over Redis by the application where there are many.
"""

import threading
from collections.abc import Mapping
from typing import Protocol

from connector.clock import Clock


class RateLimiter(Protocol):
    """Makes callers wait their turn."""

    def wait(self, bucket: str) -> None:
        """Return when one more call may be made; a bucket without a limit returns at once."""
        ...


class MemoryLimiter:
    """Token buckets for the threads of one process. `per_second` names the rates; idle saves a second's worth."""

    def __init__(self, clock: Clock, per_second: Mapping[str, float]) -> None:
        self._clock = clock
        self._per_second = dict(per_second)
        self._next_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, bucket: str) -> None:
        rate = self._per_second.get(bucket)
        if rate is None:
            return
        with self._lock:
            now = self._clock.now().timestamp()
            turn = max(self._next_at.get(bucket, 0.0), now - 1.0)
            self._next_at[bucket] = turn + 1.0 / rate
        if turn > now:
            self._clock.sleep(turn - now)


class NoLimiter:
    """For a CRM of our own."""

    def wait(self, bucket: str) -> None:
        del bucket
