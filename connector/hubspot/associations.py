"""Which contacts a deal, an engagement or a record of a custom object belongs to.

Read with the list where that is possible, else by the batch of associations (docs "Associate records"): up to 1,000
deals a call, whose limit is counted apart. A deal without contacts is an error entry there, not an empty result.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from connector.errors import Retryable
from connector.hubspot import paths
from connector.hubspot.batches import chunked
from connector.hubspot.columns import Links, Result
from connector.hubspot.gateway import Gateway
from connector.hubspot.options import ASSOCIATIONS, HubSpotOptions

CONTACTS = "contacts"


def listed(gateway: Gateway, kind: str, results: Sequence[Result], options: HubSpotOptions) -> Links:
    """Take the contacts that came with a list; those of a record that has more than a list shows are read."""
    links: dict[str, str | None] = {}
    long: list[str] = []
    for result in results:
        held = (result.get("associations") or {}).get(CONTACTS) or {}
        if (held.get("paging") or {}).get("next"):
            long.append(str(result["id"]))
        else:
            links[str(result["id"])] = joined(entry["id"] for entry in held.get("results") or ())
    return {**links, **contacts_of(gateway, kind, long, options)} if long else links


def contacts_of(gateway: Gateway, kind: str, ids: Iterable[str], options: HubSpotOptions) -> Links:
    """Read the contacts of these records; one that has none, or is gone, is not in the answer."""
    found: dict[str, set[str]] = {}
    wanted: list[dict[str, str]] = [{"id": one} for one in ids]
    while wanted:
        further: list[dict[str, str]] = []
        for inputs in chunked(wanted, options.association_rows):
            further.extend(_read(gateway, kind, inputs, found))
        wanted = further
    return {one: joined(contacts) for one, contacts in found.items()}


def joined(ids: Iterable[Any]) -> str | None:
    """Write ids as the port does: each once, sorted as text, ";" between."""
    return ";".join(sorted(set(map(str, ids)))) or None


def _read(
    gateway: Gateway, kind: str, inputs: Sequence[dict[str, str]], found: dict[str, set[str]]
) -> list[dict[str, str]]:
    """Add one call's contacts to `found`; returns what is to be asked on."""
    reply = gateway.send(
        "POST", paths.associations(kind, CONTACTS), {"inputs": inputs}, bucket=ASSOCIATIONS, expects="results"
    )
    for entry in reply.data.get("errors") or ():
        if entry.get("category") != "OBJECT_NOT_FOUND":
            raise Retryable(f"HubSpot could not tell the contacts of some {kind} ({entry.get('category')}).")
    further: list[dict[str, str]] = []
    for result in reply.data["results"]:
        one = str(result["from"]["id"])
        found.setdefault(one, set()).update(str(to["toObjectId"]) for to in result.get("to") or ())
        after = ((result.get("paging") or {}).get("next") or {}).get("after")
        if after:
            further.append({"id": one, "after": str(after)})
    return further
