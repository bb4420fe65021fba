"""Search filters as SQL conditions with bound values.

Source: HubSpot developer docs, "Search the CRM": 5 groups, 6 filters a group, 18 in all; text matches in any case, but
IN and NOT_IN want lower-case values; enumerations match exactly; hs_object_id and numbers compare as numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from connector.simulator.hubspot.database import quoted
from connector.simulator.hubspot.objecttypes import ObjectType, direction, object_type
from connector.simulator.hubspot.properties import Property, Registry
from connector.simulator.hubspot.replies import ApiError, Json, invalid
from connector.simulator.hubspot.validation import read_date, read_instant

_GROUPS, _FILTERS, _IN_ALL = 5, 6, 18
_COMPARED = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


@dataclass(frozen=True, slots=True)
class Condition:
    """What to put behind WHERE. `sql_by_stamp` says the same so that SQLite takes the index on stamps.

    `stamped`: some filter limits the stamp.
    """

    sql: str
    values: tuple[object, ...]
    stamped: bool

    @property
    def sql_by_stamp(self) -> str:
        # A plus sign keeps SQLite from walking all ids above the one that a keyset filter names.
        return self.sql.replace('"hs_object_id" >', '+"hs_object_id" >')


def compile_groups(registry: Registry, kind: ObjectType, body: Json) -> Condition:
    """Compile `filterGroups`, `filters` and `query` of a search. Raises the 400s of what it does not allow."""
    groups = _groups(body)
    parts: list[str] = []
    values: list[object] = []
    for filters in groups:
        conditions = []
        for one in filters:
            sql, bound = _filter(registry, kind, one)
            conditions.append(sql)
            values += bound
        parts.append(" AND ".join(conditions) or "1")
    sql = " OR ".join(f"({part})" for part in parts) or "1"
    text = body.get("query")
    if isinstance(text, str) and text:
        looked = [name for name in kind.always if registry.properties[name].type == "string"]
        matches = " OR ".join(f"lower({quoted(name)}) LIKE ?" for name in looked)
        sql = f"({sql}) AND ({matches})"
        values += [f"%{text.lower()}%"] * len(looked)
    stamped = bool(groups) and all(any(one.get("propertyName") == kind.stamp for one in group) for group in groups)
    return Condition(sql, tuple(values), stamped)


def _groups(body: Json) -> list[list[Json]]:
    given = body.get("filterGroups") or []
    plain = body.get("filters") or []
    if not isinstance(given, list) or not isinstance(plain, list):
        raise _unreadable()
    groups = [one.get("filters", []) if isinstance(one, dict) else one for one in given]
    if plain:
        groups.append(plain)
    if not all(isinstance(group, list) and all(isinstance(one, dict) for one in group) for group in groups):
        raise _unreadable()
    if len(groups) > _GROUPS:
        raise invalid(f"Invalid input JSON: too many filterGroups (count: {len(groups)}, max allowed: {_GROUPS})")
    for group in groups:
        if len(group) > _FILTERS:
            counted = f"(count: {len(group)}, max allowed: {_FILTERS})"
            raise invalid(f"Invalid input JSON: too many filters per filterGroup {counted}")
    total = sum(len(group) for group in groups)
    if total > _IN_ALL:
        raise invalid(f"Invalid input JSON: too many filters (count: {total}, max allowed: {_IN_ALL})")
    return groups


def _filter(registry: Registry, kind: ObjectType, one: Json) -> tuple[str, list[object]]:
    name, operator = str(one.get("propertyName")), str(one.get("operator"))
    if name.startswith("associations."):
        return _associated(kind, name.removeprefix("associations."), operator, one)
    found = registry.living(name)
    if found is None:
        raise invalid(f'Property "{name}" does not exist')
    return _condition(found, operator, one)


def _condition(found: Property, operator: str, one: Json) -> tuple[str, list[object]]:
    column = quoted(found.name)
    match operator:
        case "HAS_PROPERTY" | "NOT_HAS_PROPERTY":
            return f"{column} IS {'NOT ' if operator == 'HAS_PROPERTY' else ''}NULL", []
        case "IN" | "NOT_IN":
            return _among(found, operator, _several(one))
        case "BETWEEN":
            bounds: list[object] = [_value(found, _single(one, key)) for key in ("value", "highValue")]
            return f"{_side(found)} BETWEEN ? AND ?", bounds
        case "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN":
            word = "" if operator == "CONTAINS_TOKEN" else "NOT "
            return f"{column} IS NOT NULL AND {word}contains_token({column}, ?)", [_single(one, "value")]
        case _ if operator in _COMPARED:
            return _compared(found, operator, _single(one, "value"))
        case _:
            raise invalid(f"{operator} is not a valid operator", context={"operator": [operator]})


def _compared(one: Property, operator: str, text: str) -> tuple[str, list[object]]:
    if one.several and operator in {"EQ", "NEQ"}:
        return _among(one, "IN" if operator == "EQ" else "NOT_IN", [text])
    value = _value(one, text)
    if one.type == "string" and isinstance(value, str):
        value = value.lower()
    return f"{_side(one)} {_COMPARED[operator]} ?", [value]


def _among(one: Property, operator: str, texts: Sequence[str]) -> tuple[str, list[object]]:
    values: list[object] = [_value(one, text) for text in texts]
    if one.several:
        any_of = " OR ".join([f"';' || {quoted(one.name)} || ';' LIKE '%;' || ? || ';%'"] * len(values)) or "0"
        word = "" if operator == "IN" else "NOT "
        return f"{quoted(one.name)} IS NOT NULL AND {word}({any_of})", values
    word = "IN" if operator == "IN" else "NOT IN"
    return f"{_side(one)} {word} ({', '.join('?' * len(values))})", values


def _side(one: Property) -> str:
    """Write the column as it is compared."""
    if one.name == "hs_object_id":
        return quoted(one.name)
    match one.type:
        case "number":
            return f"CAST({quoted(one.name)} AS REAL)"
        case "string" | "phone_number":
            return f"lower({quoted(one.name)})"
        case _:
            return quoted(one.name)


def _value(one: Property, text: str) -> str | float | int:
    """Read a filter's value as the column holds it."""
    match one.type:
        case "number":
            return _as_number(one, text)
        case "datetime":
            value = read_instant(text)
        case "date":
            value = read_date(text)
        case _:
            return text
    if value is None:
        raise invalid(f"{text} was not a valid date.", context={"propertyName": [one.name]})
    return value


def _as_number(one: Property, text: str) -> float | int:
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        raise invalid(f"{text} was not a valid number.", context={"propertyName": [one.name]}) from None


def _associated(kind: ObjectType, target: str, operator: str, one: Json) -> tuple[str, list[object]]:
    if operator not in {"EQ", "IN"}:
        raise invalid("Associations can be searched by EQ and IN only")
    path = direction(kind, object_type(target))
    texts = _several(one) if operator == "IN" else [_single(one, "value")]
    marks = ", ".join("?" * len(texts))
    inner = f'SELECT {path.own} FROM "{path.link.table}" WHERE {path.other} IN ({marks})'
    return f"{quoted('hs_object_id')} IN ({inner})", [int(text) if text.isdecimal() else -1 for text in texts]


def _single(one: Json, key: str) -> str:
    value = one.get(key)
    if value is None:
        raise invalid(f"Invalid input JSON: some of required attributes are not set [{key}]")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _several(one: Json) -> list[str]:
    values = one.get("values")
    if not isinstance(values, list):
        raise invalid("Invalid input JSON: some of required attributes are not set [values]")
    return [str(value) for value in values]


def _unreadable() -> ApiError:
    return invalid("Invalid input JSON: filterGroups and filters must be lists of objects")
