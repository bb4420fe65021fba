"""Asking services about leads before they are scored, a bounded number of keys a run.

Leads wait in the store (`enrichments`) until their key is asked; what was answered of a key is kept (`answers`), so
that a company with a hundred leads is asked for once. A lead of which something new was told is queued for scoring.
A service that fails three times in a row is let alone for a while, and scoring goes on without it, or waits if the
mapping says so. May be killed anywhere, and repeated: a request that was paid for and not saved is paid for again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from connector.clock import Clock
from connector.crm import Entity
from connector.enrichment.replies import Unusable
from connector.enrichment.sources import Enricher, ServiceSource
from connector.errors import Misconfigured, OutOfQuota, Retryable
from mappings.file.load import Mapping
from tasks.store import answers, enrichments, marks, records, schedule, stale
from tasks.store.engine import Store
from tasks.store.enrichments import Filled
from tasks.verbs.enrich import keys_of
from tasks.verbs.enriched import source_id

PAGE_LEADS = 1_000
FAILURES = 3  # in a row, until a service is let alone
ALONE = timedelta(minutes=10)
REFUSED = timedelta(hours=1)  # how long one is let alone that refuses us: a person has to mend that
AGAIN_SOON, AGAIN_LATER = timedelta(hours=1), timedelta(days=1)  # a key that failed; one whose reply is none to use
DAY_S = 86_400

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a service's keys: `asked` requests of ours ended, `cached` keys were known, `leads` were told of.

    `told` says in words why it stopped before all was asked; "" if it did not.
    """

    source: str
    noted: int = 0
    asked: int = 0
    unknown: int = 0
    failed: int = 0
    cached: int = 0
    leads: int = 0
    told: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def ask(
    store: Store,
    mapping: Mapping,
    source: ServiceSource,
    service: Enricher,
    *,
    connection: str,
    clock: Clock,
    most: int | None = None,
) -> Asked:
    """Ask for the keys of the leads that are due, `most` of them or as many as the mapping allows a run.

    Raises Retryable when the service is down and the mapping says that leads wait for it; nothing else of a service's.
    """
    own, now = source_id(source), clock.now()
    _forget_old(store, source, own, now)
    paused = answers.paused(store, own, now=now)
    if paused is not None:
        told = f"{paused.because} It is asked again after {paused.until:%H:%M} UTC."
        return _stopped(source, Asked(source.name, failed=1, told=told))
    asking = _Asking(store, mapping, source, service, connection, clock, most or source.most_a_run)
    return _stopped(source, asking.run())


def _stopped(source: ServiceSource, asked: Asked) -> Asked:
    """Say why a service was not asked for all; raise it where leads wait for a service that is down."""
    if asked.told:
        log.warning("enrich.service.stopped", source=source.name, failed=asked.failed)
        if source.waits and asked.failed:
            raise Retryable(asked.told)
    return asked


def _forget_old(store: Store, source: ServiceSource, own: str, now: datetime) -> None:
    """Forget, once a day, the answers that are too old to be used."""
    if schedule.claim(store, f"forget answers:{own}", every_s=DAY_S, now=now):
        answers.forget(store, own, before=now - timedelta(days=source.keep_days))


class _Asking:
    """One run of one service; `in_a_row` counts its failures since the last answer."""

    def __init__(
        self,
        store: Store,
        mapping: Mapping,
        source: ServiceSource,
        service: Enricher,
        connection: str,
        clock: Clock,
        most: int,
    ) -> None:
        self._store, self._mapping, self._source, self._service = store, mapping, source, service
        self._connection, self._clock, self._most = connection, clock, most
        self._own, self._hashed = source_id(source), answers.hashing(store)
        self._done, self._in_a_row = Asked(source.name), 0

    def run(self) -> Asked:
        while not self._done.told and self._left() > 0:
            due = enrichments.due(self._store, self._connection, self._own, now=self._clock.now(), number=PAGE_LEADS)
            if not due:
                break
            self._page(due)
        return self._done

    def _left(self) -> int:
        return self._most - self._done.asked - self._done.failed

    def _page(self, due: Sequence[str]) -> None:
        rows = records.get(self._store, self._connection, Entity.LEAD, due)
        leads_of: dict[str, list[str]] = {}
        lost = dict.fromkeys(due)
        for lead, key in self._keys(rows).items():
            if key:
                leads_of.setdefault(key, []).append(lead)
                del lost[lead]
        if lost:  # gone, or without a key by now
            none: dict[str, str | None] = dict.fromkeys(lost)
            enrichments.wanted(self._store, self._connection, self._own, none, now=self._clock.now())
        hashes = {key: self._hashed(self._own, key) for key in leads_of}
        since = self._clock.now() - timedelta(days=self._source.keep_days)
        known = answers.fresh(self._store, self._own, hashes.values(), since=since)
        for key, leads in leads_of.items():
            if (answer := known.get(hashes[key])) is not None:
                self._fill(hashes[key], leads, answer.values, asked_at=answer.asked_at)
                self._done = replace(self._done, cached=self._done.cached + 1)
        for key, leads in leads_of.items():
            if hashes[key] not in known and self._left() > 0 and not self._done.told:
                self._ask(key, hashes[key], leads)

    def _keys(self, rows: Sequence[records.Row]) -> dict[str, str | None]:
        return keys_of(self._store, self._mapping, self._connection, self._source, rows)

    def _ask(self, key: str, key_hash: str, leads: list[str]) -> None:
        try:
            [(_, values)] = self._service.told([key])
        except Unusable as error:
            self._failed(leads, str(error), again=AGAIN_LATER)
        except Retryable as error:
            self._failed(leads, str(error), again=AGAIN_SOON)
        except OutOfQuota as error:
            self._done = replace(self._done, told=f"{error} The rest is asked when the next day begins.")
        except Misconfigured as error:
            self._let_alone(str(error), REFUSED)
        else:
            self._in_a_row = 0
            self._fill(key_hash, leads, values, asked_at=self._clock.now(), is_new=True)
            unknown = self._done.unknown + (not values)
            self._done = replace(self._done, asked=self._done.asked + 1, unknown=unknown)

    def _fill(
        self,
        key_hash: str,
        leads: list[str],
        values: enrichments.Values | None,
        *,
        asked_at: datetime,
        is_new: bool = False,
    ) -> None:
        """Save an answer, what it tells of each lead, and that those of which it tells something new are scored."""
        due_at = asked_at + timedelta(days=self._source.keep_days)
        rows = [Filled(lead, key_hash, values, due_at) for lead in leads]
        with self._store.write() as tx:
            moved = enrichments.fill(tx, self._connection, self._own, rows, now=asked_at)
            if is_new and enrichments.are_any(tx, self._connection, self._own, leads):  # not all have gone meanwhile
                answers.keep(tx, self._own, key_hash, values, now=asked_at)
            if moved:
                stale.add(tx, self._connection, moved, version=marks.read(tx, self._connection).version)
        self._done = replace(self._done, leads=self._done.leads + len(leads))

    def _failed(self, leads: list[str], why: str, *, again: timedelta) -> None:
        with self._store.write() as tx:
            enrichments.put_off(tx, self._connection, self._own, leads, until=self._clock.now() + again)
        self._in_a_row += 1
        self._done = replace(self._done, failed=self._done.failed + 1)
        if self._in_a_row >= FAILURES:
            self._let_alone(why, ALONE)

    def _let_alone(self, why: str, length: timedelta) -> None:
        answers.pause(self._store, self._own, because=why, now=self._clock.now(), length=length)
        self._done = replace(self._done, told=why, failed=max(1, self._done.failed))
