from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tasks.store.times import from_text, to_text

INSTANTS = st.datetimes(timezones=st.timezones()).filter(lambda at: 1970 < at.year < 2200)


@given(INSTANTS, INSTANTS)
def test_text_sorts_as_time(one, other):
    assert (to_text(one) <= to_text(other)) == (from_text(to_text(one)) <= from_text(to_text(other)))


def test_milliseconds_are_kept():
    at = datetime(2026, 3, 1, 12, 0, 0, 5000, tzinfo=UTC)

    assert to_text(at) == "2026-03-01T12:00:00.005Z"
    assert from_text(to_text(at)) == at
