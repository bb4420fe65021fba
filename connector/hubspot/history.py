"""Property history: what properties held before each change.

Every property has one, but of finite depth (HubSpot developer docs, "Retrieve records with property history"; reports
say 45 values of a contact and 20 of others). It comes with the records themselves, 50 a call. The first read lists all
records; later ones look up those that have changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from connector.crm import Change, Cursor, Field, History
from connector.hubspot import batches, paths, reads, search
from connector.hubspot.columns import Columns, Result
from connector.hubspot.cursors import Resting, packed, unpacked
from connector.hubspot.gateway import Gateway
from connector.hubspot.objects import ID
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.reads import Range
from connector.hubspot.values import canonical, instant, instant_of, moment

# What is set while a record is made carries moments after the record's own: all of it is what it was made with.
MAKING = timedelta(minutes=1)


def history(
    gateway: Gateway, thin: Columns, fields: Sequence[Field], since: Cursor | None, options: HubSpotOptions
) -> Iterator[History]:
    """Yield the changes of these properties; `thin` reads nothing but ids. See `CRM.history`."""
    listing = _Listing(instant_of(gateway.now()), None) if since is None else _listing(since)
    if listing is not None:
        yield from _listed(gateway, thin, fields, listing, options)
        return
    assert since is not None
    wanted = search.Wanted(thin.entity, thin.names, lambda: thin)
    for page in search.changed(gateway, wanted, unpacked(since), options):
        ids = [record.id for record in page.records if record.gone is None]
        found: list[Result] = []
        for some in batches.chunked(ids, options.history_rows):
            found += _looked_up(gateway, thin, fields, some)
        yield History(tuple(_changes(fields, found)), page.cursor)


@dataclass(frozen=True, slots=True)
class _Listing:
    """Within the first read: it began at `since`, and all records below the id `first` are done."""

    since: str
    first: int | None

    def cursor(self) -> Cursor:
        return Cursor(orjson.dumps({"listing_since": self.since, "first": self.first}).decode())


def _listing(cursor: Cursor) -> _Listing | None:
    """Read the cursor of a first read that is under way; None when it is another's."""
    if '"listing_since"' not in cursor.position:
        return None
    parts = orjson.loads(cursor.position)
    return _Listing(parts["listing_since"], parts["first"])


def _listed(
    gateway: Gateway, thin: Columns, fields: Sequence[Field], at: _Listing, options: HubSpotOptions
) -> Iterator[History]:
    """List all records with their history, or look it up by id where the names do not fit into an address."""
    query = [("properties", ID), ("propertiesWithHistory", ",".join(field.name for field in fields))]
    fits = len(paths.with_query(paths.objects(thin.kind), query)) <= options.address
    asked = query if fits else [("properties", ID)]
    held: Sequence[Result] = ()
    for results in reads.listed(gateway, thin.kind, asked, Range(at.first, None), rows=options.history_rows):
        if not results:
            continue
        if held:
            yield History(tuple(_changes(fields, held)), _Listing(at.since, int(results[0]["id"])).cursor())
        held = results if fits else _looked_up(gateway, thin, fields, tuple(str(result["id"]) for result in results))
    yield History(tuple(_changes(fields, held)), packed(Resting(at.since)))


def _looked_up(gateway: Gateway, thin: Columns, fields: Sequence[Field], ids: Sequence[str]) -> list[Result]:
    if not ids:
        return []
    body = {
        "inputs": [{"id": record_id} for record_id in ids],
        "properties": [ID],
        "propertiesWithHistory": [field.name for field in fields],
    }
    results: list[Result] = gateway.send("POST", paths.batch(thin.kind, "read"), body, expects="results").data[
        "results"
    ]
    return results


def _changes(fields: Sequence[Field], results: Sequence[Result]) -> Iterator[Change]:
    for result in results:
        versions = result.get("propertiesWithHistory") or {}
        for field in fields:
            yield from _of_property(result, field, versions.get(field.name) or ())


def _of_property(result: Result, field: Field, versions: Sequence[Any]) -> Iterator[Change]:
    """Turn the values that a property had into what each of them replaced.

    They come newest first, which is not documented: so they are sorted, and only those of one moment keep their order.
    """
    ordered = list(versions)[::-1]
    ordered.sort(key=lambda version: instant(str(version["timestamp"])))
    values = canonical(field.kind)([version.get("value") for version in ordered])
    made = moment(str(result["createdAt"])) + MAKING
    old = None
    for version, value in zip(ordered, values, strict=True):
        at = instant(str(version["timestamp"]))
        if value != old and moment(at) > made:
            yield Change(str(result["id"]), field.name, at, old)
        old = value
