"""Canonical text of HubSpot's values, and how ours are written.

HubSpot sends every value as text or null (docs "CRM objects"), numbers and booleans too, so that most pass unchanged.
Functions take and give whole columns, so that text costs no Python call per value. Odd forms on the wire: instants
without milliseconds, or as milliseconds since 1970; numbers in scientific notation; options with a leading ";".
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connector.crm import Kind

Column = list[str | None]
Canon = Callable[[Sequence[Any]], Column]

_PLAIN_NUMBER = re.compile(r"(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])\Z").match
_DIGITS = re.compile(r"-?[0-9]+\Z").match
_INSTANT_LENGTH = len("2026-01-02T03:04:05.678Z")


def canonical(kind: Kind) -> Canon:
    """Choose the function that turns a column of HubSpot's values of this kind into canonical text."""
    match kind:
        case Kind.NUMBER:
            return _numbers
        case Kind.BOOLEAN:
            return _booleans
        case Kind.DATE:
            return _dates
        case Kind.INSTANT:
            return _instants
        case Kind.OPTIONS:
            return _options
        case _:
            return _texts


def instant(text: str) -> str:
    """Write an instant in UTC with milliseconds; what is none passes as it is, so that it stays visible."""
    if len(text) == _INSTANT_LENGTH and text[-1] == "Z":
        return text
    try:
        return instant_of(moment(text))
    except ValueError:
        return text


def moment(text: str) -> datetime:
    """Read an instant, ISO or milliseconds since 1970. Raises ValueError when it is none."""
    if _DIGITS(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def instant_of(at: datetime) -> str:
    """Write an aware moment as canonical text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def number(text: str) -> str:
    """Write a number without exponent, trailing zeros or plus sign; what is none passes as it is."""
    if _PLAIN_NUMBER(text):
        return text
    try:
        plain = format(Decimal(text), "f")
    except InvalidOperation:
        return text
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def written(value: str | float | None) -> str:
    """Write a new value as HubSpot takes it: text, numbers without exponent, "" to clear.

    Raises ValueError for a number that is not finite.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    text = number(str(value))
    if not _PLAIN_NUMBER(text):
        raise ValueError("An update holds a number that is not finite.")
    return text


def _texts(column: Sequence[Any]) -> Column:
    return [str(value).replace("\0", "") if value else None for value in column]  # PostgreSQL stores no NUL


def _numbers(column: Sequence[Any]) -> Column:
    plain = _PLAIN_NUMBER
    return [(value if plain(value) else number(value)) if value else None for value in column]


def _booleans(column: Sequence[Any]) -> Column:
    return [value.lower() if value else None for value in column]


def _dates(column: Sequence[Any]) -> Column:
    return [(instant(value)[:10] if _DIGITS(value) else value[:10]) if value else None for value in column]


def _instants(column: Sequence[Any]) -> Column:
    return [instant(value) if value else None for value in column]


def _options(column: Sequence[Any]) -> Column:
    return [(_sorted(value) if ";" in value else value) if value else None for value in column]


def _sorted(value: str) -> str | None:
    return ";".join(sorted({option for option in value.split(";") if option})) or None
