"""The verb push: bring the scores that wait onto their records in the CRM.

A score whose values the CRM holds already is not sent. Outcomes are kept in batches while the stream runs; a crash
between the CRM's answer and our saving it only sends the same absolute values once more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from connector.clock import Clock
from connector.crm import CRM, Entity, Update
from tasks.store import outcomes, scores
from tasks.store.engine import Store
from tasks.store.outcomes import Ended, PushCounts
from tasks.verbs.counts import DoNotReconcile, OnProgress, Pushed, require, silent

READ_ROWS = 2_000
SAVE_ROWS = 1_000


def push(
    crm: CRM,
    store: Store,
    *,
    connection: str,
    clock: Clock,
    retry_refused: bool = False,
    read_rows: int = READ_ROWS,
    save_rows: int = SAVE_ROWS,
    on_progress: OnProgress = silent,
) -> Pushed:
    """Send what waits; returns where each score ended. Memory does not grow with the number of scores.

    `retry_refused` also sends what the CRM refused for a cause that a person had to mend. Raises DoNotReconcile when
    the CRM gave no outcome for a row, or one for a row that was not sent.
    """
    if retry_refused:
        scores.requeue_refused(store, connection)
    expected = scores.waiting(store, connection)
    if not expected:
        return Pushed()
    sending = _Sending(store, connection, read_rows)
    saved = PushCounts()
    batch: list[Ended] = []
    for written in crm.write(Entity.LEAD, sending.updates(), expected=expected):
        sent_hash = sending.in_flight.pop(written.id, None)
        if sent_hash is None:
            raise DoNotReconcile("The CRM gave an outcome for a row that was not sent.")
        batch.append(Ended(written, sent_hash))
        if len(batch) >= save_rows:
            saved += outcomes.save(store, connection, batch, now=clock.now())
            batch.clear()
            on_progress("push", saved.total, expected)
    saved += outcomes.save(store, connection, batch, now=clock.now())
    on_progress("push", saved.total, expected)
    pushed = Pushed(sending.taken, replace(saved, unchanged=sending.unchanged))
    require(pushed.reconciles(), pushed.as_dict() | {"without an outcome": len(sending.in_flight)})
    return pushed


@dataclass(slots=True)
class _Sending:
    """The scores on their way: those sent and not yet answered are in `in_flight`, as lead id to hash of the values.

    The adapter decides how far it reads ahead; a bulk job's rows are the most that are ever held here.
    """

    store: Store
    connection: str
    read_rows: int
    in_flight: dict[str, str] = field(default_factory=dict)
    taken: int = 0
    unchanged: int = 0

    def updates(self) -> Iterator[Update]:
        after = ""
        while rows := scores.waiting_page(self.store, self.connection, after=after, size=self.read_rows):
            after = rows[-1].lead_id
            self.taken += len(rows)
            held = [row.lead_id for row in rows if row.outputs_hash == row.written_hash]
            if held:
                outcomes.save_unchanged(self.store, self.connection, held)
                self.unchanged += len(held)
            for row in rows:
                if row.outputs_hash != row.written_hash:
                    self.in_flight[row.lead_id] = row.outputs_hash
                    yield Update(row.lead_id, _values(row.outputs))


def _values(outputs: str) -> Mapping[str, str | int | float | None]:
    values: dict[str, Any] = orjson.loads(outputs)
    return values
