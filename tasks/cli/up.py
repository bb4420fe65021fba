"""`truegrade up`: a whole installation on one machine, kept up until it is stopped.

Broker (unless there is a Redis), a worker for what is fresh, one for everything else, and beat. One that ends is
started again; all of them end when this process does, however it ends; and one folder has one of these at a time.
"""

import fcntl
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from connector.clock import Clock, SystemClock
from tasks import children
from tasks.broker import STOP_WITHIN_S, placed
from tasks.children import Kept
from tasks.cli.launch import beat_command, environment, worker_command
from tasks.cli.options import Home, settings_of
from tasks.connections import load_connections
from tasks.screens import note
from tasks.settings import Settings, SettingsInvalid
from tasks.store.units import LIVE, QUEUES
from tasks.wiring import open_wiring

FINISH_WITHIN_S = 60.0  # above Celery's soft shutdown, which gives running work half of it
LOOK_EVERY_S = 0.2
LOCK = "up.lock"

Processes = Annotated[int, typer.Option("--processes", min=1, max=1_000, help="Pieces of work at a time.")]


def up(home: Home = None, processes: Processes = 2) -> None:
    """Run workers and schedule on this machine, with a broker of their own unless TRUEGRADE_REDIS_URL names one.

    One worker is there for what is fresh alone; `--processes` is of the other one, which learns and backfills.
    """
    settings = settings_of(home)
    load_connections(settings.home)
    stopping: list[int] = []
    with alone(settings.home) as lock:
        open_wiring(settings).store.close()  # what is wrong with the database is told now and not in a log
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _frame: stopping.append(received))
        clock = SystemClock()
        with _everything(settings, processes, lock=lock, clock=clock) as kept:
            note(f"truegrade is up on {settings.home} (stop with Ctrl-C).")
            while not stopping:
                for one in kept:
                    children.look_after(one, passed_s=LOOK_EVERY_S, tell=note)
                clock.sleep(LOOK_EVERY_S)
    note("truegrade has stopped.")


@contextmanager
def alone(home: Path) -> Iterator[int]:
    """Be the only one that serves this folder; yields the open lock, which children keep as long as they live.

    Raises SettingsInvalid when another does.
    """
    with (home / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise SettingsInvalid(
                f"Another `truegrade up` serves {home} (process {lock.read().strip() or 'unknown'}), or its workers "
                "are still ending. Stop that one, or name another folder with --home."
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield lock.fileno()


@contextmanager
def _everything(settings: Settings, processes: int, *, lock: int, clock: Clock) -> Iterator[list[Kept]]:
    """Start the broker and what works with it, and end them in the other order."""
    with ExitStack() as stack:
        extra, kept = {}, []
        if not settings.redis_url:
            broker = stack.enter_context(placed(settings.home / "broker"))
            running = broker.start(keeps=[lock])
            kept.append(Kept("The broker", partial(broker.start, keeps=[lock]), running))
            stack.callback(_stop, tuple(kept), within_s=STOP_WITHIN_S)
            broker.wait(running, clock)
            extra["TRUEGRADE_REDIS_URL"] = broker.url
        env = environment(settings.home, **extra)
        at_work = [
            Kept(name, partial(children.start, command, env=env, keeps=[lock]))
            for name, command in _commands(processes).items()
        ]
        stack.callback(_stop, at_work, within_s=FINISH_WITHIN_S)
        yield [*kept, *at_work]


def _commands(processes: int) -> dict[str, list[str]]:
    others = [queue for queue in QUEUES if queue != LIVE]
    return {
        "The worker of what is fresh": worker_command([LIVE], 1),
        "The worker of everything else": worker_command(others, processes),
        "Beat": beat_command(),
    }


def _stop(kept: Iterable[Kept], *, within_s: float) -> None:
    children.stop([one.process for one in kept if one.process is not None], within_s=within_s)
