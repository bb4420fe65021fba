"""The command that puts our fields, views and panel into a CRM, and takes them out again."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from connector.crm import Entity, Piece, PieceState, Provisioned
from connector.errors import Misconfigured
from tasks.cli.endings import concerning
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.provisioning import Installed, installed, packaged, prefix, removed, seen
from tasks.ready import Check, together
from tasks.screens import as_json, counted, say, table, verbatim
from tasks.staying import staying
from tasks.wiring import Wiring

FOR_REPS = {
    "salesforce": "To show them to reps: give reps the permission set Truegrade User, and put the panel Truegrade "
    "Score on the record page (Lightning App Builder); the list views are there.",
    "hubspot": "To show them to reps: add the properties of the group Truegrade to the record's page and views, and "
    "the app's card to its sidebar.",
}
NOBODY_NAMED = (
    "connections.yaml does not say whom we sign in as, so nobody is given the permission set Truegrade Integration: "
    "add integration_username: NAME to this connection, and run this again; or assign it in Setup, Permission Sets."
)
NOT_YET = {PieceState.CREATED: "to create", PieceState.REPLACED: "to replace", PieceState.REMOVED: "to remove"}

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done, and what it needs.")]
Remove = Annotated[bool, typer.Option("--remove", help="Take everything of ours out; lists what is lost, and asks.")]
Prefix = Annotated[
    str | None,
    typer.Option("--prefix", help="With --remove: what our names begin with, if not as in the mapping."),
]
Package = Annotated[
    Path | None,
    typer.Option(
        "--package",
        metavar="FILE.zip",
        help="Only write all that as files, for an admin who deploys by hand; no sign-in.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Remove without asking.")]


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(provision)


def provision(
    name: Name,
    dry_run: DryRun = False,
    remove: Remove = False,
    begins: Prefix = None,
    package: Package = None,
    yes: Yes = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Create our fields, access, views and panel in the CRM, as its admin. Repeatable; --remove takes them out."""
    _fitting({"--package": package is not None, "--remove": remove, "--dry-run": dry_run}, prefix=begins, yes=yes)
    wiring = wiring_of(home)
    with concerning(name):
        if package is not None:
            _package(wiring, name, package, json=json)
        elif remove:
            _remove(wiring, name, begins, dry_run=dry_run, yes=yes, json=json)
        else:
            _install(wiring, name, dry_run=dry_run, json=json)


def _fitting(jobs: Mapping[str, bool], *, prefix: str | None, yes: bool) -> None:
    """Refuse options that do not go together, rather than do without one that somebody relies on."""
    asked = [option for option, is_given in jobs.items() if is_given]
    if asked[0:1] == ["--package"] and asked[1:]:
        raise typer.BadParameter(f"it only writes files; leave {asked[1]} out.", param_hint="--package")
    if "--remove" not in asked and (yes or prefix is not None):
        hint = "--yes" if yes else "--prefix"
        raise typer.BadParameter("it says something about a removal; add --remove, or leave it out.", param_hint=hint)


def _install(wiring: Wiring, name: str, *, dry_run: bool, json: bool) -> None:
    connection = wiring.connection(name)
    crm = connection.crm
    unnamed = NOBODY_NAMED if crm == "salesforce" and not connection.integration_user else None
    done = installed(wiring, name, dry_run=dry_run)
    checks = [] if dry_run else [check for check in seen(wiring, name) if not check.well]
    refused = any(piece.state is PieceState.REFUSED for piece in done.pieces)
    if json:
        told = {**_fields_told(done.fields), **_told(done.pieces, checks), "unassigned": unnamed}
        as_json({"connection": name, "dry_run": dry_run, **told})
    else:
        _show_installed(name, crm, done, checks, dry_run=dry_run)
        if unnamed:
            say(unnamed)
    if refused or checks:
        raise typer.Exit(3)


def _package(wiring: Wiring, name: str, path: Path, *, json: bool) -> None:
    content, files = packaged(wiring, name)
    try:
        path.write_bytes(content)
    except OSError as error:
        fix = "Name a file in a folder that is there, and that you may write."
        raise Misconfigured(f"{path} cannot be written: {error.strerror}.", fix=fix) from error
    if json:
        as_json({"connection": name, "package": str(path), "files": files})
    else:
        say(f"{path}: {counted(len(files), 'file')}; its README.md says what to do with them. Nothing was sent.")


def _show_installed(name: str, crm: str, done: Installed, checks: Sequence[Check], *, dry_run: bool) -> None:
    kind = "field" if crm == "salesforce" else "property"
    states = {"created": PieceState.CREATED, "existing": PieceState.LEFT}
    fields = [
        Piece(kind, field, states[which], needs=made.needs)
        for made in done.fields.values()
        for which in states
        for field in _named(made, which)
    ]
    _show(f"Truegrade in {name}", [*fields, *done.pieces], dry_run=dry_run)
    if granted := sum(len(made.granted) for made in done.fields.values()):
        many = counted(granted, "field")
        say(f"Access {'to give' if dry_run else 'given'} to the integration user's permission set: {many}.")
    if any(made.assigned for made in done.fields.values()):
        say(f"The integration user {'would be' if dry_run else 'was'} given that permission set.")
    for check in together(checks):
        say(f"[bold red]The integration user:[/] {check.what}: {verbatim(check.told)}.")
    if not dry_run:
        say(FOR_REPS[crm])


def _remove(wiring: Wiring, name: str, begins: str | None, *, dry_run: bool, yes: bool, json: bool) -> None:
    pieces = removed(wiring, name, begins=begins, dry_run=True)
    if not json:
        _show(f"Truegrade in {name}: what would be lost", pieces, dry_run=True)
    removable = any(piece.state is not PieceState.LEFT for piece in pieces)
    if removable and not dry_run and _agreed(yes=yes, json=json):
        pieces = removed(wiring, name, begins=begins, dry_run=False)
        if not json:
            _show(f"Truegrade in {name}: what is gone", pieces, dry_run=False)
    elif not removable and not json:
        begin = prefix(wiring.mapping(name)) if begins is None else begins
        say(f"There is nothing of ours in {name} that begins with {begin}; --prefix looks for another beginning.")
    left = staying(wiring.store, name)
    if json:
        as_json({"connection": name, "dry_run": dry_run, **_told(pieces, ()), "staying": left})
    elif left:
        say(verbatim(left))
    if any(piece.state is PieceState.REFUSED for piece in pieces):
        raise typer.Exit(3)


def _agreed(*, yes: bool, json: bool) -> bool:
    """Ask whether to remove all that. Raises Misconfigured when nobody is there to be asked."""
    if yes:
        return True
    if json or not sys.stdin.isatty():
        raise Misconfigured("Nobody is there to be asked whether to remove.", fix="Add --yes to remove.")
    if not typer.confirm("Remove all that, with all values?"):
        raise typer.Abort
    return True


def _show(title: str, pieces: Sequence[Piece], *, dry_run: bool) -> None:
    rows = [
        (piece.kind, piece.name, _state(piece, dry_run=dry_run), verbatim(_about(piece, dry_run=dry_run)))
        for piece in pieces
    ]
    table(title, ("what", "name", "state", "about"), rows, whole=(1,))


def _state(piece: Piece, *, dry_run: bool) -> str:
    if piece.state is PieceState.REFUSED:
        return "[bold red]refused[/]"
    return NOT_YET.get(piece.state, str(piece.state)) if dry_run else str(piece.state)


def _about(piece: Piece, *, dry_run: bool) -> str:
    is_coming = dry_run and piece.state is not PieceState.LEFT
    needs = f"needs {piece.needs}" if piece.needs and (is_coming or piece.state is PieceState.REFUSED) else ""
    return "; ".join(part for part in (piece.told, needs) if part)


def _fields_told(fields: Mapping[Entity, Provisioned]) -> dict[str, object]:
    told: dict[str, object] = {
        which: [name for made in fields.values() for name in _named(made, which)]
        for which in ("created", "existing", "granted")
    }
    return told | {"assigned": any(made.assigned for made in fields.values())}


def _named(made: Provisioned, which: str) -> list[str]:
    """Name fields with their object: Lead.TG_Score__c."""
    return [f"{made.record}.{name}" for name in getattr(made, which)]


def _told(pieces: Sequence[Piece], checks: Sequence[Check]) -> dict[str, object]:
    return {
        "pieces": [
            {"kind": piece.kind, "name": piece.name, "state": piece.state, "told": piece.told, "needs": piece.needs}
            for piece in pieces
        ],
        "not_seen": [{"what": check.what, "told": check.told} for check in checks],
    }
