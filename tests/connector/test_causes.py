import pytest

from connector import causes
from connector.crm import Outcome
from connector.hubspot import verdicts as hubspot
from connector.salesforce import verdicts as salesforce
from connector.salesforce.verdicts import RowVerdict

REFUSALS = {RowVerdict.LOCKED, RowVerdict.CROWDED, RowVerdict.PASSING, RowVerdict.REFUSED}
PASSING = {RowVerdict.LOCKED, RowVerdict.PASSING}


@pytest.mark.parametrize("code", [code for code, verdict in salesforce.ROWS.items() if verdict in REFUSALS])
def test_each_code_that_a_salesforce_row_can_be_refused_with_is_explained(code):
    told = causes.cause("salesforce", code, passing=False)

    assert told != causes.UNKNOWN
    assert told.fix.startswith(causes.BY_ITSELF) == (salesforce.ROWS[code] in PASSING)


@pytest.mark.parametrize("code", [code for code, (outcome, _) in hubspot.ROWS.items() if outcome is Outcome.REFUSED])
def test_each_category_that_a_hubspot_row_can_be_refused_with_is_explained(code):
    told = causes.cause("hubspot", code, passing=True)

    assert told not in {causes.UNKNOWN, causes.PASSING}
    assert told.fix.startswith(causes.BY_ITSELF) == hubspot.ROWS[code][1]


@pytest.mark.parametrize("crm", causes.TABLES)
def test_every_cause_is_two_whole_sentences_at_least(crm):
    for code, told in causes.TABLES[crm].items():
        for text in told:
            assert text.endswith("."), code
            assert text[0].isupper(), code


def test_what_stops_a_connection_is_explained_by_the_same_words_on_a_row():
    assert (
        causes.cause("salesforce", "TXN_SECURITY_NO_ACCESS", passing=False)
        == salesforce.STOPS["TXN_SECURITY_NO_ACCESS"]
    )


@pytest.mark.parametrize(("passing", "expected"), [(True, causes.PASSING), (False, causes.UNKNOWN)])
def test_a_code_that_nobody_knows_is_explained_by_whether_it_can_pass(passing, expected):
    assert causes.cause("salesforce", "OF_NEXT_YEAR", passing=passing) == expected
    assert causes.cause("another", "OF_NEXT_YEAR", passing=passing) == expected
