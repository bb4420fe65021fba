"""The ASGI layer between the socket and the dialects: it logs, does the faults, and compresses.

Replies are collected whole before they are sent, so that a log entry stands before its reply arrives, and so that a
fault can cut a reply in half. Works with uvicorn's HTTP/1.1 protocol, whose transport it reaches through `send`.
"""

import asyncio
import socket
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from email.utils import format_datetime
from functools import cache
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.clock import Clock
from connector.simulator.dialect import Dialect
from connector.simulator.faults import WIRE, Faults
from connector.simulator.log import Entry, Log, masked

_WORTH_COMPRESSING = 1400  # bytes: one Ethernet frame
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close() sends RST instead of FIN

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished reply."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Road:
    """One CRM behind the wire: its dialect and the application made of its router."""

    crm: str
    dialect: Dialect
    app: ASGIApp


class Wire:
    """The ASGI application of the simulator: /simulator/ is the admin's, /services/ Salesforce's, else HubSpot's.

    `admin` makes the admin's when somebody comes for it, which in most tests nobody does.
    """

    def __init__(
        self, roads: Mapping[str, Road], admin: Callable[[], ASGIApp], *, log: Log, faults: Faults, clock: Clock
    ) -> None:
        self._roads = roads
        self._admin = cache(admin)
        self._log = log
        self._faults = faults
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/simulator/"):
            await self._admin()(scope, receive, send)
            return
        road = self._roads.get("salesforce" if path.startswith("/services/") else "hubspot")
        if road is None:
            await _send(Reply(404, [(b"content-length", b"0")], b""), send)
            return
        await self._travel(road, scope, receive, send)

    async def _travel(self, road: Road, scope: Scope, receive: Receive, send: Send) -> None:
        method, path, at = scope["method"], scope["path"], self._clock.now()
        kind = road.dialect.classify(method, path)
        fault = self._faults.take(road.crm, kind)
        entry = Entry(road.crm, method, masked(path), kind, 0, at, fault)
        if fault == "reset":
            self._log.add(entry)
            await _reset(receive, send)
            return
        try:
            reply = await _reply(road, fault, scope, receive)
        except Exception:
            # Not caught but counted: uvicorn sends the 500 and logs the traceback.
            self._log.add(replace(entry, status=500))
            raise
        reply = _compressed(reply, scope["headers"])
        lost = fault == "reset-after" or (fault == "cut" and not reply.body)
        self._log.add(entry if lost else replace(entry, status=reply.status))
        reply.headers.append((b"date", format_datetime(at, usegmt=True).encode()))
        if lost:
            await _reset(receive, send)
        elif fault == "cut":
            await _cut(reply, receive, send)
        else:
            await _send(reply, send)


async def _reply(road: Road, fault: str | None, scope: Scope, receive: Receive) -> Reply:
    """Let the dialect act, or refuse in its words; the request's body is read in both cases."""
    if fault is None or fault in WIRE:
        return await _collected(road.app, scope, receive)
    while (await receive()).get("more_body", False):
        pass
    status, headers, body = road.dialect.fault_reply(fault)
    pairs = [(name.lower().encode(), value.encode()) for name, value in dict(headers).items()]
    return Reply(status, [*_without(pairs, b"content-length"), (b"content-length", str(len(body)).encode())], body)


async def _collected(app: ASGIApp, scope: Scope, receive: Receive) -> Reply:
    start: MutableMapping[str, Any] = {}
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return Reply(start["status"], list(start["headers"]), b"".join(parts))


def _compressed(reply: Reply, asked: Iterable[tuple[bytes, bytes]]) -> Reply:
    """Compress a large body for a client that accepts it, unless the dialect has encoded it already."""
    accepts = any(name == b"accept-encoding" and b"gzip" in value for name, value in asked)
    if (
        not accepts
        or len(reply.body) < _WORTH_COMPRESSING
        or any(name == b"content-encoding" for name, _ in reply.headers)
    ):
        return reply
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    body = packer.compress(reply.body) + packer.flush()
    headers = _without(reply.headers, b"content-length")
    headers += [(b"content-encoding", b"gzip"), (b"content-length", str(len(body)).encode())]
    return Reply(reply.status, headers, body)


def _without(headers: Headers, name: bytes) -> Headers:
    return [pair for pair in headers if pair[0] != name]


async def _send(reply: Reply, send: Send) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _cut(reply: Reply, receive: Receive, send: Send) -> None:
    """Promise the whole body, send half of it, and hang up."""
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    await send({"type": "http.response.body", "body": half, "more_body": True})
    _transport(send).close()
    await _gone(receive)


async def _reset(receive: Receive, send: Send) -> None:
    """Reset the connection: the client gets ECONNRESET instead of a reply."""
    transport = _transport(send)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Wait until uvicorn knows that the connection is closed; before that it would send a 500 of its own."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _transport(send: Send) -> asyncio.Transport:
    """Reach the connection under uvicorn's request cycle, whose method `send` is."""
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]  # a bound method of uvicorn's
    return transport
