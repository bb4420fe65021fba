"""Grounds for an alert: each function looks at one thing in the store and says what is wrong with it, or None.

A sentence tells what happened and what to do next. It may hold the CRM's words for a permission or a field, but no
value of a field and no id of a lead.
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tasks.screens import counted
from tasks.store import backfills, figures, models, pauses, units
from tasks.store.figures import Verb
from tasks.wiring import Wiring

PERIODS = 3  # of a schedule that may go by without a success
GRACE_S = 300  # a tick that is late, or a clock that is put right, is no alert
LEAST_REFUSED = 20
LEAST_FREE_SHARE, LEAST_FREE_BYTES = 0.05, 2 * 1024**3
SLOW = timedelta(seconds=20)


def beat(wiring: Wiring, slots: Mapping[str, tuple[int, int]], *, now: datetime) -> str | None:
    """Look at whether the schedule fires: every slot is claimed soon after it begins."""
    late = schedule_late(wiring, slots, now=now)
    if not late:
        return None
    name, by = max(late.items(), key=lambda item: item[1])
    return (
        f"The schedule does not fire: {name} is {span(by)} late. See that `truegrade beat` (or `truegrade up`) runs, "
        "that a worker works on the queue live, and that Redis can be reached."
    )


def schedule_late(
    wiring: Wiring, slots: Mapping[str, tuple[int, int]], *, now: datetime, grace_s: float = GRACE_S
) -> dict[str, timedelta]:
    """Tell which schedules of our connections are late, and by how much; one of the far future is late as well."""
    grace_s = max(grace_s, 4 * wiring.settings.tick_every_s)
    found = {}
    for name, (every_s, slot) in slots.items():
        if name.partition(":")[2] not in wiring.connections:
            continue
        by_s = abs(now.timestamp() - slot) - every_s
        if by_s > grace_s:
            found[name] = timedelta(seconds=by_s)
    return found


def stalled(wiring: Wiring, *, now: datetime) -> Iterator[tuple[str, str]]:
    """Look for queues whose work is due and not done: each with its sentence."""
    for name, queue in figures.queues(wiring.store, now=now).items():
        # Behind a long unit of another queue, which the same process may work on, all but live work waits.
        limit_s = wiring.settings.stalled_after_s + (0 if name == units.LIVE else wiring.settings.job_limit_s)
        limit = now - timedelta(seconds=limit_s)
        is_served = queue.working > 0 or (queue.ended_at is not None and queue.ended_at > limit)
        if queue.due_since is not None and queue.due_since < limit and not is_served:
            due, ago = counted(queue.due, "unit"), span(now - queue.due_since)
            told = f"Work stands still: {due} of the queue {name} could have been begun {ago} ago."
            yield name, f"{told} Start a worker for it: `truegrade worker --queues {name}`."


def disk(home: Path) -> str | None:
    """Look at the room that is left for SQLite, models and tokens."""
    usage = shutil.disk_usage(home)
    if usage.free > min(LEAST_FREE_BYTES, LEAST_FREE_SHARE * usage.total):
        return None
    return f"The disk of the home folder is nearly full: {usage.free // 1024**2:,} MB are left. Make room on it."


def slow(wiring: Wiring, *, began: datetime) -> str | None:
    """Look at how long all these questions to the database took."""
    took = wiring.clock.now() - began
    if took < SLOW:
        return None
    return f"The database answers slowly: looking at it took {span(took)}. See what else keeps it busy, and its disk."


def paused(wiring: Wiring, name: str) -> str | None:
    """Look at whether a person has to mend the connection."""
    pause = pauses.of(wiring.store, name)
    if pause is None or pause.kind != pauses.MISCONFIGURED:
        return None
    return (
        f"{name} is paused since {moment(pause.since)}: {pause.reason} {pause.fix} It is tried again by itself at "
        f"{moment(pause.until)}; `truegrade sync {name}` tries at once."
    )


def quota(wiring: Wiring, name: str) -> str | None:
    """Look at whether the calls of the CRM's day are spent."""
    pause = pauses.of(wiring.store, name)
    if pause is None or pause.kind != pauses.QUOTA:
        return None
    return (
        f"{name} has spent its API calls: {pause.reason} Work goes on by itself at {moment(pause.until)}. If this "
        "happens often, grant it more of the calls, let other integrations make fewer, or sync less often."
    )


def parked(wiring: Wiring, name: str, verbs: Mapping[str, Verb]) -> Iterator[tuple[str, str]]:
    """Look for units that were tried too often: a sentence for each verb. A later success makes up for it."""
    by_verb: dict[str, list[units.Unit]] = {}
    for unit in units.parked(wiring.store, name):
        later = verbs[unit.verb].begun_at if unit.verb in verbs else None
        if later and unit.finished_at and later > unit.finished_at:
            continue
        by_verb.setdefault(unit.verb, []).append(unit)
    for verb, found in by_verb.items():
        number, why = counted(len(found), "unit"), found[0].error or "It ended without a word."
        told = f"{name}: {number} of {verb} could not be done and nobody tries any more. {why}"
        yield verb, f"{told} Look at the log for unit.failed, and see the runbook for a poison unit."


def failing(wiring: Wiring, name: str, verbs: Mapping[str, Verb]) -> Iterator[tuple[str, str]]:
    """Look for verbs that failed several times in a row: a sentence for each."""
    for verb, found in verbs.items():
        if _is_too_early(wiring, name, verb):
            continue
        if found.failures >= wiring.settings.alert_failures:
            runs, last = counted(found.failures, "run"), moment(found.succeeded_at)
            why = found.error or "It was killed."
            yield verb, f"{name}: the last {runs} of {verb} failed. {why} The last success was {last}."


def missing(
    wiring: Wiring, name: str, verbs: Mapping[str, Verb], every_s: Mapping[str, int], *, now: datetime
) -> Iterator[tuple[str, str]]:
    """Look for scheduled verbs that have not succeeded for several periods: a sentence for each."""
    for verb, period_s in every_s.items():
        found = verbs.get(verb)
        if found is None or found.failures >= wiring.settings.alert_failures or _is_too_early(wiring, name, verb):
            continue
        since = found.succeeded_at or found.first_at
        is_late = now - since > timedelta(seconds=PERIODS * period_s + GRACE_S)
        is_busy = figures.is_worked_on(wiring.store, name, now=now) or _is_backfilled(wiring, name, loading=True)
        if is_late and not is_busy:
            every, ago = span(timedelta(seconds=period_s)), span(now - since)
            told = f"{name}: no {verb} has succeeded for {ago}, and one is due every {every}."
            yield verb, f"{told} See that a worker runs; `truegrade sync {name}` tells what stops it."


def _is_too_early(wiring: Wiring, name: str, verb: str) -> bool:
    """Tell whether it is no wonder that the verb does not succeed: too little history to learn the first model."""
    return verb == "train" and models.current(wiring.store, name) is None


def refusals(wiring: Wiring, name: str, *, now: datetime) -> str | None:
    """Look at the share of a day's rows that the CRM refused."""
    rows = figures.rows(wiring.store, name, since=now - timedelta(days=1))
    refused, sent = rows.get("refused", 0), rows.get("refused", 0) + rows.get("written", 0)
    if refused < LEAST_REFUSED or refused < wiring.settings.refusal_rate * sent:
        return None
    return (
        f"{name}: the CRM refused {refused:,} of {sent:,} rows in 24 hours ({refused / sent:.0%}). "
        f"`truegrade refusals {name}` tells the causes and how to mend them."
    )


def stale(wiring: Wiring, name: str, sync: Verb | None, every_s: Mapping[str, int], *, now: datetime) -> str | None:
    """Look at whether scores lag behind the leads by more than the service level; only where syncs are scheduled.

    What changed before the last successful sync began is scored; what changed since may not be.
    """
    if sync is None or "sync" not in every_s or _is_backfilled(wiring, name, loading=True):
        return None
    limit = timedelta(seconds=max(wiring.settings.stale_after_s, PERIODS * every_s["sync"]))
    since = sync.begun_at or sync.first_at
    if now - since > limit and (sync.begun_at or not figures.is_worked_on(wiring.store, name, now=now)):
        return (
            f"{name}: what changed on leads since {moment(since)} is not in their scores. See its other alerts, and "
            f"`truegrade status {name}`."
        )
    unwritten = figures.unwritten_since(wiring.store, name)
    if unwritten is None or now - unwritten <= limit or _is_backfilled(wiring, name):
        return None
    return (
        f"{name}: scores of {moment(unwritten)} and later are not on the leads yet. `truegrade push {name}` sends them "
        "and tells what stops them."
    )


def _is_backfilled(wiring: Wiring, name: str, *, loading: bool = False) -> bool:
    """Tell whether a backfill runs, whose scores wait for their turn; or one that loads, for which syncs wait."""
    running = [one for one in backfills.open_ones(wiring.store, name) if one.state is backfills.State.RUNNING]
    return any(not loading or one.stage.value in backfills.LOADING for one in running)


def span(by: timedelta) -> str:
    """Write a span as people do: "12 s", "5 min", "3 h", "2 days"."""
    seconds = max(0, int(by.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7_200:
        return f"{seconds // 60} min"
    return f"{seconds // 3_600} h" if seconds < 172_800 else f"{seconds // 86_400} days"


def moment(at: datetime | None) -> str:
    """Write an instant as people do, in UTC: "2026-11-03 12:05 UTC"; "never" for None."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "never"
