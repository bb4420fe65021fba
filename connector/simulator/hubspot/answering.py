"""From a request to a reply: who calls, may they, is there budget left, and which operation answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import Request

from connector.simulator.hubspot import auth, endpoints, imports, limits
from connector.simulator.hubspot.replies import JSON_TYPE, ApiError, Reply, correlation_id, error
from connector.simulator.hubspot.state import Call, State, Upload, query

Sent = tuple[int, dict[str, str], bytes]  # status, headers, body


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came, read to its end."""

    method: str
    path: str
    query: str
    authorization: str
    content: bytes = b""
    form: Mapping[str, str | Upload] = field(default_factory=dict)


async def received(request: Request) -> Asked:
    """Read a request; forms with files are taken apart."""
    head = (request.method, request.url.path, request.url.query, request.headers.get("authorization", ""))
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return Asked(*head, content=await request.body())
    form: dict[str, str | Upload] = {}
    async with request.form() as parts:
        for name, part in parts.items():
            form[name] = part if isinstance(part, str) else Upload(part.filename or "", await part.read())
    return Asked(*head, form=form)


def answer(state: State, asked: Asked) -> Sent:
    """Answer a request; imports that are under way move on first, as if they had run all the time."""
    at = state.clock.now()
    rate: dict[str, str] = {}
    try:
        imports.advance(state, at)
        if len(asked.path) + len(asked.query) > state.options.url_length:
            raise error(414, "The URI is too long.")
        found = endpoints.find(asked.method, asked.path)
        if found is None:
            raise error(404, f"There is nothing at {asked.path}")
        grant = None
        if not found.endpoint.open:
            grant = auth.admit(state.grants, asked.authorization, at)
            rate = limits.count(state.limits, state.options, grant, found.endpoint.bucket, at)
            auth.require(grant, found.scopes())
        values = query(asked.query)
        call = Call(asked.method, asked.path, found.version, found.params, values, asked.content, at, grant, asked.form)
        reply = found.endpoint.handler(state, call)
    except ApiError as refusal:
        return refused(state, refusal, at, rate)
    return _sent(state, reply, at, rate)


def refused(state: State, refusal: ApiError, at: datetime, rate: Mapping[str, str] | None = None) -> Sent:
    """Send a refusal, whose body carries the correlation id too."""
    return _sent(state, Reply(refusal.status, refusal.body, refusal.headers), at, rate or {}, repeat_id=True)


def _sent(state: State, reply: Reply, at: datetime, rate: Mapping[str, str], *, repeat_id: bool = False) -> Sent:
    state.requests += 1
    correlation = correlation_id(at, state.requests)
    ids = {"x-hubspot-correlation-id": correlation, "x-request-id": correlation}
    if repeat_id and reply.content is not None:
        reply = Reply(reply.status, {**reply.content, "correlationId": correlation}, reply.headers)
    return reply.status, {"Content-Type": JSON_TYPE, **ids, **rate, **reply.headers}, reply.body()
