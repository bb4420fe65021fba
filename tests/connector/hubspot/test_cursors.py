import pytest

from connector.crm import Cursor
from connector.errors import Misconfigured
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


@pytest.mark.parametrize("text", ["", "null", "{}", '{"after":"12"}', '{"since":"x","until":"y"}', "2026-01-02"])
def test_anything_else_is_no_cursor_and_says_what_mends_it(text):
    with pytest.raises(Misconfigured, match=r"no cursor.*--reload"):
        unpacked(Cursor(text))
