"""The command duplicates: who is there twice, within a CRM and across them, and by what. It changes no CRM."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from textwrap import fill
from typing import Annotated, Any

import orjson
import typer

from connector.crm import Entity
from tasks.cli.options import Home, Json, Names, chosen, wiring_of
from tasks.csvout import write_csv
from tasks.screens import as_json, counted, progress, say, table, verbatim
from tasks.store import duplicates as kept
from tasks.store import records
from tasks.store.duplicates import Found
from tasks.wiring import Wiring

SHOWN = 20
LINE = 60  # characters of a value in one line
COLUMNS = ("cluster", "entity", "connection", "id", "because", "found_at")


class Sought(StrEnum):
    """What can be there twice."""

    LEAD = Entity.LEAD.value
    COMPANY = Entity.COMPANY.value


Kind = Annotated[Sought | None, typer.Option("--entity", help="Only leads, or only companies.")]
Find = Annotated[bool, typer.Option("--find", help="First look at all records anew; else as of the last sync.")]
Values = Annotated[bool, typer.Option("--values", help="Show what the records say of themselves: personal data.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write all of them to this CSV file, and show their number alone.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Let --out take the place of a file.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="Most clusters to show.")]


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(duplicates)


def duplicates(
    names: Names = None,
    entity: Kind = None,
    find: Find = False,
    values: Values = False,
    out: Out = None,
    overwrite: Overwrite = False,
    limit: Limit = SHOWN,
    home: Home = None,
    json: Json = False,
) -> None:
    """Show which leads and companies are the same, by what, and in which connection: the newest first.

    Nothing is merged and nothing is written to a CRM: that is for people who know them.
    """
    wiring = wiring_of(home)
    asked = chosen(wiring, names)
    entities = [Entity(entity.value)] if entity else [Entity.LEAD, Entity.COMPANY]
    if find:
        _find(wiring, asked)
    result: dict[str, Any] = {
        "connections": asked,
        "not_sought": [name for name in asked if not _is_sought(wiring, name, entities)],
        "counts": {name: of for name, of in kept.counts(wiring.store, asked).items() if Entity(name) in entities},
        "clusters": [_told(wiring, found, values=values) for found in _clusters(wiring, asked, entities, limit)],
    }
    if out is not None:
        rows = _rows(wiring, asked, entities, values=values)
        columns = (*COLUMNS, "values") if values else COLUMNS
        result |= {"exported": write_csv(out, columns, rows, overwrite=overwrite), "path": str(out)}
    if json:
        as_json(result)
    else:
        _tell_people(result, values=values)


def _find(wiring: Wiring, names: Sequence[str]) -> None:
    from tasks.verbs.duplicates import refresh  # noqa: PLC0415  to look at what was found needs no frames

    for name in names:
        with progress(f"{name}:") as on_progress:
            now, mapping = wiring.clock.now(), wiring.mapping(name)
            refresh(wiring.store, mapping, connection=name, now=now, anew=True, on_progress=on_progress)


def _is_sought(wiring: Wiring, name: str, entities: Sequence[Entity]) -> bool:
    return any(wiring.mapping(name).duplicates.of(entity).fields for entity in entities)


def _clusters(
    wiring: Wiring, names: Sequence[str], entities: Sequence[Entity], limit: int | None
) -> Iterator[list[Found]]:
    """Yield the clusters; one whose other records are gone since the last look is none."""
    return (found for found in kept.newest(wiring.store, names, entities, limit=limit) if len(found) > 1)


def _told(wiring: Wiring, found: Sequence[Found], *, values: bool) -> dict[str, Any]:
    entity = Entity(found[0].entity)
    return {
        "cluster": found[0].cluster,
        "entity": entity.value,
        "because": sorted({kind for one in found for kind in one.because.split(", ")}),
        "found_at": max(one.found_at for one in found),
        "records": [
            {"connection": one.connection, "id": one.id, "because": one.because.split(", ")}
            | ({"values": _values(wiring, entity, one)} if values else {})
            for one in found
        ],
    }


def _values(wiring: Wiring, entity: Entity, one: Found) -> dict[str, str]:
    """Give what a record says of itself, in the fields by which it was found."""
    if one.connection not in wiring.connections:
        return {}
    fields = wiring.mapping(one.connection).duplicates.of(entity).fields
    held = {row.id: orjson.loads(row.data) for row in records.get(wiring.store, one.connection, entity, [one.id])}
    return {name: value for name, value in held.get(one.id, {}).items() if name in fields}


def _rows(
    wiring: Wiring, names: Sequence[str], entities: Sequence[Entity], *, values: bool
) -> Iterator[dict[str, Any]]:
    for found in _clusters(wiring, names, entities, None):
        for one in found:
            said = {"values": _said(_values(wiring, Entity(one.entity), one))} if values else {}
            yield one._asdict() | said


def _said(values: dict[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def _in_lines(values: dict[str, str]) -> str:
    """Give each value a line of its own, and a long one several; none is cut within a word."""
    said = (f"{name}: {value}" for name, value in values.items())
    return "\n".join(fill(one, LINE, break_long_words=False, break_on_hyphens=False) for one in said)


def _tell_people(result: dict[str, Any], *, values: bool) -> None:
    if result["clusters"]:
        _show(result, values=values)
    for name in result["not_sought"]:
        say(f"{name}: its mapping does not say what tells a duplicate. Give it a section `duplicates`, then sync.")
    if not result["clusters"] and set(result["connections"]) != set(result["not_sought"]):
        say("Nothing is there twice, as of the last sync. `truegrade duplicates --find` looks at all records anew.")
    if "path" in result:
        say(verbatim(f"{counted(result['exported'], 'record')} written to {result['path']}."))


def _show(result: dict[str, Any], *, values: bool) -> None:
    rows = []
    for cluster in result["clusters"]:
        for place, one in enumerate(cluster["records"]):
            because = "; ".join(one["because"])
            seen = cluster["found_at"][:16].replace("T", " ") if place == 0 else ""
            said = [verbatim(_in_lines(one["values"]))] if values else []
            rows.append((cluster["entity"] if place == 0 else "", one["connection"], one["id"], because, seen, *said))
    headings = ["", "connection", "id", "the same by", "found (UTC)", *(["what it says"] if values else [])]
    found = sum(of["clusters"] for of in result["counts"].values())
    newest = "" if found <= len(result["clusters"]) else f", the newest {len(result['clusters']):,} of {found:,}"
    if "path" not in result:
        table(f"There more than once{newest}", headings, rows, whole=(2, 5) if values else (2,))
    for name, of in result["counts"].items():
        asked = ", ".join(of["connections"])
        say(f"{counted(of['records'], name)} of {asked} in {counted(of['clusters'], 'cluster')}.")
    more = "" if "path" in result else " `--out FILE.csv` writes all of them to a file."
    say(f"Truegrade merges nothing: look at them in the CRM, which can.{more}")
