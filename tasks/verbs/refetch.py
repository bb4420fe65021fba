"""Fetches records by their ids that no poll would bring: what points to a record that is gone, and what was missed.

A merge gives the children of one record to another and moves no stamp of theirs; what was committed late has a stamp
that the poll has passed already. Both show in what the store and the CRM say of each other, and one look mends them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.clock import Clock
from connector.crm import CRM, Entity, Page
from mappings.file.load import Mapping
from tasks.store import cursors, unseen
from tasks.store.engine import Store
from tasks.store.records import PageCounts, save_page
from tasks.store.times import to_text
from tasks.verbs import pull as pulling
from tasks.verbs.pull import EntityPull

ROWS = 1_000
NOWHERE = PageCounts()
# What is newer than this the next polls will bring: they reach a quarter of an hour back.
LEFT_TO_POLLS = timedelta(minutes=30)

Fetch = Callable[[Entity, Iterable[str]], "Refetched"]


@dataclass(frozen=True, slots=True)
class Refetched:
    """How many records were fetched by their ids, and where they ended."""

    seen: int = 0
    counts: PageCounts = NOWHERE

    def __add__(self, other: "Refetched") -> "Refetched":
        return Refetched(self.seen + other.seen, self.counts + other.counts)

    def reconciles(self) -> bool:
        """Whether each of them ended somewhere."""
        return self.seen == self.counts.total


def counting(_entity: Entity, ids: Iterable[str]) -> Refetched:
    """Fetch nothing, and only count."""
    return Refetched(len(list(ids)))


def fetching(crm: CRM, store: Store, mapping: Mapping, *, connection: str, clock: Clock) -> Fetch:
    """Make the function that fetches records of an entity and saves them; leads that they concern become stale."""

    def fetch(entity: Entity, ids: Iterable[str]) -> Refetched:
        wanted = list(ids)
        work = pulling.of_entity(crm, store, mapping, connection=connection, clock=clock, entity=entity)
        if work is None or not wanted:
            return Refetched()
        return Refetched(len(wanted), _fetched(work, wanted))

    return fetch


def children(store: Store, mapping: Mapping, fetch: Fetch, *, connection: str) -> Refetched:
    """Fetch what points to a lead or a company which is gone, so that a merge's survivor gets its own.

    That is activities and deals of leads, and leads of companies unless they find each other by web domain.
    What the CRM goes on showing under one that we do not see is fetched each time, and stays as it is. Repeatable.
    """
    total = Refetched()
    for entity in mapping.entities:
        if entity is not Entity.COMPANY and (entity is not Entity.LEAD or mapping.links.by == "id"):
            for ids in unseen.children(store, connection, entity, size=ROWS):
                total += fetch(entity, ids)
    return total


def missed(store: Store, page: Page, fetch: Fetch, *, connection: str, now: datetime) -> Refetched:
    """Fetch those records of a page of `CRM.everything` that are newer than what the store has of them."""
    before = to_text(now - LEFT_TO_POLLS)
    shown = {record.id: record.stamp_at for record in page.records if record.gone is None and record.stamp_at < before}
    return fetch(page.entity, unseen.newer(store, connection, page.entity, shown))


def _fetched(work: EntityPull, ids: list[str]) -> PageCounts:
    at = cursors.get(work.store, work.connection, work.entity)
    page = work.crm.get(work.entity, work.fields, ids)
    linked = work.mapping.linker(work.entity, page.fields)
    remember = set(work.remembered) & set(at.fields if at else ())
    return save_page(work.store, work.connection, page, identify=linked, remember=remember)
