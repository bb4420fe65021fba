"""The form of a value that goes to a field of the CRM's own: the text that comes back, or a refusal in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Field, Kind
from connector.hubspot.values import canonical as of_hubspot
from connector.hubspot.values import written
from connector.salesforce.values import number as of_salesforce
from tasks.verbs.outgoing import outgoing, sendable
from tasks.verbs.predicted import Foreseen, judge

FIELDS = (
    Field("Staff", "Staff", Kind.NUMBER, whole_digits=8, decimals=0),
    Field("Turnover", "Turnover", Kind.NUMBER, whole_digits=16, decimals=2),
    Field("Any", "Any", Kind.NUMBER),
    Field("Fax", "Fax", Kind.TEXT, length=20),
)
CRMS = ("salesforce", "hubspot")


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize(
    ("field", "value", "text", "value_sent"),
    [
        ("Any", "250.0", "250", 250),
        ("Any", "12.50", "12.5", 12.5),
        ("Any", "1e3", "1000", 1000),
        ("Any", " +5 ", "5", 5),
        ("Any", "-0", "0", 0),
        ("Any", "1e-400", "0", 0),
        ("Any", "1e-7", "0.0000001", 1e-7),
        ("Turnover", "12.3456789", "12.35", 12.35),
        ("Turnover", "12.345", "12.35", 12.35),
        ("Staff", "12.5", "13", 13),
        ("Fax", "01234", "01234", "01234"),
        ("Fax", " Main St\r\nBer\0lin ", "Main St\nBerlin", "Main St\nBerlin"),
        ("Fax", "1e5000", "1e5000", "1e5000"),
    ],
)
def test_a_value_goes_out_as_it_comes_back(crm, field, value, text, value_sent):
    judged = judge(crm, FIELDS)

    assert outgoing(judged, field, value) == text
    sent = sendable(judged, field, text)
    assert (sent, type(sent)) == (value_sent, type(value_sent))


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("Any", "1e5000", "18 digits"),
        ("Any", "1e999999999", "18 digits"),
        ("Any", "9" * 5_000, "18 digits"),
        ("Any", "1e18", "18 digits"),
        ("Any", "NaN", "holds numbers"),
        ("Any", "1_000", "holds numbers"),
        ("Any", "١٢", "holds numbers"),
        ("Any", "many", "holds numbers"),
        ("Staff", "1e9", "8 digits"),
        ("Staff", "99999999.5", "8 digits"),
        ("FAX", "Berlin", "spells FAX as Fax"),
        ("Gone", "Berlin", "no field Gone"),
        ("Fax", "x" * 21, "characters"),
    ],
)
def test_what_cannot_go_there_is_refused_in_words(crm, field, value, why):
    told = outgoing(judge(crm, FIELDS), field, value)

    assert isinstance(told, Foreseen)
    assert (told.field, why in told.told) == (field, True)
    assert len(told.told) < 200


@given(st.floats(-1e17, 1e17).map(repr) | st.decimals(-(10**9), 10**9, allow_nan=False).map(str))
def test_every_number_is_known_when_either_crm_shows_it_again(value):
    judged = judge("hubspot", FIELDS)
    text = outgoing(judged, "Any", value)
    if isinstance(text, Foreseen):
        return  # with more digits than somebody can mean
    sent = sendable(judged, "Any", text)

    assert of_salesforce(sent) == text
    assert of_hubspot(Kind.NUMBER)([written(sent)]) == [text]
    assert outgoing(judged, "Any", text) == text
