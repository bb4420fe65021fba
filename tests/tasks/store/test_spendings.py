from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from tasks.store import spendings
from tasks.store.spendings import Spent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_day_s_limit_holds_to_the_last_hundredth(store):
    paid = [spendings.take(store, "p", cost=0.1, most=0.3, now=NOW) for _ in range(5)]

    assert paid == [True, True, True, False, False]
    spent = spendings.of_day(store, "p", now=NOW)
    assert (spent.calls, round(spent.cost, 9)) == (3, 0.3)


def test_the_next_day_begins_anew(store):
    assert spendings.take(store, "p", cost=1.0, most=1.0, now=NOW)
    assert not spendings.take(store, "p", cost=1.0, most=1.0, now=NOW)

    assert spendings.take(store, "p", cost=1.0, most=1.0, now=NOW + timedelta(hours=12))


def test_without_a_limit_all_is_counted(store):
    for _ in range(3):
        assert spendings.take(store, "p", cost=0.0, most=None, now=NOW)

    assert spendings.of_day(store, "p", now=NOW) == Spent(3, 0.0)
    assert spendings.of_day(store, "another", now=NOW) == Spent()


def test_workers_together_keep_to_the_limit(store):
    with ThreadPoolExecutor(8) as workers:
        paid = list(workers.map(lambda _: spendings.take(store, "p", cost=1.0, most=10.0, now=NOW), range(40)))

    assert sum(paid) == 10
    assert spendings.of_day(store, "p", now=NOW) == Spent(10, 10.0)
