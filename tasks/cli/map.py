"""The commands `truegrade map ...`, for the mapping file of a connection: its words, and what a change of it needs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mappings.checks.diff import Change, Need, changes, needs
from mappings.file.load import PRESETS, load, load_preset
from mappings.file.schema import schema, schema_text
from mappings.mapping import Mapping
from tasks import backfills
from tasks.cli import map_check, map_promote, map_suggest
from tasks.cli.endings import concerning
from tasks.cli.options import Home, Json, wiring_of
from tasks.screens import as_json, counted, number, say, table, verbatim
from tasks.settings import SettingsInvalid
from tasks.store import records
from tasks.wiring import Wiring

map_app = typer.Typer(no_args_is_help=True, help="The mapping file: its words, and what a change of it needs.")

WHAT = "A mapping file; a connection, for the mapping in force; or salesforce or hubspot, for a preset."
Old = Annotated[str, typer.Argument(metavar="OLD", help=WHAT)]
New = Annotated[str, typer.Argument(metavar="NEW", help=WHAT)]


def add_to(app: typer.Typer) -> None:
    """Register these commands; each module of commands of `truegrade map` adds its own to `map_app` here."""
    map_app.command("schema")(map_schema)
    map_app.command("diff")(map_diff)
    for commands in (map_suggest, map_check, map_promote):
        commands.add_to(map_app)
    app.add_typer(map_app, name="map")


def map_schema(json: Json = False) -> None:
    """Print the JSON Schema of a mapping file, for an editor that completes and checks it."""
    if json:
        as_json(schema())
    else:
        typer.echo(schema_text(), nl=False)


def map_diff(old: Old, new: New, home: Home = None, json: Json = False) -> None:
    """Tell what a new mapping changes, in plain words, and what each change needs before it counts."""
    wiring = None if _is_file(old) and _is_file(new) else wiring_of(home)
    before, after = _mapping(wiring, old), _mapping(wiring, new)
    found = changes(before, after)
    wanted = needs(found)
    name = next((one for one in (old, new) if wiring and one in wiring.connections and not _is_file(one)), None)
    plan = _plan(wiring, name, wanted) if wiring and name else None
    if json:
        as_json(
            {
                "old": old,
                "new": new,
                "moves_scores": before.version != after.version,
                "changes": [{"section": one.section, "what": one.what, "needs": list(one.needs)} for one in found],
                "needs": list(wanted),
                "backfill": plan,
            }
        )
    elif not found:
        say(f"{verbatim(new)} says the same as {verbatim(old)}. There is nothing to do.")
    else:
        _show(f"From {old} to {new}", found)
        backs = any(one not in before.enrich.write_back for one in after.enrich.write_back)
        _next(name or "NAME", wanted, plan, promote=new if name and _is_file(new) else None, backs=backs)


def _is_file(named: str) -> bool:
    return named.endswith((".yaml", ".yml")) or Path(named).is_file()


def _mapping(wiring: Wiring | None, named: str) -> Mapping:
    if wiring is None or _is_file(named):
        return load(Path(named))
    if named in wiring.connections:
        return wiring.mapping(named)
    if named in PRESETS:
        return load_preset(named)
    known = ", ".join(wiring.connections) or "none"
    raise SettingsInvalid(f"{named} is neither a file nor a connection. Name a file, or one of these: {known}.")


def _plan(wiring: Wiring, name: str, wanted: tuple[Need, ...]) -> dict[str, Any] | None:
    """Reckon what scoring everything anew takes, without asking the CRM; None where nothing was read yet."""
    if not {Need.RESCORE, Need.BACKFILL} & set(wanted) or not records.count(wiring.store, name):
        return None
    with concerning(name):
        return backfills.planned(wiring, name, window=(None, None), where=(), reload=Need.PULL in wanted).plan


def _show(title: str, found: tuple[Change, ...]) -> None:
    rows = [(one.section, verbatim(one.what), ", ".join(one.needs) or "nothing") for one in found]
    table(verbatim(title), ("section", "what changes", "what it needs"), rows)


def _next(
    name: str, wanted: tuple[Need, ...], plan: dict[str, Any] | None, *, promote: str | None, backs: bool
) -> None:
    """Say what to do, in the order in which it is done; `promote` is a file that is not in force yet.

    `backs`: enriched values go to fields of the CRM's own, too.
    """
    steps = {
        Need.FIELDS: f"`truegrade provision {name}` makes the fields that are new.",
        Need.PULL: f"`truegrade pull {name}` reads the fields that are new, and for that every record of their kind.",
        Need.RETRAIN: f"`truegrade train {name}` learns a model of it; not needed while points score.",
    }
    todo = [steps[need] for need in wanted if need in steps]
    if {Need.RESCORE, Need.BACKFILL} & set(wanted):
        takes = _takes(plan) if plan else f"`truegrade backfill start {name} --dry-run` tells what it takes."
        todo.append(f"`truegrade backfill start {name}` scores all leads anew, else the next sync does. {takes}")
    if backs:
        file = f" --file {verbatim(promote)}" if promote else ""
        say(f"Values to be written back are not among these calls: `truegrade preview {name}{file}` counts them.")
    if promote:
        file = verbatim(promote)
        say(f"Look first: `truegrade preview {name} --file {file}` says what it would do to the leads.")
        todo.insert(0, f"`truegrade map promote {name} {file} --because WHY` puts it in force.")
    elif not todo:
        say("It counts as soon as the file is in place; nothing else is to be done.")
    for place, step in enumerate(todo, start=1):
        say(f"{place}. {step}")


def _takes(plan: dict[str, Any]) -> str:
    calls = f"{counted(plan['reads'], 'call')} to read and at most {number(plan['writes'])} to write"
    return f"That is {counted(plan['leads'], 'lead')}, {calls}, in about {counted(plan['minutes'], 'minute')}."
