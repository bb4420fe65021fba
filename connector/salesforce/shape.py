"""Which columns one read asks for, and how its rows become records."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from connector.crm import Entity, Field, Kind, Record
from connector.errors import Misconfigured
from connector.salesforce.calls import Rejected
from connector.salesforce.objects import ARCHIVED, long_id, sobject
from connector.salesforce.values import Canon, cleaned, from_csv, from_json, instant

OWN = ("Id", "SystemModstamp")
# What tells of rows that are gone: the objects that can be merged name the survivor ("Object reference"). Everybody who
# sees an object sees these.
MERGED = frozenset({"Lead", "Account", "Contact"})
MARK, MARKS = ("IsDeleted",), ("IsDeleted", "MasterRecordId")

GRANT = "Create the field if it does not exist, or give the permission set Truegrade Integration access to it."

TEXTUAL = frozenset({Kind.TEXT, Kind.OPTION, Kind.OPTIONS, Kind.REFERENCE})


@dataclass(frozen=True, slots=True)
class Shape:
    """One read of one entity: the fields asked for, and the describe, which need not be known before a record comes."""

    entity: Entity
    fields: tuple[str, ...]
    described: Callable[[], Sequence[Field]]

    @property
    def sobject(self) -> str:
        """Salesforce's name of the entity."""
        return sobject(self.entity)

    @property
    def living(self) -> str:
        """The condition that leaves out deleted rows, where `queryAll` has to be asked for all that live; else ""."""
        return "IsDeleted = false" if self.sobject in ARCHIVED else ""

    def kinds(self) -> dict[str, Kind]:
        """Tell the kinds of the fields. Raises Misconfigured naming those that this user does not see."""
        kinds = {field.name: field.kind for field in self.described()}
        hidden = [name for name in self.fields if name not in kinds]
        if hidden:
            raise hidden_fields([f"{self.sobject}.{name}" for name in hidden])
        return {name: kinds[name] for name in self.fields}

    def columns(self, *, marks: bool) -> tuple[str, ...]:
        """List what to select, each column once: our own, the marks of what is gone if wanted, the fields."""
        own = OWN + (MARKS if self.sobject in MERGED else MARK) if marks else OWN
        return tuple(dict.fromkeys((*own, *self.fields)))


def hidden_fields(names: Sequence[str]) -> Misconfigured:
    """Say that fields are missing. Salesforce answers alike for those that do not exist and those not granted."""
    return Misconfigured(f"Salesforce does not show {', '.join(names)} to this user.", fix=GRANT)


def read_refusal(error: Rejected, sobject: str) -> Exception:
    """Turn a rejected read into Misconfigured where a missing permission is the cause; else give the error back."""
    if error.code == "INVALID_FIELD":
        named = re.search(r"No such column '([\w.]+)'", error.detail)
        return hidden_fields([f"{sobject}.{named.group(1)}" if named else f"a mapped field of {sobject}"])
    if error.code in {"INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS_OR_READONLY"}:
        return Misconfigured(
            f"Salesforce does not show the object {sobject} to this user.",
            fix=f"Give the permission set Truegrade Integration read access to {sobject}.",
        )
    return error


def records_from_json(shape: Shape, rows: Sequence[Mapping[str, Any]], *, dirty: bool) -> tuple[Record, ...]:
    """Turn rows of a query or a collections read into records, in order.

    `dirty`: some text may hold NULs or carriage returns.
    """
    if not rows:
        return ()
    kinds = shape.kinds()
    stamps = [instant(row["SystemModstamp"]) for row in rows]
    columns = [_canonical(from_json, kinds[name], [row[name] for row in rows], dirty=dirty) for name in shape.fields]
    values = zip(*columns, strict=True) if columns else repeat((), len(rows))
    living = [
        Record(id=row["Id"], stamp_at=stamp, values=value)
        for row, stamp, value in zip(rows, stamps, values, strict=True)
    ]
    if any(row.get("IsDeleted") for row in rows):
        return tuple(_if_gone(record, row) for record, row in zip(living, rows, strict=True))
    return tuple(living)


def records_from_csv(shape: Shape, header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Record, ...]:
    """Turn rows of a bulk result into records, in order; the header may differ in case from what was asked."""
    at = {name.lower(): index for index, name in enumerate(header)}
    cells, kinds = list(zip(*rows, strict=True)), shape.kinds()
    columns = [from_csv(kinds[name])(cells[at[name.lower()]]) for name in shape.fields]
    values = zip(*columns, strict=True) if columns else repeat((), len(rows))
    ids, stamps = cells[at["id"]], from_csv(Kind.INSTANT)(cells[at["systemmodstamp"]])
    return tuple(
        Record(id=record_id, stamp_at=stamp or "", values=value)
        for record_id, stamp, value in zip(ids, stamps, values, strict=True)
    )


def gone_record(shape: Shape, record_id: str, stamp_at: str = "") -> Record:
    """Make the record of something that is no longer there."""
    return Record(id=long_id(record_id), stamp_at=stamp_at, values=(None,) * len(shape.fields), gone="deleted")


def _canonical(choose: Any, kind: Kind, column: list[Any], *, dirty: bool) -> Sequence[str | None]:
    canon: Canon = choose(kind)
    texts = canon(column)
    return cleaned(texts) if dirty and kind in TEXTUAL else texts


def _if_gone(record: Record, row: Mapping[str, Any]) -> Record:
    """Mark a deleted row, and drop its values: a person may have asked for the erasure."""
    if not row["IsDeleted"]:
        return record
    master = row.get("MasterRecordId")
    return Record(
        id=record.id,
        stamp_at=record.stamp_at,
        values=(None,) * len(record.values),
        gone="merged" if master else "deleted",
        merged_into=master,
    )
