"""What a portal is made of, handed to every function that answers a request."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs

import orjson

from connector.clock import Clock
from connector.simulator.hubspot.auth import Grant, Grants
from connector.simulator.hubspot.limits import Limits
from connector.simulator.hubspot.objecttypes import ObjectType, object_type
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.properties import Registry
from connector.simulator.hubspot.replies import Json, Reply, error, instant, invalid
from connector.simulator.writes import Writes


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent with a form."""

    name: str
    content: bytes


@dataclass(slots=True)
class RowFault:
    """A row that is to fail when it is written, so many times."""

    message: str
    times: int
    category: str


@dataclass(slots=True)
class Import:
    """One import and how far it has come."""

    id: int
    name: str
    created: datetime
    kind: ObjectType
    request: Json
    columns: tuple[str, ...]
    key: int  # place of the column with the record id
    rows: list[list[str]]
    done: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    errors: list[Json] = field(default_factory=list)
    state: str = "STARTED"
    updated: datetime = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class State:
    """A portal: its tables, definitions, tokens, counters and options."""

    clock: Clock
    options: HubSpotOptions
    db: sqlite3.Connection
    registries: dict[str, Registry]
    grants: Grants
    limits: Limits
    locked_until: dict[str, datetime] = field(default_factory=dict)
    row_faults: dict[tuple[str, int], RowFault] = field(default_factory=dict)
    archived: dict[str, set[int]] = field(default_factory=dict)  # ids in the recycle bin, by object type
    imports: dict[int, Import] = field(default_factory=dict)
    segments: dict[str, Json] = field(default_factory=dict)
    requests: int = 0
    writes: Writes = field(default_factory=lambda: Writes({"contacts", "deals"}))


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was let in. `version` is "v3", "v4", "2026-03" or "2026-09"."""

    method: str
    path: str
    version: str
    params: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    content: bytes
    at: datetime
    grant: Grant | None = None
    form: Mapping[str, str | Upload] = field(default_factory=dict)

    def kind(self, name: str = "type") -> ObjectType:
        """Find the object type that the path names."""
        return object_type(self.params[name])

    def text(self, name: str) -> str | None:
        """Take a query parameter; the last one wins."""
        values = self.query.get(name)
        return values[-1] if values else None

    def names(self, name: str) -> list[str]:
        """Take a list that is repeated, or joined by commas, or both."""
        return [part for value in self.query.get(name, ()) for part in value.split(",") if part]

    def flag(self, name: str) -> bool:
        """Take a boolean in any case; absent is false."""
        return (self.text(name) or "false").lower() == "true"

    def number(self, name: str, default: int, *, most: int) -> int:
        """Take a positive number up to `most`. Raises the 400 of any other."""
        text = self.text(name)
        if text is None:
            return min(default, most)
        if not text.isdecimal() or not 0 < int(text) <= most:
            raise invalid(f"{name} must be a number between 1 and {most}", context={name: [text]})
        return int(text)

    def json(self) -> Json:
        """Parse the body, which must be an object. Raises the 400 of malformed JSON."""
        try:
            body = orjson.loads(self.content or b"{}")
        except orjson.JSONDecodeError as broken:
            message = f"Invalid input JSON on line {broken.lineno}, column {broken.colno}: {broken.msg}"
            raise error(400, message) from None
        if not isinstance(body, dict):
            raise error(400, "Invalid input JSON on line 1, column 1: an object is expected")
        return body


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the API. `pattern` leaves the version out; parts in braces match anything.

    `kind` is the word for logs and faults; `bucket` the limit that counts it; `scopes` what the token must have: one
    of each inner tuple.
    """

    method: str
    pattern: str
    kind: str
    handler: Callable[[State, Call], Reply]
    scopes: tuple[tuple[str, ...], ...] = ()
    bucket: str = "burst"
    open: bool = False  # needs no token


def stamped(call: Call) -> Json:
    """Give the times that batch replies carry."""
    at = instant(call.at)
    return {"startedAt": at, "completedAt": at}


def required(body: Json, *names: str) -> None:
    """Refuse a body that lacks one of these keys."""
    missing = [name for name in names if name not in body]
    if missing:
        listed = ", ".join(missing)
        raise invalid(f"Invalid input JSON: some of required attributes are not set [{listed}]")


def query(text: str) -> dict[str, list[str]]:
    """Parse a query or a form body."""
    return parse_qs(text, keep_blank_values=True)
