"""Every command that a README shows does what is said of it, run as it stands there."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commandline import PROGRAM, QUICKLY, truegrade, truegrade_here

ROOT = Path(__file__).resolve().parents[2]


def lines(readme):
    """The commands of a README's shell blocks, without their comments."""
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), flags=re.DOTALL):
        for line in block.splitlines():
            if command := line.partition("#")[0].strip():
                yield command


def commands(readme):
    """The words of each of a README's lines that run the command line."""
    start = "./dev truegrade "
    return [line.removeprefix(start).split() for line in lines(readme) if line.startswith(start)]


def test_the_readme_s_two_commands_come_first():
    assert list(lines("README.md"))[:2] == ["./dev demo", "./dev test"]


@pytest.mark.timeout(300)
def test_the_lines_for_your_own_crm_work_one_after_the_other_as_they_stand(installed):
    home = installed("salesforce", folder="truegrade-data")
    [lead] = home.simulator.salesforce.pick("Lead", {"IsConverted": False})
    shown = [words for words in commands("README.md") if "--csv" not in words]  # those have a journey of their own

    order = "init connect provision provision pull map map preview map sync explain status up"
    assert " ".join(words[0] for words in shown) == order
    for words in shown[:-1]:
        typed = [lead if word == "00Q..." else word for word in words]
        told = truegrade_here(*typed, cwd=home.home.parent)
        # Before our fields are there, `connect` says so; that is why `provision` comes next.
        assert told.code == (3 if words[0] == "connect" else 0), f"{words}: {told.out}{told.err}"
    assert served(shown[-1], until="truegrade is up", cwd=home.home.parent) == 0
    assert home.simulator.salesforce.read("Lead", lead)["TG_Score__c"] is not None


def test_the_lines_for_the_simulator_serve_one(tmp_path):
    (tmp_path / "leads.csv").write_text("Industry,Converted\n" + "Software,1\nMining,0\n" * 600, encoding="utf-8")
    shown = [words for words in commands("connector/README.md") if words[0] == "simulator"]

    assert len(shown) == 5
    for words in map(small, shown):
        assert served(words, until="The simulator serves on", cwd=tmp_path) == 0, words


def small(words):
    """The same line on few leads."""
    if "--csv" in words:
        return words
    return [*(word for word in words if word not in {"--leads", "30000"}), "--leads", "1000"]


def served(words, *, until, cwd):
    """Run a command that stays until it says that it is ready, stop it as Ctrl-C does, and give its exit code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
    environment["PYTHONUNBUFFERED"] = "1"
    with subprocess.Popen(
        [str(PROGRAM), *words], env=environment, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if until in line:
                process.send_signal(signal.SIGINT)
                break
        said += process.stdout.readlines()
    assert any(until in line for line in said), "".join(said)
    return process.returncode


def test_the_benchmark_runs_on_both_crms_and_ends_with_one_json_object():
    [line] = [line for line in lines("tests/benchmarks/README.md") if "--json" in line and "connector" in line]
    words = line.removeprefix("./dev bench ").replace("10000", "1200").split()

    command = [sys.executable, "-m", "tests.benchmarks", *words]
    quickly = os.environ | QUICKLY
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=240, check=False, env=quickly)

    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout.splitlines()[-1])
    assert measured["leads"] == 1200
    for crm in ("salesforce", "hubspot"):
        for verb in ("pull", "score", "push"):
            cost = measured[crm][verb]
            assert cost["api_calls_least"] <= cost["api_calls"] <= 1.05 * cost["api_calls_least"] + 1, (crm, verb)
            assert cost["cpu_s"] > 0
            assert cost["peak_mib"] > 0


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
    made = truegrade_here("init", str(tmp_path / "new"))
    again = truegrade_here("init", str(tmp_path / "new"))
    told = truegrade_here("connect", "hubspot", home=tmp_path / "new")

    assert made.code == again.code == 0
    assert "left as it is" in again.out
    assert told.code == 3
    assert "HUBSPOT_TOKEN" in told.err


def test_the_verbs_run_one_by_one_come_to_the_same_as_a_sync(installed):
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
