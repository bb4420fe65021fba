"""What changed: a window of time that does not move, walked in the order of the ids.

HubSpot's search allows one sort, shows 10,000 hits of a query at most and lags behind writes, and a portal's own
batch jobs give one stamp to any number of records. So a walk never pages by offset and never by stamp alone: the window
[since, until] is fixed first, and each call asks for the ids above the last one. A record that changes meanwhile leaves
the window by its new stamp and is in the next one, which begins an overlap before this one's end, for the index's lag.

Source: HubSpot developer docs, "Search the CRM".
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from connector.crm import Entity, Page, Record
from connector.hubspot import batches, paths
from connector.hubspot.associations import contacts_of
from connector.hubspot.columns import Columns, Result
from connector.hubspot.cursors import Position, Resting, Walking, packed
from connector.hubspot.gateway import Gateway
from connector.hubspot.objects import CONTACTS_OF, ID, MERGED, typed
from connector.hubspot.options import SEARCH, HubSpotOptions
from connector.hubspot.values import instant_of, moment


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fields to follow. `columns` asks for the describe, once a record comes: a quiet poll takes one call."""

    entity: Entity
    names: tuple[str, ...]
    columns: Callable[[], Columns]

    @property
    def kind(self) -> str:
        """HubSpot's name for this kind of record."""
        return typed(self.entity).name

    @property
    def properties(self) -> tuple[str, ...]:
        """Name what to ask for, with what tells of merges; HubSpot passes over a property that it does not have."""
        own = [name for name in self.names if name != CONTACTS_OF] or [ID]
        return tuple(dict.fromkeys((*own, MERGED)))


def changed(gateway: Gateway, wanted: Wanted, position: Position, options: HubSpotOptions) -> Iterator[Page]:
    """Walk from the position to now. What a finished window leaves is one page with the cursor to rest at."""
    if isinstance(position, Walking):
        yield from _walk(gateway, wanted, position, options)
        position = Resting(position.until)
    since = moment(position.since) - options.overlap
    until = ""  # our own clock may be wrong: the window ends at HubSpot's time, which the first reply tells
    if options.lag:
        wanted.columns()  # any reply does
        until = instant_of(gateway.now() - options.lag)
    yield from _walk(gateway, wanted, Walking(instant_of(since), until, "0"), options)


def ends(gateway: Gateway, kind: str) -> tuple[int, int] | None:
    """Tell the lowest and the highest id that search shows; None when there is no record."""
    found: list[int] = []
    for direction in ("ASCENDING", "DESCENDING"):
        body = {"sorts": [{"propertyName": ID, "direction": direction}], "properties": [ID], "limit": 1}
        results = _found(gateway, kind, body)["results"]
        if not results:
            return None
        found.append(int(results[0]["id"]))
    return found[0], found[1]


def count(gateway: Gateway, kind: str) -> int:
    """Count the living records that the index shows; `total` is the true number beyond the search's reach, too."""
    return int(_found(gateway, kind, {"properties": [ID], "limit": 1})["total"])


def holding(gateway: Gateway, kind: str, name: str) -> int:
    """Count the living records that have a value in this property."""
    filters = [{"filters": [{"propertyName": name, "operator": "HAS_PROPERTY"}]}]
    return int(_found(gateway, kind, {"filterGroups": filters, "properties": [ID], "limit": 1})["total"])


def query(entity: Entity, at: Walking, *, properties: Sequence[str], limit: int) -> dict[str, Any]:
    """Write the search for the next page of a walk; a walk that does not know its end yet is open."""
    stamp = typed(entity).stamp
    filters = [{"propertyName": stamp, "operator": "GTE", "value": _ms(moment(at.since))}]
    if at.until:
        filters.append({"propertyName": stamp, "operator": "LTE", "value": _ms(moment(at.until))})
    filters.append({"propertyName": ID, "operator": "GT", "value": at.last_id})
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": limit,
    }


def _walk(gateway: Gateway, wanted: Wanted, at: Walking, options: HubSpotOptions) -> Iterator[Page]:
    """Yield the rest of a window; the last page's cursor rests at its end."""
    more = True
    while more:
        body = query(wanted.entity, at, properties=wanted.properties, limit=options.search_rows)
        thin = len(orjson.dumps(body)) > options.search_body
        if thin:
            body["properties"] = [ID]
        data = _found(gateway, wanted.kind, body)
        at = at if at.until else replace(at, until=instant_of(gateway.now()))
        results: list[Result] = data["results"]
        more = bool(results) and _goes_on(data)
        records = _records(gateway, wanted.columns(), results, thin=thin, options=options) if results else ()
        position: Position = Resting(at.until)
        if more:
            position = at = Walking(at.since, at.until, str(results[-1]["id"]))
        yield Page(wanted.entity, wanted.names, records, packed(position))


def _records(
    gateway: Gateway, columns: Columns, results: list[Result], *, thin: bool, options: HubSpotOptions
) -> tuple[Record, ...]:
    """Turn hits into records, with those that were merged into them."""
    gone: list[Record] = []
    if thin:
        results, gone = batches.read(gateway, columns, [str(result["id"]) for result in results], options)
    ids = [str(result["id"]) for result in results]
    links = contacts_of(gateway, columns.kind, ids, options) if columns.linked else None
    return (*columns.records(results, links), *columns.merged(results), *gone)


def _found(gateway: Gateway, kind: str, body: object) -> Any:
    return gateway.send("POST", paths.search(kind), body, bucket=SEARCH, expects="results").data


def _goes_on(data: Any) -> bool:
    """Tell whether there are hits beyond this page, by either sign that HubSpot gives."""
    return bool((data.get("paging") or {}).get("next")) or int(data.get("total") or 0) > len(data["results"])


def _ms(at: datetime) -> str:
    return str(round(at.timestamp() * 1000))
