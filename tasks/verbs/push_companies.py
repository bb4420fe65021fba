"""Writes what companies get onto their records: the second half of the verb roll up.

As a push of leads' scores: what the CRM holds already is not sent, outcomes are kept in batches while the stream runs.
"""

from collections.abc import Iterator

from connector.clock import Clock
from connector.crm import CRM, Entity, Update, Written
from tasks.lease import Held
from tasks.store import company_scores, company_sending
from tasks.store.company_sending import Waiting
from tasks.store.engine import Store
from tasks.verbs.counts import OnProgress, RolledUp, require, silent

READ_ROWS = 2_000
SAVE_ROWS = 500


def push(
    crm: CRM, store: Store, *, connection: str, clock: Clock, held: Held, on_progress: OnProgress = silent
) -> RolledUp:
    """Write the values that wait; returns where each company's ended. Repeatable, and idempotent.

    A crash between the CRM's answer and our saving it only sends the same absolute values once more.
    """
    company_sending.requeue(store, connection, now=clock.now())
    if not (total := company_sending.waiting(store, connection)):
        return RolledUp()
    work = _Sending(store, connection, held)
    counts, batch = RolledUp(), list[tuple[Waiting, Written]]()
    for written in crm.write(Entity.COMPANY, work.updates(), expected=total):
        batch.append((work.in_flight.pop(written.id), written))
        if len(batch) >= SAVE_ROWS:
            counts += RolledUp(**company_sending.save_outcomes(store, connection, batch, now=clock.now()))
            batch.clear()
            on_progress("companies", counts.ended, total)
    counts += RolledUp(**company_sending.save_outcomes(store, connection, batch, now=clock.now()))
    counts += RolledUp(taken=work.taken, held=work.held)
    require(counts.reconciles(), counts.as_dict() | {"without an outcome": len(work.in_flight)})
    return counts


class _Sending:
    """The values on their way: those sent and not yet answered are in `in_flight`, by company."""

    def __init__(self, store: Store, connection: str, lease: Held) -> None:
        self._store, self._connection, self._lease = store, connection, lease
        self.in_flight: dict[str, Waiting] = {}
        self.taken = self.held = 0

    def updates(self) -> Iterator[Update]:
        after = ""
        while rows := self._page(after):
            self.taken += len(rows)
            same = [row for row in rows if row.outputs_hash == row.written_hash]
            company_sending.save_unchanged(self._store, self._connection, same)
            self.held += len(same)
            for row in rows:
                if row.outputs_hash != row.written_hash:
                    self.in_flight[row.company_id] = row
                    yield Update(row.company_id, company_scores.values(row.outputs))
            after = rows[-1].company_id

    def _page(self, after: str) -> list[Waiting]:
        self._lease.require()
        return company_sending.page(self._store, self._connection, after=after, size=READ_ROWS)
