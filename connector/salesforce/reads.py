"""Reading by REST: what changed, everything, what was removed, and single records by id.

Sources: "REST guide, Query, QueryAll, Get Deleted, sObject Collections"; "Bulk API 2.0" for why ids are never compared
outside Salesforce: they sort there as case-sensitive text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from connector.crm import Cursor, Page, Record
from connector.errors import Retryable
from connector.salesforce import cursors, soql
from connector.salesforce.calls import LOST_LOCATOR, Answer, Call, Rejected
from connector.salesforce.cursors import Position, Resting, Walking
from connector.salesforce.gateway import Gateway
from connector.salesforce.objects import long_id
from connector.salesforce.shape import Shape, gone_record, read_refusal, records_from_json
from connector.salesforce.values import instant_of

ORDER = ("SystemModstamp", "Id")
COLLECTED = 2_000  # ids in one collections read
BARREN_WALKS = 3  # restarts of a walk without any progress before we let it rest
TIMED_OUT_ROWS = 10_000  # a query that took too long is asked again for so many rows at a time
LONGEST_ADDRESS = 8_000  # bytes of a query in an address; a longer one travels in the body of a composite call
LOG_OF_DELETED = timedelta(days=15) - timedelta(minutes=5)
SHORTEST_WINDOW = timedelta(minutes=2)  # Salesforce wants start and end more than a minute apart
FRESH = timedelta(seconds=2)  # rows stamped this shortly before a query may have been changed since


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a statement: its rows, and whether it is the last."""

    answer: Answer
    rows: Sequence[dict[str, Any]]
    last: bool

    def records(self, shape: Shape) -> tuple[Record, ...]:
        """Turn the rows into records."""
        dirty = b"\\u0000" in self.answer.raw or b"\\r" in self.answer.raw
        return records_from_json(shape, self.rows, dirty=dirty)


def changed(gateway: Gateway, shape: Shape, since: Cursor) -> Iterator[Page]:
    """Yield all that changed since the cursor, deleted and merged records too; see `CRM.changed`.

    A walk in the order of (SystemModstamp, Id). Inside a statement Salesforce's locator leads from page to page; when
    the locator is lost (a new token, two days) the walk goes on from the last record seen. A row that changes meanwhile
    may show its new stamp in its old place: a stamp from after the statement began is therefore never a position.
    """
    position = cursors.read(since)
    barren, limit = 0, None
    while barren <= BARREN_WALKS:
        begun_from = position
        try:
            for page, at_rest in _walk(gateway, shape, position, limit):
                position = cursors.read(page.cursor)
                yield page
                if at_rest:
                    return
        except Rejected as error:
            if error.code == "QUERY_TIMEOUT" and limit is None:
                limit = TIMED_OUT_ROWS
            elif error.code not in {LOST_LOCATOR, "QUERY_TIMEOUT"}:
                if error.code == "INVALID_FIELD":
                    shape.kinds()  # tells all fields that are hidden; Salesforce names one
                raise read_refusal(error, shape.sobject) from None
        barren = barren + 1 if position == begun_from else 0
    raise Retryable(f"Reading {shape.sobject} made no headway: Salesforce loses its place or takes too long.")


def everything(gateway: Gateway, shape: Shape, *, within: str = "") -> Iterator[Page]:
    """Yield all living records in the order of their ids, by queries; `within` is one more condition."""
    last_id, cursor = "", None
    barren = 0
    while barren <= BARREN_WALKS:
        begun_from = last_id
        where = soql.both(shape.living, within, f"Id > {soql.literal(last_id)}" if last_id else "")
        query = soql.select(shape.sobject, shape.columns(marks=False), where=where, order=("Id",))
        try:
            for found in statement(gateway, query, gone_too=bool(shape.living)):
                cursor = cursor or cursors.write(cursors.resting(found.answer.server_at))
                last_id = found.rows[-1]["Id"] if found.rows else last_id
                yield Page(shape.entity, shape.fields, found.records(shape), cursor)
                if found.last:
                    return
        except Rejected as error:
            if error.code != LOST_LOCATOR:
                raise read_refusal(error, shape.sobject) from None
        barren = barren + 1 if last_id == begun_from else 0
    raise Retryable(f"Reading {shape.sobject} made no headway: Salesforce loses its place.")


def removed(gateway: Gateway, shape: Shape, since: datetime) -> Iterator[Page]:
    """Yield what was deleted since then, hard deletions too, as far back as Salesforce's log goes.

    That is 15 days, and less in an org that deletes so much that its log is cut. Older ones show when ids are compared.
    """
    end = gateway.server_time()
    start = min(max(since, end - LOG_OF_DELETED), end - SHORTEST_WINDOW)
    while True:
        try:
            yield from _removed(gateway, shape, start, end)
        except Rejected as error:
            if error.code != "INVALID_REPLICATION_DATE" or end - start < 2 * SHORTEST_WINDOW:
                raise read_refusal(error, shape.sobject) from None
            start += (end - start) / 2
        else:
            return


def count(gateway: Gateway, shape: Shape) -> int | None:
    """Count the living records that this user sees; None for an object so large that counting it takes too long.

    "SOQL and SOSL reference, COUNT()": the number is the result's `totalSize`. A query ends after 120 seconds.
    """
    try:
        resource = "queryAll/" if shape.living else "query/"
        query = soql.count(shape.sobject, where=shape.living)
        answer = gateway.ask(Call("count", "GET", resource, params={"q": query}))
    except Rejected as error:
        if error.code == "QUERY_TIMEOUT":
            return None
        raise read_refusal(error, shape.sobject) from None
    return int(answer.value["totalSize"])


def get(gateway: Gateway, shape: Shape, ids: Sequence[str]) -> Page:
    """Fetch records by id, in the order asked for, each once; what does not exist, or is not shown, is gone."""
    wanted = list(dict.fromkeys(long_id(record_id) for record_id in ids))
    records: list[Record] = []
    for start in range(0, len(wanted), COLLECTED):
        records += _collected(gateway, shape, wanted[start : start + COLLECTED])
    return Page(shape.entity, shape.fields, tuple(records), Cursor(""))


def statement(gateway: Gateway, query: str, *, gone_too: bool = False) -> Iterator[Found]:
    """Yield the pages of one query. Raises Rejected with LOST_LOCATOR when the place is lost between two pages."""
    answer = _first_page(gateway, query, "queryAll/" if gone_too else "query/")
    while True:
        content = answer.value
        last = bool(content["done"])
        yield Found(answer, content["records"], last)
        if last:
            return
        answer = gateway.ask(
            Call("next page", "GET", content["nextRecordsUrl"], headers=_paging(gateway), session_bound=True)
        )


def _walk(gateway: Gateway, shape: Shape, position: Position, limit: int | None) -> Iterator[tuple[Page, bool]]:
    """Yield the pages of one statement of a walk, each with whether the walk is at its end."""
    query = _statement_from(shape, position, limit)
    asked_at: datetime | None = None
    count = 0
    for found in statement(gateway, query, gone_too=True):
        asked_at = asked_at or found.answer.server_at
        until = position.until if isinstance(position, Walking) else instant_of(asked_at)
        records = found.records(shape)
        count += len(records)
        position = _advanced(position, records, until=until, settled_before=instant_of(asked_at - FRESH))
        at_rest = found.last and (limit is None or count < limit)
        cursor = cursors.resting(datetime.fromisoformat(until)) if at_rest else position
        yield Page(shape.entity, shape.fields, records, cursors.write(cursor)), at_rest


def _statement_from(shape: Shape, position: Position, limit: int | None) -> str:
    match position:
        case Resting(low=low):
            where = f"SystemModstamp >= {soql.moment(low)}"
        case Walking(stamp=stamp, id=record_id, until=until):
            where = soql.both(soql.after(stamp, record_id), f"SystemModstamp <= {soql.moment(until)}")
    return soql.select(shape.sobject, shape.columns(marks=True), where=where, order=ORDER, limit=limit)


def _advanced(position: Position, records: Sequence[Record], *, until: str, settled_before: str) -> Position:
    """Go on to the last record whose stamp was surely made before the statement; stay if there is none."""
    for record in reversed(records):
        if record.stamp_at < settled_before:
            return Walking(record.stamp_at, record.id, until)
    return position


def _removed(gateway: Gateway, shape: Shape, start: datetime, end: datetime) -> Iterator[Page]:
    """Read the log of deletions for one window, by halves when it holds more than Salesforce gives at once."""
    window = {"start": _plus_form(start), "end": _plus_form(end)}
    call = Call("deleted", "GET", f"sobjects/{shape.sobject}/deleted/", params=window)
    try:
        answer = gateway.ask(call)
    except Rejected as error:
        if error.code != "EXCEEDED_ID_LIMIT" or end - start < 2 * SHORTEST_WINDOW:
            raise
        middle = start + (end - start) / 2
        yield from _removed(gateway, shape, start, middle)
        yield from _removed(gateway, shape, middle, end)
        return
    cursor = cursors.write(cursors.resting(answer.server_at))
    rows = answer.value["deletedRecords"]
    size = gateway.options.page_rows
    for first in range(0, max(len(rows), 1), size):
        some = rows[first : first + size]
        gone = (gone_record(shape, row["id"], _stamp(row["deletedDate"])) for row in some)
        yield Page(shape.entity, shape.fields, tuple(gone), cursor)


def _collected(gateway: Gateway, shape: Shape, ids: Sequence[str]) -> list[Record]:
    content = {"ids": list(ids), "fields": list(shape.columns(marks=True))}
    call = Call("get", "POST", f"composite/sobjects/{shape.sobject}", body=orjson.dumps(content))
    try:
        answer = gateway.ask(call)
    except Rejected as error:
        raise read_refusal(error, shape.sobject) from None
    dirty = b"\\u0000" in answer.raw or b"\\r" in answer.raw
    living = {
        record.id: record
        for record in records_from_json(shape, [row for row in answer.value if row is not None], dirty=dirty)
    }
    return [living.get(record_id) or gone_record(shape, record_id) for record_id in ids]


def _first_page(gateway: Gateway, query: str, resource: str) -> Answer:
    """Send a query: in the address, or when it is too long for one, inside a composite call."""
    if soql.width(query) <= LONGEST_ADDRESS:
        return gateway.ask(Call("query", "GET", resource, params={"q": query}, headers=_paging(gateway)))
    return gateway.ask_inside(Call("query", "GET", resource, params={"q": query}, headers=_paging(gateway)))


def _paging(gateway: Gateway) -> dict[str, str]:
    return {"Sforce-Query-Options": f"batchSize={gateway.options.page_rows}"}


def _plus_form(at: datetime) -> str:
    """Write a moment with "+00:00", as the resource's own examples do; it is percent-encoded on the way."""
    return at.replace(microsecond=0).isoformat()


def _stamp(text: str) -> str:
    return instant_of(datetime.fromisoformat(text))
