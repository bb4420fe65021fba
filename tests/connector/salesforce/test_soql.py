"""The queries that we send, to the letter."""

from connector.salesforce import soql


def test_a_select_names_everything_in_order():
    query = soql.select("Lead", ("Id", "Email"), where="Id > 'a'", order=("SystemModstamp", "Id"), limit=5)

    assert query == "SELECT Id,Email FROM Lead WHERE Id > 'a' ORDER BY SystemModstamp,Id LIMIT 5"


def test_quotes_and_backslashes_cannot_leave_a_literal():
    assert soql.literal("O'Brien\\") == "'O\\'Brien\\\\'"


def test_the_place_after_a_record_includes_its_equals_in_stamp():
    assert soql.after("2026-01-02T03:04:05.000Z", "00Q1") == (
        "(SystemModstamp > 2026-01-02T03:04:05Z OR (SystemModstamp = 2026-01-02T03:04:05Z AND Id > '00Q1'))"
    )


def test_parts_of_a_second_are_kept():
    assert soql.moment("2026-01-02T03:04:05.250Z") == "2026-01-02T03:04:05.250Z"


def test_empty_conditions_are_left_out():
    assert soql.both("", "a = 1", "", "b = 2") == "a = 1 AND b = 2"
    assert soql.select("Lead", ("Id",)) == "SELECT Id FROM Lead"


def test_one_of_lists_literals():
    assert soql.one_of("Name", ["a", "b'"]) == "Name IN ('a','b\\'')"
