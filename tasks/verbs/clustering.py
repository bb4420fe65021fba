"""Clusters made of likenesses: all of an entity, or those that changed records were in or get into.

Leads that are to be scored again because somebody was found to be the same, or is no more, are queued with it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from connector.crm import Entity
from tasks.store import duplicates as kept
from tasks.store import likenesses, marks
from tasks.store.engine import Store
from tasks.store.likenesses import Likeness
from tasks.verbs import noticed
from tasks.verbs.counts import OnProgress, silent

if TYPE_CHECKING:
    import polars as pl

RANGE = 100_000  # likenesses that are compared at a time: what bounds the memory
TRIES = 5


def settle(store: Store, entity: Entity, *, now: datetime, on_progress: OnProgress = silent) -> int:
    """Make all clusters of an entity from the likenesses there are; returns how many rows moved.

    Reads without holding anybody up; when somebody else changed clusters meanwhile, it is done once more.
    """
    from mappings.matching.clusters import clusters  # noqa: PLC0415  a quiet poll need not load frames

    for attempt in range(TRIES):
        with store.read() as tx:
            seen = likenesses.marks(tx, entity)
            found = clusters(_pairs(tx, entity, on_progress))
        after = {member: (_named(entity, one.cluster), one.because) for member, one in found.items()}
        with store.write() as tx:
            if likenesses.marks(tx, entity, lock=True) == seen or attempt == TRIES - 1:
                marks.lock_every(tx)
                return _keep(tx, entity, kept.clustered(tx, entity), after, now)
    return 0


def _pairs(tx: Connection, entity: Entity, on_progress: OnProgress) -> "pl.DataFrame":
    """Compare what shares a block, range of blocks by range."""
    import polars as pl  # noqa: PLC0415  a quiet poll need not load frames

    from mappings.matching.sameness import MOST_SHARING, pairs  # noqa: PLC0415  a quiet poll need not load frames

    made, bounds = [], list(_ranges(likenesses.number(tx, entity)))
    for done, (low, high) in enumerate(bounds, 1):
        made.append(pairs(_frame(likenesses.shared(tx, entity, low=low, high=high, most=MOST_SHARING))))
        on_progress(f"duplicates: clusters of {entity}", done, len(bounds))
    return pl.concat(made)


def _ranges(number: int) -> Iterator[tuple[str, str]]:
    """Cut the blocks, which are hashes in hexadecimal digits, into ranges of about RANGE likenesses."""
    parts = min(0x10000, number // RANGE + 1)
    bounds = [f"{0x10000 * part // parts:04x}" for part in range(parts)]
    yield from zip(bounds, [*bounds[1:], "g"], strict=True)


def _frame(found: Iterable[Likeness]) -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415  a quiet poll need not load frames

    return pl.DataFrame(list(found), schema=dict.fromkeys(Likeness._fields, pl.String), orient="row")


def around(tx: Connection, entity: Entity, changed: set[str], touched: set[str], *, now: datetime) -> int:
    """Make again every cluster that the changed records were in or get into; returns how many rows moved.

    `touched` are the blocks that these records were in before, or are in now.
    """
    from mappings.matching.clusters import clusters  # noqa: PLC0415  a quiet poll need not load frames
    from mappings.matching.sameness import MOST_SHARING, pairs  # noqa: PLC0415  a quiet poll need not load frames

    # A block that held some more than are compared has lost, and one that held as many has won, its say by this change.
    sizes = likenesses.sizes(tx, entity, touched, most=MOST_SHARING + len(changed))
    turned = {block for block, size in sizes.items() if size <= MOST_SHARING + len(changed)}
    members, found = _hanging_together(
        tx, entity, changed | likenesses.of_blocks(tx, entity, turned), most=MOST_SHARING
    )
    made = clusters(pairs(_frame(found)))
    after = {member: (_named(entity, one.cluster), one.because) for member, one in made.items()}
    return _keep(tx, entity, kept.clustered(tx, entity, members), after, now)


def _keep(
    tx: Connection,
    entity: Entity,
    before: Mapping[str, kept.Found],
    after: Mapping[str, tuple[str, str]],
    now: datetime,
) -> int:
    """Save what clusters these records are in, and queue the leads that it tells something new."""
    noticed.clusters_moved(tx, entity, before, after)
    return kept.save(tx, entity, before, after, now=now)


def _hanging_together(tx: Connection, entity: Entity, start: set[str], *, most: int) -> tuple[set[str], list[Likeness]]:
    """Find all that hangs together with these records by blocks or clusters, and the likenesses that count of it."""
    members, new = set[str](), set(start)
    sizes: dict[str, int] = {}
    found: list[Likeness] = []
    while new:
        members |= new
        own = likenesses.of_members(tx, entity, new)
        found += own
        blocks = {one.block for one in own} - sizes.keys()
        sizes |= likenesses.sizes(tx, entity, blocks, most=most)
        usable = {block for block in blocks if 1 < sizes[block] <= most}
        clusters = {row.cluster for row in kept.clustered(tx, entity, new).values()}
        new = (likenesses.of_blocks(tx, entity, usable) | kept.of_clusters(tx, entity, clusters).keys()) - members
    return members, [one for one in found if 1 < sizes[one.block] <= most]


def _named(entity: Entity, first: str) -> str:
    return f"{entity.value}:{first}"
