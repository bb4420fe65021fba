"""Search: filters compiled to SQL over what the index shows.

Source: HubSpot developer docs, "Search the CRM". The index lags behind writes: until it catches up, a record is found
by its old values and shows them. Results come in the order of creation unless sorted. NEQ, NOT_IN and the ranges leave
out records without a value. The text for paging beyond 10,000 results is an assumption.
"""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from connector.simulator.hubspot import records
from connector.simulator.hubspot.database import ARCHIVED, quoted
from connector.simulator.hubspot.filters import Condition, compile_groups
from connector.simulator.hubspot.objecttypes import ObjectType
from connector.simulator.hubspot.replies import Json, Reply, invalid
from connector.simulator.hubspot.state import Call, State


@dataclass(frozen=True, slots=True)
class _Sort:
    column: str
    descending: bool


def search(state: State, call: Call) -> Reply:
    """Answer POST /crm/objects/{type}/search."""
    kind = call.kind()
    if len(call.content.decode(errors="replace")) > state.options.search_body:
        raise invalid(f"The body of a search may hold at most {state.options.search_body} characters")
    body = call.json()
    limit, offset = _paging(state, body)
    condition = compile_groups(state.registries[kind.name], kind, body)
    names = records.columns(state, kind, _asked(body))
    records.forget_indexed(state, kind, call.at)
    lagging = state.db.execute(f'SELECT 1 FROM "{kind.name}.stale" LIMIT 1').fetchone() is not None
    found = _Search(state.db, kind, names, condition, _sort(state, kind, body), lagging)
    total = found.count()
    rows = found.page(limit, offset, walk=total > state.options.walk_above)
    content: Json = {"total": total, "results": records.shown(state, kind, names, rows)}
    if offset + limit < total:
        content["paging"] = {"next": {"after": str(offset + limit)}}
    return Reply(200, content)


@dataclass(frozen=True, slots=True)
class _Search:
    """One search, ready to run over the records or, while the index lags, over what it still shows."""

    db: sqlite3.Connection
    kind: ObjectType
    names: Sequence[str]
    condition: Condition
    sort: _Sort
    lagging: bool

    def count(self) -> int:
        """Tell how many records match."""
        parts = self._parts(["hs_object_id"], f"{ARCHIVED} IS NULL AND ({self.condition.sql})")
        row = self.db.execute(f"SELECT count(*) FROM ({' UNION ALL '.join(parts)})", self._values()).fetchone()
        return int(row[0])

    def page(self, limit: int, offset: int, *, walk: bool) -> list[tuple[str | None, ...]]:
        """Read one page, each row with its archiving stamp first. `walk`: by id rather than by an index."""
        where = self.condition.sql if walk or not self.condition.stamped else self.condition.sql_by_stamp
        columns = [".archived_at", *self.names]
        if self.sort.column not in columns:
            columns.append(self.sort.column)
        parts = self._parts(columns, f"{ARCHIVED} IS NULL AND ({where})", walk=walk)
        direction = "DESC" if self.sort.descending else "ASC"
        shown = ", ".join(quoted(name) for name in (".archived_at", *self.names))
        order = f"{quoted(self.sort.column)} {direction}"
        if self.sort.column != "hs_object_id":
            order += ", hs_object_id"
        query = f"SELECT {shown} FROM ({' UNION ALL '.join(parts)}) ORDER BY {order} LIMIT ? OFFSET ?"
        return self.db.execute(query, [*self._values(), limit, offset]).fetchall()

    def _parts(self, columns: Sequence[str], where: str, *, walk: bool = False) -> list[str]:
        listed = ", ".join(quoted(name) for name in columns)
        table, stale = quoted(self.kind.name), quoted(f"{self.kind.name}.stale")
        by_id = walk and self.sort.column == "hs_object_id"
        source = f"{table} NOT INDEXED" if by_id else table
        oldest = f'(SELECT min(".due") FROM {stale} WHERE hs_object_id = old.hs_object_id)'
        if not self.lagging:
            return [f"SELECT {listed} FROM {source} WHERE {where}"]
        return [
            f"SELECT {listed} FROM {source} WHERE {where} AND hs_object_id NOT IN (SELECT hs_object_id FROM {stale})",
            f'SELECT {listed} FROM {stale} AS old WHERE {where} AND ".absent" = 0 AND ".due" = {oldest}',
        ]

    def _values(self) -> list[object]:
        return [*self.condition.values] * (2 if self.lagging else 1)


def contains_token(text: str | None, pattern: str) -> bool:
    """Tell whether the text holds a word like the pattern, in which * stands for anything."""
    words = re.findall(r"\w+", (text or "").lower()) + (text or "").lower().split()
    expression = re.compile(".*".join(re.escape(part) for part in pattern.lower().split("*")))
    return any(expression.fullmatch(word) for word in words)


def _paging(state: State, body: Json) -> tuple[int, int]:
    options = state.options
    limit = _integer(body.get("limit"), 10, "limit")
    offset = _integer(body.get("after"), 0, "after")
    if limit > options.search_page:
        raise invalid(f"limit must be at most {options.search_page}, it is {limit}")
    if offset + max(limit, 1) > options.search_reach:
        raise invalid("There was a problem with the request.")
    return limit, offset


def _integer(value: object, default: int, name: str) -> int:
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not str(value).isdecimal():
        raise invalid(f"{name} must be a number, not {value}")
    return int(str(value))


def _asked(body: Json) -> list[str]:
    names = body.get("properties") or []
    return [str(name) for name in names] if isinstance(names, list) else []


def _sort(state: State, kind: ObjectType, body: Json) -> _Sort:
    sorts = body.get("sorts") or []
    if not isinstance(sorts, list) or not sorts:
        return _Sort("hs_object_id", descending=False)  # ids rise with creation
    if len(sorts) > 1:
        raise invalid("Only one sort is allowed")
    first = sorts[0]
    if isinstance(first, str):
        name, descending = first.removeprefix("-"), first.startswith("-")
    else:
        name, descending = str(first.get("propertyName")), first.get("direction") == "DESCENDING"
    if state.registries[kind.name].living(name) is None:
        raise invalid(f'Property "{name}" does not exist')
    return _Sort(name, descending)
