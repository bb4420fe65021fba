"""Queries over REST: pages, locators, and records as JSON ("REST guide, Query and QueryAll")."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from connector.simulator.salesforce import history, ids, soql
from connector.simulator.salesforce.errors import Refused
from connector.simulator.salesforce.state import State

Row = Sequence[Any]
VERSION = "v59.0"


@dataclass
class Paging:
    """A query that has more to give: ids of what is left, in order, bound to the token that began it."""

    token: str
    user: str
    query: soql.Query
    left: list[Row]
    total: int
    given: int
    size: int
    until: float


@dataclass
class Queries:
    """Answers queries, and remembers the open ones."""

    state: State
    open: dict[str, Paging] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(5))

    def parse(self, text: str, user: str) -> soql.Query:
        """Read a query for a user. Raises Refused."""
        query = soql.Parser(text, self.state.objects, lambda sobject: self.state.visible(user, sobject)).query()
        self._hide_history(query, user)
        return query

    def _hide_history(self, query: soql.Query, user: str) -> None:
        """Leave out the history of what this user may not see: documented of OpportunityHistory, assumed here."""
        source = next((sobject for sobject, (own, _) in history.HISTORIES.items() if own == query.sobject), "")
        hidden = [name for name in self.state.tracked.get(source, ()) if not self.state.sees(user, source, name)]
        if hidden:
            told = f'"t"."Field" NOT IN ({", ".join("?" * len(hidden))})'
            query.where = f"({query.where}) AND {told}" if query.where else told
            query.parameters += hidden

    def rows(self, query: soql.Query, *, deleted: bool, columns: Sequence[str]) -> list[Row]:
        """Give all rows, with these columns."""
        shown = [_sql_name(column) for column in columns]
        if not deleted and "IsArchived" in self.state.fields(query.sobject):
            archived = '"t"."IsArchived" = 1'
            query = replace(query, where=f"({query.where}) AND NOT {archived}" if query.where else f"NOT {archived}")
        cursor = self.state.db.cursor()
        cursor.row_factory = None
        return cursor.execute(query.sql(shown, deleted=deleted), query.parameters).fetchall()

    def first(self, text: str, *, user: str, token: str, deleted: bool, size: int) -> dict[str, Any]:
        """Answer a query with its first page."""
        query = self.parse(text, user)
        if query.count:
            [(count,)] = self.rows(query, deleted=deleted, columns=["COUNT(*)"])
            return {"totalSize": count, "done": True, "records": []}
        rows = self.rows(query, deleted=deleted, columns=["Id", *query.columns])
        until = self.state.clock.now().timestamp() + self.state.options.locator_s
        return self._page(Paging(token, user, query, rows, len(rows), 0, size, until))

    def more(self, locator: str, *, token: str) -> dict[str, Any]:
        """Answer with the page that a locator leads to."""
        name = locator.partition("-")[0]
        paging = self.open.get(name)
        if paging is None or self.state.clock.now().timestamp() > paging.until:
            raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        if self.state.options.locators_bound and paging.token != token:
            raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        at = int(locator.partition("-")[2] or 0)
        paging.given = at
        return self._page(paging, name)

    def _page(self, paging: Paging, name: str = "") -> dict[str, Any]:
        size = paging.size
        if self.state.options.short_pages:
            size = self.chance.randint(max(1, size // 2), size)
        rows = paging.left[paging.given : paging.given + size]
        end = paging.given + len(rows)
        reply: dict[str, Any] = {"totalSize": paging.total, "done": end >= paging.total}
        if end < paging.total:
            name = name or ids.job("01g", self.state.next("locator"))
            self.open[name] = paging
            reply["nextRecordsUrl"] = f"/services/data/{VERSION}/query/{name}-{end}"
        reply["records"] = records(self.state, paging.query, rows)
        return reply


def records(state: State, query: soql.Query, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Make the JSON of rows whose first column is the id, then the query's columns."""
    url = f"/services/data/{VERSION}/sobjects/{query.sobject}/"
    kinds = {name: entry["type"] for name, entry in state.fields(query.sobject).items()}
    plain = [(place + 1, name) for place, name in enumerate(query.columns) if "." not in name]
    flags = [name for _, name in plain if kinds[name] == "boolean"]
    anything = [name for _, name in plain if kinds[name] == "anyType"]
    parents = [
        (place + 1, name.partition(".")[0], name.partition(".")[2])
        for place, name in enumerate(query.columns)
        if "." in name
    ]
    made = []
    for row in rows:
        record: dict[str, Any] = {"attributes": {"type": query.sobject, "url": url + row[0]}}
        for place, name in plain:
            record[name] = row[place]
        for name in flags:
            record[name] = bool(record[name])
        for name in anything:
            record[name] = orjson.loads(record[name])
        for place, relation, name in parents:
            parent = record.setdefault(relation, {"attributes": {"type": relation}})
            parent[name] = row[place]
        made.append(record)
    return made


def _sql_name(column: str) -> str:
    if column == "COUNT(*)":
        return column
    relation, dot, name = column.partition(".")
    return f'"{relation}"."{name}"' if dot else f'"t"."{column}"'


Render = Callable[[Sequence[Row]], list[dict[str, Any]]]
