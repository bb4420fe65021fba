"""The commands for people's rights, on an installation without a CRM."""

import json
import stat
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from connector.crm import Cursor, Entity, Page, Record
from connector.errors import Misconfigured
from mappings.file.load import load_preset
from tasks.cli import app
from tasks.cli.endings import UNPROVED, UNWELL
from tasks.cli.proof import passes
from tasks.settings import load_settings
from tasks.store import audit, records, tables
from tasks.store.engine import open_store
from tasks.verbs import forget as forgetting
from tasks.verbs.proof import ACTION, Found

SHORT = "00Q000000000001"
LONG = SHORT + "EAA"
EMAIL = "zoe.quill@acme.example"


@pytest.fixture
def home(tmp_path):
    """An installation with a Salesforce that has one lead."""
    (tmp_path / "connections.yaml").write_text(
        "connections:\n  acme:\n    crm: salesforce\n    url: https://acme.example\n"
        "    sign_in: {kind: client_credentials, client_id: 'env:NOT_ASKED', client_secret: 'env:NOT_ASKED'}\n"
    )
    store = open_store(load_settings(tmp_path).store_url)
    store.migrate()
    found = Record(LONG, "2026-03-01T10:00:00.000Z", (EMAIL, "Quill Warden"))
    page = Page(Entity.LEAD, ("Email", "Title"), (found,), Cursor("c"))
    records.save_page(store, "acme", page, identify=lambda _values: (None, None))
    store.close()
    return tmp_path


def run(home, *arguments, **how):
    return CliRunner().invoke(app, [*map(str, arguments), "--home", str(home)], **how)


def told(home, *arguments):
    done = run(home, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


def test_a_person_is_exported_forgotten_and_proved_gone(home):
    out = home / "person.json"

    assert told(home, "export-person", "acme", "--lead", SHORT, "--out", out)["rows"] == {"records": 1}
    assert json.loads(out.read_text())["parts"]["records"]["rows"][0]["data"]["Email"] == EMAIL
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    out.unlink()
    assert run(home, "forget", "--verify", EMAIL).exit_code == UNWELL
    [forgotten] = told(home, "forget", "acme", "--lead", SHORT, "--because", "asked for", "--yes")["leads"]
    assert (forgotten["lead"], forgotten["rows"]) == (LONG, {"records": 1})
    assert told(home, "forget", "--verify", EMAIL) == {"tables": {}, "files": [], "keys": 0, "erasures": []}
    proved = run(home, "forget", "--verify", SHORT)
    assert proved.exit_code == 0
    assert "1 row, erasure" in proved.output
    assert "It stands in no table and in no file" in proved.output


def test_an_address_finds_the_lead(home):
    assert [one["lead"] for one in told(home, "forget", "acme", "--email", EMAIL.upper(), "--yes")["leads"]] == [LONG]


def test_the_proof_is_said_and_is_said_again_when_asked_for(home):
    done = run(home, "forget", "acme", "--lead", SHORT, "--yes")
    again = run(home, "forget", "--verify", SHORT)

    assert done.exit_code == again.exit_code == 0, done.output
    assert "Proved: none of 3 words that told who this was stands anywhere any more" in " ".join(done.output.split())
    assert "0 places named the person then" in again.output


def test_a_trace_that_is_left_is_told_and_ends_with_the_code_of_what_is_not_well(home):
    (home / "list.csv").write_text(f"a,{EMAIL}\n")

    done = run(home, "forget", "acme", "--lead", LONG, "--yes")

    assert done.exit_code == UNWELL
    assert "list.csv" in done.output
    assert "1 place named the person then" in run(home, "forget", "--verify", SHORT).output


@pytest.mark.parametrize("shown", [(), ("--json",)])
def test_a_table_that_still_names_the_person_is_told_with_what_to_do(home, shown):
    done = run(home, "forget", "acme", "--lead", SHORT, "--because", f"asked by {LONG}", "--yes", *shown)

    assert done.exit_code == UNWELL, done.output
    if shown:
        assert json.loads(done.stdout.splitlines()[-1])["proof"]["left"]["erasures"] == 1
    else:
        assert "leave personal data out of --because" in " ".join(done.output.split())
    assert run(home, "forget", "--verify", LONG, *shown).exit_code == UNWELL


def test_what_goes_by_itself_is_no_failure():
    assert passes(Found({"cursors": 1}, ("truegrade.db",)))
    assert passes(Found())
    assert not passes(Found({}, ("truegrade.db",)))
    assert not passes(Found({"records": 1}))
    assert not passes(Found({"cursors": 1}, ("truegrade.db", "list.csv")))
    assert not passes(Found(keys=1))


def test_redis_that_does_not_answer_is_said(home, monkeypatch, tmp_path):
    monkeypatch.setenv("TRUEGRADE_REDIS_URL", f"unix://{tmp_path}/nobody.sock")

    done = run(home, "forget", "--verify", EMAIL)

    assert "Redis does not answer" in done.output


def test_a_second_time_says_that_nothing_was_left(home):
    run(home, "forget", "acme", "--lead", LONG, "--yes")

    again = run(home, "forget", "acme", "--lead", LONG, "--yes")

    assert again.exit_code == 0
    assert "nothing was here any more" in again.output


def test_what_was_left_is_looked_for_again_until_it_is_proved_gone(home):
    (home / "list.csv").write_text(f"a,{EMAIL}\n")

    codes = [run(home, "forget", "acme", "--lead", LONG, "--yes").exit_code for _ in range(2)]
    (home / "list.csv").unlink()
    last = told(home, "forget", "acme", "--lead", LONG, "--yes")

    assert codes == [UNWELL, UNWELL]
    assert last["is_proved"]
    assert last["proof"]["words"] == 3
    assert told(home, "forget", "acme", "--lead", LONG, "--yes")["proof"]["words"] == 1


def test_killed_before_the_proof_the_next_try_still_knows_what_to_look_for(home):
    (home / "list.csv").write_text(f"a,{EMAIL}\n")
    erased_without_proof(home)
    (home / "truegrade.db-copy").write_bytes((home / "truegrade.db").read_bytes())
    assert EMAIL.encode() not in (home / "truegrade.db-copy").read_bytes()

    again = run(home, "forget", "acme", "--lead", LONG, "--yes")

    assert again.exit_code == UNWELL
    assert "list.csv" in again.output


def test_a_look_after_a_kill_says_that_no_proof_was_kept_until_one_is(home):
    erased_without_proof(home)

    killed, shown = run(home, "forget", "--verify", SHORT), run(home, "forget", "--verify", SHORT, "--json")
    proved = run(home, "forget", "acme", "--lead", LONG, "--yes").exit_code
    after = run(home, "forget", "--verify", SHORT)

    assert (killed.exit_code, shown.exit_code, proved, after.exit_code) == (UNPROVED, UNPROVED, 0, 0)
    assert "Not proved: no proof was kept" in " ".join(killed.output.split())
    assert f"truegrade forget acme --lead {SHORT} --yes" in " ".join(killed.output.split())
    assert not json.loads(shown.stdout.splitlines()[-1])["erasures"][0]["proved"]
    assert "Not proved" not in after.output


def test_a_person_of_whom_nothing_is_known_any_more_is_not_said_to_be_proved_gone(home):
    erased_without_proof(home)
    store = open_store(load_settings(home).store_url)
    with store.write() as tx:
        tx.execute(tables.hash_keys.delete().where(tables.hash_keys.c.name.startswith("unproved")))
    store.close()

    again = run(home, "forget", "acme", "--lead", LONG, "--yes")

    assert again.exit_code == UNPROVED
    assert "Not proved: nothing is known of this person" in " ".join(again.output.split())


def test_lines_that_lost_their_numbers_are_no_proof(home):
    [forgotten] = told(home, "forget", "acme", "--lead", LONG, "--yes")["leads"]
    store = open_store(load_settings(home).store_url)
    subject = f"acme erasure {forgotten['erasure']}"
    audit.add(store, audit.Line(datetime.now(UTC), "me", ACTION, subject, {"erased": True}))
    store.close()

    assert "0 places named the person then" in run(home, "forget", "--verify", LONG).output


def test_a_short_id_stands_where_ids_stand_and_in_no_number(home):
    store = open_store(load_settings(home).store_url)
    audit.add(store, audit.Line(datetime.now(UTC), "me", "said", "acme 139", {"rows": 39, "more": [39, 1.39]}))
    before = told(home, "forget", "--verify", "39")
    audit.add(store, audit.Line(datetime.now(UTC), "me", "said", "acme 39", {}))
    audit.add(store, audit.Line(datetime.now(UTC), "me", "said", "acme", {"lead": "39"}))
    store.close()

    after = run(home, "forget", "--verify", "39", "--json")

    assert (before["tables"], before["files"]) == ({}, [])
    assert json.loads(after.stdout.splitlines()[-1])["tables"] == {"audit": 2}


def erased_without_proof(home):
    """Erase the lead, as one does who is killed when the store has committed."""
    store = open_store(load_settings(home).store_url)
    how = {"connection": "acme", "now": datetime.now(UTC), "asked_by": "me", "why": "x"}
    forgetting.forget(store, load_preset("salesforce"), LONG, models_folder=home / "models", **how)
    forgetting.scrub(store)
    store.close()


def test_what_is_left_is_told_with_what_to_do(home):
    (home / "list.csv").write_text(f"a,{EMAIL}\n")

    done = run(home, "forget", "--verify", EMAIL)

    assert done.exit_code == UNWELL
    assert "list.csv" in done.output
    assert "truegrade forget" in done.output


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        (["forget"], "forget NAME --lead ID"),
        (["forget", "acme"], "--email ADDRESS"),
        (["forget", "acme", "--lead", LONG], "--yes"),
        (["forget", "acme", "--email", "nobody@x.example", "--yes"], "--lead ID"),
        (["forget", "--verify", " "], "--verify ID"),
        (["forget", "acme", "--lead", "", "--yes"], "No lead of acme"),
        (["forget", "acme", "--lead", " ", "--yes"], "No lead of acme"),
        (["forget", "acme", "--lead", "e", "--yes"], "No lead of acme"),
        (["forget", "acme", "--lead", LONG, "--lead", "00Q000000000009EAA", "--yes"], "nothing was erased"),
        (["export-person", "acme", "--lead", LONG, "--out", "connections.yaml"], "--overwrite"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(home, monkeypatch, words, fix):
    monkeypatch.chdir(home)

    error = run(home, *words).exception

    assert isinstance(error, Misconfigured)
    assert fix in str(error)


def test_a_mapping_with_a_mistake_keeps_nobody_from_being_erased(home):
    (home / "own.yaml").write_text("bogus: 1\n")
    file = home / "connections.yaml"
    file.write_text(file.read_text() + "    mapping: own.yaml\n")

    done = run(home, "forget", "acme", "--lead", SHORT, "--yes")

    assert done.exit_code == 0, done.output
    assert "has a mistake" in done.output
