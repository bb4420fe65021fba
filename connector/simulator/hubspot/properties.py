"""Property definitions: what a portal's columns are, and how HubSpot shows them.

Source: HubSpot developer docs, "Properties": the pairs of type and fieldType that go together, and the metadata that
tells who may change what.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from connector.simulator.hubspot.replies import Json

PAIRS: dict[str, frozenset[str]] = {
    "bool": frozenset({"booleancheckbox", "calculation_equation"}),
    "enumeration": frozenset({"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date"}),
    "string": frozenset({"text", "textarea", "html", "file", "phonenumber", "calculation_equation"}),
    "number": frozenset({"number", "calculation_equation"}),
    "phone_number": frozenset({"phonenumber"}),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an enumeration; `value` is what records hold."""

    value: str
    label: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    """One column of an object type. `read_only`: HubSpot keeps the value itself."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: tuple[Option, ...] = ()
    read_only: bool = False
    calculated: bool = False
    hubspot_defined: bool = True
    unique: bool = False
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    number_hint: str | None = None
    archived_at: str | None = None
    created_at: str = "2023-01-10T09:00:00.000Z"
    updated_at: str = "2023-01-10T09:00:00.000Z"

    @property
    def several(self) -> bool:
        """Whether one value may hold several options."""
        return self.field_type == "checkbox"


@dataclass(frozen=True, slots=True)
class Group:
    """A heading under which HubSpot lists properties."""

    name: str
    label: str
    display_order: int = -1


@dataclass(slots=True)
class Registry:
    """The properties and groups of one object type, archived ones included."""

    properties: dict[str, Property] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    def living(self, name: str) -> Property | None:
        """Find a property that is not archived."""
        found = self.properties.get(name)
        return None if found is None or found.archived_at else found

    def listed(self, *, archived: bool) -> Iterator[Property]:
        """List the archived or the living ones."""
        return (one for one in self.properties.values() if (one.archived_at is not None) is archived)

    def put(self, one: Property) -> None:
        """Add or replace a property."""
        self.properties[one.name] = one

    def archive(self, name: str, at: str) -> None:
        """Put a property in the recycle bin; its name stays taken until it is restored or purged."""
        self.properties[name] = replace(self.properties[name], archived_at=at, updated_at=at)


def shown(one: Property) -> Json:
    """Show a definition as the properties API does."""
    body: Json = {
        "updatedAt": one.updated_at,
        "createdAt": one.created_at,
        "name": one.name,
        "label": one.label,
        "type": one.type,
        "fieldType": one.field_type,
        "description": one.description,
        "groupName": one.group,
        "options": [_option(option, order) for order, option in enumerate(one.options)],
        "displayOrder": one.display_order,
        "calculated": one.calculated,
        "externalOptions": False,
        "archived": one.archived_at is not None,
        "hasUniqueValue": one.unique,
        "hidden": one.hidden,
        "hubspotDefined": one.hubspot_defined,
        "modificationMetadata": {
            "archivable": not one.hubspot_defined,
            "readOnlyDefinition": one.hubspot_defined,
            "readOnlyOptions": one.hubspot_defined and (one.read_only or not one.options),
            "readOnlyValue": one.read_only,
        },
        "formField": one.form_field,
        "dataSensitivity": "non_sensitive",
    }
    if one.number_hint is not None:
        body["numberDisplayHint"] = one.number_hint
    if one.archived_at is not None:
        body["archivedAt"] = one.archived_at
    return body


def shown_group(group: Group) -> Json:
    """Show a group as the properties API does."""
    return {"name": group.name, "label": group.label, "displayOrder": group.display_order, "archived": False}


def _option(option: Option, order: int) -> Json:
    return {"label": option.label, "value": option.value, "displayOrder": order, "hidden": option.hidden}
