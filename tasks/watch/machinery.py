"""Grounds for an alert in the machinery that all connections share: schedule, queues, disk and database.

Each looks at one thing and says what is wrong with it and what to do, or None.
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from tasks.screens import counted
from tasks.store import figures, units
from tasks.watch.moments import span
from tasks.wiring import Wiring

GRACE_S = 300  # a tick that is late, or a clock that is put right, is no alert
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
