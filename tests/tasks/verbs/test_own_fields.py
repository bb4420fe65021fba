import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.hubspot.values import number
from tasks.verbs.own_fields import equal


@given(st.floats(min_value=0, max_value=100).map(lambda value: round(value, 4)))
def test_a_number_equals_its_text(value):
    assert equal(number(str(value)), value)
    assert not equal(number(str(value + 0.01)), value)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc",))))
def test_a_text_equals_itself_however_the_crm_trims_it(text):
    assert equal(f" {text}\n".strip() or None, text) or not text.split()
    assert equal(text.replace("\n", "\r\n") or None, text)


@pytest.mark.parametrize(
    ("held", "written"), [(None, "A"), ("A", None), ("B", "A"), ("high", 57), (None, 0), ("A B", "AB")]
)
def test_what_somebody_changed_is_not_equal(held, written):
    assert not equal(held, written)


def test_nothing_equals_nothing():
    assert equal(None, None)
    assert equal(None, "")
