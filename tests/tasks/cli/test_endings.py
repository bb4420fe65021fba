import pytest

from connector.errors import Misconfigured
from model.errors import DamagedModel
from tasks.cli import run
from tasks.cli.endings import concerning, sentence
from tasks.screens import named, verbatim


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
