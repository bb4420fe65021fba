"""Replies and refusals in HubSpot's own envelope.

Source: HubSpot developer docs, "Error handling": every field of the envelope is optional, `category` is missing from
plain 404s, and rate limits use `errorType` and `policyName` instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

Json = dict[str, object]

JSON_TYPE = "application/json;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished reply; `content` of None has no body."""

    status: int
    content: Json | None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """Encode the body."""
        return b"" if self.content is None else orjson.dumps(self.content)


class ApiError(Exception):
    """Ends a request with this status and error body."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body.get('message')}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def error(
    status: int,
    message: str,
    *,
    category: str | None = None,
    context: Mapping[str, Sequence[str]] | None = None,
    errors: Sequence[Json] | None = None,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> ApiError:
    """Build a refusal of the whole request; the correlation id is added when it is sent."""
    body: Json = {"status": "error", "message": message}
    if errors is not None:
        body["errors"] = list(errors)
    if context is not None:
        body["context"] = {name: list(values) for name, values in context.items()}
    body.update(more)
    if category is not None:
        body["category"] = category
    return ApiError(status, body, headers)


def invalid(message: str, **more: object) -> ApiError:
    """Build a 400 VALIDATION_ERROR."""
    return error(400, message, category="VALIDATION_ERROR", **more)  # type: ignore[arg-type]  # passed through as given


def not_found() -> ApiError:
    """Build the bare 404 of a numeric id that does not exist."""
    return error(404, "resource not found")


def instant(at: datetime) -> str:
    """Write an instant as HubSpot stores it: UTC with milliseconds."""
    return f"{at.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def correlation_id(at: datetime, number: int) -> str:
    """Make the id of one reply: a UUID of version 7 whose random part counts requests."""
    ms = int(at.timestamp() * 1000)
    low = f"{number:015x}"
    return f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7000-8{low[:3]}-{low[3:]}"
