"""`truegrade map schema` and `map diff`, on files and on an installation whose CRM is not asked."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import mappings
from connector.crm import Cursor, Entity, Page, Record
from connector.errors import Misconfigured
from mappings.file.load import load, preset_text
from mappings.file.schema import schema
from tasks.cli import app
from tasks.settings import SettingsInvalid, load_settings
from tasks.store import records
from tasks.store.engine import open_store

PRESET = preset_text("salesforce")


@pytest.fixture
def home(tmp_path):
    """An installation with a Salesforce of three leads; nobody is there to be called."""
    (tmp_path / "connections.yaml").write_text(
        "connections:\n  acme:\n    crm: salesforce\n    url: https://acme.example\n"
        "    sign_in: {kind: client_credentials, client_id: 'env:NOT_ASKED', client_secret: 'env:NOT_ASKED'}\n"
    )
    store = open_store(load_settings(tmp_path).store_url)
    store.migrate()
    found = tuple(Record(f"00Q{number}", "2026-03-01T10:00:00.000Z", ("CEO",)) for number in range(3))
    records.save_page(store, "acme", Page(Entity.LEAD, ("Title",), found, Cursor("c")), identify=lambda _: (None, None))
    store.close()
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["map", *map(str, arguments)])


def new_file(home, old, new):
    assert old in PRESET
    path = home / "new.yaml"
    path.write_text(PRESET.replace(old, new), encoding="utf-8")
    return path


def test_the_schema_is_printed_as_a_file_or_in_one_line():
    assert json.loads(run("schema").stdout) == schema()
    assert json.loads(run("schema", "--json").stdout.splitlines()[-1]) == schema()


def test_init_writes_mappings_that_an_editor_can_check(tmp_path):
    CliRunner().invoke(app, ["init", str(tmp_path / "made")])
    made = tmp_path / "made" / "mappings"

    first, _, rest = (made / "salesforce.yaml").read_text(encoding="utf-8").partition("\n")
    assert json.loads((made / first.rpartition("=")[2]).read_text(encoding="utf-8")) == schema()
    assert rest == PRESET
    assert load(made / "salesforce.yaml").features


def test_two_files_are_held_against_each_other_without_an_installation(tmp_path):
    (tmp_path / "old.yaml").write_text(PRESET, encoding="utf-8")
    new = new_file(tmp_path, "horizon_days: 90", "horizon_days: 60")

    told = run("diff", tmp_path / "old.yaml", new)
    assert told.exit_code == 0, told.output
    assert "horizon_days 60 instead of 90" in told.stdout
    assert "1. `truegrade train NAME`" in told.stdout
    assert "`truegrade backfill start NAME --dry-run` tells what it takes" in told.stdout


def test_the_mapping_in_force_is_named_by_its_connection_and_leads_and_calls_are_reckoned(home):
    told = json.loads(
        run("diff", "acme", new_file(home, "from: LeadSource", "from: Own__c"), "--home", home, "--json").stdout
    )

    assert told["moves_scores"]
    assert told["needs"] == ["a pull of new fields", "retraining", "a rescore"]
    assert (told["backfill"]["leads"], told["backfill"]["reads"], told["backfill"]["writes"]) == (3, 1, 1)
    assert [change["section"] for change in told["changes"]] == ["features", "fields", "fields"]
    said = run("diff", "acme", home / "new.yaml", "--home", home).stdout
    assert "That is 3 leads, 1 call to read and at most 1 to write" in said
    assert "`truegrade pull acme`" in said


def test_what_says_the_same_needs_nothing(home):
    told = run("diff", "acme", "salesforce", "--home", home)

    assert told.stdout.strip() == "salesforce says the same as acme. There is nothing to do."


def test_a_change_that_counts_at_once_says_so(home):
    told = run("diff", "salesforce", new_file(home, "name: Salesforce, standard fields", "name: Ours"), "--home", home)

    assert "It counts as soon as the file is in place" in told.stdout


def test_values_to_be_written_back_are_told_beside_the_calls(home):
    back = (
        "enrich: [{name: firms, table: firms.csv, key: domain, of: [Email], fields: {sector: Sector}, "
        "write_back: {sector: Fax}}]\nroutes:"
    )

    told = run("diff", "acme", new_file(home, "routes:", back), "--home", home).output
    without = run("diff", "acme", new_file(home, "label: Website given", "label: Site"), "--home", home).output

    assert "Values to be written back are not among these calls" in told
    assert "Values to be written back" not in without


def test_what_is_neither_file_nor_connection_is_told(home):
    told = run("diff", "acne", "salesforce", "--home", home)

    assert isinstance(told.exception, SettingsInvalid | Misconfigured)
    assert "acme" in str(told.exception)


def test_the_lines_of_the_readme_run_as_they_stand(tmp_path, monkeypatch):
    readme = Path(mappings.__file__).with_name("README.md").read_text(encoding="utf-8")
    shown = [line for line in readme.splitlines() if re.match("truegrade map (schema|diff) ", line)]
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(app, ["init"])  # with a connection called salesforce
    for name in ("old.yaml", "new.yaml"):
        Path(name).write_text(PRESET, encoding="utf-8")

    assert len(shown) == 3
    for line in shown:
        command, _, to = line.partition("#")[0].partition(">")
        told = CliRunner().invoke(app, command.replace("NAME", "salesforce").split()[1:])
        assert told.exit_code == 0, (line, told.output)
        assert not to or json.loads(told.stdout) == schema()
