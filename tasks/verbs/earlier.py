"""What earlier leads of the same person or company tell: kept up to date in the store, and put beside the leads.

How each lead ended is told by its own connection's mapping, when a pull has brought something new of it or of its deal,
and kept, so that another connection can use it without that mapping. What is told is as of each later lead's creation;
see `mappings.frames.earlier`. Leads whose earlier ones moved are queued for scoring (`noticed`). May be killed anywhere
and repeated: a mark says up to which change all is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from connector.crm import Entity
from mappings.duplicates import NOT_SOUGHT
from mappings.file.load import Mapping
from mappings.words import EARLIER
from tasks.store import lead_ends, marks, records, snapshots
from tasks.store import likenesses as kept
from tasks.store.engine import Store
from tasks.store.lead_ends import NO_MARK, End, Mark
from tasks.store.records import Row
from tasks.verbs import noticed
from tasks.verbs.counts import OnProgress, silent

if TYPE_CHECKING:
    import polars as pl

CHUNK = 10_000  # leads or deals: when more than these changed, all leads are looked at
STAMP = "%Y-%m-%dT%H:%M:%S%.3fZ"  # as the store writes instants
LAST_ID = "\U0010ffff"  # after every id: of a change that was looked at, nothing is read again


def refresh(
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    now: datetime,
    anew: bool = False,
    on_progress: OnProgress = silent,
) -> int:
    """Bring up to date how the leads of a connection ended; returns how many ended otherwise than was known.

    Nothing is done where no connection makes features of earlier leads. `anew` looks at all leads once more.
    """
    with store.read() as tx:
        newest = marks.read(tx, connection).version
        known = lead_ends.marks(tx)
    mark = known.get(connection, NO_MARK)
    by_others = any(other.used for name, other in known.items() if name != connection)
    if not mapping.earlier and not (by_others and mapping.duplicates != NOT_SOUGHT):
        if connection in known:
            with store.write() as tx:
                lead_ends.forget(tx, connection)
        return 0
    wanted = Mark(newest, _rules(mapping), bool(mapping.earlier))
    if mark == wanted and not anew:
        return 0
    work = _Work(store, mapping, connection, now, on_progress)
    is_whole = anew or mark.rules != wanted.rules
    leads = None if is_whole else work.touched(after=mark.version, up_to=newest)
    moved = work.all() if leads is None else work.some(leads)
    with store.write() as tx:
        lead_ends.set_mark(tx, connection, wanted)
    return moved


def beside(store: Store, mapping: Mapping, connection: str, leads: "pl.DataFrame") -> "pl.DataFrame":
    """Add a text column for each fact of earlier leads that features are made of, named as in `words.EARLIER`."""
    import polars as pl  # noqa: PLC0415  a quiet poll need not load frames

    from mappings.frames.earlier import CIRCLES, COMPANY, ENDS, PERSON, with_earlier  # noqa: PLC0415  likewise

    of_company = {EARLIER[name].of_company for name in mapping.earlier}
    links = leads["link"].drop_nulls().unique().to_list() if True in of_company else []
    with store.read() as tx:
        persons = lead_ends.persons(tx, connection, leads["id"]) if False in of_company else {}
        firms = lead_ends.firms(tx, connection, links)
        parts = lead_ends.of_persons(tx, set(persons.values())) + lead_ends.of_firms(tx, connection, firms)
    rows = [(lead, PERSON, circle) for lead, circle in persons.items()]
    rows += [(lead, COMPANY, firms[link]) for lead, link in leads.select("id", "link").iter_rows() if link in firms]
    told = [(part.circle, part.end.created_at, part.end.outcome, part.end.outcome_at) for part in parts]
    circles = pl.DataFrame(rows, schema=CIRCLES, orient="row")
    return with_earlier(mapping, leads, circles, pl.DataFrame(told, schema=ENDS, orient="row"))


def _rules(mapping: Mapping) -> str:
    return blake2b(repr(mapping.outcome).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class _Work:
    """The ends of the leads of one connection."""

    store: Store
    mapping: Mapping
    connection: str
    now: datetime
    on_progress: OnProgress

    def touched(self, *, after: int, up_to: int) -> list[str] | None:
        """Name the leads that changed, or whose deal did; None where that is not known, or they are too many."""
        leads, deals = (
            kept.changed(self.store, self.connection, entity, after=(after, LAST_ID), up_to=up_to, size=CHUNK + 1)
            for entity in (Entity.LEAD, Entity.DEAL)
        )
        if max(len(leads), len(deals)) > CHUNK:
            return None
        found = {lead.id for lead in leads}
        if self.mapping.outcome.deal.leads_field:
            if any(deal.data is None for deal in deals):  # of a deal that is gone, nobody knows whose it was
                return None
            found |= {lead for deal in deals if deal.link for lead in deal.link.split(";")}
        with self.store.read() as tx:
            return sorted(found | set(lead_ends.naming(tx, self.connection, [deal.id for deal in deals])))

    def all(self) -> int:
        """Look at all leads, chunk by chunk."""
        from tasks.verbs import frames  # noqa: PLC0415  a quiet poll need not load frames

        deals = frames.of_all(self.store, self.mapping, self.connection, Entity.DEAL, chunk=CHUNK)
        with self.store.write() as tx:
            lead_ends.drop_gone(tx, self.connection)
        moved = done = 0
        for rows in records.chunks(self.store, self.connection, Entity.LEAD, size=CHUNK):
            moved += self._save([row.id for row in rows], rows, deals)
            done += len(rows)
            self.on_progress("earlier leads", done, None)
        return moved

    def some(self, leads: Sequence[str]) -> int:
        """Look at these leads alone."""
        from tasks.verbs import frames  # noqa: PLC0415  a quiet poll need not load frames

        if not leads:
            return 0
        rows = records.get(self.store, self.connection, Entity.LEAD, leads)
        field = self.mapping.outcome.deal.lead_field
        with self.store.read() as tx:
            deals = lead_ends.deals_of(tx, self.connection, leads) if not field else []
        if field:
            deals = frames.frame(rows, (field,))[field].drop_nulls().to_list()
        held = records.get(self.store, self.connection, Entity.DEAL, deals)
        return self._save(leads, rows, frames.frame(held, self.mapping.source_fields(Entity.DEAL)))

    def _save(self, leads: Sequence[str], rows: Sequence[Row], deals: "pl.DataFrame") -> int:
        """Tell how these leads ended, keep it, and queue the later leads that it changes something for."""
        made = self._ends(rows, deals)
        with self.store.write() as tx:
            marks.lock_every(tx)
            moved = lead_ends.replace(tx, self.connection, leads, made)
            noticed.ends_moved(tx, self.connection, moved)
        return len({end.lead_id for end in moved})

    def _ends(self, rows: Sequence[Row], deals: "pl.DataFrame") -> list[End]:
        """Read the ends of those leads whose creation is known."""
        import polars as pl  # noqa: PLC0415  a quiet poll need not load frames

        from mappings.frames.as_of import CHANGES  # noqa: PLC0415  likewise
        from mappings.frames.outcomes import outcomes  # noqa: PLC0415  likewise
        from tasks.verbs import frames  # noqa: PLC0415  likewise

        own = frames.frame(rows, self.mapping.source_fields(Entity.LEAD))
        found = snapshots.of(self.store, self.connection, Entity.LEAD, [row.id for row in rows])
        changes = pl.DataFrame(found, schema=CHANGES, orient="row")
        field = self.mapping.outcome.deal.lead_field
        told = outcomes(self.mapping, own, deals, now=self.now, changes=changes).select(
            pl.lit(self.connection).alias("connection"),
            pl.col("id").alias("lead_id"),
            own["link"],
            own[field].alias("deal") if field else pl.lit(None, dtype=pl.String).alias("deal"),
            pl.col("created_at").dt.strftime(STAMP),
            "outcome",
            pl.col("outcome_at").dt.strftime(STAMP),
        )
        return [End(*row) for row in told.drop_nulls("created_at").iter_rows()]
