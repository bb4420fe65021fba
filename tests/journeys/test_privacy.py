"""People's rights on both CRMs, as an admin answers a request, with the lines of the README as they stand."""

import re
import shlex
from pathlib import Path

import pytest

from connector.crm import Entity
from tasks.store import records, traces
from tasks.verbs.forget import scrub
from tasks.verbs.proof import look

README = Path(__file__).resolve().parents[2] / "tasks" / "README.md"
MAIL = "zoe.quill@acme.example"


def lines():
    [block] = re.findall(r"```sh\n(truegrade export-person.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line.removeprefix("truegrade ")) for line in block.splitlines()]


@pytest.fixture
def pulled(installed):
    home = installed("salesforce", leads=300)
    org = home.simulator.salesforce
    lead, other = org.pick("Lead", {"IsConverted": False}, limit=2)
    org.edit("Lead", lead, {"Email": MAIL})
    org.edit("Lead", other, {"Email": "ann@acme.example"})
    assert home.truegrade("pull", "salesforce").code == 0
    assert home.truegrade("score", "salesforce").code == 0
    return home, lead, other


def test_the_readme_s_answer_to_a_request_works_as_it_stands(pulled):
    home, lead, other = pulled
    typed = [[lead if word == "00Q..." else word for word in words] for words in lines()]

    told = [home.truegrade(*words, cwd=home.home.parent) for words in typed]

    for words, said in zip(typed, told, strict=True):
        left = words[1] == "--verify" and "where the next pull begins" in said.out
        assert said.code == 0 or left, f"{words}: {said.out}{said.err}"
    assert lead in told[2].out or "Erased from salesforce" in told[2].out
    assert MAIL in (home.home.parent / "person.json").read_text(encoding="utf-8")
    wiring = home.wiring()
    assert records.get(wiring.store, "salesforce", Entity.LEAD, [lead, other]) == []
    assert look(wiring.store, home.home, [MAIL]).left.tables == {}
    wiring.store.close()


def test_a_hard_delete_in_salesforce_leaves_no_more_than_forgetting_does(pulled):
    home, lead, _ = pulled
    home.simulator.salesforce.hard_delete("Lead", lead)

    assert home.truegrade("reconcile", "salesforce").code == 0

    wiring = home.wiring()
    scrub(wiring.store)
    assert set(traces.naming(wiring.store, lead)) <= {"records", "cursors"}
    assert not look(wiring.store, home.home, [MAIL]).left
    wiring.store.close()


def test_a_forgotten_person_stays_away_though_the_crm_holds_them(pulled):
    home, lead, _ = pulled
    assert home.truegrade("forget", "salesforce", "--lead", lead, "--yes").code == 0
    home.simulator.salesforce.edit("Lead", lead, {"Title": "Quill Warden"})

    assert home.truegrade("pull", "salesforce", "--reload").code == 0
    told = home.truegrade("reconcile", "salesforce", "--json")

    assert told.json["connections"]["salesforce"]["proven"] is True
    assert home.truegrade("forget", "--verify", "Quill Warden").code == 0
