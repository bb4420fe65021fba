"""Field history: what tracked fields held before each change.

Tracking is off until an admin switches it on for a field, and nothing from before is kept; then Salesforce keeps 18 to
24 months, the older part of it for `queryAll` alone ("Security guide, Field History Tracking"). Old values are no part
of a condition, long texts are noted as changed without them, and a lookup gives two rows, one with names ("Object
reference, LeadHistory").
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.crm import Change, Cursor, History, Kind
from connector.errors import Retryable
from connector.salesforce import cursors, reads, soql
from connector.salesforce.calls import LOST_LOCATOR, Rejected
from connector.salesforce.cursors import Resting
from connector.salesforce.gateway import Gateway
from connector.salesforce.objects import is_id, long_id
from connector.salesforce.shape import read_refusal
from connector.salesforce.values import clean, from_json, instant

# Each with the field that names the record ("Object reference"). What else we read has no history that is documented.
SOURCES = {
    "Lead": ("LeadHistory", "LeadId"),
    "Account": ("AccountHistory", "AccountId"),
    "Contact": ("ContactHistory", "ContactId"),
    "Opportunity": ("OpportunityFieldHistory", "OpportunityId"),
}
# Answers to a user whom the object is not shown, or in an org that has none.
ABSENT = frozenset({"INVALID_TYPE", "INVALID_FIELD", "NOT_FOUND", "INSUFFICIENT_ACCESS_OR_READONLY"})
ORDER = ("CreatedDate", "Id")
EVER = "1970-01-01T00:00:00.000Z"


def history(gateway: Gateway, sobject: str, kinds: Mapping[str, Kind], since: Cursor | None) -> Iterator[History]:
    """Yield the changes of these fields, by the kinds that the describe tells; see `CRM.history`.

    A lost place begins again at the last moment that was seen, so the changes of that moment come twice.
    """
    if sobject not in SOURCES or not kinds:
        return
    low, barren, limit = _low(since), 0, None
    while barren <= reads.BARREN_WALKS:
        begun_from, count = low, 0
        try:
            for found, asked_at in _statement(gateway, sobject, kinds, low, limit):
                count += len(found.rows)
                low = instant(found.rows[-1]["CreatedDate"]) if found.rows else low
                at_rest = found.last and (limit is None or count < limit)
                position = cursors.resting(asked_at) if at_rest else Resting(low)
                yield History(tuple(_changes(sobject, kinds, found.rows)), cursors.write(position))
                if at_rest:
                    return
        except Rejected as error:
            if error.code in ABSENT:
                return
            if error.code == "QUERY_TIMEOUT" and limit is None:
                limit = reads.TIMED_OUT_ROWS
            elif error.code not in {LOST_LOCATOR, "QUERY_TIMEOUT"}:
                raise read_refusal(error, SOURCES[sobject][0]) from None
        barren = barren + 1 if low == begun_from else 0
    raise Retryable(f"Reading {SOURCES[sobject][0]} made no headway: Salesforce loses its place or takes too long.")


def _statement(
    gateway: Gateway, sobject: str, kinds: Mapping[str, Kind], low: str, limit: int | None
) -> Iterator[tuple[reads.Found, datetime]]:
    """Yield the pages of one query, each with the time when it was asked."""
    source, owner = SOURCES[sobject]
    columns = ("Id", owner, "Field", "OldValue", "NewValue", "CreatedDate")
    where = soql.both("IsDeleted = false", soql.one_of("Field", list(kinds)), f"CreatedDate >= {soql.moment(low)}")
    query = soql.select(source, columns, where=where, order=ORDER, limit=limit)
    asked_at: datetime | None = None
    for found in reads.statement(gateway, query, gone_too=True):
        asked_at = asked_at or found.answer.server_at
        yield found, asked_at


def _changes(sobject: str, kinds: Mapping[str, Kind], rows: Sequence[dict[str, Any]]) -> Iterator[Change]:
    owner = SOURCES[sobject][1]
    for row in rows:
        kind = kinds.get(row["Field"])
        if kind is None or (kind is Kind.REFERENCE and not _by_id(row)):
            continue
        yield Change(long_id(row[owner]), row["Field"], instant(row["CreatedDate"]), _old(kind, row["OldValue"]))


def _by_id(row: Mapping[str, Any]) -> bool:
    """Tell the row with ids from the one with names that a lookup's change gives, too."""
    return all(value is None or is_id(value) for value in (row["OldValue"], row["NewValue"]))


def _old(kind: Kind, value: Any) -> str | None:
    """Write an old value in the same form as a record's; one that cannot be read is not known."""
    try:
        (text,) = from_json(kind)([_as_sent(kind, value)])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return clean(text) if text else text


def _as_sent(kind: Kind, value: Any) -> Any:
    """Undo what anyType does: numbers and booleans may come as text."""
    if isinstance(value, str) and kind is Kind.NUMBER:
        return float(value)
    if isinstance(value, str) and kind is Kind.BOOLEAN:
        return value.lower() == "true"
    return value


def _low(since: Cursor | None) -> str:
    if since is None:
        return EVER
    position = cursors.read(since)
    return position.low if isinstance(position, Resting) else position.stamp
