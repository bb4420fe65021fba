"""The command report on an installation whose model was registered, without a CRM."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from connector.errors import Misconfigured
from tasks.cli import app
from tasks.cli.endings import exit_code
from tasks.settings import load_settings
from tasks.store import models
from tasks.wiring import open_wiring
from tests.model.report.conftest import told

NOW = datetime(2026, 7, 1, tzinfo=UTC)
VERSION = "20260701-abc"


@pytest.fixture
def home(tmp_path):
    """An installation with one connection; nothing was learned."""
    (tmp_path / "connections.yaml").write_text(
        "connections:\n  sales:\n    crm: hubspot\n    sign_in: {kind: token, token: 'env:NOT_ASKED'}\n"
    )
    return tmp_path


def learned(home, report=None):
    wiring = open_wiring(load_settings(home))
    models.register(wiring.store, "sales", version=VERSION, path=f"sales/{VERSION}", card={}, now=NOW)
    wiring.store.close()
    folder = home / "models" / "sales" / VERSION
    folder.mkdir(parents=True)
    if report is not None:
        (folder / "report.json").write_text(report)


def run(home, *arguments):
    return CliRunner().invoke(app, ["report", "sales", "--home", str(home), *arguments])


def test_it_writes_the_page_and_says_where(home):
    learned(home, json.dumps(told()))

    done = run(home)

    path = home / "reports" / f"sales-{VERSION}.html"
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(path)
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_it_writes_where_it_is_told_and_gives_the_content_to_machines(home):
    report = told()
    learned(home, json.dumps(report))

    done = run(home, "--out", str(home / "there" / "page.html"), "--json")

    printed = json.loads(done.stdout.splitlines()[-1])
    assert printed["path"] == str(home / "there" / "page.html")
    assert printed["report"] == report
    assert (home / "there" / "page.html").is_file()


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (None, "has no report"),
        ("{", "is no whole report"),
        ("[]", "another version"),
        ('{"format": 0}', "another version"),
    ],
)
def test_without_a_report_it_says_what_to_run(home, report, words):
    learned(home, report)

    done = run(home)

    assert isinstance(done.exception, Misconfigured)
    assert words in str(done.exception)
    assert "truegrade train sales" in str(done.exception)
    assert exit_code(done.exception) == 3


def test_without_a_model_it_says_so(home):
    done = run(home)

    assert "sales has no model yet" in str(done.exception)
    assert not (home / "reports").exists()
