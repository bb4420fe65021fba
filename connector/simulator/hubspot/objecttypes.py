"""The object types that the portal keeps, and how HubSpot names and numbers them.

Source: HubSpot developer docs, "CRM objects" (type ids), "Search the CRM" (default properties and stamps) and
"Associate records" (association type ids).
"""

from dataclasses import dataclass

from connector.simulator.hubspot.replies import invalid


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One kind of record. `stamp` is the property that every write moves."""

    name: str
    type_id: str
    singular: str
    stamp: str
    always: tuple[str, ...]  # properties that every reply shows
    first_id: int
    id_step: int
    scope: str = ""  # whose scopes let a token at it, where it has none of its own


# Ids differ in their number of digits on purpose, so that whoever compares them as text is found out.
CONTACTS = ObjectType(
    "contacts",
    "0-1",
    "contact",
    "lastmodifieddate",
    ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    901,
    50,
)
COMPANIES = ObjectType(
    "companies",
    "0-2",
    "company",
    "hs_lastmodifieddate",
    ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    5_790_939_450,
    13,
)
DEALS = ObjectType(
    "deals",
    "0-3",
    "deal",
    "hs_lastmodifieddate",
    (
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ),
    9_999_990_001,
    7,
)
MEETINGS = ObjectType(  # of engagements, the one that often hangs on several contacts
    "meetings",
    "0-47",
    "meeting",
    "hs_lastmodifieddate",
    ("createdate", "hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    48_000_000_001,
    3,
    scope="contacts",
)
OBJECT_TYPES = (CONTACTS, COMPANIES, DEALS, MEETINGS)
_BY_NAME = {
    name: kind for kind in OBJECT_TYPES for name in (kind.name, kind.type_id, kind.singular, kind.singular.upper())
}


def object_type(name: str) -> ObjectType:
    """Find a type by its name, singular or id. Raises the 400 of an unknown type."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise invalid(f"Unable to infer object type from: {name}") from None


@dataclass(frozen=True, slots=True)
class Link:
    """How two types are associated: one table, read from either end. `primary` is None where no pair is primary."""

    left: ObjectType
    right: ObjectType
    left_type: int  # id of the plain type, seen from the left
    right_type: int
    left_primary: int | None
    right_primary: int | None

    @property
    def table(self) -> str:
        return f"{self.left.name}-{self.right.name}"


LINKS = (
    Link(CONTACTS, COMPANIES, 279, 280, 1, 2),
    Link(CONTACTS, DEALS, 4, 3, None, None),
    Link(DEALS, COMPANIES, 341, 342, 5, 6),
    Link(CONTACTS, MEETINGS, 199, 200, None, None),
)


@dataclass(frozen=True, slots=True)
class Direction:
    """A link seen from one end."""

    link: Link
    source: ObjectType
    target: ObjectType
    own: str  # column of the end we come from
    other: str
    plain_type: int
    primary_type: int | None


def direction(source: ObjectType, target: ObjectType) -> Direction:
    """Find how `source` points to `target`. Raises a 400 when the types cannot be associated."""
    for link in LINKS:
        if (link.left, link.right) == (source, target):
            return Direction(link, source, target, "left_id", "right_id", link.left_type, link.left_primary)
        if (link.right, link.left) == (source, target):
            return Direction(link, source, target, "right_id", "left_id", link.right_type, link.right_primary)
    raise invalid(f"{source.type_id} and {target.type_id} cannot be associated")
