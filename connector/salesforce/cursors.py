"""Where a `changed` goes on, as JSON text.

A cursor is *resting* between two walks: everything stamped before `low` has been seen, late commits included. It is
*walking* inside one: everything up to (stamp, id) has been seen, and the walk ends at `until`, the server's time when
it began; then it rests at `until` less the overlap. All are canonical instants on Salesforce's clock.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from connector.crm import Cursor
from connector.errors import unreadable_cursor
from connector.salesforce.options import OVERLAP
from connector.salesforce.values import instant_of


@dataclass(frozen=True, slots=True)
class Resting:
    """Between two walks; the next one begins at `low`."""

    low: str


@dataclass(frozen=True, slots=True)
class Walking:
    """Inside a walk; it goes on after (stamp, id)."""

    stamp: str
    id: str
    until: str


Position = Resting | Walking


def resting(began_at: datetime) -> Resting:
    """Rest after a walk, or a full read, that began at this time of the server."""
    return Resting(instant_of(began_at - OVERLAP))


def write(position: Position) -> Cursor:
    """Put a position into the form that is stored."""
    match position:
        case Resting(low=low):
            return Cursor(json.dumps({"state": "resting", "low": low}))
        case Walking(stamp=stamp, id=record_id, until=until):
            return Cursor(json.dumps({"state": "walking", "stamp": stamp, "id": record_id, "until": until}))


def read(cursor: Cursor) -> Position:
    """Read what `write` wrote. Raises Misconfigured for anything else."""
    try:
        content = json.loads(cursor.position)
        if content["state"] == "resting":
            return Resting(content["low"])
        return Walking(content["stamp"], content["id"], content["until"])
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable_cursor("Salesforce") from error
