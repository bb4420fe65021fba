"""The command line `truegrade`. Exit codes mean something: see `endings.py`, which the README repeats."""

import shlex
import sys
from collections.abc import Iterator
from itertools import pairwise

import typer

from tasks.cli import (
    backfill,
    csv,
    doctor,
    duplicates,
    enrich,
    handovers,
    look,
    models,
    override,
    preview,
    privacy,
    provision,
    reconcile,
    refusals,
    report,
    run,
    serve,
    setup,
    watch,
)
from tasks.cli import map as mapping_file
from tasks.cli.endings import EXPECTED, STOPPED, exit_code, of_the_machine, sentence, unreadable
from tasks.cli.panels import InPanels, arrange
from tasks.screens import as_json, note, told_commands

app = typer.Typer(
    cls=InPanels,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Honest predictive lead scoring inside your own CRM.",
)
for commands in (
    setup,
    provision,
    doctor,
    duplicates,
    run,
    look,
    models,
    csv,
    serve,
    report,
    refusals,
    watch,
    reconcile,
    backfill,
    preview,
    mapping_file,
    override,
    handovers,
    privacy,
    enrich,
):
    commands.add_to(app)
arrange(app)


def main() -> None:
    """Run a command; say in one sentence what a person must do, and exit with the code for its kind."""
    try:
        app()
    except EXPECTED as error:
        _end(error)
    except OSError as error:
        lacks = of_the_machine(error)
        if lacks is None:
            raise
        _end(lacks)
    except UnicodeEncodeError:
        mistyped = unreadable(sys.argv)
        if mistyped is None:
            raise
        _end(mistyped)
    except KeyboardInterrupt:
        note("truegrade: stopped. Nothing is lost: run it again, and it goes on.")
        sys.exit(STOPPED)
    finally:
        _say_home(sys.argv)


def _say_home(words: list[str]) -> None:
    """Say which folder the commands are for that were shown without one, if it was typed and is not what they take."""
    home = next((one.removeprefix("--home=") for one in _after_home(words)), "")
    if told_commands() and home and "--json" not in words:
        note(f"The commands above need the folder, too: add --home {shlex.quote(home)}, or set TRUEGRADE_HOME to it.")


def _after_home(words: list[str]) -> Iterator[str]:
    for word, after in pairwise([*words, ""]):
        if word == "--home":
            yield after
        elif word.startswith("--home="):
            yield word


def _end(error: Exception) -> None:
    """Say the error to a person, or as the last line of JSON to a machine, and exit."""
    if "--json" in sys.argv:
        as_json({"error": type(error).__name__, "message": sentence(error), "exit_code": exit_code(error)})
    else:
        note(f"truegrade: {sentence(error)}")
    sys.exit(exit_code(error))
