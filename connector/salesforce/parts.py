"""Splitting a whole object into parts by record id, so that several workers can read it at one time.

SOQL has no hash, so a part is a range of ids. Ids count upwards in base 62 (digits, capitals, small letters, in the
order in which Salesforce sorts them). The workers do not talk to each other, and the oldest and the newest record may
change between their starts, so the borders are laid generously: the range is a power of two that covers the ids; where
the newest id is about to outgrow it, or has just done so, a part covers its share of both ranges; and each part reaches
a little over its borders. Parts overlap, which is allowed (a record may come twice); they leave no gap.
"""

import string
from dataclasses import dataclass

from connector.crm import Part
from connector.salesforce import soql

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
VALUES = {digit: value for value, digit in enumerate(DIGITS)}
KEY = 3  # characters of the object's own prefix
NUMBER = 12  # characters that count
NEAR = 0.98  # of a range: from here on the next one may be in use elsewhere
REACH = 8  # a part reaches one eighth of itself over each border


@dataclass(frozen=True, slots=True)
class Ends:
    """The oldest and the newest id of an object, 15 or 18 characters."""

    first: str
    last: str


def within(part: Part, ends: Ends) -> str:
    """Write the condition that a record of this part meets."""
    first, last = _number(ends.first), _number(ends.last)
    spans = _spans(last - first)
    lower = min(first + (span * part.index - span // REACH) // part.count for span in spans)
    upper = max(first + (span * (part.index + 1) + span // REACH) // part.count for span in spans)
    prefix = ends.first[:KEY]
    return soql.both(
        f"Id >= {soql.literal(_id(prefix, max(lower, 0)))}" if part.index > 0 else "",
        f"Id < {soql.literal(_id(prefix, upper))}" if part.index + 1 < part.count else "",
    )


def _spans(reached: int) -> list[int]:
    """Name the range that covers the ids, and the one that a worker may use who starts a little earlier or later."""
    span = 1 << reached.bit_length()
    if reached > NEAR * span:
        return [span, span * 2]
    if reached * NEAR < span / 2:
        return [span, span // 2]
    return [span]


def _number(record_id: str) -> int:
    number = 0
    for digit in record_id[KEY : KEY + NUMBER]:
        number = number * len(DIGITS) + VALUES[digit]
    return number


def _id(prefix: str, number: int) -> str:
    digits = []
    for _ in range(NUMBER):
        number, digit = divmod(number, len(DIGITS))
        digits.append(DIGITS[digit])
    return prefix + "".join(reversed(digits))
