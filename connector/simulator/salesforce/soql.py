"""A subset of SOQL, by recursive descent, into SQL with bound values.

SELECT fields (parents' too), COUNT(); FROM; WHERE with = != < <= > >= LIKE IN NOT IN, AND OR NOT and brackets; ORDER BY
with ASC, DESC, NULLS FIRST, NULLS LAST; LIMIT; OFFSET. Unknown and hidden fields are refused in Salesforce's words, and
so are datetimes in quotes ("SOQL and SOSL reference").
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connector.simulator.salesforce import ids
from connector.simulator.salesforce.errors import Refused

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')"
    r"|(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d)|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|<>|[=<>(),]))"
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\", "_": "_", "%": "%"}

Visible = Callable[[str], Mapping[str, Mapping[str, Any]]]


@dataclass
class Query:
    """A query, understood: what to show, and the SQL that finds it."""

    sobject: str
    columns: list[str] = field(default_factory=list)  # as asked for; a parent's as Relation.Field
    count: bool = False
    where: str = ""
    order: str = ""
    limit: int | None = None
    offset: int = 0
    joins: dict[str, str] = field(default_factory=dict)  # relation -> the join's SQL
    parameters: list[Any] = field(default_factory=list)

    def sql(self, shown: list[str], *, deleted: bool) -> str:
        """Write the SQL that gives these columns."""
        living = "" if deleted else '"t"."IsDeleted" = 0'
        where = " AND ".join(f"({part})" for part in (living, self.where) if part)
        text = f'SELECT {", ".join(shown)} FROM "{self.sobject}" "t"{"".join(self.joins.values())}'
        text += f" WHERE {where}" if where else ""
        text += f" ORDER BY {self.order}" if self.order else ""
        if self.limit is not None or self.offset:
            text += f" LIMIT {-1 if self.limit is None else self.limit} OFFSET {self.offset}"
        return text


class Parser:
    """Reads one query for one user."""

    def __init__(self, text: str, objects: Mapping[str, Any], visible: Visible) -> None:
        self._tokens = _tokens(text)
        self._place = 0
        self._names = {name.lower(): name for name in objects}
        self._visible = visible
        self._fields: Mapping[str, Mapping[str, Any]] = {}

    def query(self) -> Query:
        """Read the query. Raises Refused in Salesforce's words."""
        self._keyword("SELECT")
        columns = self._columns()
        self._keyword("FROM")
        sobject = self._names.get(self._name().lower())
        if sobject is None:
            raise Refused(400, "INVALID_TYPE", "sObject type is not supported.")
        self._fields = self._visible(sobject)
        query = Query(sobject)
        if [column.lower() for column in columns] == ["count()"]:
            query.count = True
        else:
            query.columns = [self._column(query, column)[1] for column in columns]
        if self._take("WHERE"):
            query.where = self._or(query)
        if self._take("ORDER"):
            self._keyword("BY")
            query.order = self._order(query)
        if self._take("LIMIT"):
            query.limit = int(self._next("number"))
        if self._take("OFFSET"):
            query.offset = int(self._next("number"))
        if self._place < len(self._tokens):
            raise _malformed(self._tokens[self._place][1])
        return query

    def _columns(self) -> list[str]:
        columns = []
        while True:
            name = self._name()
            if self._sign("("):
                self._expect(")")
                name += "()"
            columns.append(name)
            if not self._sign(","):
                return columns

    def _column(self, query: Query, name: str) -> tuple[str, str, str]:
        """Resolve a field name; returns its SQL, its name as the API writes it, and its type."""
        relation, dot, rest = name.partition(".")
        if dot and relation.lower() == query.sobject.lower():
            relation, dot, rest = rest.partition(".")[0], "", ""
            name = relation
        if not dot:
            entry = _find(self._fields, name)
            if entry is None:
                raise _no_column(name, query.sobject)
            return f'"t"."{entry["name"]}"', str(entry["name"]), str(entry["type"])
        for entry in self._fields.values():
            if (entry.get("relationshipName") or "").lower() == relation.lower() and entry["referenceTo"]:
                parent = self._names.get(entry["referenceTo"][-1].lower())
                inner = _find(self._visible(parent), rest) if parent else None
                if inner is not None:
                    alias = str(entry["relationshipName"])
                    query.joins[alias] = f' LEFT JOIN "{parent}" "{alias}" ON "{alias}"."Id" = "t"."{entry["name"]}"'
                    return f'"{alias}"."{inner["name"]}"', f"{alias}.{inner['name']}", str(inner["type"])
        raise _no_column(name, query.sobject)

    def _or(self, query: Query) -> str:
        parts = [self._and(query)]
        while self._take("OR"):
            parts.append(self._and(query))
        return " OR ".join(parts) if len(parts) == 1 else "(" + " OR ".join(parts) + ")"

    def _and(self, query: Query) -> str:
        parts = [self._not(query)]
        while self._take("AND"):
            parts.append(self._not(query))
        return " AND ".join(parts)

    def _not(self, query: Query) -> str:
        if self._take("NOT"):
            return f"NOT ({self._not(query)})"
        if self._sign("("):
            inner = self._or(query)
            self._expect(")")
            return f"({inner})"
        return self._comparison(query)

    def _comparison(self, query: Query) -> str:
        name = self._name()
        column, _, kind = self._column(query, name)
        if kind == "anyType":
            raise Refused(400, "INVALID_FIELD", f"field '{name}' can not be filtered in a query call")
        if self._take("NOT"):
            self._keyword("IN")
            return f"{column} NOT IN ({self._list(query, name, kind)})"
        if self._take("IN"):
            return f"{column} IN ({self._list(query, name, kind)})"
        if self._take("LIKE"):
            query.parameters.append(self._value(name, kind))
            return f"{column} LIKE ?"
        sign = self._next("sign")
        value = self._value(name, kind)
        if value is None:
            return f"{column} IS NULL" if sign == "=" else f"{column} IS NOT NULL"
        query.parameters.append(value)
        return f"{column} {'<>' if sign in {'!=', '<>'} else sign} ?"

    def _list(self, query: Query, name: str, kind: str) -> str:
        self._expect("(")
        count = 0
        while True:
            query.parameters.append(self._value(name, kind))
            count += 1
            if not self._sign(","):
                self._expect(")")
                return ", ".join("?" * count)

    def _value(self, name: str, kind: str) -> Any:
        what, text = self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")
        self._place += 1
        match what:
            case "text":
                if kind in {"datetime", "date"}:
                    wanted = "dateTime" if kind == "datetime" else "date"
                    raise Refused(
                        400,
                        "INVALID_FIELD",
                        f"value of filter criterion for field '{name}' must be of type {wanted} and should not be "
                        "enclosed in quotes",
                    )
                plain = re.sub(r"\\(.)", lambda found: ESCAPES.get(found.group(1), found.group(1)), text[1:-1])
                return ids.long(plain) if kind in {"id", "reference"} else plain
            case "instant" if kind == "datetime":
                return instant(text)
            case "date" if kind == "date":
                return text
            case "number":
                return float(text) if "." in text else int(text)
            case "name" if text.lower() in {"true", "false"}:
                return int(text.lower() == "true")
            case "name" if text.lower() == "null":
                return None
            case _:
                raise Refused(
                    400, "INVALID_FIELD", f"value of filter criterion for field '{name}' must be of type {kind}"
                )

    def _order(self, query: Query) -> str:
        parts = []
        while True:
            column, _, _ = self._column(query, self._name())
            down = self._take("DESC")
            if not down:
                self._take("ASC")
            nulls = "NULLS LAST" if down else "NULLS FIRST"
            if self._take("NULLS"):
                nulls = "NULLS FIRST" if self._take("FIRST") else "NULLS LAST"
                if nulls == "NULLS LAST":
                    self._take("LAST")
            parts.append(
                f"{column} {'DESC' if down else 'ASC'} {nulls}"
                if '"Id"' not in column and "SystemModstamp" not in column
                else f"{column} {'DESC' if down else 'ASC'}"
            )
            if not self._sign(","):
                return ", ".join(parts)

    def _name(self) -> str:
        return self._next("name")

    def _next(self, what: str) -> str:
        if self._place >= len(self._tokens) or self._tokens[self._place][0] != what:
            raise _malformed(self._tokens[self._place][1] if self._place < len(self._tokens) else "<EOF>")
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _keyword(self, word: str) -> None:
        if not self._take(word):
            raise _malformed(self._tokens[self._place][1] if self._place < len(self._tokens) else "<EOF>")

    def _take(self, word: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place][1].upper() == word:
            self._place += 1
            return True
        return False

    def _sign(self, sign: str) -> bool:
        return self._take(sign)

    def _expect(self, sign: str) -> None:
        self._keyword(sign)


def instant(text: str) -> str:
    """Write a datetime literal as the stored text."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    text = text.rstrip()
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise _malformed(text[place : place + 10])
        tokens.append((found.lastgroup, found.group(found.lastgroup)))
        place = found.end()
    return tokens


def _find(fields: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    if name in fields:
        return fields[name]
    return next((entry for known, entry in fields.items() if known.lower() == name.lower()), None)


def _malformed(at: str) -> Refused:
    return Refused(400, "MALFORMED_QUERY", f"unexpected token: '{at}'")


def _no_column(name: str, sobject: str) -> Refused:
    return Refused(
        400,
        "INVALID_FIELD",
        f"\nSELECT {name} FROM {sobject}\n       ^\nERROR at Row:1:Column:8\n"
        f"No such column '{name}' on entity '{sobject}'. If you "
        "are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please "
        "reference your WSDL or the describe call for the appropriate names.",
    )
