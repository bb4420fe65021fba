"""The command that looks at every step of the set-up, and says where each is mended."""

import typer

from tasks.cli.options import Home, Json, Names, chosen, wiring_of
from tasks.doctor import connection, machine
from tasks.doctor.steps import State, Step
from tasks.screens import as_json, named, say, table, verbatim
from tasks.settings import SettingsInvalid
from tasks.store.engine import StoreUnreachable

AT_WORK = " "  # no connection's name: what comes after all of them
SHOWN = {State.OK: "ok", State.NOT_YET: "[bold red]not yet[/]", State.CANNOT_TELL: "[yellow]cannot tell[/]"}


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(doctor)


def doctor(names: Names = None, home: Home = None, json: Json = False) -> None:
    """Look at every step of the set-up: settings, secrets, sign-in, rights, fields, quota, workers, model."""
    found = _found(names, home)
    if json:
        as_json(
            {"well": _is_well(found), "steps": [_told(name, step) for name, steps in found.items() for step in steps]}
        )
    else:
        for name, steps in found.items():
            _show(name, steps)
        say(
            "All is set up."
            if _is_well(found)
            else "Do what is not yet done, from the top: each step stands on those before."
        )
    raise typer.Exit(0 if _is_well(found) else 3)


def _found(names: list[str] | None, home: Home) -> dict[str, list[Step]]:
    """Look at the installation, and at each connection; settings that cannot be read are a step like any other."""
    try:
        wiring = wiring_of(home)
    except SettingsInvalid as error:
        return {"": [machine.invalid(error)]}
    except StoreUnreachable as error:
        return {"": [machine.unreachable(error)]}
    wanted = chosen(wiring, names)
    here = machine.steps(wiring)
    found = {"": here, **{name: connection.steps(wiring, name) for name in wanted}}
    return found | ({AT_WORK: machine.at_work(wiring)} if _is_well({"": here}) else {})


def _is_well(found: dict[str, list[Step]]) -> bool:
    return all(step.state is not State.NOT_YET for steps in found.values() for step in steps)


def _told(name: str, step: Step) -> dict[str, str]:
    return {
        "connection": name.strip(), "step": step.name, "state": str(step.state), "told": named(step.told, name),
        "where": step.where,
    }  # fmt: skip


def _show(name: str, steps: list[Step]) -> None:
    rows = [(SHOWN[step.state], step.name, verbatim(named(step.told, name)), verbatim(step.where)) for step in steps]
    title = f"Connection {name}" if name.strip() else "This installation, at work" if name else "This installation"
    table(title, ("", "step", "found", "where"), rows)
