"""Every command that a README shows is one that the program has, and the demo does what it says."""

import re
from pathlib import Path

import pytest

from tests.journeys.conftest import truegrade

ROOT = Path(__file__).resolve().parents[2]
READMES = ["README.md", "connector/README.md", "tasks/README.md", "tests/benchmarks/README.md", "docker/README.md"]


def shown_commands():
    for name in READMES:
        for block in re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL):
            for line in block.splitlines():
                command = line.partition("#")[0].strip()
                if command.startswith("./dev truegrade "):
                    yield command.removeprefix("./dev truegrade ").split()[0]


@pytest.mark.parametrize("command", sorted(set(shown_commands())))
def test_a_command_of_a_readme_exists(command):
    told = truegrade(command, "--help")

    assert told.code == 0
    assert command in told.out


@pytest.mark.timeout(600)
def test_the_demo_keeps_its_promises_and_ends_with_one_json_object():
    told = truegrade("demo", "--leads", 2_500, "--json", timeout=580)

    assert told.code == 0, told.err + told.out
    assert set(told.json["connections"]) == {"salesforce", "hubspot"}
    for terms in told.json["connections"].values():
        ends = ("written", "unchanged", "refused", "superseded", "excluded", "parked")
        assert terms["scored"] == sum(terms[end] for end in ends)
        assert terms["pulled"] == sum(terms[end] for end in ("new", "changed", "pulled_unchanged", "deleted", "merged"))
        assert terms["second_sync_written"] == 0
        assert terms["edits"] == 50
        assert terms["third_sync_rescored"] == terms["third_sync_expected"] > 0
        assert terms["third_sync_as_expected"]
        assert 0.75 <= terms["auc_best_reachable"] <= 0.90
        assert terms["api_calls_least"] <= terms["api_calls"] <= 1.3 * terms["api_calls_least"]


def test_init_makes_an_installation_that_says_what_is_missing(tmp_path):
    made = truegrade("init", str(tmp_path / "new"))
    again = truegrade("init", str(tmp_path / "new"))
    told = truegrade("connect", "hubspot", home=tmp_path / "new")

    assert made.code == again.code == 0
    assert "left as it is" in again.out
    assert told.code == 3
    assert "HUBSPOT_TOKEN" in told.err


def test_status_pull_explain_walk_through(installed):
    home = installed("salesforce", leads=1_500)
    assert home.truegrade("provision", "salesforce", "--dry-run").code == 0
    assert home.simulator.log.count("salesforce", "write") == 0
    assert home.truegrade("provision", "salesforce").code == 0
    for verb in ("pull", "train", "score", "push"):
        assert home.truegrade(verb, "salesforce").code == 0, verb
    lead = home.simulator.salesforce.pick("Lead", {"IsConverted": False}, limit=1, seed=4)[0]

    told = home.truegrade("explain", lead, "--json").json

    held = home.simulator.salesforce.read("Lead", lead)
    assert told["score"] == held["TG_Score__c"]
    assert told["grade"] == held["TG_Grade__c"]
    assert abs(told["base"] + sum(told["contributions"].values()) - told["margin"]) < 1e-6
    status = home.truegrade("status", "--json").json["connections"]["salesforce"]
    assert status["records"]["lead"] == 1_500
    assert status["scores"]["written"] > 1_000
    assert home.truegrade("sync", "salesforce", "--json").json["connections"]["salesforce"]["written"] == 0
