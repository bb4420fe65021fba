import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import APIRouter, Request, Response

from connector.clock import MovableClock
from connector.simulator.server import Simulator


class Bell:
    """The smallest dialect: a counter that says how often it was rung."""

    def __init__(self) -> None:
        self.router = APIRouter()
        self.operations = {"ring": self.ring, "shout": self.shout}
        self.rung = 0
        self.received = b""
        for prefix in ("/services/data", "/crm/v3"):
            self.router.add_api_route(prefix + "/bell", self.answer, methods=["GET", "POST"])
            self.router.add_api_route(prefix + "/empty", self.empty, methods=["POST"])
            self.router.add_api_route(prefix + "/book", self.book)
            self.router.add_api_route(prefix + "/broken", self.broken)

    def ring(self, times: int = 1) -> int:
        self.rung += times
        return self.rung

    def shout(self) -> None:
        raise KeyError("nobody hears")

    async def answer(self, request: Request) -> Response:
        self.received = await request.body()
        return Response(b'{"rung": %d}' % self.ring(), media_type="application/json")

    async def empty(self) -> Response:
        self.ring()
        return Response(status_code=204)

    async def book(self) -> Response:
        return Response(b"ding dong " * 1000, media_type="text/plain")

    async def broken(self) -> Response:
        raise ZeroDivisionError

    def classify(self, method: str, path: str) -> str:
        return "read" if method == "GET" else "write"

    def fault_reply(self, fault: str) -> tuple[int, dict[str, str], bytes]:
        return {"503": (503, {"Retry-After": "7"}, b"out of order")}[fault]

    def truth(self, ids: list[str]) -> dict[str, float]:
        return {of: 0.5 for of in ids if of.startswith("b")}


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def simulator(bell: Bell) -> Iterator[Simulator]:
    clock = MovableClock(datetime(2026, 1, 5, 12, tzinfo=UTC))
    with Simulator(salesforce=bell, hubspot=None, clock=clock) as running:
        yield running


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Install the vendors' own Node clients into .tools/node of this clone, once for all processes and runs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    wanted = Path(__file__).parent / "node"
    home = Path(__file__).parents[3] / ".tools" / "node"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = home / "installed.json"
        lockfile = (wanted / "package-lock.json").read_text()
        if not installed.exists() or installed.read_text() != lockfile:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copyfile(wanted / name, home / name)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=280, check=False)
            if done.returncode != 0:
                pytest.skip(f"npm cannot install the clients: {done.stderr[-300:]}")
            installed.write_text(lockfile)
    return home / "node_modules"
