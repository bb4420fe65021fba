"""Field history: what tracked fields held before, from the moment that an admin tracks them.

Sources: "Object reference, LeadHistory, AccountHistory, ContactHistory, OpportunityFieldHistory"; "Security guide,
Field History Tracking" (at most 20 fields of an object; long texts, several options and calculated fields leave no
values or no row). What the guides do not say is an assumption, each behind a name here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from connector.simulator.salesforce import describe
from connector.simulator.salesforce.errors import Refused

HISTORIES = {
    "Lead": ("LeadHistory", "LeadId"),
    "Account": ("AccountHistory", "AccountId"),
    "Contact": ("ContactHistory", "ContactId"),
    "Opportunity": ("OpportunityFieldHistory", "OpportunityId"),
}
MOST_FIELDS = 20
LONGEST_TEXT = 255  # characters; a longer field's change is noted without its values
UNTRACKED = frozenset({"multipicklist", "id"})
CREATED, CONVERTED = "created", "leadConverted"  # assumed names of rows about the record as a whole
LOOKUPS_TWICE = True  # assumed: a lookup's change gives a row with ids and one with names
OWN_FIELDS = ("Id", "IsDeleted", "CreatedDate", "CreatedById")

Row = dict[str, Any]


def check(sobject: str, names: Iterable[str], fields: Mapping[str, describe.Entry]) -> None:
    """Refuse to track what no org can. Raises Refused."""
    wanted = list(names)
    if sobject not in HISTORIES or len(wanted) > MOST_FIELDS:
        raise Refused(400, "LIMIT_EXCEEDED", f"{sobject} can have history of at most {MOST_FIELDS} fields, if any")
    for name in wanted:
        entry = fields[name]
        if entry["calculated"] or entry["autoNumber"] or entry["type"] in UNTRACKED:
            raise Refused(400, "FIELD_INTEGRITY_EXCEPTION", f"{name} cannot be tracked")


def rows(
    sobject: str, record: str, before: Row, after: Row, *, tracked: Iterable[str], fields: Mapping[str, describe.Entry]
) -> list[Row]:
    """Make the rows of one edit, without the columns that every record has."""
    made = []
    for name in tracked:
        old, new = before.get(name), after.get(name, before.get(name))
        if old == new:
            continue
        made += [_row(sobject, record, name, *values) for values in _shown(fields[name], old, new)]
    if sobject == "Lead" and after.get("IsConverted") and not before.get("IsConverted"):
        made.append(_row(sobject, record, CONVERTED, "Text", None, None))
    return made


def creation(sobject: str, record: str) -> Row:
    """Make the row that says that a record was made."""
    return _row(sobject, record, CREATED, "Text", None, None)


def _shown(entry: describe.Entry, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """Give what is told of a change: type and both values."""
    kind = entry["type"]
    if kind == "reference":
        by_id = ("EntityId", old, new)
        return [by_id, ("Text", old and f"Name of {old}", new and f"Name of {new}")] if LOOKUPS_TWICE else [by_id]
    if kind == "textarea" and entry["length"] > LONGEST_TEXT:
        return [("Text", None, None)]
    if kind == "boolean":
        return [("Boolean", None if old is None else bool(old), None if new is None else bool(new))]
    return [("Double" if kind in {"double", "currency", "percent", "int"} else "Text", old, new)]


def _row(sobject: str, record: str, name: str, kind: str, old: Any, new: Any) -> Row:
    texts = {"OldValue": orjson.dumps(old).decode(), "NewValue": orjson.dumps(new).decode()}  # as JSON: any type
    return {HISTORIES[sobject][1]: record, "Field": name, "DataType": kind, **texts}
