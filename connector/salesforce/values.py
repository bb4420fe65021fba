"""Canonical text of Salesforce's values, the same from REST JSON and from Bulk CSV.

Functions take and give whole columns: a page is turned column by column, so that text that passes unchanged costs no
Python call per value. Forms on the wire: "REST guide, Limit Info Header" (instants as 2013-05-20T20:49:32.000+0000),
"Bulk API 2.0, Prepare CSV files" (instants as ...000Z, empty = null); numbers in JSON may come as 1.0E7.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connector.crm import Kind

Column = Sequence[str | None]
Canon = Callable[[Sequence[Any]], Column]

NULL_IN_CSV = "#N/A"  # an empty cell leaves the field as it is ("Bulk API 2.0, Valid CSV record rows")
EXACT_INTEGERS = 1e16  # below it, each whole double has one integer text

BOOLEANS = {True: "true", False: "false", None: None}


def from_json(kind: Kind) -> Canon:
    """Choose the function that turns a column of JSON values of this kind into canonical text."""
    match kind:
        case Kind.NUMBER:
            return _numbers
        case Kind.BOOLEAN:
            return _booleans
        case Kind.INSTANT:
            return _instants
        case Kind.OPTIONS:
            return _options
        case _:
            return _texts


def from_csv(kind: Kind) -> Canon:
    """Choose the function that turns a column of CSV cells of this kind into canonical text."""
    match kind:
        case Kind.NUMBER:
            return _numbers_in_cells
        case Kind.BOOLEAN:
            return _booleans_in_cells
        case Kind.INSTANT:
            return _instants_in_cells
        case Kind.OPTIONS:
            return _options
        case _:
            return _texts


def cleaned(column: Column) -> Column:
    """Drop NULs and unify line ends in a column of texts, as the Bulk road does while it reads."""
    return [clean(value) if value else None for value in column]


def clean(text: str) -> str:
    """Drop NULs; end lines with a line feed alone."""
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def instant(text: str) -> str:
    """Write an instant in UTC with milliseconds, whatever offset it came with."""
    return instant_of(datetime.fromisoformat(text))


def instant_of(at: datetime) -> str:
    """Write an aware moment as canonical text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def number(value: float) -> str:
    """Write a number without exponent, trailing zeros or plus sign."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < EXACT_INTEGERS:
        return str(int(value))
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


def cell(value: str | float | None) -> str:
    """Write a new value as a cell of a bulk update; nothing and empty text clear the field."""
    if type(value) is str:
        return (value.replace("\0", "") if "\0" in value else value) or NULL_IN_CSV
    return NULL_IN_CSV if value is None else number(checked(value))


def uncell(text: str, kind: Kind) -> str | float | None:
    """Read a cell of ours back as a JSON value for a field of this kind."""
    if text == NULL_IN_CSV:
        return None
    if kind is Kind.NUMBER:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    return text


def checked(value: str | float | None) -> Any:
    """Return the value. Raises ValueError for what is not a number: JSON would carry it as null and clear the field."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("An update holds a number that is not finite.")
    return value


def _texts(column: Sequence[Any]) -> Column:
    return [value or None for value in column]


def _numbers(column: Sequence[Any]) -> Column:
    return [None if value is None else number(value) for value in column]


def _booleans(column: Sequence[Any]) -> Column:
    return [BOOLEANS[value] for value in column]


def _instants(column: Sequence[Any]) -> Column:
    return [value and (value[:-5] + "Z" if value[-9:] == ".000+0000" else instant(value)) for value in column]


def _options(column: Sequence[Any]) -> Column:
    return [";".join(sorted(value.split(";"))) if value else None for value in column]


def _numbers_in_cells(column: Sequence[Any]) -> Column:
    return [_number_in_cell(value) if value else None for value in column]


def _number_in_cell(text: str) -> str:
    """Go through the same double as JSON does, unless the text is a plain integer."""
    if text.isdigit() and (text[0] != "0" or text == "0"):
        return text
    return number(int(text) if text.lstrip("-").isdigit() else float(text))


def _booleans_in_cells(column: Sequence[Any]) -> Column:
    return [value.lower() if value else None for value in column]


def _instants_in_cells(column: Sequence[Any]) -> Column:
    return [(value if value[-5:] == ".000Z" else instant(value)) if value else None for value in column]
