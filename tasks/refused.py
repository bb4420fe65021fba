"""What people and machines are told of refusals: grouped by cause, with the fix, and when each is tried next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connector import causes
from tasks.store import refusals
from tasks.store.refusals import Group, Refusal
from tasks.store.times import to_text
from tasks.wiring import Wiring

NEXT_PUSH = "with the next push"
ONCE_MENDED = "once it is mended"


def groups(
    wiring: Wiring, name: str, *, code: str | None = None, leads: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Tell the connection's refusals by the CRM's code, the most frequent first: all, with a code, of some leads."""
    crm, now = wiring.connection(name).crm, wiring.clock.now()
    return [_group(crm, group, now) for group in refusals.groups(wiring.store, name, code=code, leads=leads)]


def _group(crm: str, group: Group, now: datetime) -> dict[str, Any]:
    cause = causes.cause(crm, group.code, passing=group.passing > 0)
    queued = group.queued == group.leads
    return {
        "code": group.code,
        "leads": group.leads,
        "cause": cause.what,
        "fix": cause.fix,
        "passing": group.passing > 0,
        "queued": group.queued,
        "since": group.first_at,
        "last_at": group.last_at,
        "next_at": group.next_at,
        "next_try": next_try(queued=queued, passing=group.passing > 0, next_at=group.next_at, now=now),
    }


def row(crm: str, refusal: Refusal, *, now: datetime) -> dict[str, Any]:
    """Tell one refusal, its keys in the order of an export's columns."""
    cause = causes.cause(crm, refusal.code, passing=refusal.passing)
    next_at, passing = refusal.next_at, refusal.passing
    return {
        "lead": refusal.lead_id,
        "code": refusal.code,
        "message": refusal.message,
        "cause": cause.what,
        "fix": cause.fix,
        "passing": passing,
        "since": refusal.first_at,
        "last_at": refusal.last_at,
        "times": refusal.times,
        "next_try": next_try(queued=refusal.queued, passing=passing, next_at=next_at, now=now),
    }


def next_try(*, queued: bool, passing: bool, next_at: str | None, now: datetime) -> str:
    """Say when a refused score goes out again: with the next push, at an instant, or once somebody mended its cause."""
    if not queued and not passing:
        return ONCE_MENDED
    if queued or next_at is None or next_at <= to_text(now):
        return NEXT_PUSH
    return next_at
