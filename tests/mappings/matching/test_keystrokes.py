import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.matching.keystrokes import one_apart

SHORT = st.text(alphabet="abcé", max_size=6)


def apart(one, other):
    return one_apart(pl.Series([one]), pl.Series([other]), where=pl.Series([True]))[0]


def keystrokes_from(text):
    """Everything that one keystroke makes of a text, tried out one by one."""
    places = range(len(text))
    yield from (text[:at] + text[at + 1 :] for at in places)
    yield from (text[:at] + sign + text[at:] for at in range(len(text) + 1) for sign in "abcé")
    yield from (text[:at] + sign + text[at + 1 :] for at in places for sign in "abcé")
    yield from (text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in places[:-1])


@pytest.mark.parametrize("typed", ["smth", "smiith", "smoth", "simth", "msith", "smiht", "smith2", "xsmith"])
def test_one_slip_is_one_keystroke(typed):
    assert apart("smith", typed)
    assert apart(typed, "smith")


@pytest.mark.parametrize("typed", ["smith", "smtih2", "sm", "htims", "smithson", "jones", ""])
def test_no_slip_and_two_are_not(typed):
    assert not apart("smith", typed)


@given(SHORT, SHORT)
def test_it_finds_what_trying_every_keystroke_finds(one, other):
    assert apart(one, other) == (one != other and other in set(keystrokes_from(one)))


def test_it_looks_only_where_it_is_told_to():
    one, other = pl.Series(["smith", "smith"]), pl.Series(["smyth", "smyth"])

    assert one_apart(one, other, where=pl.Series([True, False])).to_list() == [True, False]


def test_it_looks_nowhere_when_there_is_nothing():
    none = pl.Series([], dtype=pl.String)

    assert one_apart(none, none, where=pl.Series([], dtype=pl.Boolean)).is_empty()
