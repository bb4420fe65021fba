"""The commands that put a mapping in force: promote, history, rollback."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tasks import promotion
from tasks.cli.endings import concerning
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.promotion import Done
from tasks.screens import as_json, say, table, verbatim
from tasks.settings import SettingsInvalid
from tasks.store import dictionaries
from tasks.store.dictionaries import Promoted

File = Annotated[Path, typer.Argument(help="The mapping file to put in force.")]
Because = Annotated[str, typer.Option("--because", help="Why, in a sentence: it is on record.")]
To = Annotated[int | None, typer.Option("--to", min=1, help="Number in the history; else the one before today's.")]
Show = Annotated[int | None, typer.Option("--show", min=1, help="Print the mapping of that number.")]


def add_to(map_app: typer.Typer) -> None:
    """Register these commands with `truegrade map`."""
    for command in (promote, history, rollback):
        map_app.command()(command)


def promote(name: Name, file: File, because: Because, home: Home = None, json: Json = False) -> None:
    """Check a mapping against the CRM and put it in force, for all workers at once."""
    wiring = wiring_of(home)
    with concerning(name):
        done = promotion.promote(wiring, name, file, because=because)
    _tell(name, done, json=json)


def rollback(name: Name, because: Because, to: To = None, home: Home = None, json: Json = False) -> None:
    """Put an earlier mapping in force again, as a new entry of the history."""
    wiring = wiring_of(home)
    with concerning(name):
        done = promotion.rollback(wiring, name, to=to, because=because)
    _tell(name, done, json=json)


def _tell(name: str, done: Done, *, json: bool) -> None:
    if json:
        told = {"before": done.before, "was_already": done.was_already, "next_steps": done.next_steps}
        as_json({"connection": name, **_plain(done.promoted), **told})
        return
    number, version = done.promoted.number, done.promoted.version
    if done.was_already:
        say(f"This is what is in force already: promotion {number} of {name}. Nothing was done.")
        return
    say(f"Promotion {number} of {name} is in force now (mapping {version}, before: {done.before or 'none'}).")
    for step in done.next_steps:
        say(verbatim(step))
    say(f"To go back: `truegrade map rollback {name} --because WHY`.")


def history(name: Name, show: Show = None, home: Home = None, json: Json = False) -> None:
    """List the mappings that were in force, the newest first; with --show, print one as it was."""
    wiring = wiring_of(home)
    wiring.connection(name)
    found = dictionaries.every(wiring.store, name)
    if show is not None:
        _print(name, found, show, json=json)
        return
    edited = promotion.unpromoted(wiring, name)
    if json:
        as_json({"connection": name, "history": [_plain(one) for one in found], "edited": edited})
        return
    if not found:
        say(f"Nothing was promoted for {name}: its mapping file is in force, and read anew for each piece of work.")
        say(f"`truegrade map promote {name} FILE --because WHY` puts a mapping in force that is on record.")
        return
    rows = [_row(one, is_first=place == 0) for place, one in enumerate(found)]
    table(f"Mappings of {name}", ("", "number", "mapping", "since (UTC)", "by", "why"), rows, right=(1,), whole=(2,))
    if edited:
        say(verbatim(edited))


def _print(name: str, found: list[Promoted], wanted: int, *, json: bool) -> None:
    one = next((one for one in found if one.number == wanted), None)
    if one is None:
        known = ", ".join(str(one.number) for one in found) or "none"
        raise SettingsInvalid(f"{name} has no promotion {wanted}; there are: {known}.")
    if json:
        as_json({"connection": name, **_plain(one), "text": one.text})
    else:
        typer.echo(one.text, nl=False)


def _row(one: Promoted, *, is_first: bool) -> tuple[object, ...]:
    since = f"{one.applied_at:%Y-%m-%d %H:%M}"
    return ("in force" if is_first else "", one.number, one.version, since, verbatim(one.applied_by), verbatim(one.why))


def _plain(one: Promoted) -> dict[str, Any]:
    return {
        "number": one.number,
        "version": one.version,
        "by": one.applied_by,
        "why": one.why,
        "at": one.applied_at.isoformat(timespec="seconds"),
    }
