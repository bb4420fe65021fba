"""The command `truegrade map check`: hold a mapping against the live CRM and the data."""

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from mappings.checks.findings import Finding, Places, Severity, ordered, places
from mappings.file.load import PRESETS, Mapping, load, preset_text
from tasks import promotion
from tasks.cli.endings import concerning
from tasks.cli.map_reach import as_plain, show_reach, show_unread
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.screens import as_json, counted, named, note, say, verbatim
from tasks.store import dictionaries
from tasks.wiring import Wiring

File = Annotated[Path | None, typer.Option("--file", help="Mapping file to check; else the connection's own mapping.")]
All = Annotated[bool, typer.Option("--all", help="List how far each feature and points rule reaches.")]
COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
TO_BE_MENDED = 3


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("check")(map_check)


def map_check(name: Name, file: File = None, whole: All = False, home: Home = None, json: Json = False) -> None:
    """Hold a mapping against the live CRM and the data that was pulled; exit code 3 if there is an error."""
    from tasks.verbs import checkup  # noqa: PLC0415  loads the learner: a second for each command

    wiring = wiring_of(home)
    mapping, where = _mapping(wiring, name, file)
    with concerning(name), wiring.crm(name) as crm:
        found = [*checkup.of_crm(crm, mapping, where)]
        unread = [*checkup.left_unread(crm, mapping)]
        how: dict[str, Any] = {"models_folder": wiring.settings.models_folder, "now": wiring.clock.now()}
        looked = checkup.of_store(crm, wiring.store, mapping, where, connection=name, **how, say=note)
    shown = ordered(replace(one, fix=named(one.fix, name)) for one in (*found, *looked.findings))
    errors = any(one.severity is Severity.ERROR for one in shown)
    edited = promotion.unpromoted(wiring, name) if file is None else None
    if json:
        told = [{**asdict(one), "severity": one.severity.word} for one in shown]
        as_json(
            {
                "connection": name,
                "file": mapping.file,
                "well": not errors,
                "findings": told,
                "edited": edited,
                **as_plain(unread, looked.reached),
            }
        )
    else:
        _show(shown)
        show_unread(unread)
        show_reach(looked.reached, whole=whole)
        _conclude(mapping, shown)
        if edited:
            say(verbatim(edited))
    raise typer.Exit(TO_BE_MENDED if errors else 0)


def _mapping(wiring: Wiring, name: str, file: Path | None) -> tuple[Mapping, Places]:
    """Load the mapping to check, with the places of its text. Raises MappingInvalid, and SettingsInvalid."""
    if file is not None:
        mapping = wiring.spoken(name, load(file))
        return mapping, places(file.read_text(encoding="utf-8"), mapping.file)
    mapping = wiring.mapping(name)
    return mapping, places(_text_in_force(wiring, name), mapping.file)


def _text_in_force(wiring: Wiring, name: str) -> str:
    connection, promoted = wiring.connection(name), dictionaries.in_force(wiring.store, name)
    if promoted is not None:
        return promoted.text
    if connection.mapping in {"", *PRESETS}:
        return preset_text(connection.mapping or connection.preset)
    return (wiring.settings.home / connection.mapping).read_text(encoding="utf-8")


def _show(found: tuple[Finding, ...]) -> None:
    for one in found:
        colour = COLOURS[one.severity]
        message = verbatim(f"{one.message.rstrip('.')}; {one.fix}")
        say(f"[{colour}]{one.severity.word}[/] {verbatim(one.place)}: {message}")
    if found:
        say("")


def _conclude(mapping: Mapping, found: tuple[Finding, ...]) -> None:
    counts = Counter(one.severity for one in found)
    told = ", ".join(counted(counts[severity], severity.word) for severity in Severity)
    say(f"{verbatim(mapping.file)}: {told}.")
    if counts[Severity.ERROR]:
        say("Not ready: mend the errors above, then run this again.")
    else:
        say("Ready. Warnings cost quality and notes are to be known; neither stops a sync.")
