"""A simulator in a process of its own, so that a benchmark's client and server do not share an interpreter."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import urllib3

from connector.simulator.spec import Spec


class Remote:
    """A running simulator, by its /simulator/ endpoints. Raises LookupError or ValueError with the server's words."""

    def __init__(self, url: str, pool: urllib3.PoolManager) -> None:
        self.url = url
        self._pool = pool

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the requests by CRM, then by kind, since the start or the last `clear_log`."""
        counts: dict[str, dict[str, int]] = self._ask("GET", "log")
        return counts

    def entries(self) -> list[dict[str, Any]]:
        """List the requests, oldest first, with the fields of `connector.simulator.log.Entry`."""
        entries: list[dict[str, Any]] = self._ask("GET", "log/entries")
        return entries

    def clear_log(self) -> None:
        self._ask("DELETE", "log")

    def add_fault(self, crm: str, kind: str, fault: str, after: int = 0, times: int = 1) -> None:
        """Plan a fault as `connector.simulator.faults.Faults.add` does."""
        self._ask("POST", "faults", {"crm": crm, "kind": kind, "fault": fault, "after": after, "times": times})

    def clear_faults(self) -> None:
        self._ask("DELETE", "faults")

    def truth(self, crm: str, ids: Sequence[str]) -> dict[str, float]:
        """Give the hidden probability by record id."""
        truth: dict[str, float] = self._ask("POST", "truth", {"crm": crm, "ids": list(ids)})
        return truth

    def operate(self, crm: str, operation: str, **arguments: object) -> Any:
        """Call one of the dialect's operations by name: edit, delete, snapshot, ..."""
        return self._ask("POST", f"{crm}/{operation}", arguments)

    def operations(self, crm: str) -> list[str]:
        """List what `operate` knows for this CRM."""
        names: list[str] = self._ask("GET", crm)
        return names

    def _ask(self, method: str, path: str, content: object = None) -> Any:
        body = None if content is None else orjson.dumps(content)
        reply = self._pool.request(
            method, f"{self.url}/simulator/{path}", body=body, headers={"content-type": "application/json"}
        )
        values = orjson.loads(reply.data)
        if reply.status == 404:
            raise LookupError(values["detail"])
        if reply.status != 200:
            raise ValueError(str(values.get("detail")))
        return values["result"]


@contextmanager
def spawn(spec: Spec) -> Iterator[Remote]:
    """Start the simulator in its own process, and end it with the block, or with this process if that dies first.

    Raises RuntimeError when it does not start; its own words are on the error output.
    """
    command = [sys.executable, "-m", "connector.simulator"]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        urllib3.PoolManager(retries=False, timeout=120.0) as pool,
    ):
        url = _started(process, spec)
        try:
            yield Remote(url, pool)
        finally:
            process.terminate()


def _started(process: subprocess.Popen[str], spec: Spec) -> str:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the simulator's process has no pipes")
    process.stdin.write(spec.to_json() + "\n")
    process.stdin.flush()
    url = process.stdout.readline().strip()
    if not url:
        raise RuntimeError(f"the simulator ended with code {process.wait()} before it served")
    return url
