"""What a property accepts: the checks that HubSpot makes before it writes, with its codes and sentences.

Source: HubSpot developer docs, "Error handling" and "Properties"; codes INVALID_NUMERIC, INVALID_DATE and TOO_LONG are
assumptions, as is the refusal of null (the docs only name "" for clearing a value).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import orjson

from connector.simulator.hubspot.properties import Property, Registry
from connector.simulator.hubspot.replies import ApiError, Json, instant, invalid

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>().]+(\.[^@\s,;<>().]+)+")
_MAX_TEXT = 65_536
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Invalid:
    """One value that was refused."""

    name: str
    code: str
    message: str


def check(
    registry: Registry, properties: Mapping[str, object], before: Mapping[str, str | None] | None = None
) -> tuple[dict[str, str | None], list[Invalid]]:
    """Turn values as sent into values as stored, and list what was refused.

    `before`: the stored values of the record, for options that are appended to.
    """
    stored: dict[str, str | None] = {}
    refused: list[Invalid] = []
    known = registry.properties
    for name, sent in properties.items():
        one = known.get(name)
        if one is None or one.archived_at is not None:
            refused.append(Invalid(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
            continue
        result = check_value(one, sent, before.get(name) if before else None)
        if isinstance(result, Invalid):
            refused.append(result)
        else:
            stored[name] = result
    return stored, refused


def check_value(one: Property, sent: object, before: str | None = None) -> str | Invalid | None:
    """Check one value; None means that the value is cleared."""
    if one.read_only:
        kind = "calculated property" if one.calculated or one.name == "hs_object_id" else "read only property"
        return Invalid(one.name, "READ_ONLY_VALUE", f'"{one.name}" is a {kind}; its value cannot be set.')
    text = sent if isinstance(sent, str) else _text(sent)
    if text is None:
        return Invalid(one.name, "INVALID_NULL", f'"{one.name}" cannot be null; send an empty text to clear it.')
    return None if text == "" else _parsed(one, text, before)


def refusal_message(portal_id: int, refused: list[Invalid]) -> str:
    """Write HubSpot's sentence for refused values, which holds JSON."""
    entries = [
        {
            "isValid": False,
            "message": one.message,
            "error": one.code,
            "name": one.name,
            "localizedErrorMessage": one.message,
            "portalId": portal_id,
        }
        for one in refused
    ]
    return f"Property values were not valid: {orjson.dumps(entries).decode()}"


def refusal(portal_id: int, refused: list[Invalid]) -> ApiError:
    """Build the 400 of refused values."""
    errors: list[Json] = [
        {"message": one.message, "code": one.code, "context": {"propertyName": [one.name]}} for one in refused
    ]
    return invalid(refusal_message(portal_id, refused), errors=errors)


@lru_cache(maxsize=1024)  # the rows of a batch tend to share their instants
def read_instant(text: str) -> str | None:
    """Read milliseconds or ISO; an instant without a zone is UTC."""
    try:
        if text.lstrip("-").isdigit():
            return instant(datetime.fromtimestamp(int(text) / 1000, UTC))
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return instant(at if at.tzinfo else at.replace(tzinfo=UTC))


def read_date(text: str) -> str | None:
    """Read YYYY-MM-DD, or the milliseconds of a midnight in UTC."""
    if text.lstrip("-").isdigit() and int(text) % _DAY_MS:
        return None
    at = read_instant(text)
    return None if at is None or not at.endswith("T00:00:00.000Z") else at[:10]


def _text(sent: object) -> str | None:
    """Give numbers and booleans as the text that HubSpot makes of them; None for anything else."""
    match sent:
        case bool():
            return "true" if sent else "false"
        case int() | float():
            return str(sent)
        case _:
            return None


def _parsed(one: Property, text: str, before: str | None) -> str | Invalid:
    match one.type:
        case "number":
            return text if _NUMBER.fullmatch(text) else _refusal(one, text, "INVALID_NUMERIC", "number")
        case "bool" | "enumeration":
            return _option(one, text, before)
        case "datetime":
            return read_instant(text) or _refusal(one, text, "INVALID_LONG", "long")
        case "date":
            return read_date(text) or _refusal(one, text, "INVALID_DATE", "date")
        case _:
            return _plain(one, text)


def _option(one: Property, text: str, before: str | None) -> str | Invalid:
    chosen = text.split(";") if one.several else [text]
    if one.several and text.startswith(";"):
        chosen = [*(before or "").split(";"), *chosen]
    kept = list(dict.fromkeys(value for value in chosen if value))
    for value in kept:
        if not any(value == option.value for option in one.options):
            return _no_option(one, value)
    return ";".join(kept)


def _no_option(one: Property, value: str) -> Invalid:
    allowed = ", ".join(
        f'label: "{option.label}"\nvalue: "{option.value}"\ndisplay_order: {order}\nhidden: false\nread_only: false\n'
        for order, option in enumerate(one.options)
    )
    return Invalid(one.name, "INVALID_OPTION", f"{value} was not one of the allowed options: [{allowed}]")


def _plain(one: Property, text: str) -> str | Invalid:
    if one.name == "email":
        if not _EMAIL.fullmatch(text):
            return Invalid(one.name, "INVALID_EMAIL", f"Email address {text} is invalid")
        return text.lower()
    if len(text) > _MAX_TEXT:
        return Invalid(one.name, "TOO_LONG", f"{one.name} is longer than {_MAX_TEXT} characters")
    return text


def _refusal(one: Property, text: str, code: str, what: str) -> Invalid:
    return Invalid(one.name, code, f"{text} was not a valid {what}.")
