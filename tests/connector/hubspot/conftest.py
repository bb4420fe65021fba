import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connector.clock import MovableClock
from connector.hubspot.adapter import connect
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.signin import OAuthRefresh, StaticToken
from connector.limiter import NoLimiter
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.server import Simulator
from connector.simulator.world import World, generate

INTEGRATION = StaticToken("pat-na1-integration")
ADMIN = StaticToken("pat-na1-admin")
OAUTH = OAuthRefresh("truegrade", "truegrade-secret", "na1-refresh")
NOW = datetime(2026, 11, 3, 12, 0, 0, 500_000, tzinfo=UTC)


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Scripted:
    """A server on this machine that gives prepared replies, byte for byte, one per request, and then hangs up."""

    replies: deque[bytes] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def says(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        """Queue a whole reply."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Content-Length": str(len(body)), "Connection": "close", **named}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.replies.append(f"HTTP/1.1 {status} x\r\n{head}\r\n".encode() + body)


@pytest.fixture
def clock():
    return MovableClock(NOW)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            self.wfile.write(script.replies.popleft())
            self.close_connection = True

        do_GET = do_POST = answer  # noqa: N815  # http.server's names

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield script
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def world() -> World:
    return generate(leads=260, seed=7, now=NOW, shown="hubspot")


@pytest.fixture
def portal(world, clock):
    portal = HubSpotPortal(world, clock=clock)
    yield portal
    portal.close()


@pytest.fixture
def simulator(portal, clock):
    with Simulator(salesforce=None, hubspot=portal, clock=clock) as simulator:
        yield simulator


@pytest.fixture
def connected(simulator, clock):
    """Connect to the simulated portal, as the integration user unless told otherwise."""
    made = []

    def make(sign_in=INTEGRATION, *, vault=None, **options):
        crm = connect(
            sign_in,
            base_url=simulator.url,
            clock=clock,
            limiter=NoLimiter(),
            jitter=lambda: 0.0,
            vault=vault,
            options=HubSpotOptions(**options),
        )
        made.append(crm)
        return crm

    yield make
    for crm in made:
        crm.close()


@pytest.fixture
def crm(connected):
    return connected()
