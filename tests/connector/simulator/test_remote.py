import json
import subprocess
import sys

import pytest
import requests

from connector.simulator.remote import spawn
from connector.simulator.spec import Contents, Spec, Table

SMALL = Spec(hubspot=Contents(leads=30))
ORPHAN = """
import os, sys
from connector.simulator.remote import spawn
from connector.simulator.spec import Contents, Spec

with spawn(Spec(hubspot=Contents(leads=5))) as remote:
    print(remote.url, flush=True)
    sys.stdin.readline()
    os._exit(1)
"""


def contacts(remote):
    signed = {"authorization": "Bearer pat-na1-integration"}
    return requests.get(remote.url + "/crm/v3/objects/contacts?limit=100", headers=signed, timeout=10)


def test_a_simulator_in_its_own_process_is_worked_from_outside():
    with spawn(SMALL) as remote:
        ids = [of["id"] for of in contacts(remote).json()["results"]]
        truth = remote.truth("hubspot", ids)
        remote.add_fault("hubspot", "read", "503")
        refused = contacts(remote).status_code

        assert len(truth) == len(ids) == 30
        assert all(0 < probability < 1 for probability in truth.values())
        assert refused == 503
        assert remote.counts() == {"hubspot": {"read": 2}}
        assert [entry["status"] for entry in remote.entries()] == [200, 503]
        assert len(remote.operate("hubspot", "snapshot", object="contacts")) == 30
        assert "edit" in remote.operations("hubspot")

        remote.clear_log()
        remote.clear_faults()

        assert remote.counts() == {}
        with pytest.raises(LookupError, match="no operation 'explode'"):
            remote.operate("hubspot", "explode")
        with pytest.raises(ValueError, match="TypeError"):
            remote.operate("hubspot", "snapshot", colour="red")

    with pytest.raises(requests.ConnectionError):
        contacts(remote)


def test_the_process_dies_with_its_parent():
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        url = parent.stdout.readline().strip()
        before = requests.get(url + "/simulator/health", timeout=10).status_code
        # The orphan holds the other end of this pipe: it has ended when the pipe has.
        parent.stdin.write("die\n")
        parent.stdin.flush()
        parent.wait(timeout=30)
        parent.stdout.read()

        assert before == 200
        with pytest.raises(requests.ConnectionError):
            requests.get(url + "/simulator/health", timeout=10)


def test_a_simulator_that_cannot_start_says_so(capfd):
    table = Table(path="/no/such/table.csv", outcome="y", positive="1", name="none")

    with pytest.raises(RuntimeError, match="before it served"), spawn(Spec(hubspot=Contents(table=table))):
        pytest.fail("it started")

    assert "/no/such/table.csv" in capfd.readouterr().err


def test_a_spec_is_one_line_of_json():
    assert json.loads(SMALL.to_json())["hubspot"]["leads"] == 30
