"""The command line `truegrade`. Exit codes mean something: see EXIT_CODES, which the README repeats."""

import sys

import typer

from connector.errors import ConnectorError, Misconfigured, OutOfQuota, Retryable
from mappings.problems import MappingInvalid
from tasks.broker import BrokerFailed
from tasks.cli import look, run, serve, setup
from tasks.errors import NotEnoughHistory
from tasks.screens import as_json, note
from tasks.settings import SettingsInvalid
from tasks.store.engine import StoreUnreachable

EXIT_CODES = {
    0: "done",
    1: "a bug of ours: please report it",
    2: "the command was not understood",
    3: "something has to be set right first; the message says what",
    4: "too little history to learn from; the message says how much is needed",
    5: "the CRM cannot be reached or is busy; try again later",
    6: "the CRM's budget of API calls is spent; the work goes on when it returns",
    7: "done, but some rows were refused by the CRM; `truegrade status` shows them",
}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Honest predictive lead scoring inside your own CRM.",
)
for commands in (setup, run, look, serve):
    commands.add_to(app)


def main() -> None:
    """Run a command; say in one sentence what a person must do, and exit with the code for its kind."""
    try:
        app()
    except (SettingsInvalid, MappingInvalid, Misconfigured, BrokerFailed, StoreUnreachable) as error:
        _end(3, error)
    except NotEnoughHistory as error:
        _end(4, error)
    except OutOfQuota as error:
        _end(6, error)
    except Retryable as error:
        _end(5, error)
    except ConnectorError as error:
        _end(5, error)
    except KeyboardInterrupt:
        sys.exit(130)


def _end(code: int, error: Exception) -> None:
    """Say the error to a person, or as the last line of JSON to a machine, and exit."""
    told = f"{error} {error.fix}" if isinstance(error, NotEnoughHistory) else str(error)
    if "--json" in sys.argv:
        as_json({"error": type(error).__name__, "message": told, "exit_code": code})
    else:
        note(f"truegrade: {told}")
    sys.exit(code)
