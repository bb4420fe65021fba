import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
import typer.testing

from connector.clock import SystemClock
from tasks.cli import app
from tasks.settings import SettingsInvalid
from tasks.store import pauses, processes
from tasks.store.engine import open_store

CONNECTIONS = "connections:\n  acme: {crm: hubspot, sign_in: {kind: token, token: env:HUBSPOT_TOKEN}}\n"
PROGRAM = Path(sys.executable).parent / "truegrade"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "connections.yaml").write_text(CONNECTIONS)
    return tmp_path


@pytest.fixture
def store(home):
    store = open_store(f"sqlite:///{home / 'truegrade.db'}")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def command(home):
    def run(*words):
        done = typer.testing.CliRunner().invoke(app, [*words, "--home", str(home)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return run


def pause(store):
    now = SystemClock().now()
    pauses.until_mended(store, "acme", reason="It may not write [tg_score].", fix="Give it edit access.", now=now)


def test_health_ends_with_8_and_names_what_is_not_well(command, store):
    done = command("health", "--json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["healthy"]) == (8, False)
    assert [check["what"] for check in told["checks"] if not check["well"]] == ["workers"]


def test_health_of_a_worker_that_reports_is_0(command, store):
    processes.beat(store, processes.name_here("worker"), "worker", ["live"], now=SystemClock().now(), worked=False)

    assert command("health", "--live").exit_code == 0
    assert command("health").exit_code == 0


def test_health_makes_no_schema(command, home):
    assert command("health", "--ready").exit_code == 8

    store = open_store(f"sqlite:///{home / 'truegrade.db'}")
    assert not store.is_current()
    store.close()


def test_metrics_are_printed(command, store):
    pause(store)

    assert 'truegrade_paused{connection="acme",kind="misconfigured"} 1.0' in command("metrics").stdout


def test_metrics_of_a_database_that_is_down_say_so_and_end_with_3(home):
    env = os.environ | {"TRUEGRADE_DATABASE_URL": "postgresql://u@127.0.0.1:9/none"}
    words = [str(PROGRAM), "metrics", "--home", str(home)]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 3
    assert done.stdout.endswith("truegrade_store_up 0.0\n")
    assert done.stderr.startswith("truegrade: ")


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_is_none_is_not_understood(command, port):
    assert command("metrics", "--serve", "--port", port).exit_code == 2


@pytest.mark.parametrize("host", ["a" * 300, "\u00fc" * 100])
def test_a_host_that_is_none_is_told(command, monkeypatch, host):
    monkeypatch.setenv("TRUEGRADE_METRICS_HOST", host)

    with pytest.raises(SettingsInvalid, match="Correct TRUEGRADE_METRICS_HOST"):
        command("metrics", "--serve", "--port", "0")


def test_metrics_are_served_until_stopped(home, store):
    pause(store)
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
    words = [str(PROGRAM), "metrics", "--serve", "--port", "0", "--home", str(home)]
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            url = re.search(r"http://\S+", process.stderr.readline()).group()
            with urlopen(url) as reply:
                assert 'truegrade_paused{connection="acme"' in reply.read().decode()
        finally:
            process.send_signal(signal.SIGINT)
        process.wait(30)


def test_alerts_are_listed_in_the_words_that_are_sent(command, store):
    pause(store)

    told = json.loads(command("alerts", "--json").stdout)

    assert [(row["name"], row["sent"]) for row in told["alerts"]] == [("paused:acme", None)]
    assert "It may not write [tg_score]. Give it edit access." in told["alerts"][0]["told"]
    assert "sent to nobody" in command("alerts").stdout


def test_a_test_without_anybody_to_tell_says_what_to_set(command, store):
    with pytest.raises(SettingsInvalid, match="TRUEGRADE_ALERT_WEBHOOK"):
        command("alerts", "--test")


def test_status_says_in_a_line_how_a_connection_stands(command, store):
    pause(store)

    shown = command("status", "acme").stdout

    assert "acme (hubspot): PAUSED acme is paused since" in shown
    assert "[tg_score]" in shown
    assert "No worker is up" in shown
    told = json.loads(command("status", "--json").stdout)
    assert told["connections"]["acme"]["headline"]["state"] == "PAUSED"
    assert told["installation"] == {"alerts": [], "workers": [], "redis": None}


def test_status_says_when_redis_does_not_answer(command, store, monkeypatch):
    monkeypatch.setenv("TRUEGRADE_REDIS_URL", "redis://127.0.0.1:9/0")
    processes.beat(store, "h:worker:1", "worker", ["live"], now=SystemClock().now(), worked=False)

    shown = command("status").stdout

    assert "ATTENTION Redis cannot be reached" in shown
    assert "worker h:worker:1: heard of" in shown
    assert "No worker is up" not in shown
    told = json.loads(command("status", "--json").stdout)["installation"]
    assert (told["redis"]["well"], [one["name"] for one in told["workers"]]) == (False, ["h:worker:1"])


def test_status_of_a_connection_that_is_not_there_names_those_that_are(command, store):
    with pytest.raises(SettingsInvalid, match=r"connections\.yaml has: acme"):
        command("status", "nobody")
