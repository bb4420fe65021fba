"""A serving process that shows that it lives, and looks at what people should be alerted to.

Every worker does both: so a beat that has died is noticed, and by whom it can be told. Importing this module listens to
Celery's signals; only a worker's main process sends them.
"""

import os
import threading
from typing import Any

import structlog
from celery.signals import worker_ready, worker_shutting_down

from tasks.settings import load_settings
from tasks.store import processes
from tasks.store.engine import StoreUnreachable
from tasks.watch import alerts
from tasks.wiring import Wiring, open_wiring

log = structlog.get_logger()

EVERY_S = 15.0
KIND = "worker"
_stopping = threading.Event()


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def begin(sender: Any, **_: object) -> None:
    """Report from now on, in the background."""
    queues = sorted(sender.app.amqp.queues.consume_from)
    threading.Thread(target=_report, args=(queues,), daemon=True).start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # Celery has no types
def end(**_: object) -> None:
    """Report no more, and take the process out: it stops in good order."""
    _stopping.set()


def _report(queues: list[str]) -> None:
    """Beat until the worker stops. A store that is away is waited for: the process lives all the same."""
    wiring: Wiring | None = None
    name = processes.name_here(KIND)
    while not _stopping.is_set():
        try:
            wiring = wiring or open_wiring(load_settings())
            processes.beat(wiring.store, name, KIND, queues, now=wiring.clock.now(), worked=False)
            alerts.review_and_deliver(wiring)
        except StoreUnreachable as error:
            log.warning("heartbeat.missed", reason=str(error))
        except Exception:
            # Whatever is wrong with an alert or a setting, a worker that stopped to report would be taken for dead.
            log.exception("heartbeat.failed")
        _stopping.wait(EVERY_S)
    if wiring is not None:
        processes.ended(wiring.store, name)


def worked(wiring: Wiring) -> None:
    """Note, from one of a worker's processes, that it has just ended a piece of work."""
    name = f"{processes.host_here()}:{KIND}:{os.getppid()}"
    processes.worked(wiring.store, name, now=wiring.clock.now())
