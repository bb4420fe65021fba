import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Kind
from connector.hubspot.values import canonical, instant, moment, number, written


@pytest.mark.parametrize(
    ("kind", "sent", "text"),
    [
        (Kind.TEXT, "Ada  Ångström ", "Ada  Ångström "),
        (Kind.TEXT, "null", "null"),
        (Kind.TEXT, "NA", "NA"),
        (Kind.TEXT, "a\0b", "ab"),
        (Kind.TEXT, "", None),
        (Kind.TEXT, None, None),
        (Kind.NUMBER, "87", "87"),
        (Kind.NUMBER, "12.50", "12.5"),
        (Kind.NUMBER, "12.0", "12"),
        (Kind.NUMBER, "1.0E7", "10000000"),
        (Kind.NUMBER, "+5", "5"),
        (Kind.NUMBER, "007", "7"),
        (Kind.NUMBER, "-0.0", "0"),
        (Kind.NUMBER, ".5", "0.5"),
        (Kind.NUMBER, "-1.25", "-1.25"),
        (Kind.NUMBER, "many", "many"),
        (Kind.NUMBER, "", None),
        (Kind.BOOLEAN, "true", "true"),
        (Kind.BOOLEAN, "False", "false"),
        (Kind.DATE, "2026-01-02", "2026-01-02"),
        (Kind.DATE, "1767312000000", "2026-01-02"),
        (Kind.DATE, "2026-01-02T00:00:00Z", "2026-01-02"),
        (Kind.INSTANT, "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"),
        (Kind.INSTANT, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
        (Kind.INSTANT, "2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05.600Z"),
        (Kind.INSTANT, "2026-01-02T05:04:05+02:00", "2026-01-02T03:04:05.000Z"),
        (Kind.INSTANT, "1767323045678", "2026-01-02T03:04:05.678Z"),
        (Kind.INSTANT, "soon", "soon"),
        (Kind.OPTION, "Web;Mail", "Web;Mail"),
        (Kind.OPTIONS, "b;a", "a;b"),
        (Kind.OPTIONS, ";b;a;b", "a;b"),
        (Kind.OPTIONS, ";", None),
        (Kind.REFERENCE, "41629779", "41629779"),
    ],
)
def test_each_value_has_one_text(kind, sent, text):
    assert canonical(kind)([sent]) == [text]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15))
def test_equal_numbers_have_equal_texts(value):
    plain = number(str(value))

    assert number(f"{value:e}") == plain
    assert number(plain) == plain
    assert "e" not in plain.lower()
    assert float(plain) == float(value)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis wants naive bounds
def test_equal_instants_have_equal_texts(at):
    ms = round(at.timestamp() * 1000)
    text = instant(str(ms))

    assert len(text) == 24
    assert round(moment(text).timestamp() * 1000) == ms
    assert instant(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ("A", "A"), (87, "87"), (0.1234, "0.1234"), (1e-7, "0.0000001"), (1e22, "1" + "0" * 22), (12.0, "12")],
)
def test_new_values_are_text_without_exponent(value, text):
    assert written(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_never_written(value):
    with pytest.raises(ValueError, match="not finite"):
        written(value)
