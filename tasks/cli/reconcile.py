"""The command reconcile: hold the store against the CRM, find what polling cannot see, and prove the counts."""

from typing import Annotated, Any

import typer

from tasks import run
from tasks.cli.endings import DONE, EXPECTED, concerning, exit_code, sentence
from tasks.cli.options import Home, Json, Names, chosen, wiring_of
from tasks.screens import OnProgress, as_json, named, note, progress, say, table, verbatim
from tasks.wiring import Wiring

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only look: change nothing here and nothing in the CRM.")]


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(reconcile)


def reconcile(names: Names = None, dry_run: DryRun = False, home: Home = None, json: Json = False) -> None:
    """Count the CRM against the store, find what polling cannot see, and check our fields on the leads.

    The schedule does it once a day. It writes nothing to the CRM: what differs goes out with the next sync.
    """
    wiring = wiring_of(home)
    found: dict[str, dict[str, Any]] = {}
    stopped: dict[str, Exception] = {}
    for name in chosen(wiring, names):
        try:
            with concerning(name), progress(f"{name}:") as on_progress:
                looked = _looked(wiring, name, on_progress) if dry_run else run.reconcile(wiring, name, on_progress)
                found[name] = looked | {"told": named(looked["told"], name)}
        except EXPECTED as error:
            stopped[name] = error
    if json:
        as_json({"connections": found, **({"stopped": _stopped(stopped)} if stopped else {})})
    else:
        _tell_people(found, stopped)
    raise typer.Exit(next(map(exit_code, stopped.values()), DONE))


def _looked(wiring: Wiring, name: str, on_progress: OnProgress) -> dict[str, Any]:
    from tasks.verbs.reconcile import look  # noqa: PLC0415  a help text need not load frames

    mapping = wiring.mapping(name)
    with wiring.crm(name) as crm:
        looked = look(
            crm,
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            check_rows=wiring.settings.check_rows,
            on_progress=on_progress,
        )
    return {**looked.as_dict(), "told": looked.told()}


def _stopped(stopped: dict[str, Exception]) -> dict[str, Any]:
    return {
        name: {"error": type(error).__name__, "message": sentence(error), "exit_code": exit_code(error)}
        for name, error in stopped.items()
    }


def _tell_people(found: dict[str, dict[str, Any]], stopped: dict[str, Exception]) -> None:
    for name, result in found.items():
        table(f"{name}: counted", ("", "in the CRM", "in the store", ""), _rows(result["counts"]), right=(1, 2))
        say(verbatim(result["told"]))
    for name, error in stopped.items():
        told = sentence(error)
        note(f"truegrade: {told}" if told.startswith(name) else f"truegrade: {name}: {told}")


def _rows(counts: dict[str, Any]) -> list[tuple[str, object, object, str]]:
    rows: list[tuple[str, object, object, str]] = []
    for entity, proof in counts.items():
        in_crm = proof["in_crm"]
        shown = " to ".join(map(str, in_crm)) if isinstance(in_crm, list) else "not told" if in_crm is None else in_crm
        verdict = "" if in_crm is None else "agree" if proof["proven"] else "differ"
        rows.append((entity, shown, proof["in_store"], verdict))
    return rows
