"""What a phone number tells by itself: country, kind of line, time zone, and whether it can exist at all.

Source: the package phonenumbers (Google's libphonenumber), core and time zones; its geocoder would cost 98 MB.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

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
KEPT = 20_000
# 555-0100 to 555-0199 of any area are kept for films (NANPA, "555 Line Numbers").
FICTION = re.compile(r"[2-9]\d\d55501\d\d")
MADE_UP = re.compile(r"^(\d)\1{5,}$|^(?:0?123456789?0?|9876543210?)$|(\d)\2{6,}")


@dataclass(frozen=True, slots=True)
class _Told:
    """What a number told; `is_valid` None where that hangs on a country that is not known."""

    country: str | None = None
    line: str | None = None
    is_valid: bool | None = False


def country(text: str, region: str | None = None) -> str | None:
    """Tell the ISO code of the number's country; `region` is where it is dialled from, for one without a + prefix."""
    return _told(text, _region(text, region)).country


def line(text: str, region: str | None = None) -> str | None:
    """Tell the kind of line, as a word of `LINES`; many countries, such as the USA, do not tell mobiles apart."""
    return _told(text, _region(text, region)).line


def is_valid(text: str, region: str | None = None) -> bool | None:
    """Tell whether such a number can be assigned; None where that hangs on a country that is not known."""
    return _told(text, _region(text, region)).is_valid


def time_zone(text: str, region: str | None = None) -> str | None:
    """Tell the time zone; None where the number could be of several."""
    from phonenumbers import timezone  # noqa: PLC0415  loads its own data

    number = _parsed(text, region) if is_valid(text, region) else None
    zones = timezone.time_zones_for_number(number) if number else ()
    return zones[0] if len(zones) == 1 and zones[0] != UNKNOWN_ZONE else None


def is_made_up(text: str) -> bool:
    """Tell whether nobody has such a number: one digit over and over, digits in a row, or a number for films."""
    digits = _digits(text)
    local = digits.removeprefix("1") if len(digits) == len("12125550100") else digits
    return bool(MADE_UP.search(digits) or FICTION.fullmatch(local) or len(set(digits)) == 1)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text[:LONGEST])


def _region(text: str, region: str | None) -> str | None:
    """Give where a number is dialled from, if that matters."""
    return None if text.lstrip().startswith("+") else region


@lru_cache(KEPT)  # many fields ask about one number, and each answer takes the library half a millisecond
def _told(text: str, region: str | None) -> _Told:
    if is_made_up(text):
        return _Told()
    number = _parsed(text, region)
    if number is None:
        is_open = region is None and not text.lstrip().startswith("+") and bool(_digits(text))
        return _Told(is_valid=None if is_open else False)
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        return _Told()
    code = phonenumbers.region_code_for_number(number)
    return _Told(None if code in NOWHERE else code, LINES.get(kind), is_valid=True)


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text[:LONGEST], region)
    except phonenumbers.NumberParseException:
        return None
