"""The simulator as a process: reads a `Spec` from the first line of its input, prints its URL, and serves.

Ends with its parent: the rest of the input is nothing, and its end is the parent's.
"""

import sys
import threading
from collections.abc import Callable

from connector.simulator.spec import Spec, build, clock_of


def _serve() -> None:
    spec = Spec.from_json(sys.stdin.readline())
    simulator = build(spec, clock_of(spec))
    threading.Thread(target=_after_parent, args=(simulator.stop,), daemon=True).start()
    simulator.serve(_announce)


def _after_parent(stop: Callable[[], None]) -> None:
    sys.stdin.read()
    stop()


def _announce(url: str) -> None:
    print(url, flush=True)  # the line that the parent waits for


if __name__ == "__main__":
    _serve()
