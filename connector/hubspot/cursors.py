"""What a HubSpot cursor says: where a walk through the changes stands.

Resting: all changes up to `since` are told; the next walk begins an overlap before it. Walking: the changes from
`since` to `until` are told for all records up to `last_id`. Instants are canonical text, in HubSpot's own time.
"""

from dataclasses import dataclass

import orjson

from connector.crm import Cursor
from connector.errors import unreadable_cursor


@dataclass(frozen=True, slots=True)
class Resting:
    """Between two walks."""

    since: str


@dataclass(frozen=True, slots=True)
class Walking:
    """Within a walk through a window that no longer moves. `since` already reaches back by the overlap."""

    since: str
    until: str
    last_id: str


Position = Resting | Walking


def packed(position: Position) -> Cursor:
    """Write a position as a cursor."""
    match position:
        case Resting(since):
            return Cursor(orjson.dumps({"since": since}).decode())
        case Walking(since, until, last_id):
            return Cursor(orjson.dumps({"since": since, "until": until, "last_id": last_id}).decode())


def unpacked(cursor: Cursor) -> Position:
    """Read a cursor. Raises Misconfigured for a text that `packed` never wrote."""
    try:
        parts = orjson.loads(cursor.position)
        if set(parts) == {"since"}:
            return Resting(parts["since"])
        return Walking(parts["since"], parts["until"], parts["last_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable_cursor("HubSpot") from error
