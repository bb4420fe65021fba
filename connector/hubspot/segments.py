"""What reps look at in a portal: segments of our fields; and taking everything of ours out again.

Source: HubSpot developer docs, "Lists" and "Properties". Saved views of an index page have no public API, so segments
stand in for them; a segment that exists is left to its owners. An archived property keeps its values and its name for
90 days, within which an admin may restore it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.crm import NewField, Piece, PieceState
from connector.errors import Misconfigured
from connector.hubspot import paths
from connector.hubspot.gateway import Gateway
from connector.hubspot.provision import GROUP
from connector.hubspot.search import holding

SCOPE = "crm.lists.write"
ABSENT = frozenset({404})
REFUSED = frozenset({400})
RESTORABLE = "an admin can restore it for 90 days"

TYPE_IDS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3"}
CALLED = {"contacts": "leads"}  # as people say; else as HubSpot does

# (name, output, operation): the note of change begins with the points, as in "+12 since 3 Nov 2026".
SEGMENTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("hottest {kind}", "grade", {"operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": ["A", "B"]}),
    ("rising {kind}", "change", {"operationType": "MULTISTRING", "operator": "STARTS_WITH", "values": ["+"]}),
    ("{kind} going cold", "change", {"operationType": "MULTISTRING", "operator": "STARTS_WITH", "values": ["-"]}),
)


def ensure(gateway: Gateway, prefix: str, fields: Mapping[str, Sequence[str]], *, dry_run: bool) -> tuple[Piece, ...]:
    """Create the segments that are missing; see `CRM.ensure_app`. `fields` are our properties by object type."""
    return tuple(_ensured(gateway, wanted, dry_run=dry_run) for wanted in definitions(prefix, fields))


def definitions(prefix: str, fields: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Write the segments that these properties allow: one that filters by another is left out."""
    return [
        segment(prefix, kind, *one)
        for kind, names in fields.items()
        for one in SEGMENTS
        if kind in TYPE_IDS and f"{prefix}{one[1]}" in names
    ]


def remove(
    gateway: Gateway, prefix: str, fields: Mapping[str, Sequence[NewField]], *, dry_run: bool
) -> tuple[Piece, ...]:
    """Delete our segments, archive our properties (by object type), delete our group; see `CRM.remove_all`."""
    names = {kind: [field.name for field in own] for kind, own in fields.items()}
    pieces = [_deleted(gateway, one, dry_run=dry_run) for one in definitions(prefix, names)]
    for kind, own in names.items():
        try:
            pieces += _archived(gateway, kind, own, dry_run=dry_run)
        except Misconfigured as error:  # a scope of this object type is missing, which the others do not need
            pieces.append(Piece("property", kind, PieceState.REFUSED, told=str(error)))
    return tuple(piece for piece in pieces if piece is not None)


def segment(prefix: str, kind: str, name: str, output: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    """Write a segment's definition: named after the prefix, so that two connections of a portal have their own."""
    whose = "Truegrade" if prefix == "tg_" else f"Truegrade {prefix.rstrip('_')}"
    filters = [
        {
            "filterType": "PROPERTY",
            "property": f"{prefix}{output}",
            "operation": {**operation, "includeObjectsWithNoValueSet": False},
        }
    ]
    return {
        "name": f"{whose}: {name.format(kind=CALLED.get(kind, kind))}",
        "objectTypeId": TYPE_IDS[kind],
        "processingType": "DYNAMIC",
        "filterBranch": {
            "filterBranchType": "OR",
            "filterBranches": [{"filterBranchType": "AND", "filterBranches": [], "filters": filters}],
            "filters": [],
        },
    }


def _ensured(gateway: Gateway, wanted: Mapping[str, Any], *, dry_run: bool) -> Piece:
    name = str(wanted["name"])
    try:
        found = gateway.get(paths.segment_by_name(wanted["objectTypeId"], name), allowed=ABSENT)
        if found.status not in ABSENT:
            return Piece("segment", name, PieceState.LEFT, needs=SCOPE)
        if not dry_run:
            made = gateway.send("POST", paths.segments(), wanted, allowed=REFUSED)
            if made.status in REFUSED:
                return Piece("segment", name, PieceState.REFUSED, told=str(made.data.get("message", "")), needs=SCOPE)
    except Misconfigured as error:  # a scope is missing, which nothing else needs
        return Piece("segment", name, PieceState.REFUSED, told=str(error), needs=SCOPE)
    return Piece("segment", name, PieceState.CREATED, needs=SCOPE)


def _deleted(gateway: Gateway, wanted: Mapping[str, Any], *, dry_run: bool) -> Piece | None:
    name = str(wanted["name"])
    try:
        found = gateway.get(paths.segment_by_name(wanted["objectTypeId"], name), allowed=ABSENT)
        if found.status in ABSENT:
            return None
        if not dry_run:
            number = str(found.data["list"]["listId"])
            gateway.delete(paths.one_segment(number), allowed=ABSENT)
    except Misconfigured as error:
        return Piece("segment", name, PieceState.REFUSED, told=str(error), needs=SCOPE)
    return Piece("segment", name, PieceState.REMOVED, told=RESTORABLE)


def _archived(gateway: Gateway, kind: str, names: Sequence[str], *, dry_run: bool) -> list[Piece]:
    results = gateway.get(paths.properties(kind), expects="results").data["results"]
    there = {str(entry["name"]) for entry in results}
    ours = [name for name in names if name in there]
    told = {name: f"with {_values(gateway, kind, name)}; {RESTORABLE}" for name in ours}
    if ours and not dry_run:
        inputs = {"inputs": [{"name": name} for name in ours]}
        gateway.send("POST", f"{paths.properties(kind)}/batch/archive", inputs)
    left = [entry for entry in results if entry.get("groupName") == GROUP and entry["name"] not in ours]
    if not left and not dry_run and _has_group(gateway, kind):
        gateway.delete(f"{paths.property_groups(kind)}/{GROUP}", allowed=ABSENT)
    return [Piece("property", f"{kind}.{name}", PieceState.REMOVED, told=told[name]) for name in ours]


def _values(gateway: Gateway, kind: str, name: str) -> str:
    """Count a property's values; a token that may not read records is not told."""
    try:
        return f"{holding(gateway, kind, name):,} values"
    except Misconfigured:
        return "all its values"


def _has_group(gateway: Gateway, kind: str) -> bool:
    groups = gateway.get(paths.property_groups(kind), expects="results").data["results"]
    return any(group.get("name") == GROUP for group in groups)
