import sys

import pytest

from connector.errors import Misconfigured
from model.errors import DamagedModel
from tasks.cli import _say_home, main, run
from tasks.cli.endings import concerning, sentence
from tasks.screens import named, progress, say, told_commands, verbatim


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Run `truegrade provision`.", "Run `truegrade provision acme`."),
        (
            "`truegrade pull --reload`, then `truegrade train`",
            "`truegrade pull acme --reload`, then `truegrade train acme`",
        ),
        ("`truegrade push acme` sends them", "`truegrade push acme` sends them"),
        ("`truegrade up` or `truegrade refusals acme`", "`truegrade up` or `truegrade refusals acme`"),
    ],
)
def test_commands_that_need_a_connection_name_it(text, typed):
    assert named(text, "acme") == typed


@pytest.mark.parametrize(
    "error", [Misconfigured("No.", fix="Run `truegrade train`."), DamagedModel("It cannot be read.")]
)
def test_what_goes_wrong_is_told_with_the_connection_it_concerns(error):
    with pytest.raises(type(error)) as told, concerning("acme"):
        raise error

    assert sentence(told.value).endswith("Run `truegrade train acme`.")


def test_refused_rows_point_to_the_command_that_explains_them(capsys):
    run._tell_people("synced", {"acme": {"refused": 2}, "beta": {"refused": 0}}, {})

    said = capsys.readouterr().out
    assert "2 rows were refused by the CRM; `truegrade refusals acme` shows which and why." in said
    assert "`truegrade refusals acme --retry` queues them" in said
    assert "truegrade refusals beta" not in said


def test_blanks_that_break_no_line_are_shown_and_what_commands_a_terminal_is_not():
    assert verbatim("13\u00a0% wahrscheinlicher") == "13\u00a0% wahrscheinlicher"
    assert verbatim("1\u202f234\u00a0: x") == "1\u202f234\u00a0: x"
    assert verbatim("a\x1b[2J\u202eb\u2028") == "a\ufffd[2J\ufffdb\ufffd"


@pytest.mark.parametrize("typed", [["--home", "my trial"], ["--home=my trial"]])
def test_commands_that_are_told_say_the_folder_that_was_typed(monkeypatch, capsys, tmp_path, typed):
    (tmp_path / "my trial").mkdir()
    (tmp_path / "my trial" / "connections.yaml").write_text(
        "connections: {acme: {crm: hubspot, sign_in: {kind: token, token: env:NOT_ASKED}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    told_commands()
    monkeypatch.setattr(sys, "argv", ["truegrade", "forget", *typed])

    with pytest.raises(SystemExit):
        main()

    assert capsys.readouterr().err.endswith("add --home 'my trial', or set TRUEGRADE_HOME to it.\n")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ([], "`truegrade pull acme` now"), (["--home", "trial", "--json"], "`truegrade pull acme`"),
        (["--home", "trial"], "done"), (["--home", "trial"], "`truegrade up --home trial`"),
        (["--home", "trial"], "`truegrade init`"),
    ],
)  # fmt: skip
def test_the_folder_is_not_said_where_nobody_needs_it(capsys, typed, told):
    told_commands()
    say(told)
    before = capsys.readouterr().err

    _say_home(["truegrade", "pull", *typed])

    assert before == capsys.readouterr().err == ""


@pytest.mark.parametrize(("typed", "lines"), [([], ["acme:   pull lead", "acme:   push"]), (["--json"], [])])
def test_without_a_terminal_each_step_is_said_once_when_it_begins(monkeypatch, capsys, typed, lines):
    monkeypatch.setattr(sys, "argv", ["truegrade", "sync", *typed])

    with progress("acme:") as report:
        for step in [("pull lead", 0, 0), ("pull lead", 10, None), ("pull lead", 20, None), ("push", 0, 9)]:
            report(*step)

    assert capsys.readouterr().err.splitlines() == lines
