"""The processes that do the work, as commands: Celery's worker and its beat, on the app of `tasks.jobs`."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from tasks.settings import child_environment

TICK = "tick"  # as `tasks.jobs.TICK_QUEUE`, which a command that starts a worker need not load
CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "tasks.jobs")


def worker_command(queues: Iterable[str], processes: int) -> list[str]:
    """The Celery worker of these queues, with so many processes that work.

    Every worker takes ticks too: whoever is free finds what is due.
    """
    names = list(queues)
    node = f"{'-'.join(names)}-{os.getpid()}@%h"  # two workers of one name would answer for each other
    command = [*CELERY, "worker", "--loglevel", "warning", "--hostname", node, "--queues", ",".join([*names, TICK])]
    return [*command, "--concurrency", str(processes), "--without-mingle", "--without-gossip"]


def beat_command() -> list[str]:
    """Celery's beat. It keeps nothing: schedules are claimed in the store, so its timer may start anew at any time."""
    command = [*CELERY, "beat", "--loglevel", "warning", "--pidfile="]
    return [*command, "--scheduler", "celery.beat:Scheduler"]  # keeps its entries in memory and in no file


def environment(home: Path | None, **extra: str) -> dict[str, str]:
    """What a process needs to be of this installation. SIGTERM means Celery's soft shutdown.

    Source: Celery documentation, "Workers Guide", soft shutdown and REMAP_SIGTERM.
    """
    if home is not None:
        extra["TRUEGRADE_HOME"] = str(home.resolve())
    return child_environment(REMAP_SIGTERM="SIGQUIT", **extra)
