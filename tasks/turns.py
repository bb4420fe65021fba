"""One run at a time of each connection on this machine, by a lock that ends with its process.

Two syncs at once would write each row twice. Jobs on many machines hold a lease in Redis beside it (`lease.py`).
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(folder: Path, connection: str, *, wait: Callable[[], None]) -> Iterator[None]:
    """Have the connection for ourselves; `wait` is called once when another run has it, before waiting for its end."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f"{connection}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
