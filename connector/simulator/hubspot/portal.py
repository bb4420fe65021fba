"""A HubSpot portal on localhost: its router, and what tests and the demo may do to it from outside.

The portal is one lock around one SQLite database: requests and operations take turns, so that what one writes the next
one sees.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response

from connector.clock import Clock
from connector.simulator.hubspot import associations, auth, database, endpoints, faults, imports, limits, records, seed
from connector.simulator.hubspot.catalog import GROUPS, default_properties
from connector.simulator.hubspot.database import ARCHIVED, quoted
from connector.simulator.hubspot.merging import merge
from connector.simulator.hubspot.objecttypes import COMPANIES, CONTACTS, OBJECT_TYPES, direction, object_type
from connector.simulator.hubspot.options import HubSpotOptions, changed
from connector.simulator.hubspot.properties import Registry
from connector.simulator.hubspot.replies import JSON_TYPE, ApiError, Reply, correlation_id, error, instant
from connector.simulator.hubspot.search import contains_token
from connector.simulator.hubspot.state import Call, RowFault, State, Upload, query
from connector.simulator.world import World

Value = str | int | float | bool | None

_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


class HubSpotPortal:
    """The dialect: a router for the API, and operations beside it. Safe to share between threads."""

    def __init__(self, world: World, *, clock: Clock, options: HubSpotOptions | None = None) -> None:
        chosen = options or HubSpotOptions()
        registries = _registries(world)
        db = database.connect(chosen.database)
        db.create_function("contains_token", 2, contains_token, deterministic=True)
        database.create(db, registries)
        seed.load(db, world)
        database.index(db)
        self._state = State(clock, chosen, db, registries, auth.grants(chosen), limits.Limits())
        self._lock = threading.RLock()
        self.router = self._router()
        self.operations: dict[str, Callable[..., object]] = {name: getattr(self, name) for name in _OPERATIONS}

    @property
    def options(self) -> HubSpotOptions:
        """The options as they are now."""
        return self._state.options

    def close(self) -> None:
        """Give the database back."""
        with self._lock:
            self._state.db.close()

    # What the server asks

    def classify(self, method: str, path: str) -> str:
        """Tell what a request does, for the log and for faults; a path that nothing answers is a read."""
        found = endpoints.find(method, path.partition("?")[0])
        return found.endpoint.kind if found else "read"

    def fault_reply(self, fault: str) -> tuple[int, dict[str, str], bytes]:
        """Refuse a request in HubSpot's words. Raises KeyError for a fault that it has no words for."""
        with self._lock:
            at = self._state.clock.now()
            if fault == "expired":
                self._state.grants.expire(at)
            reply = faults.reply(self._state.options, fault, at)
            if isinstance(reply, ApiError):
                status, headers, body = self._finish(Reply(reply.status, reply.body, reply.headers), at, refused=True)
                return status, headers, body
            return reply

    def truth(self, ids: Sequence[str]) -> dict[str, float]:
        """Tell the hidden probability of contacts; those that the world did not make are left out."""
        with self._lock:
            marks = ",".join("?" * len(ids))
            found = f"SELECT id, probability FROM truth WHERE id IN ({marks})"
            return {str(record): value for record, value in self._state.db.execute(found, [int(one) for one in ids])}

    # What tests and the demo do

    def edit(self, kind: str, record: str, values: Mapping[str, Value]) -> None:
        """Change a record as a rep or HubSpot itself would: read-only properties too, None clears."""
        with self._lock:
            of = object_type(kind)
            self._write(kind, {int(record): {name: _text(value) for name, value in values.items()}})
            self._known(of.name, [record])

    def create(self, kind: str, values: Mapping[str, Value], company: str | None = None) -> str:
        """Make a record as a rep would, and give its id; `company` associates it."""
        with self._lock:
            of = object_type(kind)
            texts = {name: _text(value) for name, value in values.items()}
            record = records.insert(self._state, of, texts, at=self._state.clock.now(), source="CRM_UI")
            if company is not None:
                associations.associate(self._state, of, record, COMPANIES, int(company))
            return str(record)

    def associate(self, kind: str, record: str, other_kind: str, other: str) -> None:
        """Associate two records; the first company is the primary one."""
        with self._lock:
            associations.associate(self._state, object_type(kind), int(record), object_type(other_kind), int(other))

    def archive(self, kind: str, ids: Sequence[str]) -> None:
        """Put records into the recycle bin."""
        with self._lock:
            records.archive(self._state, object_type(kind), _numbers(ids), at=self._state.clock.now())

    def restore(self, kind: str, ids: Sequence[str]) -> None:
        """Take records out of the recycle bin."""
        with self._lock:
            records.restore(self._state, object_type(kind), _numbers(ids), at=self._state.clock.now())

    def gdpr_delete(self, ids: Sequence[str]) -> None:
        """Erase contacts for good, with their history and associations."""
        with self._lock:
            records.erase(self._state, CONTACTS, _numbers(ids))
            associations.forget(self._state, CONTACTS, _numbers(ids))

    def merge(self, kind: str, primary: str, other: str, preserve: bool = False) -> str:
        """Merge two records and give the survivor's id: a new one, or with `preserve` the primary's."""
        with self._lock:
            of = object_type(kind)
            self._known(of.name, [primary, other])
            at = self._state.clock.now()
            return str(merge(self._state, of, int(primary), int(other), at=at, preserve=preserve))

    def same_stamp(self, kind: str, ids: Sequence[str] | None = None) -> str:
        """Stamp these records (None: all) with one instant, as HubSpot's own batch jobs do, and give it."""
        with self._lock:
            of = object_type(kind)
            at = self._state.clock.now()
            stamp = instant(at)
            table, column = quoted(of.name), quoted(of.stamp)
            if ids is None:
                self._state.db.execute(f"UPDATE {table} SET {column} = ? WHERE {ARCHIVED} IS NULL", (stamp,))
            else:
                records.keep_for_search(self._state, of, _numbers(ids), at)
                records.update(self._state, of, {record: {} for record in _numbers(ids)}, stamp)
            return stamp

    def expire_tokens(self) -> int:
        """Let all OAuth access tokens expire now; static tokens never do. Tells how many did."""
        with self._lock:
            return self._state.grants.expire(self._state.clock.now())

    def revoke(self, refresh_token: str) -> None:
        """Uninstall the app: the refresh token and what it minted are worth nothing."""
        with self._lock:
            self._state.grants.revoke(refresh_token)

    def set_scopes(self, token: str, scopes: Sequence[str]) -> None:
        """Grant a static or a refresh token exactly these scopes."""
        with self._lock:
            self._state.grants.set_scopes(token, frozenset(scopes))

    def lock(self, kind: str, seconds: float = 2.0) -> None:
        """Answer writes of this object type with 423 for so long."""
        with self._lock:
            until = self._state.clock.now() + timedelta(seconds=seconds)
            self._state.locked_until[object_type(kind).name] = until

    def fail_row(self, record: str, message: str, times: int = 1, kind: str = "contacts",
                 category: str = "VALIDATION_ERROR") -> None:  # fmt: skip
        """Refuse this row of the next batch updates that name it."""
        with self._lock:
            self._state.row_faults[object_type(kind).name, int(record)] = RowFault(message, times, category)

    def set_option(self, name: str, value: object) -> None:
        """Change an option of the running portal."""
        with self._lock:
            if name == "index_lag_s":
                for kind in OBJECT_TYPES:
                    self._state.db.execute(f'DELETE FROM "{kind.name}.stale"')
            self._state.options = changed(self._state.options, name, value)

    def snapshot(self, kind: str) -> dict[str, dict[str, str | None]]:
        """Give all values of all living records, by id."""
        with self._lock:
            of = object_type(kind)
            names = [name for name in self._state.registries[of.name].properties if name != "hs_object_id"]
            listed = ", ".join(quoted(name) for name in names)
            rows = self._state.db.execute(
                f'SELECT hs_object_id, {listed} FROM "{of.name}" WHERE {ARCHIVED} IS NULL ORDER BY hs_object_id'
            )
            return {str(record): dict(zip(names, values, strict=True)) for record, *values in rows}

    def contacts_of_company(self, company: str) -> list[str]:
        """List the living contacts of a company."""
        with self._lock:
            path = direction(COMPANIES, CONTACTS)
            return [str(one) for one, _ in associations.linked(self._state, path, [int(company)]).get(int(company), [])]

    def pick(
        self, kind: str, where: Mapping[str, str | None] | None = None, limit: int = 1, seed: int = 0
    ) -> list[str]:
        """Choose living records whose properties have these values (None: unset), at random under the seed."""
        with self._lock:
            of = object_type(kind)
            conditions = [f"{quoted(name)} IS ?" for name in where or {}]
            values = list((where or {}).values())
            query_text = (
                f'SELECT hs_object_id FROM "{of.name}" WHERE {" AND ".join([f"{ARCHIVED} IS NULL", *conditions])}'
            )
            found = [str(row[0]) for row in self._state.db.execute(f"{query_text} ORDER BY hs_object_id", values)]
            return random.Random(seed).sample(found, min(limit, len(found)))

    # How requests are answered

    def _router(self) -> APIRouter:
        router = APIRouter()
        for prefix in ("crm", "oauth", "account-info"):
            router.add_api_route(
                f"/{prefix}/{{rest:path}}", self._handle, methods=_METHODS, response_model=None, include_in_schema=False
            )
        return router

    async def _handle(self, request: Request) -> Response:
        form: dict[str, str | Upload] = {}
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            content = b""
            async with request.form() as parts:
                for name, part in parts.items():
                    form[name] = part if isinstance(part, str) else Upload(part.filename or "", await part.read())
        else:
            content = await request.body()
        with self._lock:
            status, headers, body = self._answer(
                request.method,
                request.url.path,
                request.url.query,
                request.headers.get("authorization", ""),
                content,
                form,
            )
        return Response(body, status, headers)

    def _answer(
        self, method: str, path: str, query_text: str, authorization: str, content: bytes, form: dict[str, str | Upload]
    ) -> tuple[int, dict[str, str], bytes]:
        state = self._state
        at = state.clock.now()
        rate: dict[str, str] = {}
        try:
            imports.advance(state, at)
            if len(path) + len(query_text) > state.options.url_length:
                raise error(414, "The URI is too long.")
            found = endpoints.find(method, path)
            if found is None:
                raise error(404, f"There is nothing at {path}")
            grant = None
            if not found.endpoint.open:
                grant = auth.admit(state.grants, authorization, at)
                rate = limits.count(state.limits, state.options, grant, found.endpoint.bucket, at)
                auth.require(grant, found.scopes())
            call = Call(method, path, found.version, found.params, query(query_text), content, at, grant, form)
            reply = found.endpoint.handler(state, call)
        except ApiError as refused:
            return self._finish(Reply(refused.status, refused.body, {**rate, **refused.headers}), at, refused=True)
        return self._finish(Reply(reply.status, reply.content, {**rate, **reply.headers}), at)

    def _finish(self, reply: Reply, at: datetime, *, refused: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Give the reply its ids; error bodies carry the correlation id too."""
        self._state.requests += 1
        correlation = correlation_id(at, self._state.requests)
        headers = {
            "Content-Type": JSON_TYPE,
            "x-hubspot-correlation-id": correlation,
            "x-request-id": correlation,
            **reply.headers,
        }
        if refused and reply.content is not None:
            reply = Reply(reply.status, {**reply.content, "correlationId": correlation})
        return reply.status, headers, reply.body()

    def _write(self, kind: str, changes: Mapping[int, records.Values]) -> None:
        of = object_type(kind)
        self._known(of.name, [str(record) for record in changes])
        for name in {name for values in changes.values() for name in values}:
            if self._state.registries[of.name].living(name) is None:
                message = f"{of.name} have no property {name}"
                raise KeyError(message)
        records.write(self._state, of, changes, at=self._state.clock.now(), source="CRM_UI")

    def _known(self, kind: str, ids: Sequence[str]) -> None:
        missing = set(_numbers(ids)) - records.existing(self._state, object_type(kind), _numbers(ids))
        if missing:
            message = f"there are no living {kind} {sorted(missing)}"
            raise KeyError(message)


_OPERATIONS = (
    "edit",
    "create",
    "associate",
    "archive",
    "restore",
    "gdpr_delete",
    "merge",
    "same_stamp",
    "expire_tokens",
    "revoke",
    "set_scopes",
    "lock",
    "fail_row",
    "set_option",
    "snapshot",
    "truth",
    "contacts_of_company",
    "pick",
)


def _registries(world: World) -> dict[str, Registry]:
    registries: dict[str, Registry] = {}
    for kind in OBJECT_TYPES:
        registry = Registry(groups={group.name: group for group in GROUPS[kind.name]})
        for one in default_properties(kind.name):
            registry.put(one)
        registries[kind.name] = registry
    for one in seed.custom_properties(world.custom):
        registries["contacts"].put(one)
    return registries


def _numbers(ids: Sequence[str]) -> list[int]:
    return [int(one) for one in ids]


def _text(value: Value) -> str | None:
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
