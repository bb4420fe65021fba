"""The verb sync: pull, train if need be, score, push, measure the drift; and whether all its counts add up.

A model is learned when there is none, when that was asked for, or when the market has shifted from the current one.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from connector.clock import Clock
from connector.crm import CRM
from mappings.load import Mapping
from model.errors import NotEnoughHistory
from tasks.store import models, scores
from tasks.store.drift import Measured
from tasks.store.engine import Store
from tasks.verbs import drift as drifting
from tasks.verbs import pull as pulling
from tasks.verbs import push as pushing
from tasks.verbs import score as scoring
from tasks.verbs.counts import OnProgress, Pulled, Pushed, ScoreCounts, Trained, require, silent


@dataclass(frozen=True, slots=True)
class Synced:
    """One sync. `carried` scores waited from before: parked, or refused for a cause that can pass.

    `trained` is None when no model was learned, `drift` when none was measured.
    """

    pulled: Pulled
    trained: Trained | None
    carried: int
    scored: ScoreCounts
    pushed: Pushed
    drift: Measured | None = None

    @property
    def rows(self) -> dict[str, int]:
        """How many records of each entity the CRM sent."""
        return {entity.value: number for entity, number in self.pulled.seen.items()}

    @property
    def unchanged(self) -> int:
        return self.scored.unchanged + self.pushed.counts.unchanged

    @property
    def superseded(self) -> int:
        return self.scored.superseded + self.pushed.counts.superseded

    @property
    def excluded(self) -> int:
        return self.scored.excluded + self.pushed.counts.excluded

    def reconciles(self) -> bool:
        """Whether every row ended somewhere.

        pulled = new + changed + unchanged + deleted + merged, and
        scored + carried = written + unchanged + refused + superseded + excluded + parked.
        """
        counts = self.pushed.counts
        ends = counts.written + self.unchanged + counts.refused + self.superseded + self.excluded + counts.parked
        parts = self.pulled.reconciles() and self.scored.reconciles() and self.pushed.reconciles()
        return parts and self.scored.scored + self.carried == ends

    def as_dict(self) -> dict[str, Any]:
        """Return every term of both sums, for logs and runs; `entities` has the pull's by entity."""
        total = asdict(self.pulled.total)
        counts = self.pushed.counts
        return {
            "pulled": sum(self.rows.values()),
            **{f"pulled_{name}": number for name, number in total.items()},
            "model": self.trained.version if self.trained else None,
            "verdict": self.trained.verdict.value if self.trained else None,
            "looked_at": self.scored.looked_at,
            "same_inputs": self.scored.same_inputs,
            "scored": self.scored.scored,
            "carried": self.carried,
            "written": counts.written,
            "unchanged": self.unchanged,
            "refused": counts.refused,
            "superseded": self.superseded,
            "excluded": self.excluded,
            "parked": counts.parked,
            "drift": self.drift.verdict if self.drift else None,
            "entities": self.pulled.as_dict(),
        }


def sync(
    crm: CRM,
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    models_folder: Path,
    seed: int,
    threads: int = 2,
    chunk_leads: int = scoring.CHUNK_LEADS,
    train: bool = False,
    sweep: bool = False,
    on_progress: OnProgress = silent,
) -> Synced:
    """Bring the store and the CRM up to date with each other.

    Learns a model when asked (`train`), when there is none, or when the last measured drift asks for one; it takes over
    only if it is better. Raises DoNotReconcile when a row did not end anywhere.
    """
    pulled = pulling.pull(crm, store, mapping, connection=connection, clock=clock, sweep=sweep, on_progress=on_progress)
    is_needed = train or models.current(store, connection) is None
    how: dict[str, Any] = {"connection": connection, "models_folder": models_folder}
    trained = None
    if is_needed or drifting.asks_for_a_model(store, connection, now=clock.now()):
        learning = how | {"clock": clock, "seed": seed, "threads": threads, "on_progress": on_progress}
        trained = _trained(store, mapping, is_needed=is_needed, **learning)
    carried = scores.waiting(store, connection)
    scored = scoring.score(
        store,
        mapping,
        connection=connection,
        clock=clock,
        models_folder=models_folder,
        chunk_leads=chunk_leads,
        on_progress=on_progress,
    )
    pushed = pushing.push(crm, store, connection=connection, clock=clock, on_progress=on_progress)
    synced = Synced(pulled, trained, carried, scored, pushed)
    require(synced.reconciles(), synced.as_dict())
    return replace(synced, drift=drifting.measure(store, mapping, **how, now=clock.now(), scored=scored.scored))


def _trained(store: Store, mapping: Mapping, *, is_needed: bool, **how: Any) -> Trained | None:
    from tasks.verbs import train as training  # noqa: PLC0415  most syncs need not load the learner

    try:
        return training.train(store, mapping, **how)
    except NotEnoughHistory:
        if is_needed:
            raise
        return None  # nobody asked: the model that there is goes on
