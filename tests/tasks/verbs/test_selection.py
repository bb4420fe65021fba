from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Misconfigured
from mappings.file.load import load_preset
from tasks.store.records import Row
from tasks.verbs.selection import EVERYTHING, selected, selection, told

MAPPING = load_preset("hubspot")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def lead(key, created=None, **values):
    if created is not None:
        values["createdate"] = created.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return Row(key, None, None, orjson.dumps(values).decode())


def chosen(*where, since=None, until=None):
    return selection(MAPPING, created_from=since, created_to=until, where=where)


LEADS = (
    lead("new year", FIRST, country="DE", jobtitle="CEO"),
    lead("late on the tenth", datetime(2026, 1, 10, 23, 59, 59, tzinfo=UTC), country="DE"),
    lead("the eleventh", datetime(2026, 1, 11, tzinfo=UTC), country="FR", jobtitle="CEO"),
    lead("no date", country="DE"),
)


def test_nothing_said_selects_everything():
    assert chosen() == EVERYTHING
    assert selected(MAPPING, LEADS, chosen()) == [row.id for row in LEADS]
    assert told(chosen()) == "all leads"


def test_a_window_has_both_its_days_and_a_lead_without_a_date_is_in_none():
    window = chosen(since=date(2026, 1, 1), until=date(2026, 1, 10))

    assert selected(MAPPING, LEADS, window) == ["new year", "late on the tenth"]
    assert selected(MAPPING, LEADS, chosen(since=date(2026, 1, 10))) == ["late on the tenth", "the eleventh"]
    assert selected(MAPPING, LEADS, chosen(until=date(2026, 1, 1))) == ["new year"]
    assert told(window) == "created from 2026-01-01, created up to 2026-01-10"


def test_all_conditions_hold_of_what_is_selected():
    assert selected(MAPPING, LEADS, chosen("country=DE", "jobtitle=CEO")) == ["new year"]
    assert selected(MAPPING, LEADS, chosen(" country = FR ")) == ["the eleventh"]
    assert selected(MAPPING, LEADS, chosen("country=DE", until=date(2026, 1, 5))) == ["new year"]


def test_an_empty_value_selects_those_without_one():
    without = chosen("jobtitle=")

    assert selected(MAPPING, LEADS, without) == ["late on the tenth", "no date"]
    assert told(without) == "jobtitle is empty"


def test_a_value_may_hold_an_equals_sign():
    assert selected(MAPPING, [lead("one", jobtitle="a=b"), lead("two", jobtitle="a")], chosen("jobtitle=a=b")) == [
        "one"
    ]


@pytest.mark.parametrize("typed", ["country", "=DE", "colour=red", ""])
def test_what_names_no_field_is_told_with_those_there_are(typed):
    with pytest.raises(Misconfigured) as refused:
        chosen(typed)

    assert "country" in refused.value.fix


def test_no_rows_are_no_leads():
    assert selected(MAPPING, [], chosen("country=DE")) == []


@given(
    days=st.lists(st.integers(0, 60), max_size=20),
    since=st.none() | st.integers(0, 60),
    until=st.none() | st.integers(0, 60),
)
def test_a_selection_survives_json_and_takes_exactly_the_days_of_its_window(days, since, until):
    rows = [lead(f"{number}", FIRST + timedelta(days=day, hours=13)) for number, day in enumerate(days)]
    on = [None if day is None else (FIRST + timedelta(days=day)).date() for day in (since, until)]

    window = orjson.loads(orjson.dumps(chosen(since=on[0], until=on[1])))

    low, high = since or 0, 60 if until is None else until
    assert selected(MAPPING, rows, window) == [f"{number}" for number, day in enumerate(days) if low <= day <= high]
