"""Which rows a CRM will refuse, as far as its own describe tells it: before anything is sent.

Fields that are not there or not for this user to write, texts that are too long, options that a picklist does not
offer, texts where a number is meant. What no describe tells cannot be known beforehand: see `UNFORESEEN`.
Codes are the CRM's own, as `connector.causes` explains them (Salesforce: "SOAP guide, StatusCode"; HubSpot: "Error
handling"; TOO_LONG is an assumption, as in the simulator).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from connector.crm import Entity, Field, Kind

UNFORESEEN = (
    "Validation rules, triggers and flows, records that are locked or shared otherwise, and a picklist's record types "
    "show in no describe: refusals for these cannot be told beforehand."
)

Value = str | int | float | None

MISSING = {"salesforce": "INVALID_FIELD", "hubspot": "PROPERTY_DOESNT_EXIST"}
READ_ONLY = {"salesforce": "INVALID_FIELD_FOR_INSERT_UPDATE", "hubspot": "READ_ONLY_VALUE"}
TOO_LONG = {"salesforce": "STRING_TOO_LONG", "hubspot": "TOO_LONG"}
NO_OPTION = {"salesforce": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "hubspot": "INVALID_OPTION"}
NO_NUMBER = {"salesforce": "INVALID_TYPE_ON_FIELD_IN_RECORD", "hubspot": "INVALID_NUMERIC"}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A value that the CRM will refuse, with the row that holds it: its code, our field, and why in words."""

    code: str
    field: str
    told: str


Judge = Callable[[Mapping[str, Value]], Foreseen | None]


def judge(crm: str, fields: Iterable[Field], entity: Entity = Entity.LEAD) -> Judge:
    """Make what tells a row's first refusal from its values by field, in their order; None: the describe admits it.

    `fields` are the describe of `entity`, as the integration user sees it.
    """
    known = {field.name.lower(): field for field in fields}

    def judged(values: Mapping[str, Value]) -> Foreseen | None:
        found = (_refused(crm, entity, name, value, known.get(name.lower())) for name, value in values.items())
        return next((one for one in found if one is not None), None)

    return judged


def _refused(crm: str, entity: Entity, name: str, value: Value, field: Field | None) -> Foreseen | None:
    if field is None:
        return Foreseen(MISSING[crm], name, f"{entity.value} has no field {name}, or this user may not see it")
    if not field.writable:
        return Foreseen(READ_ONLY[crm], name, f"{name} is read-only for this user")
    if value is None or value == "":
        return None
    told = _unfit(crm, value, field)
    return Foreseen(told[0][crm], name, told[1]) if told else None


def _unfit(crm: str, value: str | float, field: Field) -> tuple[dict[str, str], str] | None:
    text = str(value).strip()
    if field.kind is Kind.NUMBER:
        return None if _is_number(text) else (NO_NUMBER, f"{field.name} holds numbers, and a text is written")
    if field.length is not None and field.kind is Kind.TEXT and len(text) > field.length:
        return TOO_LONG, f"a text has {len(text):,} characters, {field.name} holds {field.length:,}"
    is_restricted = crm == "hubspot" or field.restricted
    if field.kind in (Kind.OPTION, Kind.OPTIONS) and is_restricted and text not in field.options:
        return NO_OPTION, f"{field.name} does not offer {text}"
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
