import random
import sys

import psutil
import pytest
import redis

from tests.processes import NotReady, Running, cluster, until

FAMILY = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).wait()"


@pytest.fixture
def servers(tmp_path):
    with cluster(tmp_path / "home", workers=0, beats=0) as made:
        yield made


@pytest.fixture
def family(tmp_path):
    running = Running([sys.executable, "-c", FAMILY], tmp_path, "family")
    running.start()
    until(lambda: len(running.family()) == 2, running)
    yield running
    if running.is_up():
        running.kill()


def test_postgres_keeps_what_was_committed_when_it_is_killed_at_work(servers):
    with servers.postgres.connect() as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")

        servers.postgres.running.kill()
    servers.postgres.start()

    with servers.postgres.connect() as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_redis_keeps_what_it_acknowledged_when_it_is_killed_and_nothing_when_it_is_flushed(servers):
    with redis.Redis.from_url(servers.redis.url) as client:
        client.set("kept", "7")
        servers.redis.running.kill()
        servers.redis.start()
        kept = client.get("kept")
        servers.redis.flush()

        assert kept == b"7"
        assert client.get("kept") is None
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_kill_takes_the_whole_family(family):
    members = family.family()

    family.kill()

    assert not family.is_up()
    assert not any(psutil.pid_exists(member.pid) and member.is_running() for member in members)
    assert family.kills == 1


def test_a_kill_of_a_child_leaves_its_parent_to_notice(tmp_path, family):
    assert family.kill_child(random.Random(1))

    family.process.wait(30)
    assert not family.kill_child(random.Random(1))
    assert family.kills == 1


def test_a_process_that_ends_is_told_with_its_words(tmp_path):
    running = Running([sys.executable, "-c", "raise SystemExit('no luck')"], tmp_path, "brief")
    running.start()

    with pytest.raises(NotReady, match="no luck"):
        until(lambda: False, running)
