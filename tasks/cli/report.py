"""The command report: the page on which a sceptical reader judges the model that scores."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.errors import Misconfigured
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.screens import as_json, say, verbatim
from tasks.store import models
from tasks.wiring import Wiring

TRAIN_AGAIN = "Run `truegrade train {name}`, which writes it."

Out = Annotated[Path | None, typer.Option("--out", help="File of the page; else NAME-VERSION.html in reports.")]


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(report)


def report(name: Name, out: Out = None, home: Home = None, json: Json = False) -> None:
    """Write the report on the current model: one HTML page that needs no network; with --json its content too."""
    wiring = wiring_of(home)
    version, told = _told(wiring, name)
    from model.report.page import page  # noqa: PLC0415  a status need not load the plots

    path = (out or wiring.settings.home / "reports" / f"{name}-{version}.html").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(told), encoding="utf-8")
    if json:
        as_json({"connection": name, "version": version, "path": str(path), "report": told})
        return
    say(verbatim(str(path)))


def _told(wiring: Wiring, name: str) -> tuple[str, dict[str, Any]]:
    """Read what was told of the current model when it was learned."""
    wiring.connection(name)
    current = models.current(wiring.store, name)
    if current is None:
        raise Misconfigured(f"{name} has no model yet.", fix=f"Run `truegrade train {name}`, then ask for its report.")
    path = wiring.settings.models_folder / current.path / "report.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"The model {current.version} of {name} has no report: there is no {path}."
        raise Misconfigured(message, fix=TRAIN_AGAIN.format(name=name)) from error
    except ValueError as error:
        raise Misconfigured(f"{path} is no whole report.", fix=TRAIN_AGAIN.format(name=name)) from error
    return current.version, _of_this_format(told, path, name)


def _of_this_format(told: Any, path: Path, name: str) -> dict[str, Any]:
    from model.report.tell import FORMAT  # noqa: PLC0415  as above

    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Misconfigured(f"{path} was written by another version of Truegrade.", fix=TRAIN_AGAIN.format(name=name))
    return told
