import pytest

from connector.crm import Cursor
from connector.hubspot.cursors import Resting, Walking, packed, unpacked


@pytest.mark.parametrize(
    "position",
    [
        Resting("2026-01-02T03:04:05.678Z"),
        Walking("2026-01-02T03:04:05.678Z", "2026-01-03T03:04:05.678Z", "10000000000000000001"),
    ],
)
def test_a_cursor_gives_back_its_position(position):
    assert unpacked(packed(position)) == position


def test_a_cursor_of_something_else_is_no_position():
    with pytest.raises(ValueError, match="no cursor"):
        unpacked(Cursor('{"after":"12"}'))
