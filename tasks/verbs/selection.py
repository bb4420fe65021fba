"""Which leads a backfill is about: all, those created in a window, those whose mapped fields hold certain values."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from connector.crm import Entity
from connector.errors import Misconfigured
from mappings.file.load import Mapping as FieldMapping
from mappings.file.problems import nearest
from mappings.frames.columns import completed, instant
from tasks.store.records import Row
from tasks.verbs.frames import frame

EVERYTHING: Mapping[str, Any] = {"all": True}


def selection(
    mapping: FieldMapping, *, created_from: date | None, created_to: date | None, where: Iterable[str]
) -> dict[str, Any]:
    """Make a selection of what a person typed: `where` are FIELD=VALUE, all of which must hold; dates in UTC.

    Raises Misconfigured for a condition that says no field, or one that the mapping does not read.
    """
    chosen: dict[str, Any] = {}
    if created_from is not None:
        chosen["created_from"] = created_from.isoformat()
    if created_to is not None:
        chosen["created_to"] = created_to.isoformat()
    conditions: dict[str, str] = {}
    for field, value in (_condition(mapping, typed) for typed in where):
        if conditions.setdefault(field, value) != value:
            raise Misconfigured(
                f"--where names {field} twice, and no lead holds both values.", fix="Start a backfill for each value."
            )
    return chosen | ({"where": conditions} if conditions else {}) or dict(EVERYTHING)


def _condition(mapping: FieldMapping, typed: str) -> tuple[str, str]:
    field, equals, value = typed.partition("=")
    known = mapping.source_fields(Entity.LEAD)
    if not equals or field.strip() not in known:
        raise Misconfigured(
            f"--where {typed} names no field of leads that the mapping reads.",
            fix=f"Write it as FIELD=VALUE; {nearest(field.strip(), known)}",
        )
    return field.strip(), value.strip()


def selected(mapping: FieldMapping, rows: Sequence[Row], chosen: Mapping[str, Any]) -> list[str]:
    """Return the ids of those rows that are selected, in their order."""
    if not rows or not (chosen.keys() & {"created_from", "created_to", "where"}):
        return [row.id for row in rows]
    leads = completed(frame(rows, mapping.source_fields(Entity.LEAD)), [mapping.outcome.created])
    created = instant(mapping.outcome.created).dt.date()
    holds = pl.lit(value=True)
    if "created_from" in chosen:
        holds &= created >= date.fromisoformat(chosen["created_from"])
    if "created_to" in chosen:
        holds &= created <= date.fromisoformat(chosen["created_to"])
    for field, value in chosen.get("where", {}).items():
        holds &= pl.col(field).eq_missing(value or None)
    return leads.filter(holds)["id"].to_list()


def told(chosen: Mapping[str, Any]) -> str:
    """Say a selection in words."""
    parts = [f"created from {chosen['created_from']}"] if "created_from" in chosen else []
    parts += [f"created up to {chosen['created_to']}"] if "created_to" in chosen else []
    parts += [f"{field} is {value or 'empty'}" for field, value in chosen.get("where", {}).items()]
    return ", ".join(parts) or "all leads"
