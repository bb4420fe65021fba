"""Records by their ids: up to 100 a call, and what became of those that are not there.

Source: HubSpot developer docs, "CRM objects" (batch read: 207 names the ids that it did not find). An id that was
merged away may be missing without a word, or stand for the survivor; one GET tells.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from connector.crm import Record
from connector.errors import Retryable
from connector.hubspot import paths
from connector.hubspot.columns import Columns, Result, losers
from connector.hubspot.gateway import Gateway
from connector.hubspot.objects import ID
from connector.hubspot.options import HubSpotOptions

Item = TypeVar("Item")


def chunked(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Cut into pieces of `size`, lazily."""
    rest = iter(items)
    while piece := tuple(islice(rest, size)):
        yield piece


def read(
    gateway: Gateway, columns: Columns, ids: Sequence[str], options: HubSpotOptions
) -> tuple[list[Result], list[Record]]:
    """Read these records, each once: those that live, in the order of `ids`, and the others as gone."""
    living: list[Result] = []
    gone: list[Record] = []
    for chunk in chunked(dict.fromkeys(ids), options.batch_rows):
        found, absent = _batch(gateway, columns, chunk)
        survivors = {loser: record_id for record_id, result in found.items() for loser in losers(result)}
        for record_id in chunk:
            if record_id in found:
                living.append(found[record_id])
            elif record_id in absent:
                gone.append(columns.gone(record_id))
            else:
                into = survivors.get(record_id) or standing_for(gateway, columns.kind, record_id)
                gone.append(columns.gone(record_id, into=None if into == record_id else into))
    return living, gone


def standing_for(gateway: Gateway, kind: str, record_id: str) -> str | None:
    """Tell the id of the record that this id stands for now: itself, or a survivor; None when it is deleted."""
    reply = gateway.get(paths.record(kind, record_id), [("properties", ID)], expects="id", allowed=frozenset({404}))
    return None if reply.status == 404 else str(reply.data["id"])


def _batch(gateway: Gateway, columns: Columns, ids: Sequence[str]) -> tuple[dict[str, Result], set[str]]:
    """Make one call: the records by id, and the ids that HubSpot says are not there."""
    body = {
        "inputs": [{"id": record_id} for record_id in ids],
        "properties": columns.and_merges,
        "propertiesWithHistory": [],
    }
    reply = gateway.send("POST", paths.batch(columns.kind, "read"), body, expects="results")
    absent: set[str] = set()
    for entry in reply.data.get("errors") or ():
        if entry.get("category") != "OBJECT_NOT_FOUND":
            raise Retryable(f"HubSpot could not read some records ({entry.get('category')}).")
        absent.update(map(str, (entry.get("context") or {}).get("ids") or ()))
    return {str(result["id"]): result for result in reply.data["results"]}, absent
