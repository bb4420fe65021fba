from datetime import UTC, datetime

import pytest

from tasks.refused import NEXT_PUSH, ONCE_MENDED, next_try, row
from tasks.store.refusals import Refusal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE, AFTER = "2026-03-01T11:59:00.000Z", "2026-03-01T12:05:00.000Z"


@pytest.mark.parametrize(
    ("queued", "passing", "next_at", "told"),
    [
        (True, False, None, NEXT_PUSH),
        (True, True, AFTER, NEXT_PUSH),
        (False, True, BEFORE, NEXT_PUSH),
        (False, True, None, NEXT_PUSH),
        (False, True, AFTER, AFTER),
        (False, False, None, ONCE_MENDED),
    ],
)
def test_the_next_try_is_told(queued, passing, next_at, told):
    assert next_try(queued=queued, passing=passing, next_at=next_at, now=NOW) == told


def test_a_refusal_is_told_with_its_cause_and_its_fix():
    refusal = Refusal("L1", "RATE_LIMITS", "Too many", True, BEFORE, BEFORE, 2, AFTER, False)

    told = row("hubspot", refusal, now=NOW)

    assert (told["lead"], told["message"], told["times"], told["next_try"]) == ("L1", "Too many", 2, AFTER)
    assert "sent again by itself" in told["fix"]
