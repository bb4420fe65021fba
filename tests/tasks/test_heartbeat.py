import threading

import pytest

from connector.clock import SystemClock
from tasks import heartbeat
from tasks.store import processes
from tasks.store.engine import open_store

CLOCK = SystemClock()


@pytest.fixture
def reporting(tmp_path, monkeypatch):
    """A worker's thread that reports, from an installation whose settings are wrong."""
    (tmp_path / "connections.yaml").write_text("connections: 3")
    monkeypatch.setenv("TRUEGRADE_HOME", str(tmp_path))
    monkeypatch.setattr(heartbeat, "EVERY_S", 0.05)
    thread = threading.Thread(target=heartbeat._report, args=(["live"],))
    thread.start()
    yield thread
    heartbeat.end()
    thread.join()
    heartbeat._stopping.clear()


def test_a_worker_reports_on_whatever_goes_wrong_meanwhile(reporting, tmp_path):
    CLOCK.sleep(0.2)
    assert reporting.is_alive()

    (tmp_path / "connections.yaml").write_text(
        "connections:\n  acme: {crm: hubspot, sign_in: {kind: token, token: env:HUBSPOT_TOKEN}}\n"
    )

    store = open_store(f"sqlite:///{tmp_path / 'truegrade.db'}")
    store.migrate()
    for _ in range(600):
        if found := processes.every(store):
            break
        CLOCK.sleep(0.05)
    store.close()
    assert [one.queues for one in found] == [("live",)]
