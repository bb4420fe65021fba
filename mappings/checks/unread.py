"""Why a field is not read: nobody may, it holds nothing that can be told, or no feature asks for it.

By the describe alone, which lists a field only for users who may see it. Needs no Polars: a pull tells by it what of
the mapping it cannot have.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from connector.crm import Entity, Field, Kind
from mappings.file.problems import alike
from mappings.forbidden import knows_the_outcome
from mappings.mapping import Mapping

LONG = 1_000  # characters, beyond which a text is prose
ENDLESS = 65_536  # what HubSpot says of every text: nothing of this one

# They say who a person is, which is no ground for a score; the standard fields of both CRMs.
PERSONAL = frozenset(
    {
        "name", "firstname", "lastname", "middlename", "suffix", "salutation", "email", "phone", "mobilephone", "fax",
        "street", "address", "postalcode", "zip", "photourl", "latitude", "longitude", "hs_full_name_or_email",
        "twitterhandle", "hs_linkedin_url", "date_of_birth", "gender", "marital_status", "work_email", "company",
    }
)  # fmt: skip

# Who can show a field, and how (Salesforce "Security guide, Field-Level Security"; HubSpot developer docs,
# "Properties": sensitive ones want scopes of their own).
ASK = {
    "salesforce": "correct its name; or, if it is there, ask an admin for read access to it by field-level security, "
    "in the permission set Truegrade Integration",
    "hubspot": "correct its name; or, if it is there, ask a super admin to let the connected app see it: sensitive "
    "properties need a scope of their own",
}


class Why(NamedTuple):
    """Why a field is left out: a word or two to sort by, and a reason that people can check."""

    name: str
    told: str


BY_NAME = Why(
    "knows the outcome",
    "by its name: the CRM fills or moves it as the story goes on; if here it does not, allow_after_outcome says so",
)
OUR_OWN = Why("our own", "Truegrade writes it")
NEVER = Why("never read", "privacy.never_read names it")
DEPRECATED = Why("hidden", "the CRM calls it deprecated, or shows it on no page")
POINTS = Why("identifier", "it points to another record")
ENCRYPTED = Why("encrypted", "a user who may not view encrypted data reads asterisks")
WHO = Why("personal", "it says who somebody is")
UNASKED = Why("not asked for", "no feature is made of it; `truegrade map suggest` judges it by its values")


@dataclass(frozen=True, slots=True)
class Unread:
    """A field that the CRM shows and the mapping does not read."""

    entity: Entity
    field: Field
    why: Why


def absent(mapping: Mapping, entity: Entity, name: str, known: Iterable[Field]) -> tuple[str, str]:
    """Say of a field that the describe does not list what may be the matter, and what to do."""
    fields = {field.name: field for field in known}
    parts = [field.name for field in fields.values() if field.part_of == name]
    if parts:
        message = f"{name} of {entity} is compound: it holds several values, and cannot be read as one"
        return message, f"name one of its parts: {', '.join(parts)}"
    near = alike(name, fields)
    fix = f"did you mean {near}?" if near else ASK[mapping.crm]
    return f"{entity} has no field {name}, or this user may not see it", fix


def by_describe(crm: str, entity: Entity, field: Field, scored: str = "lead") -> Why | None:
    """Tell why a field is left out whatever its values are; None for one that has to be looked at.

    `scored` is what the mapping's leads are.
    """
    if knows_the_outcome(crm, entity, field.name, scored):
        return BY_NAME
    if field.kind is Kind.REFERENCE:
        return POINTS
    if field.masked:
        return ENCRYPTED
    if field.length is not None and LONG < field.length != ENDLESS:
        return Why("free text", f"it holds up to {field.length:,} characters, and was not read")
    return None


def is_personal(entity: Entity, field: Field) -> bool:
    """Tell whether a standard field of the lead says who it is."""
    return entity is Entity.LEAD and not field.custom and field.name.lower() in PERSONAL


def unread(mapping: Mapping, entity: Entity, fields: Iterable[Field]) -> Iterator[Unread]:
    """Name the fields of this describe that the mapping does not read, each with why, in the CRM's order."""
    read = {name.lower() for name in mapping.source_fields(entity)}
    for field in fields:
        if field.name.lower() not in read:
            yield Unread(entity, field, _why(mapping, entity, field))


def _why(mapping: Mapping, entity: Entity, field: Field) -> Why:
    before = "" if entity is Entity.LEAD else f"{entity}."
    if (before + field.name).lower() in {name.lower() for name in mapping.privacy.never_read}:
        return NEVER
    if entity is Entity.LEAD and field.name.lower() in {name.lower() for _, name in mapping.outputs}:
        return OUR_OWN
    if (why := by_describe(mapping.crm, entity, field, mapping.scored)) is not None:
        return why
    if is_personal(entity, field):
        return WHO
    return DEPRECATED if field.hidden else UNASKED
