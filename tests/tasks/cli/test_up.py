"""`truegrade up` as processes: what is killed comes back, one folder has one, and nothing outlives it."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from connector.clock import SystemClock

PROGRAM = Path(sys.executable).parent / "truegrade"
CLOCK = SystemClock()
CONNECTIONS = """
connections:
  acme:
    crm: hubspot
    url: http://127.0.0.1:9
    sign_in: {kind: token, token: env:NO_TOKEN}
"""


def wait_until(claim):
    for _ in range(1_200):
        if found := claim():
            return found
        CLOCK.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def up(home):
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
    env |= {"TRUEGRADE_TICK_EVERY_S": "3600"}
    command = [str(PROGRAM), "up", "--home", str(home), "--processes", "1"]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    assert "is up on" in process.stderr.readline()
    yield process
    process.kill()
    process.communicate()


def children_of(process):
    """The processes of an installation by what they are; the pools' own are theirs."""
    found = {}
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            words = child.cmdline()
            found[next((word for word in ("beat", "live,tick", "backfill,train,tick") if word in words), "broker")] = (
                child
            )
    return found


def all_up(process, *, but=()):
    found = children_of(process)
    return found if len(found) == 4 and not {child.pid for child in found.values()} & set(but) else {}


def test_it_starts_a_broker_two_workers_and_beat_and_stops_them_in_order(up, home):
    started = wait_until(lambda: all_up(up))
    assert set(started) == {"broker", "live,tick", "backfill,train,tick", "beat"}

    up.send_signal(signal.SIGTERM)
    said = up.communicate(timeout=90)[1]

    assert up.returncode == 0, said
    assert said.endswith("truegrade has stopped.\n")
    assert not [child for child in started.values() if child.is_running()]


def test_what_is_killed_is_started_again_and_told(up):
    started = wait_until(lambda: all_up(up))

    killed = [started[name] for name in ("broker", "beat", "live,tick")]
    for child in killed:
        child.kill()

    again = wait_until(lambda: all_up(up, but=[child.pid for child in killed]))
    said = [up.stderr.readline() for _ in killed]
    assert all("killed by SIGKILL" in line for line in said), said
    assert again["backfill,train,tick"].pid == started["backfill,train,tick"].pid


def test_nothing_outlives_one_that_is_killed(up, home):
    wait_until(lambda: all_up(up))
    everything = wait_until(lambda: found if len(found := psutil.Process(up.pid).children(recursive=True)) >= 6 else [])

    up.kill()
    up.wait()

    wait_until(lambda: not [child for child in everything if child.is_running() and child.status() != "zombie"])


def test_a_second_one_on_the_same_folder_is_refused(up, home):
    second = subprocess.run([str(PROGRAM), "up", "--home", str(home)], capture_output=True, text=True, check=False)

    assert second.returncode == 3
    assert f"process {up.pid}" in second.stderr
    assert "--home" in second.stderr


def test_a_wrong_queue_is_told(home):
    env = {**os.environ, "TRUEGRADE_REDIS_URL": "redis://127.0.0.1:9/0"}
    command = [str(PROGRAM), "worker", "--queues", "life", "--home", str(home)]
    told = subprocess.run(command, capture_output=True, text=True, env=env, check=False)

    assert told.returncode == 3
    assert "'life'" in told.stderr
    assert "live, backfill, train" in told.stderr
