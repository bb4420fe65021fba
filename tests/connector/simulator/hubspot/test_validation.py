import json

import pytest

from connector.simulator.hubspot.properties import Option, Property
from connector.simulator.hubspot.validation import Invalid, check_value, refusal_message


def prop(of_type, field_type="text", **more):
    return Property("p", "P", of_type, field_type, "g", **more)


NUMBER = prop("number", "number")
GRADE = prop("enumeration", "select", options=(Option("A", "Best"), Option("B", "Good")))
SEVERAL = prop("enumeration", "checkbox", options=(Option("A", "Best"), Option("B", "Good"), Option("C", "Fair")))
BOOL = prop("bool", "booleancheckbox", options=(Option("true", "Yes"), Option("false", "No")))
DATE, INSTANT, TEXT = prop("date", "date"), prop("datetime", "date"), prop("string")
EMAIL = Property("email", "E", "string", "text", "g")


@pytest.mark.parametrize(
    ("one", "sent", "stored"),
    [
        (NUMBER, "12.5", "12.5"),
        (NUMBER, 12.5, "12.5"),
        (NUMBER, 7, "7"),
        (NUMBER, "-1e3", "-1e3"),
        (NUMBER, "", None),
        (GRADE, "A", "A"),
        (SEVERAL, "B;A", "B;A"),
        (BOOL, True, "true"),
        (BOOL, "false", "false"),
        (DATE, "2026-01-02", "2026-01-02"),
        (DATE, "1767312000000", "2026-01-02"),
        (INSTANT, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
        (INSTANT, "2026-01-02T03:04:05.678+01:00", "2026-01-02T02:04:05.678Z"),
        (INSTANT, "1767312000001", "2026-01-02T00:00:00.001Z"),
        (TEXT, "Zoë", "Zoë"),
        (EMAIL, "A@B.Example", "a@b.example"),
    ],
)
def test_a_value_is_stored_as(one, sent, stored):
    assert check_value(one, sent) == stored


@pytest.mark.parametrize(
    ("one", "sent", "code"),
    [
        (NUMBER, "1,000", "INVALID_NUMERIC"),
        (NUMBER, "NaN", "INVALID_NUMERIC"),
        (NUMBER, float("inf"), "INVALID_NUMERIC"),
        (NUMBER, None, "INVALID_NULL"),
        (NUMBER, ["1"], "INVALID_NULL"),
        (GRADE, "a", "INVALID_OPTION"),
        (GRADE, "A;B", "INVALID_OPTION"),
        (SEVERAL, "A;D", "INVALID_OPTION"),
        (BOOL, "yes", "INVALID_OPTION"),
        (DATE, "tomorrow", "INVALID_DATE"),
        (DATE, "1767312000001", "INVALID_DATE"),
        (INSTANT, "tomorrow", "INVALID_LONG"),
        (INSTANT, "9" * 30, "INVALID_LONG"),
        (TEXT, "x" * 65_537, "TOO_LONG"),
        (EMAIL, "a@b", "INVALID_EMAIL"),
        (EMAIL, "a b@c.example", "INVALID_EMAIL"),
        (prop("number", "number", read_only=True), "1", "READ_ONLY_VALUE"),
    ],
)
def test_a_value_is_refused_as(one, sent, code):
    result = check_value(one, sent)

    assert isinstance(result, Invalid)
    assert result.code == code


def test_options_can_be_appended():
    assert check_value(SEVERAL, ";C;A", before="A;B") == "A;B;C"
    assert check_value(SEVERAL, ";C", before=None) == "C"


def test_the_sentences_are_hubspots():
    calculated = Property("hs_object_id", "I", "number", "number", "g", read_only=True)

    assert check_value(INSTANT, "tomorrow").message == "tomorrow was not a valid long."
    assert check_value(calculated, "1").message == '"hs_object_id" is a calculated property; its value cannot be set.'
    assert check_value(GRADE, "C").message.startswith(
        'C was not one of the allowed options: [label: "Best"\nvalue: "A"\ndisplay_order: 0\nhidden: false\n'
    )


def test_the_message_of_a_refusal_holds_json():
    message = refusal_message(1, [Invalid("x", "PROPERTY_DOESNT_EXIST", 'Property "x" does not exist')])

    entries = json.loads(message.removeprefix("Property values were not valid: "))
    assert entries == [
        {
            "isValid": False,
            "message": 'Property "x" does not exist',
            "error": "PROPERTY_DOESNT_EXIST",
            "name": "x",
            "localizedErrorMessage": 'Property "x" does not exist',
            "portalId": 1,
        }
    ]


def test_options_are_appended_to_what_the_record_holds(api, portal):
    definition = {"name": "topics", "label": "T", "groupName": "contactinformation", "type": "enumeration"}
    options = [{"label": name, "value": name} for name in "abc"]
    api.post(
        "/crm/v3/properties/contacts",
        {**definition, "fieldType": "checkbox", "options": options},
        token="pat-na1-admin",
    )
    portal.edit("contacts", "901", {"topics": "a"})

    api.update({"id": "901", "properties": {"topics": ";c"}})
    api.patch("/crm/v3/objects/contacts/901", {"properties": {"topics": ";b"}})

    assert portal.snapshot("contacts")["901"]["topics"] == "a;c;b"
