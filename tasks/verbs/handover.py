"""The verb handover: tell a webhook of leads that have become hot, where the mapping asks for it.

Rises are noted in the transaction that keeps the scores, and told later, so that a receiver that is down holds up
nobody. A message says who rose and what our fields say now; by its id, which is the same at each try, a receiver tells
a repetition.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection

from connector.clock import Clock
from connector.crm import Entity
from mappings.file.handing import Webhook
from mappings.file.load import Mapping as FieldMapping
from tasks.store import handovers, records, scores
from tasks.store.engine import Store
from tasks.store.handovers import Before, Handover, Rise, State
from tasks.store.scores import Scored
from tasks.store.times import from_text
from tasks.verbs.webhook import Look, NotTaken, post

WEBHOOK = "webhook"
SCHEMA = 1
AT_ONCE = 100  # most that one call tells
AT_MOST_S = 20.0  # that it takes, and one more try
FIRST = "first"
GONE = "The lead was gone, left alone, or hot no more before it could be told."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """What one call did: `sent` were taken, `over` need not be told any more, `failed` are tried again."""

    sent: int = 0
    over: int = 0
    failed: int = 0


def noting(
    mapping: FieldMapping, connection: str, scored: Sequence[Scored], *, now: datetime
) -> Callable[[Connection, frozenset[str]], None]:
    """Make the function that notes the rises among new scores, to be called while the old ones still stand."""
    webhook = mapping.handover.webhook

    def note(tx: Connection, kept: frozenset[str]) -> None:
        hot = [row for row in scored if webhook and row.grade in webhook.grades and row.lead_id in kept]
        if webhook and hot:
            before = handovers.grades(tx, connection, [row.lead_id for row in hot])
            rises = [rise for row in hot if (rise := _rise(webhook, row, before.get(row.lead_id), now))]
            handovers.add(tx, connection, WEBHOOK, rises, now=now)

    return note


def deliver(store: Store, mapping: FieldMapping, *, connection: str, clock: Clock, look: Look) -> Told:
    """Tell what is due; stops where the receiver is down, or after 20 s, and never raises for either.

    Safe to call from several processes at once. Raises what the store raises, and nothing else.
    """
    webhook, began = mapping.handover.webhook, clock.now()
    if webhook is None:
        return Told()
    counts: Counter[State] = Counter()
    for one in handovers.due(store, connection, WEBHOOK, now=began, limit=AT_ONCE):
        if clock.now() - began > timedelta(seconds=AT_MOST_S):
            break
        if not handovers.claim(store, one, now=clock.now()):
            continue
        try:
            counts[_told(store, webhook, one, look, now=clock.now())] += 1
        except NotTaken as error:
            handovers.failed(store, one, str(error), now=clock.now())
            log.warning("handover.failed", connection=connection, tries=one.tries + 1, reason=str(error))
            counts[State.WAITING] += 1
            if error.is_down:
                break
    return Told(counts[State.SENT], counts[State.OVER], counts[State.WAITING])


def _told(store: Store, webhook: Webhook, one: Handover, look: Look, *, now: datetime) -> State:
    """Tell of one lead, or find that it is over; returns how it ended. Raises NotTaken."""
    body = _body(store, webhook, one)
    if body is None:
        handovers.ended(store, one, State.OVER, GONE)
        return State.OVER
    rise = one.rise
    post(webhook, body, about=f"{one.connection}\n{rise.lead_id}\n{rise.occasion}", look=look, now=now)
    handovers.ended(store, one, State.SENT)
    return State.SENT


def _rise(webhook: Webhook, row: Scored, before: Before | None, now: datetime) -> Rise | None:
    """Make a rise of a hot lead that was not hot; a first score is one only of a lead that is new."""
    was = before.grade if before else None
    if was in webhook.grades or row.grade is None:
        return None
    if was is None:
        oldest = now - timedelta(days=webhook.new_within_days)
        if row.lead_created_at is None or from_text(row.lead_created_at) < oldest:
            return None
    return Rise(row.lead_id, before.scored_at if before else FIRST, row.grade, was)


def _body(store: Store, webhook: Webhook, one: Handover) -> bytes | None:
    """Write what is told of a lead; None when it is not to be told any more."""
    lead = one.rise.lead_id
    found = records.get(store, one.connection, Entity.LEAD, [lead])
    values = scores.outputs(store, one.connection, [lead]).get(lead)
    with store.read() as tx:
        now = handovers.grades(tx, one.connection, [lead]).get(lead)
    if not found or values is None or now is None or now.grade not in webhook.grades:
        return None
    held: Mapping[str, Any] = orjson.loads(found[0].data)
    told = {
        "schema": SCHEMA,
        "type": "lead.hot",
        "timestamp": one.made_at.isoformat(timespec="seconds"),
        "data": {
            "connection": one.connection,
            "lead_id": lead,
            "grade": now.grade,
            "was": one.rise.was,
            "values": values,
            "fields": {name: held.get(name) for name in webhook.fields},
        },
    }
    return orjson.dumps(told)
