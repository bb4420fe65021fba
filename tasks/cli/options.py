"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from tasks import log
from tasks.settings import Settings, load_settings
from tasks.wiring import Wiring, open_wiring

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the installation; else TRUEGRADE_HOME, else truegrade-data."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line, for machines.")]
Name = Annotated[str, typer.Argument(help="Name of the connection in connections.yaml.")]
Version = Annotated[str, typer.Argument(help="Version of a model, as `truegrade models` shows it.")]
Names = Annotated[list[str] | None, typer.Argument(help="Names of connections; none: all of them.")]


def settings_of(home: Path | None) -> Settings:
    """Read the settings and start the log they ask for."""
    settings = load_settings(home)
    log.configure(settings.log_level)
    return settings


def wiring_of(home: Path | None) -> Wiring:
    """Open the installation in the given folder, for a command that tells by itself how it ends.

    It logs nothing unless it is asked to: a log would say everything twice.
    """
    settings = load_settings(home)
    log.configure(settings.log_level if "log_level" in settings.model_fields_set else "critical")
    return open_wiring(settings)


def chosen(wiring: Wiring, names: list[str] | None) -> list[str]:
    """Return the connections to work on; complains about unknown ones before anything runs."""
    if not names:
        return list(wiring.connections)
    for name in names:
        wiring.connection(name)
    return names
