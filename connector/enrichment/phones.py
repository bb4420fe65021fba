"""What a phone number tells by itself: country, kind of line, time zone, and whether it can exist at all.

Source: the package phonenumbers (Google's libphonenumber), core and time zones; its geocoder would cost 98 MB.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, timezone

phonenumbers.enable_pattern_cache()  # its patterns are more than Python keeps compiled

LINES = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed or mobile",
    PhoneNumberType.TOLL_FREE: "toll free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared cost",
    PhoneNumberType.VOIP: "internet",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
NOWHERE = ("001", "ZZ")  # a number of the whole world, such as +800
UNKNOWN_ZONE = "Etc/Unknown"
LONGEST = 40  # signs; an extension included
KEPT = 10_000  # numbers: as many as a chunk has leads
NO_DIGITS = re.compile(r"\D+")
PLUS = re.compile("[+\uff0b]")
# 555-0100 to 555-0199 of any area are kept for films (NANPA, "555 Line Numbers").
FICTION = re.compile(r"[2-9]\d\d55501\d\d")
MADE_UP = re.compile(r"^(\d)\1{5,}$|^(?:0?123456789?0?|9876543210?)$|(\d)\2{6,}")


class Number(NamedTuple):
    """What a number tells: its country's ISO code, the kind of line, the time zone, and whether it can be assigned.

    `line` is a word of `LINES`; many countries, such as the USA, do not tell mobiles apart. `time_zone` is None where
    the number could be of several, `is_valid` where that hangs on a country that is not known.
    """

    country: str | None = None
    line: str | None = None
    time_zone: str | None = None
    is_valid: bool | None = False


NONE = Number()


def number(text: str, region: str | None = None) -> Number:
    """Tell what a number says; `region` is where it is dialled from, for one without a + prefix."""
    start = text.lstrip()[:LONGEST]
    return _told(start, None if start.startswith("+") else region)


def is_made_up(text: str) -> bool:
    """Tell whether nobody has such a number: one digit over and over, digits in a row, or a number for films."""
    digits = _digits(text)
    local = digits.removeprefix("1") if len(digits) == len("12125550100") else digits
    return bool(MADE_UP.search(digits) or FICTION.fullmatch(local) or len(set(digits)) == 1)


def _digits(text: str) -> str:
    return NO_DIGITS.sub("", text[:LONGEST])


@lru_cache(KEPT)  # leads share numbers, and one takes the library a fortieth of a millisecond
def _told(text: str, region: str | None) -> Number:
    if is_made_up(text):
        return NONE
    parsed = _parsed(text, region)
    if parsed is None:
        is_open = region is None and not text.startswith("+") and bool(_digits(text))
        return Number(is_valid=None) if is_open else NONE
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:
        return NONE
    code = phonenumbers.region_code_for_number(parsed)
    return Number(None if code in NOWHERE else code, LINES.get(kind), _time_zone(parsed, kind), is_valid=True)


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    if region is None and not PLUS.search(text):  # the library would refuse it, at ten times the cost
        return None
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _time_zone(parsed: PhoneNumber, kind: int) -> str | None:
    """Tell the zone of a number of this kind: that of its area, where it has one."""
    if phonenumbers.is_number_type_geographical(kind, parsed.country_code or 0):
        zones = timezone.time_zones_for_geographical_number(parsed)
    else:
        zones = timezone.time_zones_for_number(parsed)
    return zones[0] if len(zones) == 1 and zones[0] != UNKNOWN_ZONE else None
