"""What a preview tells of enriched values that go to fields of the CRM's own: beside the scores, and as they wait."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from mappings.load import Mapping as FieldMapping
from tasks.store import write_backs
from tasks.store.engine import Store
from tasks.store.write_backs import Back, Planned
from tasks.verbs.predicted import Judge, Value
from tasks.verbs.previewed import NOTHING, End, Lead, Standing
from tasks.verbs.write_back import sent
from tasks.verbs.written_back import HELD

READ_LEADS = 2_000


def beside(leads: Sequence[Lead], due: Sequence[Planned], frame: pl.DataFrame, judge: Judge) -> list[Lead]:
    """Add to each lead the values that are due for it, with what the CRM holds there; those not refused are written.

    `frame` is that of the leads, as `frames.of_leads` makes it.
    """
    if not due:
        return list(leads)
    values: dict[str, dict[str, Value]] = {}
    for one in due:
        values.setdefault(one.lead_id, {})[one.field] = one.value
    fields = sorted({one.field for one in due})
    held = {row[0]: dict(zip(fields, row[1:], strict=True)) for row in _held(frame, fields)}
    return [_with(lead, values[lead.id], held[lead.id], judge) if lead.id in values else lead for lead in leads]


def _held(frame: pl.DataFrame, fields: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
    yield from frame.select("id", *(HELD + field for field in fields)).iter_rows()


def _with(lead: Lead, new: Mapping[str, Value], old: Mapping[str, Value], judge: Judge) -> Lead:
    judged = {field: judge({field: value}) for field, value in new.items()}
    refused = next((one for one in judged.values() if one is not None), None)
    is_sent = lead.end is End.UNCHANGED and None in judged.values()
    return replace(
        lead,
        end=End.WRITE if is_sent else lead.end,
        old=replace(lead.old, values={**lead.old.values, **{field: old[field] for field in new}}),
        new=replace(lead.new, values={**lead.new.values, **new}),
        fields=(*lead.fields, *new),
        refused=lead.refused or refused,
    )


def waiting(store: Store, mapping: FieldMapping, *, connection: str, judge: Judge) -> Iterator[list[Lead]]:
    """Yield what a push would do with the values that wait, page by page in order of lead id; sends none.

    What people write until then stays, so that fewer may go out.
    """
    after, asked = "", {one.field for one in mapping.enrich.write_back}
    while page := write_backs.page(store, connection, after=after, leads=READ_LEADS):
        wanted = {lead: [back for back in some if back.field in asked] for lead, some in page.items()}
        yield [_waiting(lead, some, judge) for lead, some in wanted.items() if some]
        after = max(page)


def _waiting(lead: str, backs: Sequence[Back], judge: Judge) -> Lead:
    values: dict[str, Value] = {back.field: sent(back.value, None) for back in backs}
    judged = [judge({field: value}) for field, value in values.items()]
    refused = next((one for one in judged if one is not None), None)
    end = End.WRITE if None in judged else End.REFUSED
    was = Standing(values={back.field: back.written for back in backs})
    return Lead(lead, end, was, replace(NOTHING, values=values), tuple(values), refused)
