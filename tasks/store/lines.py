"""Lines that may name a lead: the audit log, ended work, selections of backfills. The line stays, the name goes.

An id is a word of its own there, never a part of another one and never a number: the 39 of a count is no lead.
"""

import re
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, Table, or_, select, update

from tasks.store import tables

NAMING = {tables.audit: ("subject", "detail"), tables.units: ("arguments",), tables.backfills: ("selection",)}
ERASED = "(erased)"
LEAST_ID = 6  # a shorter id stands in many a text by chance: there it counts as a value of its own alone
UNDER_WAY = ("waiting", "working")


def naming(tx: Connection, table: Table, connection: str, lead_id: str) -> list[RowMapping]:
    """Return the lines of the connection that name this lead."""
    if not lead_id.strip():
        return []
    columns = NAMING[table]
    near = or_(*(table.c[name].contains(lead_id, autoescape=True) for name in columns)) & _of(table, connection)
    rows = tx.execute(select(table).where(near).order_by(table.c.id)).mappings()
    return [row for row in rows if any(_without(row[name], lead_id) != row[name] for name in columns)]


def unname(tx: Connection, table: Table, connection: str, lead_id: str) -> int:
    """Take the lead's id out of lines that name it. Work that is not done yet keeps it: it says where a part begins."""
    found = naming(tx, table, connection, lead_id)
    if table is tables.units:
        found = [row for row in found if row["state"] not in UNDER_WAY]
    for row in found:
        new = {name: _without(row[name], lead_id) for name in NAMING[table]}
        if table is tables.audit:  # what was said of the person beside the id may be personal as well
            new["detail"] = orjson.dumps({"erased": True}).decode()
        tx.execute(update(table).where(table.c.id == row["id"]).values(**new))
    return len(found)


def _of(table: Table, connection: str) -> ColumnElement[bool]:
    """Tell the connection's lines. An audit line's subject begins with it, or is the id of one of its backfills."""
    if "connection" in table.c:
        return table.c.connection == connection
    own = select(tables.backfills.c.id).where(tables.backfills.c.connection == connection)
    subject = table.c.subject
    return (subject == connection) | subject.startswith(f"{connection} ", autoescape=True) | subject.in_(own)


def _without(held: str, lead_id: str) -> str:
    """Give a column without the id: one in JSON keeps its numbers and names, one in words its other words."""
    if not held.startswith(("{", "[")):
        first, *others = held.split(" ")
        return " ".join([first, *(ERASED if word == lead_id else word for word in others)])
    value = orjson.loads(held)
    new = _unnamed(value, lead_id)
    return held if new == value else orjson.dumps(new).decode()


def _unnamed(value: Any, lead_id: str) -> Any:
    match value:
        case dict():
            return {name: _unnamed(one, lead_id) for name, one in value.items()}
        case list():
            return [_unnamed(one, lead_id) for one in value]
        case str() if value == lead_id:
            return ERASED
        case str() if len(lead_id) >= LEAST_ID:
            return re.sub(rf"(?<!\w){re.escape(lead_id)}(?!\w)", ERASED, value)
        case _:
            return value
