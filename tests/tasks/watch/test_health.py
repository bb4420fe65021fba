import pytest

from tasks.broker import embedded_broker
from tasks.store import processes
from tasks.store.engine import open_store
from tasks.watch import health
from tasks.wiring import open_wiring


def verdicts(checks):
    return {check.what: check.well for check in checks}


def works(watched, **ago):
    processes.beat(
        watched.store, processes.name_here("worker"), "worker", ["live"], now=watched.ago(**ago), worked=True
    )


def test_a_worker_that_was_heard_of_is_live(watched):
    works(watched, seconds=20)

    assert verdicts(health.live(watched.wiring)) == {"live": True}


def test_a_worker_that_fell_silent_is_not_live(watched):
    works(watched, minutes=3)

    assert verdicts(health.live(watched.wiring)) == {"live": False}
    assert "180 s ago" not in health.live(watched.wiring)[0].told
    assert "3 min ago" in health.live(watched.wiring)[0].told


def test_a_worker_of_another_machine_says_nothing_of_this_one(watched):
    processes.beat(watched.store, "elsewhere:worker:1", "worker", ["live"], now=watched.now, worked=False)

    assert verdicts(health.live(watched.wiring)) == {"live": False}


def test_a_store_that_is_gone_kills_no_worker_but_is_not_ready(tmp_path, watched):
    settings = watched.wiring.settings.model_copy(update={"database_url": "postgresql://u@127.0.0.1:9/none"})
    wiring = open_wiring(settings, clock=watched.clock, migrate=False)

    assert verdicts(health.live(wiring)) == {"live": True}
    assert verdicts(health.ready(wiring)) == {"store": False}
    assert verdicts(health.checked(wiring)) == {"store": False}


def test_an_old_schema_is_not_ready_and_stays_as_it_is(tmp_path, watched):
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    wiring = open_wiring(
        watched.wiring.settings.model_copy(update={"database_url": url}), clock=watched.clock, migrate=False
    )

    assert verdicts(health.ready(wiring)) == {"store": True, "schema": False}
    assert not open_store(url).is_current()
    wiring.store.close()


@pytest.mark.parametrize("installed_url", ["", "redis://127.0.0.1:9/0"])
def test_redis_is_asked_where_there_is_one(installed, installed_url):
    found = verdicts(health.ready(installed(redis_url=installed_url).wiring))

    assert found == {"store": True, "schema": True} | ({"redis": False} if installed_url else {})


def test_redis_that_answers_is_ready(installed, tmp_path):
    watched = installed()
    with embedded_broker(tmp_path / "broker", clock=watched.clock) as url:
        settings = watched.wiring.settings.model_copy(update={"redis_url": url})
        wiring = open_wiring(settings, clock=watched.clock, migrate=False)

        assert verdicts(health.ready(wiring))["redis"]
        wiring.store.close()


def test_an_installation_that_works_is_healthy(watched):
    works(watched, seconds=5)
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=2))

    found = verdicts(health.checked(watched.wiring))

    assert found == {"store": True, "schema": True, "workers": True, "schedule": True, "work": True}


def test_a_worker_that_is_up_and_does_nothing_is_not_healthy(watched):
    works(watched, seconds=5)
    watched.unit("u1", since=watched.ago(minutes=20))

    found = verdicts(health.checked(watched.wiring))

    assert found["workers"]
    assert not found["work"]


def test_a_schedule_that_does_not_fire_is_not_healthy(watched):
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=20))

    assert verdicts(health.scheduled(watched.wiring)) == {"schedule": False}
