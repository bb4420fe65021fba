import pytest

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
    assert phones.country(text, region) == country
    assert phones.line(text, region) == line
    assert phones.is_valid(text, region) is valid


@pytest.mark.parametrize(
    "text", ["0000000000", "+1 111 111 1111", "1234567890", "(212) 555-0142", "+1-212-555-0199", "99999999"]
)
def test_a_number_that_nobody_has_is_none(text):
    assert phones.is_made_up(text)
    assert phones.is_valid(text, "US") is False
    assert phones.country(text, "US") is None


@pytest.mark.parametrize("text", ["+1 212 555 1234", "+1 650 253 0000", "+49 30 901820", "+33 1 42 68 53 00"])
def test_a_real_number_is_not_made_up(text):
    assert not phones.is_made_up(text)


def test_time_zones_are_told_where_there_is_one():
    assert phones.time_zone("+1 415 253 0000") == "America/Los_Angeles"
    assert phones.time_zone("+1 800 253 0000") is None
    assert phones.time_zone("+49 30 901820") == "Europe/Berlin"
