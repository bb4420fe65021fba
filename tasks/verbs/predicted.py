"""Which rows a CRM will refuse, as far as its own describe tells it: before anything is sent.

Fields that are not there or not for this user to write, texts that are too long, numbers with too many digits, options
that a picklist does not offer, and what is no number, date or yes and no where one is meant. What no describe tells
cannot be known beforehand: `UNTOLD` has its codes, and `UNFORESEEN` says it to people.
Codes are the CRM's own, as `connector.causes` explains them (Salesforce: "SOAP guide, StatusCode"; HubSpot: "Error
handling"; TOO_LONG, INVALID_NUMERIC and INVALID_DATE are assumptions, as in the simulator).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from connector.crm import Entity, Field, Kind

UNFORESEEN = (
    "Validation and duplicate rules, triggers and flows, fields that a record lacks and the CRM requires, records that "
    "are locked, deleted or shared otherwise, and a picklist's record types show in no describe: refusals for these "
    "cannot be told beforehand."
)

# Codes for which a row is refused by what its record holds, by who may touch it, or by the org's own rules and code.
UNTOLD = {
    "salesforce": frozenset(
        {
            "FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "APEX_ERROR",
            "CANNOT_EXECUTE_FLOW_TRIGGER", "INSUFFICIENT_ACCESS_OR_READONLY", "ENTITY_IS_LOCKED",
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "REQUIRED_FIELD_MISSING", "DUPLICATES_DETECTED",
            "DUPLICATE_VALUE", "FIELD_INTEGRITY_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION", "MALFORMED_ID",
            "STORAGE_LIMIT_EXCEEDED",
        }
    ),
    "hubspot": frozenset({"REQUIRED_FIELD", "VALIDATION_ERROR", "MISSING_SCOPES", "INVALID_EMAIL"}),
}  # fmt: skip

Value = str | int | float | None

MISSING = {"salesforce": "INVALID_FIELD", "hubspot": "PROPERTY_DOESNT_EXIST"}
READ_ONLY = {"salesforce": "INVALID_FIELD_FOR_INSERT_UPDATE", "hubspot": "READ_ONLY_VALUE"}
TOO_LONG = {"salesforce": "STRING_TOO_LONG", "hubspot": "TOO_LONG"}
NO_OPTION = {"salesforce": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "hubspot": "INVALID_OPTION"}
_NO_TYPE = "INVALID_TYPE_ON_FIELD_IN_RECORD"
NO_NUMBER = {"salesforce": _NO_TYPE, "hubspot": "INVALID_NUMERIC"}
TOO_LARGE = {"salesforce": "NUMBER_OUTSIDE_VALID_RANGE", "hubspot": "INVALID_NUMERIC"}
NO_DATE = {"salesforce": _NO_TYPE, "hubspot": "INVALID_DATE"}
NO_INSTANT = {"salesforce": _NO_TYPE, "hubspot": "INVALID_LONG"}
NO_FLAG = {"salesforce": _NO_TYPE, "hubspot": "INVALID_OPTION"}

# HubSpot takes an optional sign, digits with one point, and an exponent ("Properties", number values).
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MILLISECONDS = re.compile(r"-?\d{1,14}", re.ASCII)  # since 1970: some thousand years
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
WORDED = (Kind.TEXT, Kind.OPTION, Kind.OPTIONS)  # a word that a list takes is bound by the field's length, too
FLAGS = {"salesforce": ("true", "false", "1", "0"), "hubspot": ("true", "false")}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A value that the CRM will refuse, with the row that holds it: its code, our field, and why in words."""

    code: str
    field: str
    told: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Tells a row's first refusal from its values by field, in their order; None: the describe admits it.

    `known` is the describe of `entity`, by names in lower case, as the integration user sees it.
    """

    crm: str
    entity: Entity
    known: Mapping[str, Field]

    def __call__(self, values: Mapping[str, Value]) -> Foreseen | None:
        found = (_refused(self.crm, self.entity, name, value, self.field(name)) for name, value in values.items())
        return next((one for one in found if one is not None), None)

    def field(self, name: str) -> Field | None:
        """Give a field by its name, in capitals or not; None where there is none that this user sees."""
        return self.known.get(name.lower())


def judge(crm: str, fields: Iterable[Field], entity: Entity = Entity.LEAD) -> Judge:
    """Make the judge of rows from the describe of an entity."""
    return Judge(crm, entity, {field.name.lower(): field for field in fields})


def _refused(crm: str, entity: Entity, name: str, value: Value, field: Field | None) -> Foreseen | None:
    if field is None:
        return Foreseen(MISSING[crm], name, f"{entity.value} has no field {name}, or this user may not see it")
    if not field.writable:
        return Foreseen(READ_ONLY[crm], name, f"{name} is read-only for this user")
    if value is None or value == "":
        return None
    told = _unfit(crm, _sent(crm, value), field)
    return Foreseen(told[0][crm], name, told[1]) if told else None


def _sent(crm: str, value: str | float) -> str:
    """Give a value as the CRM takes it: Salesforce trims texts, and HubSpot is sent numbers without exponent."""
    if crm == "salesforce":
        return str(value).strip()
    return value if isinstance(value, str) else format(Decimal(str(value)).normalize(), "f")


def _unfit(crm: str, text: str, field: Field) -> tuple[dict[str, str], str] | None:
    """Tell the code, and why in words, for which a field refuses a value; None where it takes it."""
    is_one, code, what = True, dict[str, str](), ""
    match field.kind:
        case Kind.NUMBER:
            is_one, code, what = bool(NUMBER.fullmatch(text)), NO_NUMBER, "numbers"
        case Kind.BOOLEAN:
            is_one, code, what = (text if crm == "hubspot" else text.lower()) in FLAGS[crm], NO_FLAG, "yes or no"
        case Kind.DATE:
            is_one, code, what = _is_day(crm, text), NO_DATE, "dates"
        case Kind.INSTANT:
            is_one, code, what = _is_moment(crm, text), NO_INSTANT, "moments"
    if not is_one:
        return code, f"{field.name} holds {what}, and something else is written"
    return _unfit_size(crm, text, field)


def _unfit_size(crm: str, text: str, field: Field) -> tuple[dict[str, str], str] | None:
    """Tell the same of a value that is of the field's kind: too large, too long, or none of a list's."""
    if field.kind is Kind.NUMBER and field.whole_digits is not None and abs(float(text)) >= 10.0**field.whole_digits:
        return TOO_LARGE, f"{field.name} holds {field.whole_digits} digits before the point, and a number has more"
    if field.kind in WORDED and field.length is not None and len(text) > field.length:
        return TOO_LONG, f"a text has {len(text):,} characters, {field.name} holds {field.length:,}"
    if field.kind in (Kind.OPTION, Kind.OPTIONS) and (crm == "hubspot" or field.restricted):
        return _no_option(text, field)
    return None


def _no_option(text: str, field: Field) -> tuple[dict[str, str], str] | None:
    chosen = [word for word in text.split(";") if word] if field.kind is Kind.OPTIONS else [text]
    lacking = [word for word in chosen if word not in field.options]
    return (NO_OPTION, f"{field.name} does not offer {', '.join(lacking)}") if lacking else None


def _is_day(crm: str, text: str) -> bool:
    """Tell whether a text is a day; HubSpot takes the moment of a midnight, too."""
    if crm == "salesforce":
        return bool(DAY.fullmatch(text)) and _read(text) is not None
    return (at := _moment(text)) is not None and at.time() == time()


def _is_moment(crm: str, text: str) -> bool:
    """Tell whether a text is a moment; HubSpot takes days and milliseconds since 1970, too."""
    return (crm == "hubspot" or bool(INSTANT.fullmatch(text))) and _moment(text) is not None


def _moment(text: str) -> datetime | None:
    """Read a moment as HubSpot does: without a zone it is UTC."""
    at = datetime.fromtimestamp(int(text) / 1000, UTC) if MILLISECONDS.fullmatch(text) else _read(text)
    return at if at is None or at.tzinfo is None else at.astimezone(UTC)


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
