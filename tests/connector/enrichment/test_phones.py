import contextlib

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.enrichment import phones


@pytest.mark.parametrize(
    ("text", "region", "country", "line", "valid"),
    [
        ("+49 30 901820", None, "DE", "fixed", True),
        ("030 901820", "DE", "DE", "fixed", True),
        ("+44 7400 123456", None, "GB", "mobile", True),
        ("+1 650 253 0000", None, "US", "fixed or mobile", True),
        ("+1 800 253 0000", None, "US", "toll free", True),
        ("030 901820", None, None, None, None),
        ("+49 1", None, None, None, False),
        ("call me", "DE", None, None, False),
        ("+800 1234 5678", None, None, "toll free", True),
    ],
)
def test_a_number_tells_its_country_and_line(text, region, country, line, valid):
    told = phones.number(text, region)

    assert (told.country, told.line, told.is_valid) == (country, line, valid)


@pytest.mark.parametrize(
    "text", ["0000000000", "+1 111 111 1111", "1234567890", "(212) 555-0142", "+1-212-555-0199", "99999999"]
)
def test_a_number_that_nobody_has_is_none(text):
    assert phones.is_made_up(text)
    assert phones.number(text, "US") == phones.Number(is_valid=False)


@pytest.mark.parametrize("text", ["+1 212 555 1234", "+1 650 253 0000", "+49 30 901820", "+33 1 42 68 53 00"])
def test_a_real_number_is_not_made_up(text):
    assert not phones.is_made_up(text)


def test_time_zones_are_told_where_there_is_one():
    assert phones.number("+1 415 253 0000").time_zone == "America/Los_Angeles"
    assert phones.number("+1 800 253 0000").time_zone is None
    assert phones.number("+49 30 901820").time_zone == "Europe/Berlin"


@given(st.text(st.sampled_from("+\uff0b0123456789 ()-/abx;=tel:") | st.characters(), max_size=30))
def test_what_the_library_reads_without_a_country_has_a_plus(text):
    with contextlib.suppress(phonenumbers.NumberParseException):
        phonenumbers.parse(text, None)

        assert phones.PLUS.search(text)
