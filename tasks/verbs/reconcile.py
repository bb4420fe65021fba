"""The verb reconcile: find once a day what following changes cannot see, and prove the counts CRM against store.

Following changes misses what moves no stamp (formulas, links that are kept elsewhere), hard deletions, children that a
merge gave another parent, and what was committed later than any overlap. So deletions are asked for; entities with such
fields are read whole; each entity is counted in both places, where equal counts are the proof, and different ones are
mended by reading everything once more; stamps are compared; and so are our own fields with what was written there.

It writes nothing to the CRM: what differs waits for the next score and push. It may be killed anywhere, and repeated.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime

from connector.clock import Clock
from connector.crm import CRM, Entity, Part
from mappings.file.load import Mapping
from tasks.store import records, withheld
from tasks.store.engine import Store
from tasks.verbs import own_fields, refetch
from tasks.verbs import pull as pulling
from tasks.verbs.counts import OnProgress, Pulled, require, silent
from tasks.verbs.own_fields import Comparing
from tasks.verbs.reconciled import Proof, Reconciled, added
from tasks.verbs.refetch import Fetch, Refetched

# What was just written shows in HubSpot's search "a few moments" later (its docs, "Search the CRM"): before a
# difference is believed, and everything read because of it, a minute passes.
SETTLE_S = 60.0
CHECK_ROWS = 100_000


def reconcile(
    crm: CRM,
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    check_rows: int = CHECK_ROWS,
    settle_s: float = SETTLE_S,
    on_progress: OnProgress = silent,
) -> Reconciled:
    """Bring the store in line with the CRM, and queue the leads whose fields of ours others changed.

    Of each entity about `check_rows` records are read for their stamps and our fields (HubSpot gives 100 a call,
    Salesforce 2,000); of more than that another part each day, so that each is looked at in turn. Beside that it takes,
    when nothing differs, the describe, two counts, a poll and the sweep. Raises DoNotReconcile when a record was lost.
    """
    work = _Reconciling(crm, store, mapping, connection, clock, settle_s, on_progress)
    proofs = tuple(work.prove(entity) for entity in mapped(mapping))
    fetch = refetch.fetching(crm, store, mapping, connection=connection, clock=clock)
    moved = refetch.children(store, mapping, fetch, connection=connection)
    comparing = own_fields.comparing(crm, store, mapping, connection=connection, now=clock.now())
    unread = [proof.entity for proof in proofs if not proof.read_again or proof.entity is Entity.LEAD]
    check = _Check(crm, store, connection, clock.now(), check_rows, on_progress)
    missed = check.run(unread, fetch, comparing)
    reconciled = Reconciled(work.pulled, proofs, moved, missed, comparing.compared(), check.parts)
    require(reconciled.reconciles(), reconciled.as_dict())
    return reconciled


def look(
    crm: CRM,
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    check_rows: int = CHECK_ROWS,
    on_progress: OnProgress = silent,
) -> Reconciled:
    """Tell what `reconcile` would find as things stand, and change nothing, here or in the CRM.

    What changed since the last sync shows as a difference of the counts.
    """
    proofs = tuple(_compared(crm, store, mapping, connection, entity) for entity in mapped(mapping))
    moved = refetch.children(store, mapping, refetch.counting, connection=connection)
    comparing = own_fields.comparing(crm, store, mapping, connection=connection, now=clock.now(), dry_run=True)
    check = _Check(crm, store, connection, clock.now(), check_rows, on_progress)
    missed = check.run([proof.entity for proof in proofs], refetch.counting, comparing)
    return Reconciled(Pulled(), proofs, moved, missed, comparing.compared(), check.parts)


def mapped(mapping: Mapping) -> list[Entity]:
    """List the entities that the mapping reads, in the order of a pull."""
    return list(mapping.entities)


def part_of(count: int, check_rows: int, now: datetime) -> Part:
    """Choose today's part of so many records, another one each day."""
    parts = max(1, math.ceil(count / check_rows))
    return Part(now.date().toordinal() % parts, parts)


def _unstamped(crm: CRM, mapping: Mapping, entity: Entity) -> tuple[str, ...]:
    """Name the mapped fields that change without moving their record's stamp."""
    wanted = set(mapping.source_fields(entity))
    return tuple(one.name for one in crm.describe(entity) if one.calculated and one.name in wanted)


def _compared(crm: CRM, store: Store, mapping: Mapping, connection: str, entity: Entity) -> Proof:
    counted = crm.count(entity)
    in_crm = None if counted is None else (counted, counted)
    stored = records.count(store, connection).get(entity, 0)
    erased = withheld.still_in_crm(store, connection).get(entity.value, 0)
    return Proof(entity, in_crm, stored, unstamped=_unstamped(crm, mapping, entity), withheld=erased)


@dataclass(frozen=True, slots=True)
class _Step:
    """One try at equal counts: waiting before it or not, reading everything or what changed."""

    waits: bool = False
    whole: bool = False


USUAL = (_Step(), _Step(waits=True), _Step(whole=True), _Step(waits=True))
WHOLE = (_Step(whole=True), _Step(waits=True))


@dataclass(slots=True)
class _Reconciling:
    """The proofs while they are sought; `pulled` adds up what all the pulls brought."""

    crm: CRM
    store: Store
    mapping: Mapping
    connection: str
    clock: Clock
    settle_s: float
    on_progress: OnProgress
    pulled: Pulled = field(default_factory=Pulled)

    def prove(self, entity: Entity) -> Proof:
        """Pull the entity until its counts agree or all that can be done was done.

        Records come and go while we look: what the CRM counted before and after a pull are the bounds for the store.
        """
        unstamped = _unstamped(self.crm, self.mapping, entity)
        counted = [self.crm.count(entity)]
        proof = Proof(entity, None, 0, unstamped=unstamped)
        for step in WHOLE if unstamped else USUAL:
            if step.waits:
                self.clock.sleep(self.settle_s)
            self._pull(entity, whole=step.whole, sweep=len(counted) == 1)
            stored = records.count(self.store, self.connection).get(entity, 0)
            counted.append(self.crm.count(entity))
            told = [number for number in counted if number is not None]
            in_crm = (min(told), max(told)) if told else None
            erased = withheld.still_in_crm(self.store, self.connection).get(entity.value, 0)
            proof = Proof(entity, in_crm, stored, proof.read_again or step.whole, unstamped, erased)
            if proof.is_proven or not told:
                break
        return proof

    def _pull(self, entity: Entity, *, whole: bool, sweep: bool) -> None:
        pulled = pulling.pull(
            self.crm,
            self.store,
            self.mapping,
            connection=self.connection,
            clock=self.clock,
            sweep=sweep,
            reload=whole,
            entities=(entity,),
            on_progress=self.on_progress,
        )
        self.pulled = added(self.pulled, pulled)


@dataclass(slots=True)
class _Check:
    """Reads today's part of each entity for its stamps, and of the leads our fields; `parts` tells which it was."""

    crm: CRM
    store: Store
    connection: str
    now: datetime
    check_rows: int
    on_progress: OnProgress
    parts: dict[Entity, Part] = field(default_factory=dict)

    def run(self, entities: list[Entity], fetch: Fetch, comparing: Comparing) -> Refetched:
        """Look for records that are newer in the CRM than here; returns what became of them."""
        missed = Refetched()
        for entity in entities:
            number = records.count(self.store, self.connection).get(entity, 0)
            part = self.parts[entity] = part_of(number, self.check_rows, self.now)
            seen = 0
            for page in self.crm.everything(entity, comparing.fields if entity is Entity.LEAD else (), part):
                missed += refetch.missed(self.store, page, fetch, connection=self.connection, now=self.now)
                if entity is Entity.LEAD:
                    comparing.take(page)
                seen += len(page.records)
                self.on_progress(f"check {entity}", seen, None)
        return missed
