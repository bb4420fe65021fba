"""The commands override and handovers on an installation without a CRM."""

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tasks
from connector.crm import Cursor, Entity, Page, Record
from tasks.cli import app
from tasks.cli.endings import exit_code
from tasks.settings import load_settings
from tasks.store import handovers, records
from tasks.store.engine import open_store
from tasks.store.handovers import Rise

README = (Path(tasks.__file__).parent / "README.md").read_text(encoding="utf-8")
SHORT = "00Q000000000001"
LONG = SHORT + "EAA"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
SET = ("--grade", "A", "--until", LATER, "--because", "knows [bold] us")


@pytest.fixture
def home(tmp_path):
    """An installation with a Salesforce of one lead."""
    (tmp_path / "connections.yaml").write_text(
        "connections:\n  acme:\n    crm: salesforce\n    url: https://acme.example\n"
        "    sign_in: {kind: client_credentials, client_id: 'env:NOT_ASKED', client_secret: 'env:NOT_ASKED'}\n"
    )
    store = open_store(load_settings(tmp_path).store_url)
    store.migrate()
    page = Page(Entity.LEAD, ("Title",), (Record(LONG, "2026-03-01T10:00:00.000Z", ("VP",), None, None),), Cursor("c"))
    records.save_page(store, "acme", page, identify=lambda _values: (None, None), cursor=None)
    with store.write() as tx:
        handovers.add(tx, "acme", "webhook", [Rise(LONG, "first", "A", None)], now=NOW)
    store.close()
    return tmp_path


def run(home, *arguments):
    return CliRunner().invoke(app, [*map(str, arguments), "--home", str(home)])


def told(home, *arguments):
    done = run(home, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


def test_one_is_set_shown_and_ended(home):
    assert told(home, "override", "acme", SHORT, *SET)["done"] == "set"

    (shown,) = told(home, "override", "acme")["overrides"]
    assert (shown["lead"], shown["grade"], shown["until"]) == (LONG, "A", LATER)
    assert "[bold]" in run(home, "override", "acme").output

    assert told(home, "override", "acme", LONG, "--end")["done"] == "ended"
    assert told(home, "override", "acme")["overrides"] == []
    assert "nothing is decided" in run(home, "override", "acme").output


def test_people_are_told_what_to_do_next(home):
    done = run(home, "override", "acme", SHORT, *SET, "--route", "sales")

    assert f"grade A and route sales by hand set until {LATER}. Run `truegrade sync acme`" in done.output


WRONG = {
    "nothing": ((LONG,), "Nothing is decided"),
    "no such grade": ((LONG, *SET, "--grade", "E"), "There is no grade E. Use one of A, B, C, D"),
    "no such route": ((LONG, *SET, "--route", "mars"), "no route mars"),
    "no reason": ((LONG, "--grade", "A", "--until", LATER), "needs a reason"),
    "no end": ((LONG, "--grade", "A", "--because", "x"), "needs an end"),
    "the past": ((LONG, "--grade", "A", "--because", "x", "--until", "2020-01-01"), "is over"),
    "nobody": (("00Q000000000009", *SET), "has no lead"),
    "nothing to end": ((LONG, "--end"), "Nothing is decided by hand"),
    "both": ((LONG, "--end", *SET), "--end stands beside"),
    "no lead": (SET, "a lead is missing"),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_refused_with_what_to_type(home, arguments, words):
    done = run(home, "override", "acme", *arguments)

    assert exit_code(done.exception) == 3
    assert words in str(done.exception)
    assert told(home, "override", "acme")["overrides"] == []


def test_hand_overs_are_shown_and_tried_again(home):
    shown = told(home, "handovers", "acme", "--retry")

    assert (shown["webhook"], shown["retried"], shown["counts"]) == (False, 1, {"waiting": 1})
    assert [row["lead"] for row in shown["handovers"]] == [LONG]
    assert LONG in run(home, "handovers", "acme").output


def test_the_documented_lines_do_what_is_said_of_them(home):
    (block,) = re.findall(r"```\n(truegrade override.*?)```", README, flags=re.DOTALL)
    lines = [shlex.split(line, comments=True)[1:] for line in block.splitlines()]

    for words in lines:
        typed = [{"NAME": "acme", "LEAD": LONG, "2026-12-31": LATER}.get(word, word) for word in words]
        assert run(home, *typed).exit_code == 0, words
    assert len(lines) == 3
