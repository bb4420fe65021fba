"""Staying under the vendors' limits: the port that both gateways ask before each call and tell after each reply.

A limiter knows named buckets (a vendor's own: "burst", "search", "associations") and makes the caller wait its turn on
the given clock. In memory here, for one process; the application shares one over Redis where there are many workers,
and puts the admin's daily grant before it.
"""

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from connector.clock import Clock
from connector.crm import Budget

SAVED_S = 0.5  # so many seconds' worth of turns an idle bucket saves: they come on top of what ten seconds allow
LONGEST_WAIT_S = 120.0  # a turn further away than this was given by a clock that has been set back since


class RateLimiter(Protocol):
    """Makes callers wait their turn."""

    def wait(self, bucket: str) -> None:
        """Return when one more call may be made; a bucket without a limit returns at once.

        Raises OutOfQuota when none may be made today; then nothing was sent.
        """
        ...

    def place(self, bucket: str) -> AbstractContextManager[None]:
        """Hold one of the bucket's places while a call runs, where so many may run at one time."""
        ...

    def penalize(self, bucket: str, seconds: float) -> None:
        """Keep everybody out of the bucket for a while: the CRM has said that it is too much."""
        ...

    def reported(self, budget: Budget) -> None:
        """Take note of what the CRM says of the calls of its day, by whomever they were made."""
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
        self.space(bucket, 1.0 / rate if rate else 0.0)

    def space(self, bucket: str, every_s: float) -> None:
        """Return when it is this caller's turn; the next one's is `every_s` seconds later."""
        with self._lock:
            now = self._clock.now().timestamp()
            turn = min(max(self._next_at.get(bucket, 0.0), now - SAVED_S), now + LONGEST_WAIT_S)
            self._next_at[bucket] = turn + every_s
        if turn > now:
            self._clock.sleep(turn - now)

    def place(self, bucket: str) -> AbstractContextManager[None]:
        """Hold nothing: one process makes one call at a time."""
        del bucket
        return nullcontext()

    def penalize(self, bucket: str, seconds: float) -> None:
        with self._lock:
            until = self._clock.now().timestamp() + seconds
            self._next_at[bucket] = max(self._next_at.get(bucket, 0.0), until)

    def reported(self, budget: Budget) -> None:
        """Take no note: who limits bursts does not count days."""

    def close(self) -> None:
        """Give nothing back: there is nothing."""


class NoLimiter:
    """For a CRM of our own."""

    def wait(self, bucket: str) -> None:
        del bucket

    def place(self, bucket: str) -> AbstractContextManager[None]:
        del bucket
        return nullcontext()

    def penalize(self, bucket: str, seconds: float) -> None:
        del bucket, seconds

    def reported(self, budget: Budget) -> None:
        del budget
