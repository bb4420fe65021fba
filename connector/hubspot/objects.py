"""HubSpot's names for what we read, and its properties as the port's fields.

Source: HubSpot developer docs "CRM objects" and "Properties"; the stamp that every change moves is called otherwise on
contacts ("Search the CRM", default properties).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.crm import Entity, Field, Kind
from connector.errors import Misconfigured

ID = "hs_object_id"
MERGED = "hs_merged_object_ids"  # on the survivor of a merge: the ids that it took over, ";" between
CONTACTS_OF = "associations.contacts"  # no property: the ids of a record's contacts, sorted, ";" between


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A kind of record as HubSpot calls it. `stamp` is the property that every change moves."""

    name: str
    type_id: str
    stamp: str


TYPES: dict[Entity, ObjectType] = {
    Entity.LEAD: ObjectType("contacts", "0-1", "lastmodifieddate"),
    Entity.COMPANY: ObjectType("companies", "0-2", "hs_lastmodifieddate"),
    Entity.DEAL: ObjectType("deals", "0-3", "hs_lastmodifieddate"),
}

# Of engagements (calls, emails, meetings, notes, tasks) and custom objects alike ("CRM objects").
STAMP = "hs_lastmodifieddate"


def object_type(entity: Entity) -> ObjectType | None:
    """Give HubSpot's name of an entity; None for what HubSpot does not keep as records."""
    name = entity.object_name
    return TYPES.get(entity) if name is None else ObjectType(name, name, STAMP)


def typed(entity: Entity) -> ObjectType:
    """Give HubSpot's name of an entity that it keeps as records."""
    found = object_type(entity)
    assert found is not None
    return found


KINDS: dict[str, Kind] = {
    "bool": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.INSTANT,
    "enumeration": Kind.OPTION,
    "number": Kind.NUMBER,
}
LONGEST_TEXT = 65_536  # characters


def as_fields(entity: Entity, properties: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    """Turn a list of properties into fields, in HubSpot's order."""
    own = tuple(_field(entry) for entry in properties if not entry.get("archived"))
    if entity in (Entity.LEAD, Entity.COMPANY):
        return own
    # A deal whose contacts change keeps its stamp, as engagements do (airbytehq/airbyte#27199).
    return (*own, Field(CONTACTS_OF, "Contacts", Kind.REFERENCE, writable=False, calculated=True))


def checked(entity: Entity, names: Sequence[str], known: Iterable[Field]) -> tuple[Field, ...]:
    """Give the fields of these names. Raises Misconfigured: HubSpot itself answers an unknown name with silence."""
    by_name = {field.name: field for field in known}
    missing = sorted(set(names) - set(by_name))
    if missing:
        raise Misconfigured(
            f"HubSpot has no {entity.value} property {', '.join(missing)}.",
            fix="Take it out of the mapping, or let the connected app see it.",
        )
    return tuple(by_name[name] for name in names)


def _field(entry: Mapping[str, Any]) -> Field:
    kind = _kind(entry)
    calculated = bool(entry.get("calculated"))
    own = not entry.get("hubspotDefined", False)
    limits = entry.get("modificationMetadata") or {}
    return Field(
        name=str(entry["name"]),
        label=str(entry.get("label") or entry["name"]),
        kind=kind,
        options=tuple(str(option["value"]) for option in entry.get("options") or ()),
        writable=not calculated and not limits.get("readOnlyValue", False),
        length=LONGEST_TEXT if kind is Kind.TEXT else None,
        custom=own,
        # HubSpot's own calculated properties move the stamp: it is the time of "any property update", "HubSpot internal
        # properties" included (description of hs_lastmodifieddate). A customer's formula may look at the clock.
        calculated=calculated and own,
        hidden=bool(entry.get("hidden")),
    )


def _kind(entry: Mapping[str, Any]) -> Kind:
    kind = KINDS.get(str(entry.get("type")), Kind.TEXT)
    if kind is not Kind.OPTION:
        return kind
    if entry.get("fieldType") == "checkbox":
        return Kind.OPTIONS
    return Kind.REFERENCE if entry.get("referencedObjectType") else Kind.OPTION
