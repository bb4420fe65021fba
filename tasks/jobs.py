"""The verbs as Celery jobs, and the tick that starts them.

A job is ten lines around a verb. Celery only carries the news that there is work: schedules, runs and cursors live in
the store, every verb may be killed and run again, and one connection is worked on by one job at a time.

The settings are those measured to redeliver lost work and never to loop on a poisonous task: late acknowledgement,
`task_retry_on_worker_lost` (Celery 5.7) instead of `task_reject_on_worker_lost`, a visibility time-out above the
longest job, and Kombu's restore sweep made quick (Celery documentation, "Using Redis", "Caveats").
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import redis
import structlog
from celery import Celery

from connector.errors import OutOfQuota, Retryable
from tasks import lease, run
from tasks import log as logging
from tasks.broker import broker_url
from tasks.errors import TO_BE_MENDED, NotEnoughHistory
from tasks.settings import Settings, load_settings
from tasks.store import schedule
from tasks.wiring import Wiring, open_wiring

log = structlog.get_logger()

RETRY_AFTER_S = 60


def make_app(settings: Settings) -> Celery:
    """Make the Celery app for an installation; worker, beat and command line share it."""
    app = Celery("truegrade")
    visibility_s = settings.job_limit_s + 600
    app.conf.update(
        broker_url=broker_url(settings.redis_url or "redis://127.0.0.1:6379/0"),
        broker_connection_retry_on_startup=True,
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
        task_default_queue="crm",
        task_routes={"truegrade.train": {"queue": "train"}},
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


def job(*, name: str) -> Callable[[Callable[..., dict[str, Any]]], Any]:
    """Make a Celery job of a function that takes keyword arguments and returns counts.

    What can be tried again later is (by the queue); what a person must fix is logged as a warning and ends there, for
    the next tick to find mended; anything else is a bug and fails loudly.
    """

    def wrap(function: Callable[..., dict[str, Any]]) -> Any:
        @app.task(  # type: ignore[untyped-decorator]  # Celery has no types
            name=name, bind=True, max_retries=3, default_retry_delay=RETRY_AFTER_S
        )
        @wraps(function)
        def wrapped(self: Any, **arguments: Any) -> None:
            with structlog.contextvars.bound_contextvars(job=name, **arguments):
                try:
                    counts = function(**arguments)
                except Retryable as error:
                    log.warning("job.postponed", reason=str(error))
                    raise self.retry(countdown=min(error.after_s or RETRY_AFTER_S, 600)) from error
                except OutOfQuota as error:
                    log.warning("job.parked", reason=str(error), until=error.until and error.until.isoformat())
                except (*TO_BE_MENDED, NotEnoughHistory) as error:
                    log.warning("job.paused", reason=str(error))
                else:
                    log.debug("job.done", **counts)

        return wrapped

    return wrap


@job(name="truegrade.tick")
def tick(**_: object) -> dict[str, Any]:
    """Start what is due. Many beats may tick at once: the store lets one of them claim each slot."""
    sent = 0
    wiring = open_wiring(load_settings())
    for connection in wiring.connections:
        for verb, every_s in due_verbs(wiring.settings).items():
            name, at_once = f"{verb}:{connection}", verb == "sync"  # which learns the first model by itself
            if schedule.claim(wiring.store, name, every_s=every_s, now=wiring.clock.now(), at_once=at_once):
                app.send_task(f"truegrade.{verb}", kwargs={"connection": connection})
                sent += 1
    return {"sent": sent}


@job(name="truegrade.sync")
def sync(*, connection: str, **_: object) -> dict[str, Any]:
    """Sync one connection: pull what changed, score it, push what differs."""
    with leased(connection) as wiring:
        return run.sync(wiring, connection).as_dict()


@job(name="truegrade.train")
def train(*, connection: str, **_: object) -> dict[str, Any]:
    """Learn a new model of one connection; the next sync scores with it."""
    with leased(connection) as wiring:
        return run.train(wiring, connection)


def due_verbs(settings: Settings) -> dict[str, int]:
    """Tell the scheduled verbs and how often each runs, in seconds."""
    return {"sync": settings.sync_every_s, "train": settings.train_every_s}


@contextmanager
def leased(connection: str) -> Iterator[Wiring]:
    """Open the installation, with the connection for ourselves."""
    wiring = open_wiring(load_settings())
    with redis.Redis.from_url(wiring.settings.redis_url) as client, lease.leased(client, connection):
        yield wiring
