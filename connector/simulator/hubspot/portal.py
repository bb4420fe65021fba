"""A HubSpot portal on localhost: its router, and what tests and the demo may do to it from outside.

The portal is one lock around one SQLite database: requests and operations take turns, so that what one writes the next
one sees.
"""

# ruff: noqa: A002  # operations are called by name, and "object" and "id" are the words of both CRMs

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from connector.clock import Clock
from connector.simulator.digests import digests
from connector.simulator.hubspot import (
    associations,
    auth,
    database,
    endpoints,
    families,
    faults,
    limits,
    pursuits,
    records,
    seed,
)
from connector.simulator.hubspot.answering import answer, received, refused
from connector.simulator.hubspot.catalog import GROUPS, default_properties
from connector.simulator.hubspot.database import ARCHIVED, quoted
from connector.simulator.hubspot.merging import merge
from connector.simulator.hubspot.objecttypes import (
    COMPANIES,
    CONTACTS,
    OBJECT_TYPES,
    ObjectType,
    direction,
    object_type,
)
from connector.simulator.hubspot.options import HubSpotOptions, changed
from connector.simulator.hubspot.properties import Registry
from connector.simulator.hubspot.replies import ApiError, instant
from connector.simulator.hubspot.rows import custom_properties
from connector.simulator.hubspot.search import contains_token
from connector.simulator.hubspot.state import RowFault, State
from connector.simulator.latency import Latency
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
        allowed = auth.grants(chosen)
        self._state = State(clock, chosen, db, registries, allowed, limits.Limits())
        self._lock = threading.RLock()
        self._latency = Latency()
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
                return refused(self._state, reply, at)
            return reply

    def truth(self, ids: Sequence[str]) -> dict[str, float]:
        """Tell the hidden probability of contacts; those that the world did not make are left out."""
        with self._lock:
            marks = ",".join("?" * len(ids))
            found = f"SELECT id, probability FROM truth WHERE id IN ({marks})"
            return {str(record): value for record, value in self._state.db.execute(found, [int(one) for one in ids])}

    # What tests and the demo do

    def read(self, object: str, id: str) -> dict[str, str | None]:
        """Give all values of one living record. Raises KeyError when there is none."""
        with self._lock:
            of = object_type(object)
            self._known(of, [id])
            names = [name for name in self._state.registries[of.name].properties if name != "hs_object_id"]
            found = database.rows(self._state.db, of, names, [int(id)])[int(id)]
            return dict(zip(names, found, strict=True))

    def edit(self, object: str, id: str, values: Mapping[str, Value]) -> None:
        """Change a record as a rep or HubSpot itself would: read-only properties too, None clears.

        Raises KeyError when the record or a property does not exist.
        """
        with self._lock:
            of = object_type(object)
            self._known(of, [id])
            texts = self._texts(of, values)
            records.write(self._state, of, {int(id): texts}, at=self._state.clock.now(), source="CRM_UI")

    def create(self, object: str, values: Mapping[str, Value], company_id: str | None = None) -> str:
        """Make a record as a rep would, and give its id; `company_id` associates it."""
        with self._lock:
            of = object_type(object)
            texts = self._texts(of, values)
            made = records.insert(self._state, of, texts, at=self._state.clock.now(), source="CRM_UI")
            if company_id is not None:
                associations.associate(self._state, of, made, COMPANIES, int(company_id))
            return str(made)

    def associate(self, object: str, id: str, other_object: str, other: str) -> None:
        """Associate two records; the first company is the primary one."""
        with self._lock:
            associations.associate(self._state, object_type(object), int(id), object_type(other_object), int(other))

    def archive(self, object: str, ids: Sequence[str]) -> None:
        """Put records into the recycle bin."""
        with self._lock:
            records.archive(self._state, object_type(object), _numbers(ids), at=self._state.clock.now())

    def restore(self, object: str, ids: Sequence[str]) -> None:
        """Take records out of the recycle bin."""
        with self._lock:
            records.restore(self._state, object_type(object), _numbers(ids), at=self._state.clock.now())

    def gdpr_delete(self, ids: Sequence[str]) -> None:
        """Erase contacts for good, with their history and associations."""
        with self._lock:
            records.erase(self._state, CONTACTS, _numbers(ids))
            associations.forget(self._state, CONTACTS, _numbers(ids))

    def merge(self, object: str, primary: str, other: str, preserve: bool = False) -> str:
        """Merge two records and give the survivor's id: a new one, or with `preserve` the primary's."""
        with self._lock:
            of = object_type(object)
            self._known(of, [primary, other])
            at = self._state.clock.now()
            return str(merge(self._state, of, int(primary), int(other), at=at, preserve=preserve))

    def same_stamp(self, object: str, ids: Sequence[str] | None = None) -> str:
        """Stamp these records (None: all) with one instant, as HubSpot's own batch jobs do, and give it."""
        with self._lock:
            of = object_type(object)
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

    def lock(self, object: str, seconds: float = 2.0) -> None:
        """Answer writes of this object type with 423 for so long."""
        with self._lock:
            until = self._state.clock.now() + timedelta(seconds=seconds)
            self._state.locked_until[object_type(object).name] = until

    def fail_row(self, id: str, message: str, times: int = 1, object: str = "contacts",
                 category: str = "VALIDATION_ERROR") -> None:  # fmt: skip
        """Refuse this row of the next batch updates that name it."""
        with self._lock:
            self._state.row_faults[object_type(object).name, int(id)] = RowFault(message, times, category)

    def spend(self, calls: int) -> int:
        """Let others make so many of the day's calls, or give so many back; returns how many are used."""
        with self._lock:
            used = limits.used_today(self._state.limits, self._state.options, self._state.clock.now())
            self._state.limits.today = max(0, used + calls)
            return self._state.limits.today

    def set_option(self, name: str, value: object) -> None:
        """Change an option of the running portal."""
        with self._lock:
            if name == "index_lag_s":
                for kind in OBJECT_TYPES:
                    self._state.db.execute(f'DELETE FROM "{kind.name}.stale"')
            self._state.options = changed(self._state.options, name, value)

    def snapshot(self, object: str) -> dict[str, dict[str, str | None]]:
        """Give all values of all living records, by id."""
        with self._lock:
            of = object_type(object)
            names = [name for name in self._state.registries[of.name].properties if name != "hs_object_id"]
            listed = ", ".join(quoted(name) for name in names)
            rows = self._state.db.execute(
                f'SELECT hs_object_id, {listed} FROM "{of.name}" WHERE {ARCHIVED} IS NULL ORDER BY hs_object_id'
            )
            return {str(record): dict(zip(names, values, strict=True)) for record, *values in rows}

    def contacts_of_company(self, company_id: str) -> list[str]:
        """List the living contacts of a company."""
        with self._lock:
            path = direction(COMPANIES, CONTACTS)
            return [
                str(one)
                for one, _ in associations.linked(self._state, path, [int(company_id)]).get(int(company_id), [])
            ]

    def pick(
        self, object: str, where: Mapping[str, str | None] | None = None, limit: int = 1, seed: int = 0
    ) -> list[str]:
        """Choose living records whose properties have these values (None: unset), at random under the seed."""
        with self._lock:
            of = object_type(object)
            conditions = [f"{quoted(name)} IS ?" for name in where or {}]
            values = list((where or {}).values())
            query_text = (
                f'SELECT hs_object_id FROM "{of.name}" WHERE {" AND ".join([f"{ARCHIVED} IS NULL", *conditions])}'
            )
            found = [str(row[0]) for row in self._state.db.execute(f"{query_text} ORDER BY hs_object_id", values)]
            return random.Random(seed).sample(found, min(limit, len(found)))

    def writes(self) -> dict[str, Any]:
        """Report what integrations wrote (`connector.simulator.writes.Writes.report`)."""
        with self._lock:
            return self._state.writes.report()

    def digest(self, object: str) -> dict[str, list[str | None]]:
        """Give two hashes for each living record: of our fields, and of all others (`connector.simulator.digests`)."""
        return digests(self.snapshot(object))

    # How requests are answered

    def _router(self) -> APIRouter:
        router = APIRouter()
        for prefix in ("crm", "oauth", "account-info"):
            router.add_api_route(
                f"/{prefix}/{{rest:path}}", self._handle, methods=_METHODS, response_model=None, include_in_schema=False
            )
        return router

    async def _handle(self, request: Request) -> Response:
        asked = await received(request)
        with self._lock:
            status, headers, body = answer(self._state, asked)
        await self._latency.travel(self.options.latency_ms, self.options.jitter_ms)
        return Response(body, status, headers)

    def _texts(self, of: ObjectType, values: Mapping[str, Value]) -> dict[str, str | None]:
        """Give values as they are stored. Raises KeyError for a property that does not exist."""
        for name in values:
            if self._state.registries[of.name].living(name) is None:
                raise KeyError(f"{of.name} have no property {name}")
        return {name: _text(value) for name, value in values.items()}

    def _known(self, of: ObjectType, ids: Sequence[str]) -> None:
        """Raise KeyError unless all of these records live."""
        missing = set(_numbers(ids)) - records.existing(self._state, of, _numbers(ids))
        if missing:
            raise KeyError(f"there are no living {of.name} {sorted(missing)}")


_OPERATIONS = (
    "read",
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
    "writes",
    "digest",
    "spend",
)


def _registries(world: World) -> dict[str, Registry]:
    registries: dict[str, Registry] = {}
    for kind in OBJECT_TYPES:
        registry = Registry(groups={group.name: group for group in GROUPS[kind.name]})
        for one in default_properties(kind.name):
            registry.put(one)
        registries[kind.name] = registry
    for one in custom_properties(world.custom):
        registries["contacts"].put(one)
    families.define(registries)
    pursuits.define(registries)
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
