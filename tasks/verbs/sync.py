"""The verb sync: pull, train if need be, score, push, measure the drift; and whether all its counts add up.

A model is learned when there is none, when that was asked for, or when the market has shifted from the current one.
As long as there is too little history for the first one, the points rules of the mapping score.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.clock import Clock
from connector.crm import CRM
from mappings.file.load import Mapping
from model.errors import NotEnoughHistory
from model.recipe import Recipe
from tasks.lease import Held
from tasks.store import company_sending, labels, models, write_backs
from tasks.store.drift import Measured
from tasks.store.engine import Store
from tasks.verbs import company_queue as queue
from tasks.verbs import drift as drifting
from tasks.verbs import duplicates, earlier, first_model
from tasks.verbs import pull as pulling
from tasks.verbs import push as pushing
from tasks.verbs import score as scoring
from tasks.verbs.counts import OnProgress, Pulled, Pushed, RolledUp, ScoreCounts, Trained, WrittenBack, require, silent
from tasks.verbs.score import WHOLE, Part

COMPANIES_OF_A_SYNC = 20_000  # keys of companies that a sync reckons; the next one goes on
UNTIL_THEN = "Until then the points rules of the mapping score, without a likelihood; a sync tries again once a day."
NOTHING_BACK = WrittenBack()
NO_COMPANIES = RolledUp()


@dataclass(frozen=True, slots=True)
class Synced:
    """One sync.

    `trained` is None when no model was learned, `drift` when none was measured. `told` says why the first model has to
    wait, when that was found out now.
    """

    pulled: Pulled
    trained: Trained | None
    scored: ScoreCounts
    pushed: Pushed
    drift: Measured | None = None
    told: str = ""
    wants_model: bool = False
    back: WrittenBack = NOTHING_BACK
    companies: RolledUp = NO_COMPANIES

    @property
    def carried(self) -> int:
        """How many scores had waited since earlier runs: those sent, and those that a newer score replaced."""
        return self.pushed.carried + self.scored.superseded

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
        scored + carried = written + unchanged + refused + superseded + excluded + parked + left (sent by another push).
        """
        counts = self.pushed.counts
        ends = counts.written + self.unchanged + counts.refused + self.superseded + self.excluded + counts.parked
        ends += self.scored.left
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
            "left": self.scored.left,
            "drift": self.drift.verdict if self.drift else None,
            "entities": self.pulled.as_dict(),
            **({"companies": self.companies.as_dict()} if self.companies else {}),
            **({"written_back": self.back.as_dict()} if self.back.taken else {}),
            **({"told": self.told} if self.told else {}),
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
    recipe: Recipe | None = None,
    chunk_leads: int = scoring.CHUNK_LEADS,
    held: Held,
    train: bool = False,
    learn: bool = True,
    part: Part = WHOLE,
    others: pushing.Others = pushing.ALL_OTHERS,
    sweep: bool = False,
    on_progress: OnProgress = silent,
    ready: Callable[[], None] = lambda: None,
    before_scoring: Callable[[], None] = lambda: None,
) -> Synced:
    """Bring the store and the CRM up to date with each other.

    `learn=False` leaves learning to others, and only says that it is due (`wants_model`); `part` and `others`
    leave leads and scores to a backfill. `before_scoring` brings in what others know of the leads to score.

    Learns a model when asked (`train`), when there is none, or when the last measured drift asks for one; it takes over
    only if it is better. Without a model and with too little history, points score, and a sync tries again once a day;
    NotEnoughHistory is raised where the mapping has no points rule, or there is a model and another was asked for.
    Raises DoNotReconcile when a row did not end anywhere.
    """
    pulled = pulling.pull(crm, store, mapping, connection=connection, clock=clock, sweep=sweep, on_progress=on_progress)
    mapping = labels.spoken(store, connection, mapping)  # which this pull may have learned
    looking: dict[str, Any] = {"connection": connection, "now": clock.now(), "on_progress": on_progress}
    duplicates.refresh(store, mapping, **looking)
    earlier.refresh(store, mapping, **looking)
    how: dict[str, Any] = {"connection": connection, "models_folder": models_folder}
    learning = how | {"clock": clock, "seed": seed, "threads": threads, "recipe": recipe, "on_progress": on_progress}
    wanted = _model_is_due(store, mapping, connection, asked=train, now=clock.now())
    trained, told = _trained(store, mapping, asked=train, **learning) if wanted and learn else (None, "")
    if wanted and not learn and not _can_score(store, mapping, connection):
        return Synced(pulled, None, ScoreCounts(), Pushed(), wants_model=True)
    before_scoring()
    scored = scoring.score(
        store,
        mapping,
        connection=connection,
        clock=clock,
        models_folder=models_folder,
        chunk_leads=chunk_leads,
        part=part,
        token=held.token,
        on_progress=on_progress,
    )
    pushed = pushing.push(
        crm,
        store,
        connection=connection,
        clock=clock,
        held=held,
        others=others,
        ready=ready,
        on_progress=on_progress,
    )
    back = _written_back(crm, store, mapping, connection=connection, clock=clock, held=held, on_progress=on_progress)
    rolled_up = _rolled_up(crm, store, mapping, connection=connection, clock=clock, held=held, on_progress=on_progress)
    ends: dict[str, Any] = {"back": back, "companies": rolled_up}
    synced = Synced(pulled, trained, scored, pushed, told=told, wants_model=wanted and not learn, **ends)
    require(synced.reconciles(), synced.as_dict())
    return replace(synced, drift=drifting.measure(store, mapping, **how, now=clock.now(), scored=scored.scored))


def _written_back(
    crm: CRM,
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    held: Held,
    on_progress: OnProgress,
) -> WrittenBack:
    """Write enriched values back, of so many leads that live work does not wait for long; the next sync goes on."""
    if not write_backs.are_any(store, connection):
        return NOTHING_BACK
    from tasks.verbs.write_back import PAGE_LEADS, write_back  # noqa: PLC0415  a quiet poll need not load frames

    return write_back(
        crm, store, mapping, connection=connection, clock=clock, held=held, most=PAGE_LEADS, on_progress=on_progress
    )


def _rolled_up(crm: CRM, store: Store, mapping: Mapping, *, connection: str, clock: Clock, **how: Any) -> RolledUp:
    """Bring companies up to date, so many that live work does not wait for long; the next sync goes on."""
    if not mapping.companies or not _companies_wait(store, mapping, connection, now=clock.now()):
        return NO_COMPANIES
    from tasks.verbs.roll_up import roll_up  # noqa: PLC0415  a quiet poll need not load frames

    return roll_up(crm, store, mapping, connection=connection, clock=clock, most=COMPANIES_OF_A_SYNC, **how)


def _companies_wait(store: Store, mapping: Mapping, connection: str, *, now: datetime) -> bool:
    """Tell whether any company is to be reckoned, sent, or sent again."""
    company_sending.requeue(store, connection, now=now)
    waiting = queue.mark(store, mapping, connection, now=now)
    return bool(waiting or company_sending.waiting(store, connection))


def _can_score(store: Store, mapping: Mapping, connection: str) -> bool:
    return models.current(store, connection) is not None or bool(mapping.points.rules)


def _model_is_due(store: Store, mapping: Mapping, connection: str, *, asked: bool, now: datetime) -> bool:
    """Tell whether a model is to be learned: asked for, the first one, or the market has moved."""
    return _is_needed(store, mapping, connection, asked=asked, now=now) or drifting.asks_for_a_model(
        store, connection, now=now
    )


def _is_needed(store: Store, mapping: Mapping, connection: str, *, asked: bool, now: datetime) -> bool:
    if asked or models.current(store, connection) is not None:
        return asked
    return not mapping.points.rules or first_model.is_due(store, connection, now=now)


def _trained(
    store: Store, mapping: Mapping, *, asked: bool, connection: str, clock: Clock, **how: Any
) -> tuple[Trained | None, str]:
    """Learn the model that is due; without one, say why if that was found out now."""
    now = clock.now()
    may_wait = models.current(store, connection) is None and bool(mapping.points.rules)
    is_needed = _is_needed(store, mapping, connection, asked=asked, now=now)
    from tasks.verbs import train as training  # noqa: PLC0415  most syncs need not load the learner

    try:
        return training.train(store, mapping, connection=connection, clock=clock, **how), ""
    except NotEnoughHistory as error:
        if is_needed and not may_wait:
            raise
        if not may_wait:
            return None, ""  # nobody asked: the model that there is goes on
        first_model.put_off(store, connection, now=now)
        return None, f"{error} {error.fix} {UNTIL_THEN}"
