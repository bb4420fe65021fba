"""The rows of a preview: added up as they come by, and as an export writes them, one for each lead."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from connector.crm import Kind
from tasks.screens import OnProgress
from tasks.verbs.previewed import End, Lead, Preview

SHOWN = 10  # leads that moved most

Columns = Mapping[str, Kind]
Rows = Iterator[dict[str, Any]]
Export = Callable[[Columns, Rows], int]  # as `tasks.previewfile.exporter` makes one


def drain(columns: Columns, rows: Rows) -> int:
    """Take the rows of an export that nobody asked for."""
    del columns
    return sum(1 for _ in rows)


class Sums:
    """Adds leads up as they come by: the sums, and those whose score moved most."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        self._most: list[tuple[int, str, Lead]] = []

    def rows(
        self, chunks: Iterable[list[Lead]], fields: Sequence[str], on_progress: OnProgress, total: int | None
    ) -> Rows:
        """Pass leads on as rows of an export, chunk by chunk, and add them up."""
        for leads in chunks:
            self.preview.take(leads)
            moved = [(lead.moved, lead.id, lead) for lead in leads if lead.moved and lead.end is not End.EXCLUDED]
            self._most = heapq.nlargest(SHOWN, self._most + moved, key=lambda one: one[:2])
            on_progress("preview", self.preview.looked_at, total)
            yield from (_row(lead, fields) for lead in leads)

    def most(self) -> list[Lead]:
        """Give the leads whose score moved most, the first the most."""
        return [lead for _, _, lead in self._most]


def columns_of(fields: Columns) -> Columns:
    """Name the columns of an export with these fields of ours, each as it was and as it would be."""
    own = ("lead", "end", "differs", "refused_code", "refused_field", "refused_why")
    both = {f"{when} {name}": kind for name, kind in fields.items() for when in ("old", "new")}
    return dict.fromkeys(own, Kind.TEXT) | both


def _row(lead: Lead, fields: Sequence[str]) -> dict[str, Any]:
    refused = lead.refused
    values = {f"old {name}": lead.old.values.get(name) for name in fields}
    values |= {f"new {name}": lead.new.values.get(name) for name in fields}
    return {
        "lead": lead.id,
        "end": lead.end.value,
        "differs": ";".join(lead.fields),
        "refused_code": refused.code if refused else None,
        "refused_field": refused.field if refused else None,
        "refused_why": refused.told if refused else None,
        **values,
    }


def shown(lead: Lead) -> dict[str, Any]:
    """Give a lead to people and machines: its score, grade and values before and after, and what differs."""

    def plain(values: Mapping[str, Any]) -> dict[str, Any]:
        return {"score": values["score"], "grade": values["grade"], "values": dict(values["values"])}

    old, new = plain(asdict(lead.old)), plain(asdict(lead.new))
    return {"lead": lead.id, "end": lead.end.value, "old": old, "new": new, "differs": list(lead.fields)}
