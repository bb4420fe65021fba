import os
from datetime import UTC, datetime, timedelta

from tasks.store import processes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=15)


def test_a_process_keeps_its_start_and_its_last_work(store):
    processes.beat(store, "h:worker:1", "worker", ["live", "train"], now=NOW, worked=True)
    processes.beat(store, "h:worker:1", "worker", ["live", "train"], now=LATER, worked=False)

    assert processes.every(store) == [
        processes.Process("h:worker:1", "worker", ("live", "train"), NOW, seen_at=LATER, worked_at=NOW)
    ]


def test_one_that_has_not_worked_yet_says_so(store):
    processes.beat(store, "h:beat:2", "beat", [], now=NOW, worked=False)

    assert (processes.every(store)[0].worked_at, processes.every(store)[0].queues) == (None, ())


def test_one_that_stops_in_good_order_is_gone_and_one_that_was_killed_is_forgotten_later(store):
    for name in ("h:worker:1", "h:worker:2", "h:worker:3"):
        processes.beat(store, name, "worker", [], now=NOW, worked=False)
    processes.ended(store, "h:worker:1")
    processes.beat(store, "h:worker:3", "worker", [], now=LATER, worked=False)

    assert processes.forget(store, before=LATER) == 1
    assert [one.name for one in processes.every(store)] == ["h:worker:3"]


def test_a_name_tells_the_machine_the_kind_and_the_process():
    host, kind, number = processes.name_here("worker").split(":")

    assert (host, kind, int(number)) == (processes.host_here(), "worker", os.getpid())
