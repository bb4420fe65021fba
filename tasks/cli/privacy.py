"""Commands for people's rights: forget a person, prove it, and give out all that is held on one."""

import json as plain
import os
import sys
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.errors import Misconfigured
from tasks.cli.endings import STOPPED, UNWELL
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.screens import as_json, counted, note, say, table, verbatim
from tasks.store import erasures, people
from tasks.verbs import export as exporting
from tasks.verbs import forget as forgetting
from tasks.verbs.forget import Forgotten, Found
from tasks.wiring import Wiring

NO_REASON = "asked for"
WORDS = {
    "cursors": "where the next pull begins; it moves on with the next sync",
    "histories": "where the next read of history begins; it moves on with the next one",
    "units": "work that is not done yet names it as where a part begins; forget it again when that is done",
    "erasures": "the line of an erasure; leave personal data out of --because",
    "dictionaries": "a mapping that was applied names it; promote one that does not",
}
IN_A_FILE = "a database's file goes with its rows; any other was put there by somebody: delete it"
FORGET = "`truegrade forget` with its --lead erases what is left"

Lead = Annotated[list[str] | None, typer.Option("--lead", help="The lead's id in the CRM; may be given several times.")]
Email = Annotated[str | None, typer.Option("--email", help="All leads that hold this address in a mapped field.")]
Because = Annotated[str, typer.Option("--because", help="Why, for the record; without personal data.")]
Yes = Annotated[bool, typer.Option("--yes", help="Erase without asking.")]
Verify = Annotated[str | None, typer.Option("--verify", help="Only look everywhere for this id or address.")]
Connection = Annotated[str | None, typer.Argument(help="Name of the connection; not needed with --verify.")]
OneLead = Annotated[str, typer.Option("--lead", help="The lead's id in the CRM.")]
Out = Annotated[Path, typer.Option("--out", help="The JSON file to write, for this user's eyes alone.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Let it take the place of a file.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(forget)
    app.command("export-person")(export_person)


def forget(
    connection: Connection = None,
    lead: Lead = None,
    email: Email = None,
    because: Because = NO_REASON,
    yes: Yes = False,
    verify: Verify = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Erase a person here for good; with --verify look everywhere again, and say what was found."""
    wiring = wiring_of(home)
    if verify is not None:
        _verify(wiring, connection, verify, json=json)
        return
    if connection is None:
        raise Misconfigured("No connection is named.", fix="Write `truegrade forget NAME --lead ID`.")
    leads = _leads(wiring, connection, lead, email)
    if not yes:
        _require_yes(leads, connection, json=json)
    others = people.same_as(wiring.store, connection, leads)
    done = {one: _forget(wiring, connection, one, because) for one in leads}
    scrubbed = forgetting.scrub(wiring.store)
    if json:
        told = [_told(*one) for one in done.items()]
        as_json(
            {"connection": connection, "scrubbed": scrubbed, "leads": told, "same_as": [list(one) for one in others]}
        )
        return
    for one, forgotten in done.items():
        _show(connection, one, forgotten)
    for name, one in others:
        say(verbatim(f"{one} of {name} looks like the same person: `truegrade forget {name} --lead {one}` erases it."))
    _say_what_is_left(wiring, scrubbed=scrubbed)


def _leads(wiring: Wiring, connection: str, leads: list[str] | None, email: str | None) -> list[str]:
    """Give the leads that are meant. Complains when nobody is, or nobody holds the address."""
    wiring.connection(connection)
    if not leads and not email:
        raise Misconfigured("Nobody is named.", fix="Add --lead ID, or --email ADDRESS.")
    found = people.holding(wiring.store, connection, email) if email else []
    if email and not found:
        raise Misconfigured(
            f"No lead of {connection} holds that address in a mapped field here.",
            fix="Look the person up in the CRM, and give --lead ID: it keeps the person from being read later, too.",
        )
    return list(dict.fromkeys([*(wiring.record_id(connection, one) for one in leads or ()), *found]))


def _require_yes(leads: list[str], connection: str, *, json: bool) -> None:
    if json or not sys.stdin.isatty():
        raise Misconfigured("Nobody is there to be asked whether to erase.", fix="Add --yes to erase.")
    try:
        agreed = typer.confirm(
            f"Erase {counted(len(leads), 'lead')} of {connection} here for good: {', '.join(leads)}?"
        )
    except typer.Abort:
        agreed = False
    if not agreed:
        note("truegrade: stopped. Nothing was erased.")
        raise typer.Exit(STOPPED)


def _forget(wiring: Wiring, connection: str, lead: str, because: str) -> Forgotten:
    return forgetting.forget(
        wiring.store,
        wiring.mapping(connection),
        lead,
        connection=connection,
        models_folder=wiring.settings.models_folder,
        now=wiring.clock.now(),
        asked_by=getuser(),
        why=because,
    )


def _told(lead: str, forgotten: Forgotten) -> dict[str, Any]:
    return {
        "lead": lead, "erasure": forgotten.erasure.id, "rows": forgotten.counts, "models": forgotten.models,
        "is_new": forgotten.is_new,
    }  # fmt: skip


def _show(connection: str, lead: str, forgotten: Forgotten) -> None:
    if not forgotten.is_new:
        say(f"{verbatim(lead)} ({connection}): nothing was here any more. It is never read again.")
        return
    rows = [*forgotten.counts.items(), *([("models (back-tests)", forgotten.models)] if forgotten.models else [])]
    say(verbatim(f"{lead} ({connection}) is erased here; erasure {forgotten.erasure.id}."))
    table("", ("where", "rows"), rows, right=(1,), whole=(0,))
    say(f"Prove it: `truegrade forget --verify {verbatim(lead)}`.")


def _say_what_is_left(wiring: Wiring, *, scrubbed: bool) -> None:
    """Say what this command cannot reach, and who can."""
    if not scrubbed:
        say("Somebody reads the database just now, so its log was not emptied: run the command again to do that.")
    if not wiring.store.is_sqlite:
        say("PostgreSQL gives the space free with its next vacuum; its log and backups go as they are set to.")
    say("Still to do where Truegrade has no hand: the CRM's own record, backups, and files that people exported.")


def _verify(wiring: Wiring, connection: str | None, text: str, *, json: bool) -> None:
    """Look everywhere; ends with the exit code of what is not well when something was found."""
    names = [connection] if connection else list(wiring.connections)
    lines = [erasures.of_lead(wiring.store, name, wiring.record_id(name, text)) for name in names]
    known = [line for line in lines if line is not None]
    found = forgetting.verify(wiring.store, wiring.settings.home, text)
    if json:
        told = [{"erasure": one.id, "connection": one.connection, "at": one.erased_at.isoformat()} for one in known]
        as_json({"tables": found.tables, "files": list(found.files), "erasures": told})
    else:
        _show_found(found, known)
    if found.tables or found.files:
        raise typer.Exit(UNWELL)


def _show_found(found: Found, known: list[erasures.Erasure]) -> None:
    for one in known:
        rows = sum(one.counts.values())
        say(
            verbatim(
                f"Erased from {one.connection} on {one.erased_at:%Y-%m-%d %H:%M} UTC by {one.asked_by} ({one.why}): "
                f"{counted(rows, 'row')}, erasure {one.id}."
            )
        )
    if not known:
        say("There is no erasure of a lead with this id.")
    if not found.tables and not found.files:
        say("It stands in no table and in no file of the home folder.")
        return
    rows_found = [(name, number, WORDS.get(name, FORGET)) for name, number in found.tables.items()]
    files = [(verbatim(name), None, IN_A_FILE) for name in found.files]
    table("It still stands in", ("where", "rows", "what that is"), [*rows_found, *files], right=(1,), whole=(0,))


def export_person(
    connection: Name, lead: OneLead, out: Out, overwrite: Overwrite = False, home: Home = None, json: Json = False
) -> None:
    """Write all that is held here on a person to a JSON file that says what each part means."""
    wiring = wiring_of(home)
    mapping = wiring.mapping(connection)
    told = exporting.exported(
        wiring.store, mapping, wiring.record_id(connection, lead), connection=connection, now=wiring.clock.now()
    )
    _write(out, told, overwrite=overwrite)
    counts = {name: len(part["rows"]) for name, part in told["parts"].items()}
    if json:
        as_json({"connection": connection, "path": str(out), "rows": counts})
        return
    held = ", ".join(f"{number:,} of {name}" for name, number in counts.items()) or "nothing is held"
    say(verbatim(f"Written to {out}: {held}. Whoever has the file is answerable for it."))


def _write(path: Path, told: dict[str, Any], *, overwrite: bool) -> None:
    """Write the file for this user's eyes alone. Raises Misconfigured when there is one already."""
    try:
        with open(path, "w" if overwrite else "x", encoding="utf-8", opener=_private) as file:
            plain.dump(told, file, indent=2, ensure_ascii=False)
    except FileExistsError:
        raise Misconfigured(f"There is a file {path} already.", fix="Name another, or add --overwrite.") from None
    except (FileNotFoundError, NotADirectoryError):
        raise Misconfigured(f"There is no folder {path.parent}.", fix="Make it, or name another.") from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
