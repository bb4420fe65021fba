"""Parts of an object cover all of it, whenever the workers looked."""

import re

from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Part
from connector.salesforce.parts import DIGITS, Ends, _id, within

PREFIX = "00Q"


def bounds(part, ends):
    condition = within(part, ends)
    lower = re.search(r"Id >= '(\w+)'", condition)
    upper = re.search(r"Id < '(\w+)'", condition)
    return (lower.group(1) if lower else ""), (upper.group(1) if upper else "~")


def place(record_id):
    """Where Salesforce sorts an id: as case-sensitive text, digits before capitals before small letters."""
    return [DIGITS.index(sign) if sign in DIGITS else 99 for sign in record_id]


def inside(record_id, part, ends):
    lower, upper = bounds(part, ends)
    return place(lower) <= place(record_id) < place(upper)


numbers = st.integers(min_value=1_000, max_value=62**9)


@given(
    first=numbers,
    size=st.integers(min_value=100, max_value=10_000_000),
    count=st.integers(min_value=2, max_value=7),
    at=st.floats(min_value=0, max_value=1),
    grown=st.lists(st.floats(min_value=0, max_value=0.015), min_size=7, max_size=7),
    shrunk=st.lists(st.floats(min_value=0, max_value=0.01), min_size=7, max_size=7),
)
def test_every_record_is_in_a_part_though_the_ends_move_between_workers(first, size, count, at, grown, shrunk):
    record = _id(PREFIX, first + int(size * (0.01 + 0.99 * at)))

    ends = [
        Ends(_id(PREFIX, first + int(size * shrunk[index])), _id(PREFIX, first + int(size * (1 + grown[index]))))
        for index in range(count)
    ]

    assert any(inside(record, Part(index, count), ends[index]) for index in range(count))


def test_parts_share_the_work():
    ends = Ends(_id(PREFIX, 0), _id(PREFIX, 50_000))

    shares = [
        sum(inside(_id(PREFIX, number), Part(part, 4), ends) for number in range(0, 50_000, 100)) for part in range(4)
    ]

    assert max(shares) <= 210
    assert min(shares) >= 20


def test_the_whole_has_no_condition():
    assert within(Part(0, 1), Ends("00Q000000000001", "00Q0000000000zz")) == ""
