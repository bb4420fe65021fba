"""What a reconciliation found, as counts that add up and as sentences."""

from collections.abc import Mapping as Dict
from dataclasses import asdict, dataclass
from typing import Any

from connector.crm import Entity, Part
from tasks.store.records import PageCounts
from tasks.verbs.counts import Pulled
from tasks.verbs.own_fields import Compared
from tasks.verbs.refetch import Refetched


@dataclass(frozen=True, slots=True)
class Proof:
    """An entity counted in the CRM against the store.

    `in_crm` is the fewest and the most that the CRM counted while we looked; None: it does not tell. `read_again` says
    whether everything was read once more, `unstamped` names the mapped fields that change without moving the stamp.
    `withheld` records are of persons who were erased here, and that the CRM may still hold.
    """

    entity: Entity
    in_crm: tuple[int, int] | None
    in_store: int
    read_again: bool = False
    unstamped: tuple[str, ...] = ()
    withheld: int = 0

    @property
    def is_proven(self) -> bool:
        """Whether the store holds as many as the CRM, or as it had at some moment while we looked."""
        return self.in_crm is not None and self.in_crm[0] - self.withheld <= self.in_store <= self.in_crm[1]

    def told(self) -> str:
        """Say what was found, and what to do about a difference."""
        name, held = self.entity.value, f"{self.in_store:,}"
        if self.in_crm is None:
            return f"{name}: the CRM does not tell how many there are; the store holds {held}."
        least, most = self.in_crm
        counted = f"{least:,}" if least == most else f"{least:,} to {most:,} (they changed meanwhile)"
        if self.is_proven:
            erased = f"; {self.withheld:,} of persons who were erased here are not read" if self.withheld else ""
            return f"{name}: the CRM counts {counted}, the store holds {held}{erased}."
        differ = f"{name}: the CRM counts {counted}, but the store holds {held}"
        if not self.read_again:
            return f"{differ}. `truegrade reconcile` brings what changed since the last sync, and looks closer."
        return (
            f"{differ}, after everything was read once more. The next reconciliation looks again; if it stays, check "
            "which records the integration user may see: those alone are read."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the terms, for logs and runs."""
        least, most = self.in_crm or (None, None)
        return {
            "in_crm": least if least == most else [least, most],
            "in_store": self.in_store,
            "proven": self.is_proven,
            "read_again": self.read_again,
            "unstamped": list(self.unstamped),
        }


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One reconciliation: what was pulled, and each entity's proof.

    `moved` are children of leads, and leads of companies, that were gone; `missed` are records that were newer in the
    CRM than here, `ours` is about our own fields; `parts` tells which part of each entity was read for the last two.
    """

    pulled: Pulled
    proofs: tuple[Proof, ...]
    moved: Refetched
    missed: Refetched
    ours: Compared
    parts: Dict[Entity, Part]

    @property
    def is_proven(self) -> bool:
        """Whether no count differs; one that the CRM does not tell does not."""
        return all(proof.is_proven for proof in self.proofs if proof.in_crm is not None)

    def reconciles(self) -> bool:
        """Whether every record and every lead that was looked at ended somewhere."""
        return all(part.reconciles() for part in (self.pulled, self.moved, self.missed, self.ours))

    def told(self) -> str:
        """Say what was found, a line a fact."""
        lines = [proof.told() for proof in self.proofs]
        if fields := sorted({name for proof in self.proofs for name in proof.unstamped}):
            lines.append(
                f"Records with these fields are read whole, for they change without a stamp: {', '.join(fields)}."
            )
        lines += _fetched(self.moved, "belonged to leads or companies that are gone")
        lines += _fetched(self.missed, "were newer in the CRM than any poll had told")
        if parts := [
            f"{part.index + 1} of {part.count} of {one}" for one, part in self.parts.items() if part.count > 1
        ]:
            lines.append(f"Looked at part {', part '.join(parts)}; another one each day.")
        return "\n".join([*lines, *_ours(self.ours)])

    def as_dict(self) -> dict[str, Any]:
        """Return every term, for logs and runs; `entities` has the pull's by entity, `counts` the proofs."""
        total = {f"pulled_{name}": number for name, number in asdict(self.pulled.total).items()}
        return {
            "pulled": sum(self.pulled.seen.values()),
            **total,
            "proven": self.is_proven,
            "counts": {proof.entity.value: proof.as_dict() for proof in self.proofs},
            "moved": self.moved.seen,
            "missed": self.missed.seen,
            "compared": self.ours.looked_at,
            "held": self.ours.same,
            "queued": self.ours.queued,
            "superseded": self.ours.superseded,
            "differing_fields": dict(self.ours.fields),
            "hidden_fields": list(self.ours.hidden),
            "parts": {entity.value: [part.index + 1, part.count] for entity, part in self.parts.items()},
            "entities": self.pulled.as_dict(),
        }


def added(one: Pulled, other: Pulled) -> Pulled:
    """Put two pulls together."""
    entities = [*one.seen, *(entity for entity in other.seen if entity not in one.seen)]
    return Pulled(
        {entity: one.seen.get(entity, 0) + other.seen.get(entity, 0) for entity in entities},
        {entity: _counts(one.counts, entity) + _counts(other.counts, entity) for entity in entities},
    )


def _counts(counts: Dict[Entity, PageCounts], entity: Entity) -> PageCounts:
    return counts.get(entity, PageCounts())


def _fetched(some: Refetched, why: str) -> list[str]:
    if not some.seen:
        return []
    return [f"{some.seen:,} records {why}, {'and were fetched' if some.counts.total else 'to be fetched'} again."]


def _ours(ours: Compared) -> list[str]:
    lines = []
    if ours.hidden:
        lines.append(f"Not shown to this user: {', '.join(ours.hidden)}. Run `truegrade provision`.")
    lines.append(f"Our fields were compared on {ours.looked_at:,} leads: {ours.same:,} hold what was written.")
    if ours.fields:
        fields = ", ".join(f"{name} on {number:,}" for name, number in ours.fields.items())
        wait = "would be written again" if ours.dry_run else "wait to be written again"
        lines.append(
            f"Others changed {fields}; {ours.queued:,} leads {wait}. If a field is named every day, "
            "a workflow or a rule in the CRM writes it: take our field out of that."
        )
    return lines
