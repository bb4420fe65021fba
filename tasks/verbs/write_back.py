"""The verb write_back: bring enriched values into fields of the CRM's own, where the mapping asks for it.

After the scores and apart from them, so that no score waits for a value that the CRM refuses. What the CRM holds is
read anew before each batch: a value that a person has written meanwhile stays. A crash between the CRM's answer and our
saving it is found out by what the field holds then.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from connector.clock import Clock
from connector.crm import CRM, Entity, Field, Kind, Outcome, Update, Written
from connector.errors import OutOfQuota
from mappings.load import Mapping as FieldMapping
from mappings.writing_back import is_due, is_same
from tasks.lease import Held
from tasks.store import write_backs
from tasks.store.engine import Store
from tasks.store.write_backs import Back, Ended, State
from tasks.verbs.counts import OnProgress, require, silent
from tasks.verbs.predicted import judge

PAGE_LEADS = 10_000

Fresh = Mapping[str, Mapping[str, str | None]]  # what the CRM holds now, by lead and field; leads that are gone are not


@dataclass(frozen=True, slots=True)
class WrittenBack:
    """Where the values ended that were taken.

    Written; left, for others have written there or the mapping has changed; refused by the CRM or by its describe;
    excluded, of leads that are no more; parked for want of calls.
    """

    taken: int = 0
    written: int = 0
    left: int = 0
    refused: int = 0
    excluded: int = 0
    parked: int = 0

    def reconciles(self) -> bool:
        """Whether every value that was taken ended somewhere."""
        return self.taken == self.written + self.left + self.refused + self.excluded + self.parked

    def as_dict(self) -> dict[str, int]:
        """Return the terms, for logs and runs."""
        return asdict(self)


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
    on_progress: OnProgress = silent,
) -> WrittenBack:
    """Write what waits, of `most` leads (None: all); returns where each value ended. Repeatable, and idempotent."""
    if not write_backs.are_any(store, connection):
        return WrittenBack()
    write_backs.requeue(store, connection, now=clock.now())
    total = write_backs.waiting(store, connection)
    if not total:
        return WrittenBack()
    work, after, done = _Writing(crm, store, mapping, connection, clock), "", 0
    while (left := page_leads if most is None else min(page_leads, most - done)) > 0:
        held.require()
        page = write_backs.page(store, connection, after=after, leads=left)
        if not page:
            break
        if not work.write(page):
            break
        after, done = max(page), done + len(page)
        on_progress("write back", done, total)
    found = WrittenBack(**work.counts)
    require(found.reconciles(), found.as_dict())
    return found


class _Writing:
    """Writes page by page; `counts` are the terms of `WrittenBack`."""

    def __init__(self, crm: CRM, store: Store, mapping: FieldMapping, connection: str, clock: Clock) -> None:
        self._crm, self._store, self._mapping, self._connection, self._clock = crm, store, mapping, connection, clock
        self._asked = {one.field: one for one in mapping.enrich.write_back}
        self._fields = {field.name: field for field in crm.describe(Entity.LEAD)}
        self._judge = judge(mapping.crm, self._fields.values())
        self.counts: Counter[str] = Counter()

    def write(self, page: Mapping[str, list[Back]]) -> bool:
        """Write a page; False when no calls are left to go on with."""
        backs = [back for some in page.values() for back in some]
        try:
            fresh = self._fresh(list(page))
        except OutOfQuota:
            self.counts.update(taken=len(backs), parked=len(backs))
            return False
        self.counts["taken"] += len(backs)
        places = {back: self._place(back, fresh.get(back.lead_id)) for back in backs}
        of = {
            place: [back for back in backs if places[back] == place] for place in ("send", "left", "excluded", "ours")
        }
        write_backs.leave(self._store, self._connection, [*of["left"], *of["excluded"]])
        self._save([Ended(back, State.WRITTEN, written=self._text(back)) for back in of["ours"]])
        self.counts.update(left=len(of["left"]), excluded=len(of["excluded"]))
        self._send(self._admitted(of["send"]))
        return True

    def _fresh(self, leads: list[str]) -> Fresh:
        names = [name for name in self._asked if name in self._fields]
        if not names:
            return {lead: {} for lead in leads}
        page = self._crm.get(Entity.LEAD, names, leads)
        living = (record for record in page.records if record.gone is None)
        return {record.id: dict(zip(page.fields, record.values, strict=True)) for record in living}

    def _place(self, back: Back, now: Mapping[str, str | None] | None) -> str:
        """Tell what is to be done with a value, by what the CRM holds now."""
        if now is None:
            return "excluded"
        asked, held = self._asked.get(back.field), now.get(back.field)
        if back.state == State.SENDING and is_same(held, back.value):
            return "ours"  # it had been written when somebody stopped
        is_wanted = asked is not None and is_due(back.value, held, back.written, renews=asked.renews)
        return "send" if is_wanted else "left"

    def _admitted(self, backs: Sequence[Back]) -> list[Back]:
        """Give those that the describe admits; the others are refused before they are sent."""
        kept, refused = [], []
        for back in backs:
            foreseen = self._judge({back.field: self._value(back)})
            if foreseen is None:
                kept.append(back)
            else:
                refused.append(Ended(back, State.REFUSED, code=foreseen.code, message=foreseen.told))
        self._save(refused)
        return kept

    def _send(self, backs: Sequence[Back]) -> None:
        write_backs.begin(self._store, self._connection, backs)
        of_lead: dict[str, list[Back]] = {}
        for back in backs:
            of_lead.setdefault(back.lead_id, []).append(back)
        ended: list[Ended] = []
        gone: list[Back] = []
        for written in self._crm.write(Entity.LEAD, self._updates(of_lead), expected=len(of_lead)):
            some = of_lead.pop(written.id)
            if written.outcome in (Outcome.WRITTEN, Outcome.REFUSED, Outcome.PARKED):
                ended += [self._ended(back, written) for back in some]
            else:
                gone += some
        require(not of_lead, {"without an outcome": len(of_lead)})
        self._save(ended)
        write_backs.leave(self._store, self._connection, gone)
        self.counts["excluded"] += len(gone)

    def _updates(self, of_lead: Mapping[str, list[Back]]) -> Iterator[Update]:
        for lead, backs in list(of_lead.items()):
            yield Update(lead, {back.field: self._value(back) for back in backs})

    def _ended(self, back: Back, written: Written) -> Ended:
        match written.outcome:
            case Outcome.WRITTEN:
                return Ended(back, State.WRITTEN, written=self._text(back))
            case Outcome.REFUSED:
                told: dict[str, Any] = {"code": written.code, "message": written.message, "passing": written.passing}
                return Ended(back, State.REFUSED, **told)
            case _:
                return Ended(back, State.PENDING)

    def _save(self, ended: Sequence[Ended]) -> None:
        write_backs.save(self._store, self._connection, ended, now=self._clock.now())
        names = {State.WRITTEN: "written", State.REFUSED: "refused", State.PENDING: "parked"}
        self.counts.update(names[one.state] for one in ended)

    def _value(self, back: Back) -> str | int | float:
        return sent(back.value, self._fields.get(back.field))

    def _text(self, back: Back) -> str:
        return str(self._value(back))


def sent(value: str, field: Field | None) -> str | int | float:
    """Give a value as it is sent: a number where the field holds numbers and it is one, else text."""
    if field is None or field.kind is not Kind.NUMBER:
        return value
    try:
        number = Decimal(value)
    except ArithmeticError:
        return value
    if not number.is_finite():
        return value
    return int(number) if number == number.to_integral_value() else float(number)
