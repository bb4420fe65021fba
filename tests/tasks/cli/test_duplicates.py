"""The command duplicates on an installation without a CRM."""

import csv
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from connector.crm import Cursor, Entity, Page, Record
from mappings.file.load import preset_text
from tasks import screens
from tasks.cli import app
from tasks.settings import load_settings
from tasks.store import records
from tasks.store.engine import open_store

README = Path(__file__).parents[3] / "tasks" / "README.md"
START = "truegrade duplicates"
AT = "2026-03-01T12:00:00.000Z"


@pytest.fixture
def home(tmp_path):
    """An installation with a Salesforce and a HubSpot that know one person three times, and a company twice."""
    (tmp_path / "connections.yaml").write_text(
        "connections:\n  acme:\n    crm: salesforce\n    url: https://acme.example\n"
        "    sign_in: {kind: client_credentials, client_id: 'env:NOT_ASKED', client_secret: 'env:NOT_ASKED'}\n"
        "  beta:\n    crm: hubspot\n    sign_in: {kind: token, token: 'env:NOT_ASKED'}\n"
    )
    store = open_store(load_settings(tmp_path).store_url)
    store.migrate()
    save(
        store,
        "acme",
        Entity.LEAD,
        ("Email", "LastName"),
        {"00Q1": ("kim@acme.com", "=1+1"), "00Q2": ("KIM@acme.com", "Lee")},
    )
    save(store, "beta", Entity.LEAD, ("email",), {"7": ("kim+x@acme.com",), "8": ("pat@acme.com",)})
    save(store, "acme", Entity.COMPANY, ("Name",), {"0011": ("Acme",), "0012": ("ACME, Inc.",)})
    store.close()
    return tmp_path


def save(store, name, entity, fields, values):
    rows = tuple(Record(one, AT, held) for one, held in values.items())
    records.save_page(store, name, Page(entity, fields, rows, Cursor("")), identify=lambda _values: (None, None))


def run(home, *words, code=0):
    ran = CliRunner().invoke(app, ["duplicates", *words, "--home", str(home)])
    assert ran.exit_code == code, (ran.output, ran.exception)
    return ran.output


def told(home, *words):
    return json.loads(run(home, *words, "--json").splitlines()[-1])


def test_nothing_is_known_before_anybody_looked(home):
    assert "Nothing is there twice, as of the last sync. `truegrade duplicates --find`" in run(home)
    assert told(home)["clusters"] == []


def test_it_finds_and_shows_ids_and_kinds_but_no_value(home):
    shown = run(home, "--find")

    assert all(word in shown for word in ("00Q1", "00Q2", "beta", "7", "e-mail", "company name", "merges nothing"))
    assert "kim" not in shown
    assert "3 leads of acme, beta in 1 cluster." in shown
    assert "2 companies of acme in 1 cluster." in shown


def test_it_tells_machines_the_clusters_across_connections(home):
    found = told(home, "--find", "--entity", "lead")

    [cluster] = found["clusters"]
    assert [(one["connection"], one["id"]) for one in cluster["records"]] == [
        ("acme", "00Q1"), ("acme", "00Q2"), ("beta", "7"),
    ]  # fmt: skip
    assert cluster["because"] == ["e-mail"]
    assert found["counts"] == {"lead": {"clusters": 1, "records": 3, "connections": ["acme", "beta"]}}
    assert told(home, "beta", "--entity", "company")["clusters"] == []
    assert "values" not in cluster["records"][0]


def test_it_shows_values_only_when_asked(home):
    assert "KIM@acme.com" in run(home, "--find", "--values")
    [cluster] = told(home, "--entity", "lead", "--values")["clusters"]
    assert cluster["records"][2]["values"] == {"email": "kim+x@acme.com"}


def test_values_are_never_cut_within_a_word(home, monkeypatch):
    narrow = Console(width=90, force_terminal=True, color_system=None)
    monkeypatch.setattr(screens, "out", narrow)
    store = open_store(load_settings(home).store_url)
    email = "maximiliana.featherstonehaugh@acme-industries.com"
    save(
        store,
        "beta",
        Entity.LEAD,
        ("email", "firstname", "lastname"),
        {"9": (email, "A", "B"), "10": (email, "C", "D")},
    )
    store.close()

    assert f"email: {email} " in run(home, "--find", "--values", "--entity", "lead")


def test_it_writes_all_of_them_to_a_file_that_no_spreadsheet_runs(home, tmp_path):
    path = tmp_path / "twice.csv"

    said = run(home, "--find", "--limit", "1", "--values", "--out", str(path))

    assert "acme.com" not in said, "who asks for a file wants no personal data on the screen"
    assert "3 leads of acme, beta in 1 cluster." in said
    assert "5 records written to" in said
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [row["id"] for row in rows if row["entity"] == "lead"] == ["00Q1", "00Q2", "7"]
    assert len(rows) == 5
    assert not any(value.startswith("=") for row in rows for value in row.values())
    assert f"There is a file {path} already." in str(
        CliRunner().invoke(app, ["duplicates", "--out", str(path), "--home", str(home)]).exception
    )


def test_it_says_what_a_mapping_without_the_section_lacks(home):
    before, _, after = preset_text("hubspot").partition("duplicates:\n")
    (home / "none.yaml").write_text(before + after.partition("\n\n")[2])
    text = (home / "connections.yaml").read_text()
    (home / "connections.yaml").write_text(text.replace("  beta:\n", "  beta:\n    mapping: none.yaml\n"))

    assert "beta: its mapping does not say what tells a duplicate. Give it a section `duplicates`" in run(home, "beta")
    assert told(home)["not_sought"] == ["beta"]


def test_the_lines_of_the_readme_run_as_they_stand(home, monkeypatch):
    monkeypatch.chdir(home)
    shown = [line.partition("#")[0].split() for line in README.read_text().splitlines() if line.startswith(START)]

    assert len(shown) == 3
    for words in shown:
        run(home, *words[2:])
    assert len((home / "twice.csv").read_text().splitlines()) == 1 + 5
