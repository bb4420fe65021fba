"""The command refusals on an installation without a CRM."""

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from connector.crm import Outcome, Written
from tasks.cli import app
from tasks.cli.endings import exit_code
from tasks.settings import load_settings
from tasks.store import refusals
from tasks.store.engine import open_store
from tasks.store.tables import scores

AT = "2026-03-01T12:00:00.000Z"
RULE, LOCKED = "FIELD_CUSTOM_VALIDATION_EXCEPTION", "UNABLE_TO_LOCK_ROW"
WRONG_TYPE = "INVALID_TYPE_ON_FIELD_IN_RECORD"
WORDS = '=HYPERLINK("x") says [bold] "no"'
SHORT = "00Q000000000001"
LONG = SHORT + "EAA"


@pytest.fixture
def home(tmp_path):
    """An installation with a Salesforce that refused three leads, and a HubSpot that refused none."""
    (tmp_path / "connections.yaml").write_text(
        "connections:\n  acme:\n    crm: salesforce\n    url: https://acme.example\n"
        "    sign_in: {kind: client_credentials, client_id: 'env:NOT_ASKED', client_secret: 'env:NOT_ASKED'}\n"
        "  beta:\n    crm: hubspot\n    sign_in: {kind: token, token: 'env:NOT_ASKED'}\n"
    )
    store = open_store(load_settings(tmp_path).store_url)
    store.migrate()
    with store.write() as tx:
        for lead in (LONG, "L2", "L3"):
            row = {"connection": "acme", "lead_id": lead, "model": "m", "inputs_hash": "i", "attempts": 1}
            tx.execute(insert(scores).values(row | {"state": "refused", "waiting": 0, "scored_at": AT}))
        refused = [Written(lead, Outcome.REFUSED, RULE, WORDS) for lead in (LONG, "L2")]
        refused.append(Written("L3", Outcome.REFUSED, LOCKED, "unable to obtain exclusive access", passing=True))
        refusals.add(tx, "acme", refused, at=AT)
    store.close()
    return tmp_path


def run(home, *arguments):
    return CliRunner().invoke(app, ["refusals", *map(str, arguments), "--home", str(home)])


def told(home, *arguments):
    done = run(home, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


def waiting(home):
    store = open_store(load_settings(home).store_url)
    with store.read() as tx:
        found = sorted(tx.execute(select(scores.c.lead_id).where(scores.c.waiting == 1)).scalars())
    store.close()
    return found


def test_it_groups_by_cause_with_the_fix_and_shows_the_crm_s_words(home):
    done = run(home)

    shown = " ".join(done.stdout.split())
    assert done.exit_code == 0
    assert "A validation rule of the org says no" in shown
    assert "What mends it: Exempt the integration user" in shown
    assert "once it is mended" in shown
    assert "[bold]" in shown
    assert "beta: nothing is refused." in shown
    assert "truegrade refusals acme --code CODE --retry" in shown


def test_machines_get_groups_and_refusals(home):
    state = told(home, "acme", "--limit", 1)["connections"]["acme"]

    assert [(group["code"], group["leads"], group["passing"]) for group in state["groups"]] == [
        (RULE, 2, False),
        (LOCKED, 1, True),
    ]
    assert state["groups"][0]["since"] == state["groups"][0]["last_at"] == AT
    assert len(state["refusals"]) == 1
    assert datetime.fromisoformat(state["groups"][1]["next_at"]) > datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_code_is_explained_with_its_leads_alone(home):
    shown = run(home, "--code", LOCKED).stdout

    assert "L3" in shown
    assert "L2" not in shown
    assert RULE not in shown
    assert "beta" not in shown


def test_a_lead_is_found_by_the_id_that_the_pages_of_salesforce_show(home):
    state = told(home, "--lead", SHORT)["connections"]["acme"]

    assert [row["lead"] for row in state["refusals"]] == [LONG]


@pytest.mark.parametrize(
    ("arguments", "leads"),
    [(["--code", RULE], [LONG, "L2"]), (["--lead", "L3"], ["L3"]), (["acme"], [LONG, "L2", "L3"]), (["beta"], [])],
)
def test_a_retry_queues_what_was_asked_for_and_says_so(home, arguments, leads):
    done = run(home, *arguments, "--retry")

    assert done.exit_code == 0, done.output
    assert waiting(home) == leads
    if leads:
        assert f"{len(leads)} lead{'s' if len(leads) > 1 else ''} of acme queued" in done.stdout
        assert "with the next push" in " ".join(done.stdout.split())


def test_a_second_retry_queues_none(home):
    run(home, "--retry")

    assert told(home, "--retry")["connections"]["acme"]["retried"] == 0


def test_an_export_holds_all_with_cause_and_fix_and_no_formula(home):
    path = home / "refused.csv"

    done = run(home, "--export", path, "--limit", 1)

    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["lead"]: row for row in csv.DictReader(file)}
    assert "3 refusals written" in done.stdout
    assert list(rows) == [LONG, "L2", "L3"]
    assert rows["L2"]["message"] == f"'{WORDS}"
    assert rows["L2"]["fix"].startswith("Exempt")
    assert (rows["L3"]["connection"], rows["L3"]["passing"], rows["L3"]["times"]) == ("acme", "True", "1")


def test_an_export_over_a_file_queues_nothing_and_asks_first(home):
    path = home / "refused.csv"
    path.write_text("mine", encoding="utf-8")

    done = run(home, "--export", path, "--retry")

    assert exit_code(done.exception) == 3
    assert "--overwrite" in str(done.exception)
    assert (path.read_text(encoding="utf-8"), waiting(home)) == ("mine", [])
    assert run(home, "--export", path, "--overwrite").exit_code == 0
    assert path.read_text(encoding="utf-8").startswith("connection,lead")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gamma"], "There is no connection 'gamma'"),
        (["--code", "NONE"], f"Codes of refusals there: {RULE}, {LOCKED}."),
        (["beta", "--code", RULE], "Nothing is refused there now."),
        (["--lead", "L9"], "There is no refusal of L9 in acme or beta"),
    ],
)
def test_what_is_not_there_is_told_in_words(home, arguments, words):
    done = run(home, *arguments)

    assert words in str(done.exception)
    assert exit_code(done.exception) == 3


@pytest.mark.parametrize("limit", [0, 10**20])
def test_a_limit_that_is_none_is_not_understood(home, limit):
    assert run(home, "--limit", limit).exit_code == 2


@pytest.mark.parametrize("option", ["--lead", "--code"])
def test_bytes_that_are_no_text_are_told_in_words(home, option):
    words = [str(Path(sys.executable).parent / "truegrade"), "refusals", option, b"a\xffb", "--home", str(home)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 3, done.stderr
    assert done.stderr == "truegrade: 'a\\udcffb' is no text in UTF-8. Type it again.\n"


def test_codes_are_in_one_piece(home):
    assert f" {RULE} " in run(home).stdout
    assert f" {RULE} " in run(home, "--code", RULE).stdout


def test_a_fix_names_the_connection_in_what_is_to_be_typed(home):
    store = open_store(load_settings(home).store_url)
    with store.write() as tx:
        refusals.add(tx, "acme", [Written("L2", Outcome.REFUSED, WRONG_TYPE, "No number")], at=AT)
    store.close()

    assert (
        "Run `truegrade provision acme`" in told(home, "--code", WRONG_TYPE)["connections"]["acme"]["groups"][0]["fix"]
    )
