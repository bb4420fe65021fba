"""`./dev check crm-assets` tells what ran, what failed, and why."""

import json
import sys
from pathlib import Path

import pytest

from tests.assets.__main__ import line_for, report
from tests.assets.checks import Check, checks_in, run
from tests.assets.workspace import ROOT, Workspace


def outcome(script):
    return run(Check("name", "what it proves", (sys.executable, "-c", script), ROOT))


def test_a_check_that_passes_says_how_much_it_looked_at():
    jest, vitest, browser = (
        outcome("print('Tests:       58 passed, 58 total')"),
        outcome("print('Tests  20 passed')"),
        None,
    )
    browser = outcome("print('{\"shots\": 130}')")

    assert [one.counted for one in (jest, vitest, browser)] == [58, 20, 130]
    assert line_for(jest).endswith("58 looked at")
    assert report([jest], "pictures")["passed"]


def test_a_check_that_fails_shows_the_end_of_what_it_said():
    failed = outcome("import sys; print('first\\n' * 90, 'the cause', file=sys.stderr); sys.exit(2)")

    told = report([outcome("pass"), failed], "pictures")

    assert not told["passed"]
    assert "the cause" in line_for(failed)
    assert line_for(failed).count("first") < 50
    assert json.loads(json.dumps(told))["checks"][1]["output"].endswith("the cause")


def test_every_check_has_its_own_name_and_a_script_that_ships_or_is_pinned():
    checks = checks_in(Workspace(Path("home"), ("node",), "chromium"))
    pinned = json.loads((ROOT / "tests/assets/package.json").read_text(encoding="utf-8"))["dependencies"]

    assert len({check.name for check in checks}) == len(checks) == 11
    for check in checks:
        scripts = [word for word in check.command if word.startswith("home/")]
        for script in scripts[:1]:
            part = script.removeprefix("home/")
            package = part.removeprefix("node_modules/").split("/")[0]
            # Jest comes with Salesforce's set-up for it.
            assert (ROOT / part.replace("tests/", "tests/assets/", 1)).exists() or package in {*pinned, "jest"}, part


@pytest.mark.node
def test_both_apps_pass_the_checks_of_their_ecosystems():
    pytest.skip("needs Node and Chromium: ./dev check crm-assets runs linters, tests and a browser over both apps")
