"""The simulator as a server: one origin on the loopback interface, both dialects, in a thread or in the foreground.

uvicorn's HTTP/1.1 protocol on a loop of our own: starting and stopping take milliseconds, which a test suite feels.
A reply is two writes, which without TCP_NODELAY would take 40 ms (Nagle's algorithm meets the delayed ACK). asyncio
sets it, but only on sockets that were made with the protocol's number, as `_listener` does.
"""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Generic, Self, TypeVar

from fastapi import FastAPI
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from connector.clock import Clock
from connector.simulator.admin import admin
from connector.simulator.dialect import Dialect
from connector.simulator.faults import Faults
from connector.simulator.log import Log
from connector.simulator.wire import Road, Wire

_HOST = "127.0.0.1"
_LONGEST_HEAD = 131_072  # bytes: a CRM answers an overlong URL itself, so uvicorn must let it through
_KEEP_ALIVE_S = 75


Org = TypeVar("Org", bound=Dialect)
Portal = TypeVar("Portal", bound=Dialect)


class Simulator(Generic[Org, Portal]):
    """A Salesforce org and a HubSpot portal, or one of them, behind one URL.

    `with Simulator(...) as simulator` serves until the block ends, once; `serve()` until a signal or `stop()`. The
    dialects stay usable afterwards: who made them closes them.
    """

    def __init__(self, *, salesforce: Org | None, hubspot: Portal | None, clock: Clock, port: int = 0) -> None:
        self._salesforce = salesforce
        self._hubspot = hubspot
        self.log = Log()
        self.faults = Faults()
        named: dict[str, Dialect | None] = {"salesforce": salesforce, "hubspot": hubspot}
        dialects = {crm: dialect for crm, dialect in named.items() if dialect is not None}
        roads = {crm: Road(crm, dialect, _application(dialect)) for crm, dialect in dialects.items()}
        own = partial(admin, dialects, log=self.log, faults=self.faults)
        self._app = Wire(roads, own, log=self.log, faults=self.faults, clock=clock)
        self._socket = _listener(port)
        self.url = f"http://{_HOST}:{self._socket.getsockname()[1]}"
        self._stopped = threading.Event()
        self._served: _Served | None = None

    @property
    def salesforce(self) -> Org:
        """The org. Raises LookupError when the simulator has none."""
        if self._salesforce is None:
            raise LookupError("this simulator has no Salesforce org")
        return self._salesforce

    @property
    def hubspot(self) -> Portal:
        """The portal. Raises LookupError when the simulator has none."""
        if self._hubspot is None:
            raise LookupError("this simulator has no HubSpot portal")
        return self._hubspot

    def __enter__(self) -> Self:
        self._served = _Served(self._app, self._socket)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._served is not None:
            self._served.end()
            self._served = None

    def serve(self, on_ready: Callable[[str], None]) -> None:
        """Serve in the foreground until SIGTERM, SIGINT or `stop()`; calls `on_ready` with the URL once it answers."""
        signals = (signal.SIGTERM, signal.SIGINT)
        before = {of: signal.signal(of, lambda *_: self.stop()) for of in signals}
        try:
            with self:
                on_ready(self.url)
                self._stopped.wait()
        finally:
            for of, handler in before.items():
                signal.signal(of, handler)

    def stop(self) -> None:
        """Let `serve` return. May be called from any thread."""
        self._stopped.set()


class _Served:
    """An event loop in a daemon thread that serves an application on a listening socket until `end`."""

    def __init__(self, app: Wire, listener: socket.socket) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(app, listener), name="simulator", daemon=True)
        self._thread.start()
        self._ready.wait()

    def end(self) -> None:
        """Close the connections and the listening socket, and wait for the thread."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self, app: Wire, listener: socket.socket) -> None:
        asyncio.run(self._serve(app, listener))

    async def _serve(self, app: Wire, listener: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        config = Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            h11_max_incomplete_event_size=_LONGEST_HEAD,
        )
        config.load()
        state = ServerState()
        server = await self._loop.create_server(lambda: H11Protocol(config, state, {}), sock=listener, backlog=512)
        self._ready.set()
        await self._over.wait()
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await server.wait_closed()


def _application(dialect: Dialect) -> FastAPI:
    """Make the application of one CRM. It documents nothing: the CRM's own reference does."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.include_router(dialect.router)
    return app


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
