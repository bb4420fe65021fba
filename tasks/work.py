"""Working on units: claim the next one, do its duty under a lease, and note how it ended.

What can be tried again later is put back; a connection that a person has to mend, or whose calls are spent, is paused,
and tried again when its time comes; anything else is a bug: logged with its traceback, tried a few times, and parked.
A worker that dies says nothing at all: its lease ends, and another claims the unit.
"""

import errno
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from connector.errors import OutOfQuota, Retryable
from tasks import lease
from tasks.duties import DUTIES, Done
from tasks.errors import TO_BE_MENDED
from tasks.lease import Held
from tasks.store import backfills, pauses, units
from tasks.store.engine import StoreUnreachable
from tasks.store.units import Unit
from tasks.wiring import Wiring

log = structlog.get_logger()

RETRY_AFTER_S, LONGEST_RETRY_S = 60.0, 900.0
QUOTA_AFTER_S = 900.0  # where the CRM does not say when its calls return
MOST_FAILURES = 5  # of a unit by a bug, before it is parked
TOO_LONG = "It took longer than TRUEGRADE_JOB_LIMIT_S allows; it goes on where it had come to."
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
DISK_IS_FULL = "The disk of a worker is full. Make room on it; nothing is lost."
FAILED_AFTER_S = 30.0  # times two for each failure, so that a bug does not burn a machine


def work_on(wiring: Wiring, queue: str) -> Unit | None:
    """Work on the next unit of the queue that is due; returns it, or None when there is none.

    Raises StoreUnreachable: nothing can be noted then, and the unit is claimed again when its lease has ended.
    """
    settings = wiring.settings
    with lease.held(wiring.store, wiring.clock, holds=f"queue {queue}", lease_s=settings.lease_s) as held:
        now, most = wiring.clock.now(), settings.backfill_units
        unit = units.claim(wiring.store, queue, token=held.token, now=now, at_a_time=most)
        if unit is None:
            return None
        bound = {"unit": unit.id, "connection": unit.connection, "verb": unit.verb}
        with structlog.contextvars.bound_contextvars(**bound):
            _work(wiring, unit, held)
        return unit


def _work(wiring: Wiring, unit: Unit, held: Held) -> None:
    try:
        done = DUTIES[unit.verb](wiring, unit, held)
    except StoreUnreachable:
        raise
    except Retryable as error:
        wait_s = min(error.after_s or RETRY_AFTER_S, LONGEST_RETRY_S)
        _put_back(wiring, unit, held, wiring.clock.now() + timedelta(seconds=wait_s), str(error))
    except OutOfQuota as error:
        now = wiring.clock.now()
        until = max(error.until or now + timedelta(seconds=QUOTA_AFTER_S), now + timedelta(seconds=1))
        if unit.queue == units.LIVE:  # a backfill's share may be used up while fresh leads go on
            pauses.until_quota(wiring.store, unit.connection, reason=str(error), until=until, now=now)
        _put_back(wiring, unit, held, until, str(error))
    except TO_BE_MENDED as error:
        reason, fix = getattr(error, "message", str(error)), getattr(error, "fix", "")
        until = pauses.until_mended(wiring.store, unit.connection, reason=reason, fix=fix, now=wiring.clock.now())
        _put_back(wiring, unit, held, until, str(error))
    except SoftTimeLimitExceeded:  # what it had done is kept; tried for ever it is not
        _put_back(wiring, unit, held, wiring.clock.now(), TOO_LONG, again=False)
    except Exception as error:  # noqa: BLE001  a bug in one unit must not end the worker: it is logged, counted and shown
        _failed(wiring, unit, held, error)
    else:
        if done.asked:
            pauses.end(wiring.store, unit.connection)
        _end(wiring, unit, held, done)


def _end(wiring: Wiring, unit: Unit, held: Held, done: Done) -> None:
    now = wiring.clock.now()
    with wiring.store.write() as tx:
        units.serialize(tx)
        if not units.is_mine(tx, unit, held.token):
            log.warning("unit.lost")
            return
        units.end(tx, unit, counts=done.counts, now=now, error=done.told)
        if unit.backfill is None:
            units.add(tx, done.then, now=now)
        else:
            backfills.advance(tx, unit.backfill, then=done.then, now=now)
    plain = {term: count for term, count in done.counts.items() if isinstance(count, int | float | str)}
    log.info("unit.done", **{term: count for term, count in plain.items() if term not in {"unit", "verb"}})


def _put_back(wiring: Wiring, unit: Unit, held: Held, until: datetime, why: str, *, again: bool = True) -> None:
    log.warning("unit.postponed", until=until.isoformat(timespec="seconds"), reason=why)
    with wiring.store.write() as tx:
        if units.is_mine(tx, unit, held.token):
            units.postpone(tx, unit, until=until, error=why, again=again)


def _failed(wiring: Wiring, unit: Unit, held: Held, error: Exception) -> None:
    """Try it a few times more, for it may have been chance; then park it. Only the kind of the error is kept.

    A full disk is no bug, and waited for.
    """
    if getattr(error, "errno", None) in NO_ROOM:
        _put_back(wiring, unit, held, wiring.clock.now() + timedelta(seconds=LONGEST_RETRY_S), DISK_IS_FULL)
        return
    log.error("unit.failed", error=type(error).__name__, exc_info=error)
    now, told = wiring.clock.now(), f"{type(error).__name__}: a bug of ours; the log has its traceback."
    tried = unit.attempts + 1
    with wiring.store.write() as tx:
        units.serialize(tx)
        if not units.is_mine(tx, unit, held.token):
            return
        if tried >= MOST_FAILURES:
            units.park(tx, unit, error=told, now=now)
        else:
            until = now + timedelta(seconds=FAILED_AFTER_S * 2**tried)
            units.postpone(tx, unit, until=until, error=told, again=False)


def messages(wiring: Wiring, *, most: int) -> Sequence[str]:
    """Tell for which queues to announce work, one entry a message: as many as there are units due, up to `most`."""
    due = units.due(wiring.store, wiring.clock.now())
    return [queue for queue, number in due.items() for _ in range(min(number, most))]
