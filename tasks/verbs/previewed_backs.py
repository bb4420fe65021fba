"""What a preview tells of enriched values that go to fields of the CRM's own: beside the scores, and as they wait."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from connector.crm import Entity
from mappings.enrichment import WriteBack
from mappings.file.load import Mapping as FieldMapping
from mappings.frames.outcomes import writable
from tasks.store import records, write_backs
from tasks.store.backs import Back, Planned
from tasks.store.engine import Store
from tasks.verbs.frames import frame as of_records
from tasks.verbs.outgoing import outgoing
from tasks.verbs.placing import Place, placed
from tasks.verbs.predicted import Foreseen, Judge, Value
from tasks.verbs.previewed import NOTHING, End, Lead, Standing
from tasks.verbs.written_back import HELD

READ_LEADS = 2_000


def beside(leads: Sequence[Lead], due: Sequence[Planned], frame: pl.DataFrame, judge: Judge) -> list[Lead]:
    """Add to each lead the values that are due for it, with what the CRM holds there; those not refused are written.

    `frame` is that of the leads, as `frames.of_leads` makes it.
    """
    if not due:
        return list(leads)
    values: dict[str, dict[str, str]] = {}
    for one in due:
        values.setdefault(one.lead_id, {})[one.field] = one.value
    fields = sorted({one.field for one in due})
    held = {row[0]: dict(zip(fields, row[1:], strict=True)) for row in _held(frame, fields)}
    return [_with(lead, values[lead.id], held[lead.id], judge) if lead.id in values else lead for lead in leads]


def _held(frame: pl.DataFrame, fields: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
    yield from frame.select("id", *(HELD + field for field in fields)).iter_rows()


def _with(lead: Lead, new: Mapping[str, str], old: Mapping[str, Value], judge: Judge) -> Lead:
    shown, refusals = _forms(new, judge)
    refused = next(iter(refusals), None)
    is_sent = lead.end is End.UNCHANGED and len(refusals) < len(new)
    return replace(
        lead,
        end=End.WRITE if is_sent else lead.end,
        old=replace(lead.old, values={**lead.old.values, **{field: old[field] for field in new}}),
        new=replace(lead.new, values={**lead.new.values, **shown}),
        fields=(*lead.fields, *new),
        refused=lead.refused or refused,
    )


def _forms(told: Mapping[str, str], judge: Judge) -> tuple[dict[str, Value], list[Foreseen]]:
    """Give values by field in the form in which they go out, and the refusals of those that cannot."""
    forms = {field: outgoing(judge, field, value) for field, value in told.items()}
    refusals = [form for form in forms.values() if isinstance(form, Foreseen)]
    return {field: told[field] if isinstance(form, Foreseen) else form for field, form in forms.items()}, refusals


def waiting(store: Store, mapping: FieldMapping, *, connection: str, judge: Judge) -> Iterator[list[Lead]]:
    """Yield what a push would do with the values that wait, page by page in order of lead id; sends none.

    Looks at what the last pull has found. What people write until then stays, so that fewer may go out.
    """
    after, asked = "", {one.field: one for one in mapping.enrich.write_back}
    while page := write_backs.page(store, connection, after=after, leads=READ_LEADS, fields=asked):
        stored = _stored(store, connection, mapping, list(page))
        yield [lead for some in page.values() if (lead := _waiting(some, stored.get(some[0].lead_id), asked, judge))]
        after = max(page)


def _stored(
    store: Store, connection: str, mapping: FieldMapping, leads: Sequence[str]
) -> dict[str, dict[str, str | None]]:
    """Give what the store knows of these leads; without those that may not be written any more."""
    rows = records.get(store, connection, Entity.LEAD, leads)
    frame = of_records(rows, mapping.source_fields(Entity.LEAD))
    return {row["id"]: row for row in frame.filter(writable(mapping, frame)).to_dicts()}


def _waiting(
    backs: Sequence[Back], held: Mapping[str, str | None] | None, asked: Mapping[str, WriteBack], judge: Judge
) -> Lead | None:
    """Tell what becomes of a lead's values; None if nothing is sent."""
    sent = [back for back in backs if _place(back, held, asked, judge) in (Place.SEND, Place.REFUSE)]
    if not sent:
        return None
    told = {back.field: back.value for back in sent}
    values, refusals = _forms(told, judge)
    end = End.WRITE if len(refusals) < len(sent) else End.REFUSED
    was = Standing(values={field: (held or {}).get(field) for field in told})
    return Lead(sent[0].lead_id, end, was, replace(NOTHING, values=values), tuple(told), next(iter(refusals), None))


def _place(back: Back, held: Mapping[str, str | None] | None, asked: Mapping[str, WriteBack], judge: Judge) -> Place:
    # Whether the record has moved since a run was stopped is seen when it is written.
    form = outgoing(judge, back.field, back.value)
    return placed(back, form, asked[back.field], held, back.stamp_at or "")
