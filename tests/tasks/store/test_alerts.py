from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tasks.store import alerts
from tasks.store.alerts import Alert
from tasks.store.tables import alerts as rows

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAUSED = Alert("paused:acme", "acme", "paused", "acme is paused.")


def minutes(number):
    return NOW + timedelta(minutes=number)


def test_what_holds_is_new_once_and_its_words_are_the_latest(store):
    assert alerts.note(store, [PAUSED], now=NOW) == [PAUSED]
    worse = Alert("paused:acme", "acme", "paused", "acme is still paused.")
    assert alerts.note(store, [worse], now=minutes(1)) == []

    (kept,) = alerts.every(store)
    assert (kept.alert, kept.since, kept.told_at, kept.is_over) == (worse, NOW, None, False)


def test_waits_after_a_failure_grow_to_an_hour(store):
    alerts.note(store, [PAUSED], now=NOW)
    due = []
    for _ in range(10):
        (kept,) = alerts.every(store)
        due.append((kept.due_at() - NOW) / timedelta(minutes=1))
        alerts.failed(store, kept)

    assert [after - before for before, after in pairwise(due)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@settings(max_examples=40)
@given(holds=st.lists(st.booleans(), min_size=1, max_size=40), works=st.lists(st.booleans(), min_size=1, max_size=40))
def test_however_it_comes_and_goes_raised_and_over_take_turns(store, holds, works):
    with store.write() as tx:
        tx.execute(delete(rows))
    told = []

    for minute, is_held in enumerate([*holds, *[False] * 200]):
        alerts.note(store, [PAUSED] if is_held else [], now=minutes(minute))
        for kept in alerts.due(store, now=minutes(minute)):
            if minute >= len(works) or works[minute]:
                told.append(kept.is_over)
                alerts.sent(store, kept, now=minutes(minute))
            else:
                alerts.failed(store, kept)

    assert told == [False, True] * (len(told) // 2)
    assert alerts.every(store) == []
