"""Nothing of a person leaves the store and the CRM: not in a log, an error, an address, Redis, an alert or a metric.

Both CRMs are synced while much goes wrong; all that is said meanwhile is looked at for every name, address and number
of the world, and for names that occur nowhere else. What the CRM said of a row is for the admin's screen alone.
"""

import logging
import os
import re
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest
import redis

from connector.clock import SystemClock
from connector.simulator.spec import Contents, Spec, build
from tasks import run
from tasks.broker import embedded_broker
from tasks.store import refusals, runs
from tasks.watch.alerts import review
from tests.commandline import PROGRAM, QUICKLY
from tests.journeys.conftest import LIMITS_OFF, Installation

LEADS = 90
TOKEN = "Quillfeather"  # a name that no word of ours and of the world is like
REFUSED = f"Ask Zoe {TOKEN} (zoe@{TOKEN}.example) for a company first."
FAULTS = (
    ("salesforce", "expired"), ("salesforce", "cut"), ("salesforce", "html"), ("hubspot", "reset"), ("hubspot", "429"),
)  # fmt: skip
FIELDS = {"salesforce": ("Email", "Phone", "MobilePhone"), "hubspot": ("email", "phone", "mobilephone")}
OBJECTS = {"salesforce": "Lead", "hubspot": "contacts"}
NAMES = {"salesforce": ("FirstName", "LastName"), "hubspot": ("firstname", "lastname")}
PATIENCE_S = 120


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with embedded_broker(tmp_path_factory.mktemp("redis"), clock=SystemClock()) as url:
        yield url


@pytest.fixture
def home(tmp_path):
    """Both CRMs, in which some leads bear a name like no other, and one rule of the org says such a name, too."""
    both = {
        "salesforce": Contents(leads=LEADS, options={"validation_rule": REFUSED}),
        "hubspot": Contents(leads=LEADS, options=LIMITS_OFF),
    }
    with build(Spec(**both, seed=5), SystemClock()) as simulator:
        for crm, (first, last) in NAMES.items():
            dialect = getattr(simulator, crm)
            for number, lead in enumerate(dialect.pick(OBJECTS[crm], limit=30)):
                who = {first: f"{TOKEN}{number}", last: f"Von {TOKEN}", FIELDS[crm][0]: f"zoe{number}@{TOKEN}.example"}
                dialect.edit(OBJECTS[crm], lead, who | ({"Company": ""} if crm == "salesforce" else {}))
        home = Installation(tmp_path / "home", simulator, ("salesforce", "hubspot"))
        for crm in NAMES:
            assert home.truegrade("provision", crm).code == 0
        yield home


def personal(home):
    """All that tells who somebody is in both worlds, in small letters."""
    found = {TOKEN.lower()}
    for crm, fields in FIELDS.items():
        for values in getattr(home.simulator, crm).snapshot(OBJECTS[crm]).values():
            found |= {str(values[field]).lower() for field in fields if values.get(field)}
            names = [values.get(name) for name in NAMES[crm]]
            found |= {" ".join(names).lower()} if all(names) else set()
    return {word for word in found if len(word) >= 6}


def told_of(said, words):
    """Give the places where one of these is said, also as an address would write it."""
    small = said.lower().replace("%40", "@").replace("%20", " ").replace("+", " ")
    return {small[max(0, at - 60) : at + 60] for word in words if (at := small.find(word.replace("+", " "))) >= 0}


@contextmanager
def heard(name):
    """Collect what a library says at its loudest."""
    lines, logger = [], logging.getLogger(name)
    level = logger.level
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)


@contextmanager
def overheard(url):
    """Collect every command that Redis gets."""
    commands = []
    client = redis.Redis.from_url(url, socket_timeout=None)
    with client.monitor() as monitor:

        def listen():
            try:
                commands.extend(command["command"] for command in monitor.listen())
            except (redis.RedisError, ValueError, OSError, AttributeError):  # closed
                return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield commands
        client.set("the last word", 1)
        end = time.monotonic() + 10
        while not any("the last word" in command for command in commands) and time.monotonic() < end:
            time.sleep(0.01)


def test_no_address_that_is_called_and_no_command_to_redis_names_a_person(home, broker):
    with heard("urllib3.connectionpool") as addresses, overheard(broker) as commands:
        wiring = home.wiring()
        wiring = type(wiring)(
            wiring.settings.model_copy(update={"redis_url": broker}),
            wiring.connections, wiring.secrets, wiring.store, wiring.clock,
        )  # fmt: skip
        for crm in NAMES:
            home.simulator.faults.add(crm, "any", "503", after=4)
            run.sync(wiring, crm)
        wiring.store.close()

    assert any("/composite/sobjects" in address for address in addresses)  # Salesforce was written to
    assert any("/batch/update" in address for address in addresses)  # and HubSpot
    assert any("?" in line for line in addresses)
    assert len(commands) > 20
    words = personal(home)
    assert len(words) > 2 * LEADS
    assert told_of("\n".join(addresses), words) == set()
    assert told_of("\n".join(commands), words) == set()


def test_no_log_alert_or_metric_names_a_person_however_much_goes_wrong(home, capfd):
    said = []
    for crm, fault in FAULTS:
        home.simulator.faults.add(crm, "any", fault, after=2)
        said += [home.truegrade("sync", crm, TRUEGRADE_LOG_LEVEL="debug").err]
    home.simulator.salesforce.edit("Lead", home.simulator.salesforce.pick("Lead")[0], {"Title": f"{TOKEN} " * 9})
    said += [home.truegrade("pull", "salesforce", "--history", TRUEGRADE_LOG_LEVEL="debug").err]
    for command in ("metrics", "health", "alerts"):
        told = home.truegrade(command)
        said += [told.out, told.err]
    said += [home.truegrade("status").err]
    wiring = home.wiring()
    later = wiring.clock.now()
    said += [alert.told for alert in review(wiring, now=later)]
    said += [f"{one.error} {one.counts}" for crm in NAMES for one in runs.newest(wiring.store, crm, limit=99)]
    held = refusals.by_code(wiring.store, "salesforce")
    wiring.store.close()
    said += list(capfd.readouterr())

    assert held["FIELD_CUSTOM_VALIDATION_EXCEPTION"] > 0
    assert TOKEN in home.truegrade("refusals", "salesforce").out
    assert "run.done" in "".join(said)
    assert told_of("\n".join(said), personal(home)) == set()


def test_no_message_to_a_worker_and_no_line_of_its_log_names_a_person(home, broker):
    settings = {"TRUEGRADE_SYNC_EVERY_S": "2", "TRUEGRADE_TICK_EVERY_S": "1", "TRUEGRADE_LOG_LEVEL": "debug"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
    environment |= QUICKLY | settings | {"TRUEGRADE_REDIS_URL": broker}
    command = [str(PROGRAM), "up", "--home", str(home.home), "--processes", "1"]
    for crm in NAMES:
        home.simulator.faults.add(crm, "any", "503", after=3)
    with overheard(broker) as commands:
        up = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            wait_for_syncs(home, up)
        finally:
            up.send_signal(signal.SIGTERM)
            said, _ = up.communicate(timeout=120)

    sent = "\n".join(commands)
    assert re.search(r"truegrade\.work", sent)
    words = personal(home)
    assert told_of(sent, words) == set()
    assert told_of(said, words) == set()


def wait_for_syncs(home, process):
    wiring = home.wiring()
    end = time.monotonic() + PATIENCE_S
    try:
        while not any(one.verb == "sync" for crm in NAMES for one in done(wiring, crm)):
            assert process.poll() is None, "it ended"
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.2)
    finally:
        wiring.store.close()


def done(wiring, crm):
    return [one for one in runs.newest(wiring.store, crm, limit=9) if one.state == "succeeded"]
