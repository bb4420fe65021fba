"""The verb write_back: bring enriched values into fields of the CRM's own, where the mapping asks for it.

After the scores and apart from them, so that no score waits for a value that the CRM refuses. What the CRM holds is
read anew before each batch: a value that a person has written meanwhile stays. A crash between the CRM's answer and our
saving it is found out by what the field holds then.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from connector.clock import Clock
from connector.crm import CRM, Entity, Outcome, Update, Written
from connector.errors import OutOfQuota
from connector.lanes import in_lanes
from mappings.file.load import Mapping as FieldMapping
from mappings.frames.outcomes import writable
from tasks.lease import Held
from tasks.store import write_backs
from tasks.store.backs import Back, Ended, State
from tasks.store.engine import Store
from tasks.verbs.counts import OnProgress, WrittenBack, require, silent
from tasks.verbs.outgoing import outgoing, sendable
from tasks.verbs.placing import Place, placed
from tasks.verbs.predicted import Foreseen, judge

PAGE_LEADS = 10_000
BATCH_LEADS = 100  # as many as either CRM writes in one call: what is read right before must not wait for other calls
LANES = 5  # batches on their way at one time; the limiter keeps them to the CRM's pace

Fresh = Mapping[str, Mapping[str, str | None]]  # what the CRM holds now, by lead and field


def write_back(
    crm: CRM,
    store: Store,
    mapping: FieldMapping,
    *,
    connection: str,
    clock: Clock,
    held: Held,
    most: int | None = None,
    page_leads: int = PAGE_LEADS,
    batch_leads: int = BATCH_LEADS,
    lanes: int = LANES,
    on_progress: OnProgress = silent,
) -> WrittenBack:
    """Write what waits, of `most` leads (None: all); returns where each value ended. Repeatable, and idempotent.

    Batches go side by side, each read right before it is written; no lead is in two of them.
    """
    if not write_backs.are_any(store, connection):
        return WrittenBack()
    write_backs.requeue(store, connection, now=clock.now())
    asked = {one.field for one in mapping.enrich.write_back}
    total = write_backs.waiting(store, connection, fields=asked)
    if not total:
        return WrittenBack()
    work, counts, done = _Writing(crm, store, mapping, connection, clock), Counter[str](), 0
    batches = _batches(store, connection, asked, most=most, page_leads=page_leads, batch_leads=batch_leads)
    for ended in in_lanes(work.write, _while_held(batches, held, work), lanes=lanes):
        counts += ended.counts
        done += ended.leads
        on_progress("write back", done, total)
    found = WrittenBack(**counts)
    require(found.reconciles(), found.as_dict())
    return found


def _batches(
    store: Store, connection: str, fields: Collection[str], *, most: int | None, page_leads: int, batch_leads: int
) -> Iterator[dict[str, list[Back]]]:
    """Yield what waits by lead, of so many leads at once; the store is asked for many of them."""
    after, done = "", 0
    while (left := page_leads if most is None else min(page_leads, most - done)) > 0:
        page = write_backs.page(store, connection, after=after, leads=left, fields=fields)
        if not page:
            return
        leads = list(page)
        for start in range(0, len(leads), batch_leads):
            yield {lead: page[lead] for lead in leads[start : start + batch_leads]}
        after, done = leads[-1], done + len(leads)


def _while_held(
    batches: Iterable[dict[str, list[Back]]], held: Held, work: "_Writing"
) -> Iterator[dict[str, list[Back]]]:
    """Give batches as long as the lease holds and calls are left."""
    for batch in batches:
        held.require()
        if work.is_spent:
            return
        yield batch


@dataclass(frozen=True, slots=True)
class _Batch:
    """How a batch of so many leads ended, in the terms of `WrittenBack`."""

    leads: int
    counts: Counter[str]


class _Writing:
    """Writes batch by batch, several at one time; `is_spent` once no calls are left to go on with."""

    def __init__(self, crm: CRM, store: Store, mapping: FieldMapping, connection: str, clock: Clock) -> None:
        self._crm, self._store, self._mapping, self._connection, self._clock = crm, store, mapping, connection, clock
        self._asked = {one.field: one for one in mapping.enrich.write_back}
        fields = crm.describe(Entity.LEAD)
        self._judge = judge(mapping.crm, fields)
        wanted = {*self._asked, mapping.outcome.converted}
        self._read = [field.name for field in fields if field.name in wanted]
        self.is_spent = False

    def write(self, batch: Mapping[str, list[Back]]) -> _Batch:
        """Write a batch."""
        backs = [back for some in batch.values() for back in some]
        try:
            fresh, stamps = self._fresh(list(batch))
        except OutOfQuota:
            self.is_spent = True
            return _Batch(len(batch), Counter(taken=len(backs), parked=len(backs)))
        return _Batch(len(batch), Counter(taken=len(backs)) + self._written(backs, fresh, stamps))

    def _written(self, backs: Sequence[Back], fresh: Fresh, stamps: Mapping[str, str]) -> Counter[str]:
        forms = {back: outgoing(self._judge, back.field, back.value) for back in backs}
        of: dict[Place, list[Back]] = {place: [] for place in Place}
        for back, form in forms.items():
            lead = back.lead_id
            place = placed(back, form, self._asked[back.field], fresh.get(lead), stamps.get(lead, ""))
            of[place].append(back)
        counts = self._leave(of)
        counts += self._save([Ended(back, State.WRITTEN, written=str(forms[back])) for back in of[Place.OURS]])
        refused = {back: form for back in of[Place.REFUSE] if isinstance(form := forms[back], Foreseen)}
        counts += self._save(
            [Ended(one, State.REFUSED, code=why.code, message=why.told) for one, why in refused.items()]
        )
        return counts + self._send({back: str(forms[back]) for back in of[Place.SEND]}, stamps)

    def _fresh(self, leads: Sequence[str]) -> tuple[Fresh, dict[str, str]]:
        """Read the leads as they are now, with the stamps of their records; those that are no leads are left out."""
        page = self._crm.get(Entity.LEAD, self._read, leads)
        living = [record for record in page.records if record.gone is None]
        rows = [dict(zip(page.fields, record.values, strict=True)) for record in living]
        schema = {"id": pl.String} | dict.fromkeys(self._read, pl.String)
        frame = pl.DataFrame([{"id": record.id} | row for record, row in zip(living, rows, strict=True)], schema=schema)
        may_be_written = writable(self._mapping, frame)
        found = {one.id: row for one, row, may in zip(living, rows, may_be_written, strict=True) if may}
        return found, {record.id: record.stamp_at for record in living}

    def _leave(self, of: Mapping[Place, list[Back]]) -> Counter[str]:
        write_backs.leave(self._store, self._connection, [*of[Place.LEAVE], *of[Place.EXCLUDE]])
        with self._store.write() as tx:
            write_backs.taken_over(tx, self._connection, of[Place.THEIRS])
        return Counter(left=len(of[Place.LEAVE]) + len(of[Place.THEIRS]), excluded=len(of[Place.EXCLUDE]))

    def _send(self, texts: Mapping[Back, str], stamps: Mapping[str, str]) -> Counter[str]:
        """Send these texts; `stamps` are those of the records, by lead, as they were right before."""
        noted = [back._replace(value=text) for back, text in texts.items()]
        write_backs.begin(self._store, self._connection, noted, stamps)
        of_lead: dict[str, list[Back]] = {}
        for back in texts:
            of_lead.setdefault(back.lead_id, []).append(back)
        ended: list[Ended] = []
        gone: list[Back] = []
        for written in self._crm.write(Entity.LEAD, self._updates(of_lead, texts), expected=len(of_lead)):
            some = of_lead.pop(written.id)
            if written.outcome in (Outcome.WRITTEN, Outcome.REFUSED, Outcome.PARKED):
                ended += [_ended(back, texts[back], written) for back in some]
            else:
                gone += some
        require(not of_lead, {"without an outcome": len(of_lead)})
        counts = self._save(ended)
        write_backs.leave(self._store, self._connection, gone)
        return counts + Counter(excluded=len(gone))

    def _updates(self, of_lead: Mapping[str, list[Back]], texts: Mapping[Back, str]) -> Iterator[Update]:
        for lead, backs in list(of_lead.items()):
            yield Update(lead, {back.field: sendable(self._judge, back.field, texts[back]) for back in backs})

    def _save(self, ended: Sequence[Ended]) -> Counter[str]:
        write_backs.save(self._store, self._connection, ended, now=self._clock.now())
        names = {State.WRITTEN: "written", State.REFUSED: "refused", State.PENDING: "parked"}
        return Counter(names[one.state] for one in ended)


def _ended(back: Back, text: str, written: Written) -> Ended:
    match written.outcome:
        case Outcome.WRITTEN:
            return Ended(back, State.WRITTEN, written=text)
        case Outcome.REFUSED:
            told: dict[str, Any] = {"code": written.code, "message": written.message, "passing": written.passing}
            return Ended(back, State.REFUSED, **told)
        case _:
            return Ended(back, State.PENDING)
