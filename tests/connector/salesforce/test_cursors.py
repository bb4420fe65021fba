"""Cursors are text that says where to go on."""

from datetime import UTC, datetime

import pytest

from connector.crm import Cursor
from connector.errors import Misconfigured
from connector.salesforce import cursors
from connector.salesforce.cursors import Resting, Walking


@pytest.mark.parametrize(
    "position",
    [
        Resting("2026-01-02T03:04:05.000Z"),
        Walking("2026-01-02T03:04:05.000Z", "00Q000000000001AAA", "2026-01-02T03:10:00.000Z"),
    ],
)
def test_a_cursor_reads_back_as_it_was_written(position):
    assert cursors.read(cursors.write(position)) == position


def test_a_walk_rests_a_quarter_of_an_hour_before_it_began():
    assert cursors.resting(datetime(2026, 1, 2, 3, 20, tzinfo=UTC)) == Resting("2026-01-02T03:05:00.000Z")


@pytest.mark.parametrize("text", ["", "null", "{}", '{"state":"walking"}', "2026-01-02"])
def test_anything_else_is_no_cursor(text):
    with pytest.raises(Misconfigured, match="no cursor"):
        cursors.read(Cursor(text))
