"""Reading whole kinds of record, in the order of their ids, and the recycle bin.

The list gives 100 records a call, starts at any id and has no wall (HubSpot developer docs, "CRM objects"), so it can
be split by ranges of ids. An address that would grow too long for its properties lists ids and reads those in batches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.crm import Cursor, Page, Part, Record
from connector.hubspot import associations, batches, paths
from connector.hubspot.associations import CONTACTS, contacts_of
from connector.hubspot.columns import Columns, Result
from connector.hubspot.gateway import Gateway
from connector.hubspot.objects import ID
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.search import ends
from connector.hubspot.values import instant, instant_of
from connector.lanes import in_lanes

STEP_BITS = 10  # a step is a thousandth to a five-hundredth of the ids


@dataclass(frozen=True, slots=True)
class Range:
    """Ids from `first` to `last`, both included; None is open."""

    first: int | None
    last: int | None


def everything(
    gateway: Gateway, columns: Columns, ranges: Sequence[Range], *, cursor: Cursor, options: HubSpotOptions
) -> Iterator[Page]:
    """Yield the living records of these ranges in the order of their ids, each page with the given cursor.

    Several ranges are read side by side, and those that are ahead are held until it is their turn.
    """
    query, thin = _query(columns, options)

    def pages(within: Range) -> Iterator[Page]:
        for results in listed(gateway, columns.kind, query, within, rows=options.list_rows):
            records = _records(gateway, columns, results, thin=thin, options=options)
            reached = str(results[-1]["id"]) if results else ""
            yield Page(columns.entity, columns.names, records, cursor, reached=reached)

    if len(ranges) == 1:
        yield from pages(ranges[0])
        return
    for found in in_lanes(lambda within: list(pages(within)), ranges, lanes=options.lanes):
        yield from found


def ranges_of(gateway: Gateway, kind: str, part: Part, *, lanes: int) -> list[Range]:
    """Find the ids of a part by the lowest and the highest id that search shows; none when it holds nothing.

    A part is cut once more for the lanes of one worker: each border inside it costs about half a call.
    """
    if part.count == 1:
        return [_from(Range(None, None), part)]
    found = ends(gateway, kind)
    if found is None:
        return [Range(None, None)] if part.index == 0 else []
    return _cut(_from(split(*found, part), part), *found, lanes)


def _cut(within: Range, lowest: int, highest: int, lanes: int) -> list[Range]:
    """Cut a range into as many of equal width, without gap or overlap."""
    low = lowest if within.first is None else within.first
    high = highest if within.last is None else within.last
    if high - low < lanes:
        return [within]
    borders = [low + (high - low) * i // lanes for i in range(1, lanes)]
    begins = [within.first, *(border + 1 for border in borders)]
    return [Range(first, last) for first, last in zip(begins, [*borders, within.last], strict=True)]


def _from(within: Range, part: Part) -> Range:
    """Begin where an earlier reading of the part broke off."""
    return Range(int(part.after), within.last) if part.after.isdigit() else within


def split(lowest: int, highest: int, part: Part) -> Range:
    """Cut the ids into parts of equal width. The first part begins, and the last one ends, where the records do.

    Parts are worked on at different times, between which records come and go. So the ends are rounded to a step, and
    each part reads one step beyond its end: what lies between two neighbours is read twice rather than never, as long
    as neither end has moved by more than a step.
    """
    step = max(1, 1 << max(0, (highest - lowest).bit_length() - STEP_BITS))
    low, high = lowest // step * step, highest // step * step
    first = low + (high - low) * part.index // part.count
    last = low + (high - low) * (part.index + 1) // part.count + step
    return Range(first if part.index else None, last if part.index < part.count - 1 else None)


def removed(
    gateway: Gateway, columns: Columns, since: datetime, *, cursor: Cursor, options: HubSpotOptions
) -> Iterator[Page]:
    """Yield what went to the recycle bin since then; the bin is listed as a whole, for it has no other order."""
    earliest = instant_of(since)
    query = [("properties", ID), ("archived", "true")]
    for results in listed(gateway, columns.kind, query, Range(None, None), rows=options.list_rows):
        records = tuple(
            columns.gone(str(result["id"]), stamp_at=instant(str(result.get("archivedAt") or "")))
            for result in results
            if instant(str(result.get("archivedAt") or earliest)) >= earliest
        )
        if records:
            yield Page(columns.entity, columns.names, records, cursor)


def _query(columns: Columns, options: HubSpotOptions) -> tuple[list[tuple[str, str]], bool]:
    """Write the list's query; "thin" when it asks for ids only, because all properties would not fit."""
    query = [("properties", ",".join(columns.properties))]
    if columns.linked:
        query.append(("associations", CONTACTS))
    if len(paths.with_query(paths.objects(columns.kind), query)) <= options.address:
        return query, False
    return [("properties", ID)], True


def listed(
    gateway: Gateway, kind: str, query: list[tuple[str, str]], within: Range, *, rows: int
) -> Iterator[list[Result]]:
    """Yield pages of so many results. `after` is the id that the next page begins with, so a range begins there too."""
    after = None if within.first is None else str(within.first)
    while True:
        paging = [("limit", str(rows)), *([("after", after)] if after else [])]
        data = gateway.get(paths.objects(kind), [*query, *paging], expects="results").data
        results: list[Result] = data["results"]
        kept = [result for result in results if within.last is None or int(result["id"]) <= within.last]
        yield kept
        after = _after(data)
        if after is None or len(kept) < len(results):
            return


def _after(data: Any) -> str | None:
    found = ((data.get("paging") or {}).get("next") or {}).get("after")
    return None if found is None else str(found)


def _records(
    gateway: Gateway, columns: Columns, results: list[Result], *, thin: bool, options: HubSpotOptions
) -> tuple[Record, ...]:
    links = None
    if thin:
        results, _ = batches.read(gateway, columns, [str(result["id"]) for result in results], options)
        if columns.linked:
            links = contacts_of(gateway, columns.kind, (str(result["id"]) for result in results), options)
    elif columns.linked:
        links = associations.listed(gateway, columns.kind, results, options)
    return columns.records(results, links)
