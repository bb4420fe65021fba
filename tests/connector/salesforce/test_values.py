"""Values have one canonical text, whichever road they come by."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Kind
from connector.salesforce.values import cell, checked, clean, cleaned, from_csv, from_json, instant, number, uncell

SAME = [
    # kind, in REST JSON, in Bulk CSV, canonical
    (Kind.TEXT, "Müller", "Müller", "Müller"),
    (Kind.TEXT, None, "", None),
    (Kind.TEXT, "NA", "NA", "NA"),
    (Kind.TEXT, "null", "null", "null"),
    (Kind.TEXT, " blank ", " blank ", " blank "),
    (Kind.OPTION, "Warm", "Warm", "Warm"),
    (Kind.REFERENCE, "00Q000000000001AAA", "00Q000000000001AAA", "00Q000000000001AAA"),
    (Kind.NUMBER, None, "", None),
    (Kind.NUMBER, 7, "7", "7"),
    (Kind.NUMBER, 0, "0", "0"),
    (Kind.NUMBER, -3, "-3", "-3"),
    (Kind.NUMBER, 12.5, "12.50", "12.5"),
    (Kind.NUMBER, 1.0e7, "1.0E7", "10000000"),
    (Kind.NUMBER, -0.0, "-0.0", "0"),
    (Kind.NUMBER, 1e-7, "1.0E-7", "0.0000001"),
    (Kind.NUMBER, 1.5e16, "1.5E16", "15000000000000000"),
    (Kind.NUMBER, 120.0, "0120", "120"),
    (Kind.BOOLEAN, True, "true", "true"),
    (Kind.BOOLEAN, False, "false", "false"),
    (Kind.BOOLEAN, None, "", None),
    (Kind.DATE, "2026-01-02", "2026-01-02", "2026-01-02"),
    (Kind.INSTANT, "2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05.000Z"),
    (Kind.INSTANT, "2026-01-02T04:04:05.250+0100", "2026-01-02T03:04:05.250Z", "2026-01-02T03:04:05.250Z"),
    (Kind.INSTANT, None, "", None),
    (Kind.OPTIONS, "b;a;c", "c;b;a", "a;b;c"),
    (Kind.OPTIONS, None, "", None),
]


@pytest.mark.parametrize(("kind", "in_json", "in_csv", "canonical"), SAME)
def test_both_roads_give_the_same_text(kind, in_json, in_csv, canonical):
    assert list(from_json(kind)([in_json])) == [canonical]
    assert list(from_csv(kind)([in_csv])) == [canonical]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_itself_and_has_no_exponent(value):
    text = number(value)

    assert float(text) == value
    assert "e" not in text.lower()
    assert not text.startswith("+")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_same_out_of_csv(value):
    assert list(from_csv(Kind.NUMBER)([repr(value)])) == [number(value)]


def test_nul_and_line_ends_are_cleaned():
    assert clean("a\0b\r\nc\rd\ne") == "ab\nc\nd\ne"
    assert cleaned(["x\r\n", None]) == ["x\n", None]


def test_an_instant_is_moved_to_utc():
    assert instant("2026-06-01T00:30:00.000+0200") == "2026-05-31T22:30:00.000Z"


@pytest.mark.parametrize(
    ("value", "text"), [(None, "#N/A"), ("", "#N/A"), ("a,b", "a,b"), (87, "87"), (12.34, "12.34"), (1e-7, "0.0000001")]
)
def test_a_new_value_becomes_a_cell(value, text):
    assert cell(value) == text


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [("#N/A", Kind.NUMBER, None), ("-87", Kind.NUMBER, -87), ("12.5", Kind.NUMBER, 12.5), ("87", Kind.TEXT, "87")],
)
def test_a_cell_of_ours_is_read_back(text, kind, value):
    assert uncell(text, kind) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_never_sent(value):
    with pytest.raises(ValueError, match="not finite"):
        checked(value)
    with pytest.raises(ValueError, match="not finite"):
        cell(value)
