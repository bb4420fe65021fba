"""Celery carries the news that there is work: a task that works on the next unit, and the tick that finds what is due.

Schedules, units, runs and cursors live in the store: a message that is lost, doubled or late changes nothing, for the
tick announces whatever is due again. A connection's sync is one unit at a time; backfills and trainings have queues of
their own, so that a fresh lead never waits for a million old ones.

The settings are those measured to redeliver lost messages and never to loop on a poisonous one: late acknowledgement,
`task_retry_on_worker_lost` (Celery 5.7) instead of `task_reject_on_worker_lost`, a visibility time-out above the
longest job, and Kombu's restore sweep made quick (Celery documentation, "Using Redis", "Caveats").
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery

from connector.errors import Retryable
from tasks import duties, heartbeat, work
from tasks import log as logging
from tasks.broker import broker_url
from tasks.settings import Settings, load_settings
from tasks.store import runs, schedule, units
from tasks.store.engine import StoreUnreachable
from tasks.telling import tell_of_hot_leads
from tasks.verbs import retention
from tasks.watch import alerts as watching
from tasks.wiring import Wiring, open_wiring

log = structlog.get_logger()

ANNOUNCED = 8  # most messages for one queue in one tick; each that finds work sends the next one itself
TICK_QUEUE = "tick"
MESSAGE_LIVES_S = 300
DAY_S = 86_400
UNITS_KEPT = timedelta(days=30)
EVERY_CONNECTION = "*"  # no connection can be called so


def make_app(settings: Settings) -> Celery:
    """Make the Celery app for an installation; worker, beat and command line share it."""
    app = Celery("truegrade")
    visibility_s = settings.job_limit_s + 600
    app.conf.update(
        broker_url=broker_url(settings.redis_url or "redis://127.0.0.1:6379/0"),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": visibility_s,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 3,
            "socket_timeout": 30,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
        visibility_timeout=visibility_s,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_retry_on_worker_lost=True,
        task_default_queue=units.LIVE,
        task_routes={"truegrade.tick": {"queue": TICK_QUEUE}},
        task_time_limit=settings.job_limit_s,
        task_soft_time_limit=settings.job_limit_s - 30,
        worker_prefetch_multiplier=1,
        worker_pool_start_method="spawn",  # a forked child hangs on its first Polars call once the parent used Polars
        worker_soft_shutdown_timeout=30,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_eta_task_limit=1_000,
        worker_max_tasks_per_child=200,
        worker_hijack_root_logger=False,
        timezone="UTC",
        enable_utc=True,
        beat_schedule={
            "tick": {"task": "truegrade.tick", "schedule": settings.tick_every_s, "options": {"expires": 60}}
        },
    )
    return app


settings = load_settings()
logging.configure(settings.log_level)
app = make_app(settings)


@app.task(name="truegrade.work", max_retries=0)  # type: ignore[untyped-decorator]  # Celery has no types
def work_on(*, queue: str) -> None:
    """Work on the next unit of a queue, and send for another worker when there is more."""
    try:
        with opened() as wiring:
            if work.work_on(wiring, queue) is not None:
                heartbeat.worked(wiring)
                if units.due(wiring.store, wiring.clock.now()).get(queue):
                    announce([queue])
    except (StoreUnreachable, Retryable) as error:  # nothing is lost: the tick announces what is due
        log.warning("work.postponed", queue=queue, reason=str(error))


@app.task(name="truegrade.tick", max_retries=0)  # type: ignore[untyped-decorator]  # Celery has no types
def tick() -> None:
    """Add the units of the schedules that are due, and announce all that is due. Many beats may tick at once."""
    try:
        with opened() as wiring:
            add_what_is_due(wiring)
            announce(work.messages(wiring, most=ANNOUNCED))
            forget_what_is_long_done(wiring)
            watching.review_and_deliver(wiring)
            tell_of_hot_leads(wiring)
    except StoreUnreachable as error:
        log.warning("tick.postponed", reason=str(error))


@contextmanager
def opened() -> Iterator[Wiring]:
    """Open the installation for one task, as it is set now, and give its connections to the database back."""
    wiring = open_wiring(load_settings())
    try:
        yield wiring
    finally:
        wiring.store.close()


def announce(queues: Sequence[str]) -> None:
    """Send the news that there is work, a message for each."""
    for queue in queues:
        app.send_task("truegrade.work", kwargs={"queue": queue}, queue=queue, expires=MESSAGE_LIVES_S)


def add_what_is_due(wiring: Wiring) -> int:
    """Claim each schedule's slot, once for all beats, and add its unit in the same transaction; returns how many."""
    added = 0
    now = wiring.clock.now()
    for connection in wiring.connections:
        for verb, every_s in due_verbs(wiring.settings).items():
            with wiring.store.write() as tx:
                at_once = verb == "sync"  # which learns the first model by itself
                name = f"{verb}:{connection}"
                slot = schedule.claim_slot(tx, name, every_s=every_s, now=now, at_once=at_once)
                unit = UNITS[verb](connection, str(slot))
                if slot is not None and not (unit.exclusive and units.is_open(tx, unit.exclusive, verb)):
                    units.add(tx, [unit], now=now)
                    added += 1
    return added


def forget_what_is_long_done(wiring: Wiring) -> None:
    """Let go, once a day, what was kept long enough, and note as a run of all connections how much of what."""
    now = wiring.clock.now()
    if schedule.claim(wiring.store, "forget", every_s=DAY_S, now=now):
        with runs.recorded(wiring.store, EVERY_CONNECTION, "retention", wiring.clock) as run:
            run.counts["units"] = units.forget(wiring.store, before=now - UNITS_KEPT)
            run.counts |= retention.retain(wiring.store, wiring.settings.kept_days, now=now)
            folder = wiring.settings.models_folder
            left = [retention.leave_backtests(wiring.store, name, folder) for name in wiring.connections]
            run.counts |= {"backtests": sum(left)} if any(left) else {}


UNITS: dict[str, Any] = {
    "sync": duties.sync_unit,
    "train": duties.train_unit,
    "reconcile": duties.reconcile_unit,
}


def due_verbs(settings: Settings) -> dict[str, int]:
    """Tell the scheduled verbs and how often each runs, in seconds."""
    return {"sync": settings.sync_every_s, "train": settings.train_every_s, "reconcile": settings.sweep_every_s}
