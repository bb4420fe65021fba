"""The verb push: bring the scores that wait onto their records in the CRM.

A score whose values the CRM holds already is not sent. Rows are claimed before they are sent, so that of several pushes
at once each sends its own. Outcomes are kept in batches while the stream runs; a crash between the CRM's answer and our
saving it only sends the same absolute values once more.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from connector.clock import Clock
from connector.crm import CRM, Entity, Update
from tasks.lease import Held
from tasks.store import outcomes, refusals, sending
from tasks.store.engine import Store
from tasks.store.outcomes import Ended, PushCounts
from tasks.store.sending import Waiting
from tasks.verbs import closed
from tasks.verbs.counts import DoNotReconcile, OnProgress, Pushed, require, silent

READ_ROWS = 2_000
SAVE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Others:
    """Which scores of earlier runs a push sends beside its own: at most so many, of leads between two ids."""

    most: int = sys.maxsize
    after: str = ""
    last: str | None = None


ALL_OTHERS = Others()


def _is_ready() -> None:
    """Take it that the CRM takes our values."""


def push(
    crm: CRM,
    store: Store,
    *,
    connection: str,
    clock: Clock,
    held: Held,
    others: Others = ALL_OTHERS,
    ready: Callable[[], None] = _is_ready,
    ends: closed.Ends = closed.none,
    read_rows: int = READ_ROWS,
    save_rows: int = SAVE_ROWS,
    on_progress: OnProgress = silent,
) -> Pushed:
    """Send what waits; returns where each score ended. Memory does not grow with the number of scores.

    What this run has scored itself goes first (claimed for the lease `held`), then what is left from runs before, as
    far as `others` says. Refusals whose time has come are tried again. `ends` tells which leads are not to be sent.
    Raises DoNotReconcile when the CRM gave no outcome for a row, or one for a row that was not sent.
    """
    refusals.requeue_due(store, connection, now=clock.now())
    queue = sending.waiting(store, connection, token=held.token, now=clock.now())
    expected = queue.own + min(queue.free, others.most)
    if not expected:
        return Pushed()
    ready()
    work = _Sending(store, connection, clock, held, others, ends, read_rows)
    saved = PushCounts()
    batch: list[Ended] = []
    for written in crm.write(Entity.LEAD, work.updates(), expected=expected):
        sent_hash = work.in_flight.pop(written.id, None)
        if sent_hash is None:
            raise DoNotReconcile("The CRM gave an outcome for a row that was not sent.")
        batch.append(Ended(written, sent_hash))
        if len(batch) >= save_rows:
            saved += outcomes.save(store, connection, batch, now=clock.now())
            batch.clear()
            on_progress("push", saved.total, expected)
    saved += outcomes.save(store, connection, batch, now=clock.now())
    on_progress("push", saved.total, expected)
    saved += PushCounts(unchanged=work.unchanged, superseded=work.superseded) + work.ended
    pushed = Pushed(work.taken, saved, own=work.own)
    require(pushed.reconciles(), pushed.as_dict() | {"without an outcome": len(work.in_flight)})
    return pushed


@dataclass(slots=True)
class _Sending:
    """The scores on their way: those sent and not yet answered are in `in_flight`, as lead id to hash of the values.

    The adapter decides how far it reads ahead; a bulk job's rows are the most that are ever held here.
    """

    store: Store
    connection: str
    clock: Clock
    held: Held
    others: Others
    ends: closed.Ends
    read_rows: int
    in_flight: dict[str, str] = field(default_factory=dict)
    ended: PushCounts = field(default_factory=PushCounts)
    taken: int = 0
    own: int = 0
    unchanged: int = 0
    superseded: int = 0

    def updates(self) -> Iterator[Update]:
        yield from self._sent(self._pages(own=True))
        self.own = self.taken
        yield from self._sent(self._pages(own=False))

    def _pages(self, *, own: bool) -> Iterator[list[Waiting]]:
        after, last, left = ("", None, sys.maxsize) if own else (self.others.after, self.others.last, self.others.most)
        while left > 0:
            self.held.require()  # else another may claim what we are about to send
            size, token = min(left, self.read_rows), self.held.token
            how: dict[str, Any] = {"after": after, "last": last, "size": size, "now": self.clock.now()}
            rows = sending.claim_page(self.store, self.connection, token=token, own=own, **how)
            if not rows:
                return
            after, left = rows[-1].lead_id, left - len(rows)
            yield rows

    def _sent(self, pages: Iterator[list[Waiting]]) -> Iterator[Update]:
        for rows in pages:
            self.taken += len(rows)
            held = [(row.outputs_hash, row.lead_id) for row in rows if row.outputs_hash == row.written_hash]
            if held:
                still = outcomes.save_unchanged(self.store, self.connection, held)
                self.unchanged += still
                self.superseded += len(held) - still
            for row in self._open([row for row in rows if row.outputs_hash != row.written_hash]):
                self.in_flight[row.lead_id] = row.outputs_hash
                yield Update(row.lead_id, _values(row.outputs))

    def _open(self, rows: list[Waiting]) -> list[Waiting]:
        """Leave out those that are not to be sent, and keep what became of them."""
        told = self.ends([row.lead_id for row in rows]) if rows else {}
        ended = [Ended(told[row.lead_id], row.outputs_hash) for row in rows if row.lead_id in told]
        if ended:
            self.ended += outcomes.save(self.store, self.connection, ended, now=self.clock.now())
        return [row for row in rows if row.lead_id not in told]


def _values(outputs: str) -> Mapping[str, str | int | float | None]:
    values: dict[str, Any] = orjson.loads(outputs)
    return values
