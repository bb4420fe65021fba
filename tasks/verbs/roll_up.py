"""The verb roll up: bring what companies get from their open leads up to date, and write it onto their records.

After leads are scored, a batch of companies at a time: each in one transaction, from records and scores as they stand
in it, so that a company's values never mix two moments, and a kill leaves the rest in the queue. Writing comes after it
and apart, as for leads: what the CRM holds already is not sent.

Where several records of a company share a key, as accounts with one web domain do, each gets the same values: whichever
a rep opens tells the truth of the firm, and none is called the right one by us.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import orjson
from sqlalchemy import Connection

from connector.clock import Clock
from connector.crm import CRM, Entity
from mappings.company_words import Before, OpenLead, company_values
from mappings.file.load import Mapping
from mappings.frames.hashes import outputs_hash
from mappings.frames.rolling_up import ROLE, open_leads
from model import any_of
from model.any_of import AnyOf
from tasks.lease import Held
from tasks.ready import companies_lack
from tasks.store import bulk, company_scores, company_sending, company_stale, models, records
from tasks.store.company_scores import Known, Reckoned
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.store.tables import scores
from tasks.verbs import company_queue, frames, push_companies
from tasks.verbs.counts import OnProgress, RolledUp, silent
from tasks.verbs.score import POINTS

BATCH_KEYS = 500
BEFORE_DAYS = 7  # a change is told from what stood a week ago, or longer if nothing moved since


def roll_up(
    crm: CRM,
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    held: Held,
    most: int | None = None,
    on_progress: OnProgress = silent,
) -> RolledUp:
    """Reckon `most` keys of companies (None: all) and write what differs; returns where each company ended.

    Repeatable, and idempotent. Does nothing where the mapping gives companies nothing. Where the CRM lacks one of our
    fields on companies, they wait until it is there.
    """
    if not mapping.companies:
        return RolledUp()
    reckoned = reckon(store, mapping, connection=connection, clock=clock, most=most, on_progress=on_progress)
    waiting = company_sending.waiting(store, connection)
    if waiting and companies_lack(crm, mapping):
        return reckoned + RolledUp(unready=waiting)
    return reckoned + push_companies.push(
        crm, store, connection=connection, clock=clock, held=held, on_progress=on_progress
    )


def reckon(
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    most: int | None = None,
    batch_keys: int = BATCH_KEYS,
    on_progress: OnProgress = silent,
) -> RolledUp:
    """Bring the store's values of companies up to date; writes nothing to the CRM."""
    total = company_queue.mark(store, mapping, connection, now=clock.now())
    if not total or not mapping.companies:
        return RolledUp()
    work, done, counts = _Reckoning(store, mapping, connection, clock.now()), 0, RolledUp()
    while size := min(batch_keys, batch_keys if most is None else most - done):
        keys, some = work.batch(size)
        if not keys:
            break
        counts, done = counts + some, done + keys
        on_progress("roll up", done, max(total, done))
    return counts


class _Reckoning:
    """Reckons batches of companies of one connection, as of one moment."""

    def __init__(self, store: Store, mapping: Mapping, connection: str, now: datetime) -> None:
        self._store, self._mapping, self._connection, self._now = store, mapping, connection, now
        current = models.current(store, connection)
        self._model = current.version if current else POINTS
        line = (current.card.get("companies") or {}).get("line") if current else None
        self._line: AnyOf | None = any_of.read(line) if line else None
        # Of all features those alone by which roles are told: the others cost time, and may look at activities.
        rules = tuple(rule for rule in mapping.rules if rule.feature.name in mapping.companies.features)
        self._roles = replace(mapping, rules=rules)

    def batch(self, size: int) -> tuple[int, RolledUp]:
        """Reckon the next keys of the queue; returns how many keys these were, and where their companies ended."""
        with self._store.write() as tx:
            keys = company_stale.some(tx, self._connection, size=size)
            if not keys:
                return 0, RolledUp()
            companies = records.found(tx, self._connection, Entity.COMPANY, "key", set(keys))
            known = company_scores.known(tx, self._connection, "key", keys)
            known |= company_scores.known(tx, self._connection, "company_id", [row.id for row in companies])
            found = self._open_leads(tx, companies)
            rows = list(self._rows(companies, found, known))
            waiting = company_scores.save(tx, self._connection, rows, known, now=self._now)
            gone = sorted(known.keys() - {row.id for row in self._living(tx, known)})
            company_scores.drop(tx, self._connection, gone)
            company_stale.done(tx, self._connection, keys)
        return len(keys), RolledUp(len(rows) + len(gone), len(rows) - waiting, waiting, len(gone))

    def _living(self, tx: Connection, known: dict[str, Known]) -> list[Row]:
        return records.found(tx, self._connection, Entity.COMPANY, "id", set(known))

    def _open_leads(self, tx: Connection, companies: Sequence[Row]) -> dict[str, list[tuple[OpenLead, int]]]:
        """Give the open, scored leads by the key that they point to, each with the weeks it has waited."""
        keys = {row.key for row in companies if row.key}
        leads = records.found(tx, self._connection, Entity.LEAD, "link", keys)
        if not leads:
            return {}
        own = frames.frame(leads, self._mapping.source_fields(Entity.LEAD))
        linked = frames.frame(companies, self._mapping.source_fields(Entity.COMPANY))
        own = frames.with_enriched(self._store, self._roles, self._connection, own, linked)
        told = _scores(tx, self._connection, own["id"].to_list())
        found: dict[str, list[tuple[OpenLead, int]]] = {}
        for row in open_leads(self._roles, own, linked, day=self._now.date()).iter_rows(named=True):
            if (score := told.get(row["id"])) is not None:
                has = frozenset(
                    int(name.removeprefix(ROLE)) for name, has in row.items() if name.startswith(ROLE) and has
                )
                found.setdefault(row["link"], []).append((OpenLead(row["id"], *score, has), row["weeks"]))
        return found

    def _rows(
        self,
        companies: Sequence[Row],
        found: dict[str, list[tuple[OpenLead, int]]],
        known: dict[str, Known],
    ) -> Iterator[Reckoned]:
        """Reckon companies that have open leads, or had some."""
        for company in companies:
            leads = found.get(company.key or "", [])
            if leads or company.id in known:
                yield self._reckoned(company, leads, known.get(company.id))

    def _reckoned(self, company: Row, waited: Sequence[tuple[OpenLead, int]], was: Known | None) -> Reckoned:
        leads = [lead for lead, _ in waited]
        best = max(leads, key=lambda lead: lead.rank, default=None)
        score = best.score if best else None
        before = _before(was, score, len(leads), today=self._now.date())
        likelihood = self._likelihood(waited)
        told = company_values(
            self._mapping, leads, likelihood=likelihood, before=before, model=self._model, now=self._now
        )
        stood = before or Before(score, len(leads), self._now.date())
        return Reckoned(
            company.id, company.key or "", best.id if best else None, score, len(leads), likelihood,
            orjson.dumps(told).decode(), outputs_hash(self._mapping, told), stood.score, stood.leads,
            stood.day.isoformat(),
        )  # fmt: skip

    def _likelihood(self, waited: Sequence[tuple[OpenLead, int]]) -> float | None:
        """Tell how likely any of the leads wins; None where no line was learned, or a lead has no likelihood."""
        likely = [(lead.likelihood, weeks) for lead, weeks in waited if lead.likelihood is not None]
        if self._line is None or not likely:
            return None
        likelihood, weeks = (np.array(column) for column in zip(*likely, strict=True))
        return self._line.of(self._line.remaining(likelihood, weeks))


def _before(was: Known | None, score: int | None, leads: int, *, today: date) -> Before | None:
    """Tell what a change is told from: what stood a week ago or less; None of a company that is reckoned first.

    As long as nothing moves, what was said stays, with its day: a quiet company is not written once a week.
    """
    if was is None:
        return None
    row, day = was.reckoned, date.fromisoformat(was.reckoned.before_day)
    is_due = day + timedelta(days=BEFORE_DAYS) <= today
    if is_due and (row.score, row.leads) != (score, leads):
        return Before(row.score, row.leads, date.fromisoformat(was.scored_at[: len("2026-01-02")]))
    return Before(row.before_score, row.before_leads, day)


def _scores(tx: Connection, connection: str, leads: Sequence[str]) -> dict[str, tuple[int, str, float | None]]:
    where = "connection = ? AND score IS NOT NULL AND state <> 'excluded'"
    columns = ("lead_id", "score", "grade", "likelihood")
    found = bulk.find(tx, scores, columns, where=where, bound=(connection,), column="lead_id", values=leads)
    return {row[0]: row[1:] for row in found}
