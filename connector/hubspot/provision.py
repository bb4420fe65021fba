"""Making our properties: what is missing is created, what exists is left as it is.

Source: HubSpot developer docs, "Properties": the pairs of type and fieldType; names are for good, and so are types by
our policy. HubSpot grants no access by field to an app, so there is nothing to grant.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.crm import Kind, NewField, Provisioned
from connector.errors import Misconfigured
from connector.hubspot import paths
from connector.hubspot.gateway import Gateway

GROUP = "truegrade"
GROUP_LABEL = "Truegrade"
LONG_TEXT_FROM = 256  # characters; shorter text gets one line on the screen
SCOPE = "crm.schemas.{kind}.write"
CONFLICT = frozenset({409})

TYPES: dict[Kind, tuple[str, str]] = {  # (type, fieldType)
    Kind.TEXT: ("string", "text"),
    Kind.NUMBER: ("number", "number"),
    Kind.BOOLEAN: ("bool", "booleancheckbox"),
    Kind.DATE: ("date", "date"),
    Kind.INSTANT: ("datetime", "date"),
    Kind.OPTION: ("enumeration", "select"),
    Kind.OPTIONS: ("enumeration", "checkbox"),
}
BOOLEANS = (("true", "Yes"), ("false", "No"))

Existing = Mapping[str, Mapping[str, Any]]


def ensure(gateway: Gateway, kind: str, fields: Sequence[NewField], *, dry_run: bool) -> Provisioned:
    """Create the missing properties, and the missing options of existing ones; changes nothing else.

    Raises Misconfigured, before anything is written, when a name is taken by another type or lies in the bin.
    """
    existing = _listed(gateway, kind, archived=False)
    missing = [field for field in fields if field.name not in existing]
    present = [field for field in fields if field.name in existing]
    for field in present:
        _check(field, existing[field.name])
    if missing:
        _check_bin(missing, _listed(gateway, kind, archived=True))
    if not dry_run:
        if missing:
            _make_group(gateway, kind)
        for field in missing:
            _create(gateway, kind, field)
        for field in present:
            _add_options(gateway, kind, field, existing[field.name])
    created, left = (tuple(field.name for field in some) for some in (missing, present))
    return Provisioned(created, left, (), record=kind, needs=SCOPE.format(kind=kind))


def definition(field: NewField) -> dict[str, Any]:
    """Write a new property."""
    kind, shown = TYPES[field.kind]
    if field.kind is Kind.TEXT and (field.length or 0) >= LONG_TEXT_FROM:
        shown = "textarea"
    wanted: dict[str, Any] = {
        "name": field.name,
        "label": field.label,
        "groupName": GROUP,
        "type": kind,
        "fieldType": shown,
        "description": field.description,
    }
    options = BOOLEANS if field.kind is Kind.BOOLEAN else field.options
    if options:
        wanted["options"] = [_option(value, label, order) for order, (value, label) in enumerate(options)]
    if field.percent:
        wanted["numberDisplayHint"] = "percentage"
    return wanted


def _option(value: str, label: str, order: int) -> dict[str, Any]:
    return {"value": value, "label": label, "displayOrder": order, "hidden": False}


def _listed(gateway: Gateway, kind: str, *, archived: bool) -> Existing:
    query = [("archived", "true")] if archived else []
    results = gateway.get(paths.properties(kind), query, expects="results").data["results"]
    return {str(entry["name"]): entry for entry in results if bool(entry.get("archived")) is archived}


def _check(field: NewField, entry: Mapping[str, Any]) -> None:
    wanted, _ = TYPES[field.kind]
    if entry.get("type") != wanted:
        raise Misconfigured(
            f"HubSpot's property {field.name} holds {entry.get('type')}, not {wanted}.",
            fix="Choose another prefix for the output fields, or delete that property for good.",
        )


def _check_bin(missing: Sequence[NewField], archived: Existing) -> None:
    names = [field.name for field in missing if field.name in archived]
    if names:
        raise Misconfigured(
            f"These HubSpot properties are archived: {', '.join(names)}.",
            fix="Restore them in HubSpot's settings (Properties, Archived), or delete them there for good.",
        )


def _make_group(gateway: Gateway, kind: str) -> None:
    """Create our group; a 409 says that it exists, which is as good."""
    groups = gateway.get(paths.property_groups(kind), expects="results").data["results"]
    if not any(group.get("name") == GROUP for group in groups):
        wanted = {"name": GROUP, "label": GROUP_LABEL, "displayOrder": -1}
        gateway.send("POST", paths.property_groups(kind), wanted, allowed=CONFLICT)


def _create(gateway: Gateway, kind: str, field: NewField) -> None:
    """Create a property. After a 409 (an earlier attempt whose reply was lost) it has to be what we wanted."""
    reply = gateway.send("POST", paths.properties(kind), definition(field), allowed=CONFLICT)
    if reply.status in CONFLICT:
        _check(field, gateway.get(paths.one_property(kind, field.name), expects="type").data)


def _add_options(gateway: Gateway, kind: str, field: NewField, entry: Mapping[str, Any]) -> None:
    """Add the options that are missing, behind those that are there."""
    options = list(entry.get("options") or ())
    values = {str(option.get("value")) for option in options}
    new = [(value, label) for value, label in field.options if value not in values]
    if new:
        added = [_option(value, label, len(options) + order) for order, (value, label) in enumerate(new)]
        gateway.send("PATCH", paths.one_property(kind, field.name), {"options": [*options, *added]})
