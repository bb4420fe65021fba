import threading
from datetime import UTC, datetime, timedelta

from tasks.store import quotas
from tasks.store.quotas import Report

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def take(store, number, *, at=NOW, purpose="live", report=None, name="acme"):
    with quotas.deciding(store, name, report=report, now=at) as (tx, ledger):
        quotas.count(tx, name, purpose, hour=quotas.hour_of(at), number=number)
    return ledger


def settle(store, *, unused=0, report=None, at=NOW):
    quotas.settle(store, "acme", "live", hour=quotas.hour_of(at), unused=unused, report=report, now=at)


def spent(store, *, at=NOW):
    return [(one.hour, one.purpose, one.number) for one in quotas.of(store, "acme", now=at).spent]


def test_nothing_is_known_of_a_connection_that_made_no_call(store):
    ledger = quotas.of(store, "acme", now=NOW)

    assert ledger.report == Report(None, None, None, None)
    assert ledger.spent == ()


def test_calls_are_counted_by_hour_and_purpose(store):
    take(store, 5, at=NOW)
    take(store, 2, at=NOW + timedelta(minutes=29))
    take(store, 3, at=NOW + HOUR, purpose="backfill")
    take(store, 9, name="other")

    assert spent(store, at=NOW + HOUR) == [
        (NOW.replace(minute=0), "live", 7),
        (NOW.replace(minute=0) + HOUR, "backfill", 3),
    ]


def test_what_was_not_used_is_given_back(store):
    take(store, 20)
    settle(store, unused=17)

    assert spent(store) == [(NOW.replace(minute=0), "live", 3)]


def test_the_newest_report_is_kept_and_what_it_does_not_say_stays(store):
    ends_at = NOW + 5 * HOUR
    settle(store, report=Report(10, 1000, ends_at, NOW))
    settle(store, report=Report(30, 1000, None, NOW + HOUR), at=NOW + HOUR)
    settle(store, report=Report(20, 1000, None, NOW + HOUR / 2), at=NOW + HOUR)

    assert quotas.of(store, "acme", now=NOW + HOUR).report == Report(30, 1000, ends_at, NOW + HOUR)


def test_a_report_from_before_the_clock_was_set_back_gives_way(store):
    settle(store, report=Report(990, 1000, None, NOW + 5 * HOUR), at=NOW + 5 * HOUR)
    settle(store, report=Report(20, 1000, None, NOW))

    assert quotas.of(store, "acme", now=NOW).report.used == 20


def test_a_decision_sees_the_report_that_comes_with_it(store):
    ledger = take(store, 1, report=Report(7, 100, None, NOW))

    assert ledger.report == Report(7, 100, None, NOW)


def test_old_calls_are_forgotten(store):
    take(store, 5, at=NOW)
    later = NOW + quotas.KEPT + 2 * HOUR
    take(store, 1, at=later)
    settle(store, at=later)

    with store.read() as tx:
        assert tx.exec_driver_sql("SELECT sum(number) FROM calls").scalar() == 1


def test_workers_that_decide_at_once_never_give_away_the_same_call(store):
    def work():
        for _ in range(20):
            with quotas.deciding(store, "acme", report=None, now=NOW) as (tx, ledger):
                used = sum(one.number for one in ledger.spent)
                if used < 30:
                    quotas.count(tx, "acme", "live", hour=quotas.hour_of(NOW), number=1)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert spent(store) == [(NOW.replace(minute=0), "live", 30)]
