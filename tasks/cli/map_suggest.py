"""The command `truegrade map suggest`: draft a mapping from what a CRM holds."""

from pathlib import Path
from typing import Annotated

import typer

from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.settings import SettingsInvalid

Out = Annotated[Path | None, typer.Option("--out", help="File to write the draft to; else it is printed.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")]
Sample = Annotated[int, typer.Option("--leads", min=500, max=20_000, help="Leads to look at, at most.")]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("suggest")(map_suggest)


def map_suggest(
    name: Name,
    to: Out = None,
    overwrite: Overwrite = False,
    leads: Sample = 5_000,
    home: Home = None,
    json: Json = False,
) -> None:
    """Draft a mapping from the CRM's fields and a sample of its records; stores and changes nothing."""
    from tasks.cli.drafting import drafted  # noqa: PLC0415  a help text need not load the learner

    if to is not None and to.exists() and not overwrite:
        raise SettingsInvalid(f"{to} is there already. Name another file, or add --overwrite.")
    drafted(wiring_of(home), name, to, leads=leads, json=json)
