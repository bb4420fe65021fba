"""Reading what a service replies: at most so many bytes, however packed, as JSON, and values by their paths in it."""

import zlib
from collections.abc import Callable
from typing import Any

import orjson
from urllib3 import BaseHTTPResponse

from connector.enrichment.sources import Path, Values
from connector.errors import ConnectorError

MOST_BYTES = 1 << 20  # of one reply, unpacked
READ_BYTES = 1 << 16
LONGEST_VALUE = 255


class Unusable(ConnectorError):
    """What came is no reply to use; to ask for the same again at once changes nothing."""


def body(reply: BaseHTTPResponse, *, is_in_time: Callable[[], bool]) -> bytes:
    """Read and unpack a reply. Raises Unusable when it is too large, too slow, or packed in an unknown way.

    Unpacked here and not by urllib3, so that a small reply cannot become a large one in memory.
    """
    packed = _packed(reply, is_in_time)
    match reply.headers.get("Content-Encoding", "identity").strip().lower():
        case "identity" | "":
            return packed
        case "gzip" | "x-gzip":
            return _unpacked(packed, zlib.MAX_WBITS | 16)
        case "deflate":
            return _unpacked(packed, zlib.MAX_WBITS)
        case _:
            raise Unusable("The reply is packed in a way that was not asked for.")


def _packed(reply: BaseHTTPResponse, is_in_time: Callable[[], bool]) -> bytes:
    parts, size = [], 0
    while part := reply.read1(READ_BYTES, decode_content=False):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise Unusable(f"The reply is larger than {MOST_BYTES:,} bytes.")
        if not is_in_time():
            raise Unusable("The reply came too slowly.")
    return b"".join(parts)


def _unpacked(packed: bytes, window: int) -> bytes:
    unpacker = zlib.decompressobj(window)
    try:
        text = unpacker.decompress(packed, MOST_BYTES + 1)
    except zlib.error as error:
        raise Unusable("The reply is not packed as it says.") from error
    if len(text) > MOST_BYTES:
        raise Unusable(f"The reply is larger than {MOST_BYTES:,} bytes when it is unpacked.")
    if not unpacker.eof:
        raise Unusable("The reply ends before it is whole.")
    return text


def values(content_type: str, text: bytes, fields: tuple[tuple[str, Path], ...]) -> Values:
    """Take the fields out of a JSON reply; those that are not there, or hold no single value, are left out."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Unusable("The reply is no JSON by its content type.")
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unusable("The reply is no valid JSON.") from error
    found = {name: _written(_at(data, path)) for name, path in fields}
    return {name: value for name, value in found.items() if value}


def _at(data: Any, path: Path) -> Any:
    for step in path:
        match data, step:
            case dict(), str():
                data = data.get(step)
            case list(), int() if step < len(data):
                data = data[step]
            case _:
                return None
    return data


def _written(value: Any) -> str | None:
    """Write a value as a CRM's values are written; control characters have no place in one."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case str():
            # Half a character, which JSON can escape, fits into no database; orjson refuses it already.
            return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())[:LONGEST_VALUE]
        case _:
            return None
