"""The commands enrich check and enrich ask: what enrichment would tell of the leads, and asking services for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mappings.file.load import Mapping
from tasks import promotion
from tasks.cli.endings import concerning
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.screens import as_json, counted, note, say, table, verbatim
from tasks.wiring import Wiring

if TYPE_CHECKING:
    from tasks.store.records import Row
    from tasks.verbs.fetched import Fetched

File = Annotated[Path | None, typer.Option("--file", help="A candidate mapping; else the one in force.")]
Most = Annotated[int | None, typer.Option("--most", min=1, help="Most requests now; else as the mapping says.")]

TO_BE_MENDED = 3
NOTHING = "The mapping of {name} enriches nothing. See the section enrich in mappings/README.md."


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    enrich = typer.Typer(no_args_is_help=True, help="What others know of your leads: look at it, ask for it.")
    enrich.command()(check)
    enrich.command()(ask)
    app.add_typer(enrich, name="enrich")


def check(name: Name, file: File = None, home: Home = None, json: Json = False) -> None:
    """Tell how many leads each source would match, before it is used. Asks nobody. Code 3: one is unreadable."""
    wiring = wiring_of(home)
    from tasks.verbs.matching import looked  # noqa: PLC0415  a help text need not load frames

    now = wiring.clock.now()
    with concerning(name):
        mapping = promotion.candidate(wiring, name, file)[0] if file else wiring.mapping(name)
        some, fetched = _fetched(wiring, name, mapping)
        found = [one.as_dict() for one in looked(wiring.store, mapping, name, now=now, some=some, fetched=fetched)]
    if json:
        as_json({"connection": name, "sources": found})
    elif not found:
        say(NOTHING.format(name=name))
    else:
        _show(name, found)
    raise typer.Exit(0 if all(one["usable"] for one in found) else TO_BE_MENDED)


def _show(name: str, found: list[dict[str, Any]]) -> None:
    headings = ("source", "kind", "leads", "with a key", "told of", "match rate")
    table(f"{name}: enrichment", headings, [_row(one) for one in found], right=(2, 3, 4, 5))
    for one in found:
        for line in (_said(one), *one["told"]):
            if line:
                say(verbatim(f"{one['source']}: {line}"))


def _fetched(wiring: Wiring, name: str, mapping: Mapping) -> "tuple[list[Row] | None, Fetched]":
    """Fetch the keys that no pull has read, of the newest leads; None and nothing where none are lacking."""
    from tasks.verbs import fetched, matching  # noqa: PLC0415  a help text need not load frames

    if not matching.lacks_keys(wiring.store, mapping, name):
        return None, fetched.NOT_FETCHED
    rows = fetched.newest(wiring.store, name)
    with wiring.crm(name) as crm:
        asked = fetched.wanted(crm, wiring.store, mapping, name, rows)
        return rows, fetched.looked_up(crm, asked, mapping.crm, say=note)


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    rate = f"{one['matched'] / one['leads']:.1%}" if one["leads"] else "-"
    return one["source"], one["kind"], one["leads"], one["keyed"], one["matched"], rate


def _said(one: dict[str, Any]) -> str:
    """Say what is true of this kind of source alone."""
    if one["rows"] is not None:
        rows = counted(one["rows"], "row")
        return f"{rows}, {one['doubled']:,} of which repeat an earlier row's key, {one['keyless']:,} without a key."
    if one["keys"] is not None:
        spent = f"{counted(one['calls'], 'request')} today, cost {one['cost']:g}"
        return f"{one['keys']:,} different keys, {counted(one['waiting'], 'lead')} to be asked for, {spent}."
    return ""


def ask(name: Name, most: Most = None, home: Home = None, json: Json = False) -> None:
    """Ask services about all leads, old ones too, so that a training can learn from it; the daily cost limit holds."""
    wiring = wiring_of(home)
    from tasks.services import before_scoring  # noqa: PLC0415  a help text need not load frames

    with concerning(name):
        done = before_scoring(wiring, name, wiring.mapping(name), everything=True, most=most)
    if json:
        as_json({"connection": name, "services": [one.as_dict() for one in done]})
        return
    if not done:
        say(f"No feature of {name} is made of a service's fields, so none is asked.")
        return
    headings = ("service", "asked", "unknown there", "failed", "known already", "leads told of")
    rows = [(one.source, one.asked, one.unknown, one.failed, one.cached, one.leads) for one in done]
    table(f"{name}: asked", headings, rows, right=(1, 2, 3, 4, 5))
    for one in done:
        if one.told:
            say(verbatim(one.told if one.told.startswith(one.source) else f"{one.source}: {one.told}"))
    say(f"`truegrade sync {name}` scores with it; `truegrade enrich check {name}` tells what is left.")
