import subprocess
import sys
from collections import Counter

import typer
from typer.testing import CliRunner

from tasks.cli import app
from tasks.cli.panels import PANELS


def test_every_command_is_in_one_panel_and_none_is_named_that_is_not_there():
    named = Counter(command for commands in PANELS.values() for command in commands)

    assert set(named.values()) == {1}
    assert set(named) == set(typer.main.get_command(app).commands)


def test_the_help_shows_the_panels_and_their_commands_in_order():
    shown = CliRunner().invoke(app, ["--help"]).stdout

    wanted = [
        word for panel, commands in PANELS.items() for word in (f"─ {panel} ─", *(f"│ {one} " for one in commands))
    ]
    places = [shown.find(word) for word in wanted]
    assert -1 not in places
    assert places == sorted(places)


def test_no_command_waits_for_libraries_that_only_some_need():
    code = "import sys, tasks.cli; print({'catboost', 'lightgbm', 'sklearn', 'pandas', 'numba'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
