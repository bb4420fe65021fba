"""The command export-person: all that is held here on a person, in a file for that person."""

import json as plain
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.errors import Misconfigured
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.screens import as_json, counted, say, verbatim
from tasks.verbs import export as exporting

OneLead = Annotated[str, typer.Option("--lead", help="The lead's id in the CRM.")]
Out = Annotated[Path, typer.Option("--out", help="The JSON file to write, for this user's eyes alone.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Let it take the place of a file.")]

# What a row of each part of the file is to people; their meanings stand in the file itself.
NOUNS = {
    "records": "record",
    "changes": "earlier value",
    "scores": "score",
    "refusals": "refusal",
    "write_backs": "written-back value",
    "links": "link",
    "stale": "awaited score",
    "seen": "load note",
    "enrichments": "enriched value",
    "duplicates": "possible duplicate",
    "likenesses": "comparison key",
    "lead_ends": "outcome",
    "overrides": "manual decision",
    "handovers": "handover",
    "audit": "audit line",
    "deals": "related record",
}


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command("export-person")(export_person)


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
    held = ", ".join(counted(number, NOUNS[name]) for name, number in counts.items()) or "nothing is held"
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
