"""Salesforce's own names for our entities, its record ids, and how its field types map to ours."""

from typing import Any

from connector.crm import Entity, Field, Kind

SOBJECTS = {
    Entity.LEAD: "Lead",
    Entity.COMPANY: "Account",
    Entity.DEAL: "Opportunity",
    Entity.ACTIVITY: "CampaignMember",
}
# A plain query leaves out activities that are older than a year ("REST guide, QueryAll"; "Archived activities").
ARCHIVED = frozenset({"Task", "Event"})

# Types that hold no single value are missing here, and so are their fields from `describe`: address and location
# (their parts are fields of their own), base64, complexvalue, anyType.
KINDS = {
    "string": Kind.TEXT,
    "textarea": Kind.TEXT,
    "combobox": Kind.TEXT,
    "email": Kind.TEXT,
    "phone": Kind.TEXT,
    "url": Kind.TEXT,
    "encryptedstring": Kind.TEXT,
    "time": Kind.TEXT,
    "id": Kind.REFERENCE,
    "reference": Kind.REFERENCE,
    "picklist": Kind.OPTION,
    "multipicklist": Kind.OPTIONS,
    "boolean": Kind.BOOLEAN,
    "int": Kind.NUMBER,
    "long": Kind.NUMBER,
    "double": Kind.NUMBER,
    "currency": Kind.NUMBER,
    "percent": Kind.NUMBER,
    "date": Kind.DATE,
    "datetime": Kind.INSTANT,
}

SUFFIXES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT_ID, LONG_ID = 15, 18  # characters


def sobject(entity: Entity) -> str:
    """Give Salesforce's name of an entity."""
    return SOBJECTS.get(entity) or entity.object_name or entity.value


def fields_of(describe: dict[str, Any]) -> tuple[Field, ...]:
    """List the fields of one `sobjects/X/describe` reply that hold a single value."""
    return tuple(_field(entry) for entry in describe["fields"] if entry["type"] in KINDS)


def is_id(value: object) -> bool:
    """Tell whether this could be a record's id, in either form."""
    return isinstance(value, str) and len(value) in {SHORT_ID, LONG_ID} and value.isalnum()


def long_id(record_id: str) -> str:
    """Give the 18-character form of a record id; equal records have equal long ids.

    Each letter of the suffix tells which of five characters are capitals ("Object reference, ID field type").
    """
    if len(record_id) != SHORT_ID:
        return record_id
    fives = (record_id[start : start + 5] for start in range(0, SHORT_ID, 5))
    return record_id + "".join(
        SUFFIXES[sum(1 << at for at, sign in enumerate(five) if sign.isupper())] for five in fives
    )


def _field(entry: dict[str, Any]) -> Field:
    kind = KINDS[entry["type"]]
    listed = kind in {Kind.OPTION, Kind.OPTIONS}
    return Field(
        name=entry["name"],
        label=entry["label"],
        kind=kind,
        options=tuple(str(option["value"]) for option in entry["picklistValues"] if option["active"]) if listed else (),
        writable=bool(entry["updateable"]),
        length=entry["length"] or None,
        custom=bool(entry["custom"]),
        calculated=bool(entry["calculated"]),
        hidden=bool(entry.get("deprecatedAndHidden")),
        restricted=listed and bool(entry.get("restrictedPicklist")),
        whole_digits=_whole_digits(entry) if kind is Kind.NUMBER else None,
        decimals=_decimals(entry) if kind is Kind.NUMBER else None,
        masked=entry["type"] == "encryptedstring",
        part_of=_part_of(entry),
    )


def _decimals(entry: dict[str, Any]) -> int | None:
    """Count the digits that a number keeps after its point; None where the describe tells none (`_whole_digits`)."""
    return 0 if entry["type"] in {"int", "long"} else entry.get("scale")


def _part_of(entry: dict[str, Any]) -> str:
    """Name the compound field that holds this one with others; "" for none. A Name that nobody parts names itself."""
    compound = str(entry.get("compoundFieldName") or "")
    return "" if compound == entry["name"] else compound


def _whole_digits(entry: dict[str, Any]) -> int | None:
    """Count the digits that a number may have before its point; None where the describe bounds none.

    "SOAP guide, DescribeSObjectResult": `digits` bounds whole numbers, `precision` counts all digits of the others and
    `scale` those after the point.
    """
    if entry["type"] in {"int", "long"}:
        return entry.get("digits") or None
    precision = entry.get("precision") or 0
    return max(0, precision - (entry.get("scale") or 0)) if precision else None
