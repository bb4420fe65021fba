"""Whether an installation does its work: measured by what was done, and not by a process that is up.

*Live* asks the process table whether a worker of this very machine (or container) was heard of lately; *ready* asks the
parts that it needs; *working* looks at whether what is due gets done, and *scheduled* at whether slots fire on time.
"""

import redis

from tasks.ready import Check
from tasks.store import processes, schedule
from tasks.store.engine import StoreUnreachable
from tasks.watch import machinery, standing
from tasks.watch.moments import span
from tasks.wiring import Wiring

PING_WITHIN_S = 5


def checked(wiring: Wiring) -> list[Check]:
    """Look at everything, as seen from any machine. The first that is not well is what to mend first."""
    parts = ready(wiring)
    return parts if any(not part.well for part in parts) else [*parts, *running(wiring)]


def running(wiring: Wiring) -> list[Check]:
    """Look at who does the work, whether the schedule fires, and whether what is due gets done."""
    return [_workers(wiring), *scheduled(wiring), *_work(wiring)]


def live(wiring: Wiring) -> list[Check]:
    """Look at whether a worker of this machine was heard of lately.

    A store that cannot be asked says nothing against the worker, which waits for it and must not be killed for that.
    """
    try:
        mine = [found for found in processes.every(wiring.store) if found.host == processes.host_here()]
    except StoreUnreachable as error:
        return [Check("live", well=True, told=f"it cannot be told: {error}")]
    if not mine:
        return [Check("live", well=False, told="no process of this machine has reported; see its log")]
    newest = max(mine, key=lambda found: found.seen_at)
    return [_heard("live", newest, wiring)]


def ready(wiring: Wiring) -> list[Check]:
    """Look at the parts: store, schema, broker."""
    return [*_store(wiring), *broker(wiring)]


def scheduled(wiring: Wiring) -> list[Check]:
    """Look at whether every schedule fired on time, and so at beat."""
    slots = schedule.all_slots(wiring.store)
    late = machinery.beat(wiring, slots, now=wiring.clock.now())
    if late:
        return [Check("schedule", well=False, told=late)]
    return [Check("schedule", well=True, told="fires on time" if slots else "nothing was ever scheduled")]


def _store(wiring: Wiring) -> list[Check]:
    try:
        is_current = wiring.store.is_current()
    except StoreUnreachable as error:
        return [Check("store", well=False, told=str(error))]
    told = "today's" if is_current else "of another version; run `truegrade migrate`"
    return [Check("store", well=True, told="reachable"), Check("schema", well=is_current, told=told)]


def broker(wiring: Wiring) -> list[Check]:
    """Ping Redis. An installation whose broker is embedded has its address only in `truegrade up` itself."""
    if not wiring.settings.redis_url:
        return []
    options = {"socket_timeout": PING_WITHIN_S, "socket_connect_timeout": PING_WITHIN_S}
    try:
        with redis.Redis.from_url(wiring.settings.redis_url, **options) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        told = f"Redis cannot be reached ({type(error).__name__}); start it, or correct TRUEGRADE_REDIS_URL"
        return [Check("redis", well=False, told=told)]
    return [Check("redis", well=True, told="reachable")]


def _workers(wiring: Wiring) -> Check:
    """Look at the worker that was heard of last; without one nothing is done, due or not."""
    found = [process for process in processes.every(wiring.store) if process.kind == "worker"]
    if not found:
        return Check("workers", well=False, told="none has reported; start `truegrade worker`, or `truegrade up`")
    return _heard("workers", max(found, key=lambda process: process.seen_at), wiring)


def _heard(what: str, process: processes.Process, wiring: Wiring) -> Check:
    now = wiring.clock.now()
    told = f"{process.name} was heard of {span(now - process.seen_at)} ago"
    is_well = standing.is_up(process, now=now)
    return Check(what, well=is_well, told=told if is_well else f"{told}; restart it, its log says why it fell silent")


def _work(wiring: Wiring) -> list[Check]:
    stalled = list(machinery.stalled(wiring, now=wiring.clock.now()))
    if not stalled:
        return [Check("work", well=True, told="what is due gets done")]
    return [Check("work", well=False, told=told) for _, told in stalled]
