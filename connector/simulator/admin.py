"""The simulator's own endpoints under /simulator/: its log, its faults, its truth, and what a person does in the CRM.

    GET    /simulator/health                     which CRMs there are
    GET    /simulator/log                        requests counted by CRM and kind
    GET    /simulator/log/entries?crm=&kind=     the requests themselves
    DELETE /simulator/log
    GET    /simulator/faults    POST {crm, kind, fault, after, times}    DELETE
    POST   /simulator/truth     {crm, ids}       the hidden probability by record id
    GET    /simulator/{crm}                      the operations of that CRM
    POST   /simulator/{crm}/{operation}          calls one of them with the JSON object as its arguments

For loopback only: nothing here asks for a password.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import orjson
from fastapi import Depends, FastAPI, HTTPException, Request, Response

from connector.simulator.dialect import Dialect
from connector.simulator.faults import Fault, Faults
from connector.simulator.log import Log


@dataclass(frozen=True, slots=True)
class Asked:
    """Records of one CRM."""

    crm: str
    ids: list[str]


def admin(dialects: Mapping[str, Dialect], *, log: Log, faults: Faults) -> FastAPI:
    """Make the application that serves /simulator/."""
    app = FastAPI(openapi_url=None, dependencies=[Depends(_local)])
    _serve_log(app, log)
    _serve_faults(app, faults)
    _serve_dialects(app, dialects)
    return app


def _local(request: Request) -> None:
    if request.client is None or not ip_address(request.client.host).is_loopback:
        raise HTTPException(403, "only for this machine")


def _serve_log(app: FastAPI, log: Log) -> None:
    @app.get("/simulator/log")
    async def counts() -> Response:
        return _json(log.counts())

    @app.get("/simulator/log/entries")
    async def entries(crm: str | None = None, kind: str | None = None) -> Response:
        return _json(log.entries(crm, kind))

    @app.delete("/simulator/log")
    async def clear() -> Response:
        log.clear()
        return _json(None)


def _serve_faults(app: FastAPI, faults: Faults) -> None:
    @app.get("/simulator/faults")
    async def planned() -> Response:
        return _json(faults.planned())

    @app.post("/simulator/faults")
    async def add(fault: Fault) -> Response:
        faults.add(fault.crm, fault.kind, fault.fault, fault.after, fault.times)
        return _json(None)

    @app.delete("/simulator/faults")
    async def clear() -> Response:
        faults.clear()
        return _json(None)


def _serve_dialects(app: FastAPI, dialects: Mapping[str, Dialect]) -> None:
    def dialect(crm: str) -> Dialect:
        if crm not in dialects:
            raise HTTPException(404, f"no CRM {crm!r} here, only {', '.join(dialects)}")
        return dialects[crm]

    @app.get("/simulator/health")
    async def health() -> Response:
        return _json({"crms": list(dialects)})

    @app.post("/simulator/truth")
    async def truth(asked: Asked) -> Response:
        return _json(dialect(asked.crm).truth(asked.ids))

    @app.get("/simulator/{crm}")
    async def operations(crm: str) -> Response:
        return _json(sorted(dialect(crm).operations))

    @app.post("/simulator/{crm}/{operation}")
    async def operate(crm: str, operation: str, request: Request) -> Response:
        known = dialect(crm).operations
        if operation not in known:
            raise HTTPException(404, f"no operation {operation!r}, only {', '.join(sorted(known))}")
        arguments: dict[str, Any] = orjson.loads(await request.body() or b"{}")
        try:
            result = known[operation](**arguments)
        except (TypeError, ValueError, LookupError) as error:
            raise HTTPException(400, f"{type(error).__name__}: {error}") from error
        return _json(result)


def _json(result: object) -> Response:
    return Response(
        orjson.dumps({"result": result}, default=_plain, option=orjson.OPT_NON_STR_KEYS), media_type="application/json"
    )


def _plain(value: object) -> object:
    """Turn what JSON does not know into what it does: rows and sets become lists, everything else text."""
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)
