"""The day's calls of one connection: asked for before each call, kept in the store, told to people.

`Metered` stands before the burst limiter. It takes a few calls at a time from what `allowance` decides, so that the
store is asked seldom; all workers together keep to the grant because the taking is one transaction.
"""

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from connector.clock import Clock
from connector.crm import Budget
from connector.errors import OutOfQuota
from connector.limiter import RateLimiter
from tasks.allowance import BACKFILL, DEFAULT_SHARE, LIVE, Grant, allowance, day_ends_at, in_day
from tasks.connections import Connection
from tasks.store import quotas
from tasks.store.engine import Store, StoreUnreachable
from tasks.store.quotas import Report

AT_A_TIME = 20  # calls: so many are counted too many when a worker is killed
AT_A_TIME_SLOWED = 5

log = structlog.get_logger()


class Turns(RateLimiter, Protocol):
    """A burst limiter that can also space calls as it is told."""

    def space(self, bucket: str, every_s: float) -> None:
        """Return when it is this caller's turn; the next one's is `every_s` seconds later."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Quota:
    """How a connection stands with its daily calls, for people.

    `used` and `granted` are the CRM's words on the whole account as of `told_at`; `ours` are our own calls of the CRM's
    present day by purpose, `share` and `calls` what the admin grants (None: no limit, or not known yet), `until` when
    live work may go on and `backfill_until` when a backfill may; None: now.
    """

    used: int | None
    granted: int | None
    told_at: datetime | None
    resets_at: datetime | None
    ours: Mapping[str, int]
    share: float | None
    calls: int | None
    until: datetime | None
    backfill_until: datetime | None
    why: str


class Metered:
    """A `connector.limiter.RateLimiter` that keeps to the day's grant before it keeps to the burst."""

    def __init__(
        self, burst: Turns, *, store: Store, clock: Clock, connection: str, grant: Grant, purpose: str
    ) -> None:
        self._burst = burst
        self._store = store
        self._clock = clock
        self._connection = connection
        self._grant = grant
        self._purpose = purpose
        self._hour = clock.now()
        self._left = 0
        self._every_s = 0.0
        self._report: Report | None = None
        self._lock = threading.Lock()

    def wait(self, bucket: str) -> None:
        """Return when one more call may be made. Raises OutOfQuota when that is not today."""
        with self._lock:
            self._renew()
            every_s = self._every_s
        if every_s > 0:
            self._burst.space(f"day:{self._purpose}", every_s)
        self._burst.wait(bucket)
        with self._lock:
            self._renew()  # the waits may have lasted into another hour, and other lanes have taken calls meanwhile
            self._left -= 1

    def place(self, bucket: str) -> AbstractContextManager[None]:
        """Hold one of the bucket's places, as the burst limiter gives them."""
        return self._burst.place(bucket)

    def penalize(self, bucket: str, seconds: float) -> None:
        """Keep everybody out of the bucket for a while."""
        self._burst.penalize(bucket, seconds)

    def reported(self, budget: Budget) -> None:
        """Remember what the CRM says, to be stored with the next calls that are taken."""
        self._report = Report(budget.used, budget.limit, budget.resets_at, self._clock.now())

    def day_is_unknown(self) -> bool:
        """Tell whether it is worth a call to ask when the CRM's day ends: at most once an hour, not in the first one.

        Until it is known the day is taken as rolling, which is right as long as there is no earlier day.
        """
        now = self._clock.now()
        ledger = quotas.of(self._store, self._connection, now=now)
        told, spent = ledger.report.resets_at, ledger.spent
        is_new_hour = bool(spent) and spent[-1].hour < quotas.hour_of(now)
        return self._grant.limited and is_new_hour and (told is None or told <= now)

    def close(self) -> None:
        """Give back what was taken and not used. Never raises: what cannot be given back now stays counted."""
        try:
            with self._lock:
                self._settle()
        except StoreUnreachable as error:
            log.warning("budget.settle.failed", connection=self._connection, reason=str(error))

    def _renew(self) -> None:
        """Have at least one call to make in this hour."""
        now = self._clock.now()
        if self._left > 0 and quotas.hour_of(now) == self._hour:
            return
        if self._left > 0:
            self._settle()
        with quotas.deciding(self._store, self._connection, report=self._report, now=now) as (tx, ledger):
            found = allowance(ledger, self._grant, self._purpose, now=now)
            most = AT_A_TIME_SLOWED if found.every_s > 0 else AT_A_TIME
            number = most if found.calls is None else min(most, found.calls)
            hour = quotas.hour_of(now)
            if number > 0:
                quotas.count(tx, self._connection, self._purpose, hour=hour, number=number)
        self._report = None
        if number <= 0:
            raise OutOfQuota(found.why, until=found.until)
        self._hour, self._left, self._every_s = hour, number, found.every_s

    def _settle(self) -> None:
        if self._left == 0 and self._report is None:
            return
        unused, report = self._left, self._report
        self._left, self._report = 0, None
        quotas.settle(
            self._store,
            self._connection,
            self._purpose,
            hour=self._hour,
            unused=unused,
            report=report,
            now=self._clock.now(),
        )


def grant_of(connection: Connection) -> Grant:
    """Read what the admin grants a connection."""
    by_oauth = connection.crm == "hubspot" and connection.sign_in.kind == "refresh_token"
    return Grant(connection.daily_share, connection.daily_calls, limited=not by_oauth)


def quota_of(store: Store, connection: Connection, *, now: datetime) -> Quota | None:
    """Tell how a connection stands with its daily calls; None as long as it has made none."""
    ledger, grant = quotas.of(store, connection.account, now=now), grant_of(connection)
    if ledger.report.told_at is None and not ledger.spent:
        return None
    live, backfill = (allowance(ledger, grant, purpose, now=now) for purpose in (LIVE, BACKFILL))
    counted = in_day(ledger, now)
    purposes = sorted({spent.purpose for spent in counted})
    by_default = DEFAULT_SHARE if grant.number is None and grant.limited else None
    return Quota(
        used=ledger.report.used,
        granted=ledger.report.granted,
        told_at=ledger.report.told_at,
        resets_at=day_ends_at(ledger, now),
        ours={purpose: sum(one.number for one in counted if one.purpose == purpose) for purpose in purposes},
        share=grant.share or by_default,
        calls=grant.calls(ledger.report.granted),
        until=live.until,
        backfill_until=backfill.until,
        why=live.why or backfill.why,
    )
