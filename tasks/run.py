"""The verbs on a named connection: opens what they need, notes each run in the store, and closes it again.

The command line, the jobs and the demo all come through here, so that they cannot differ.
"""

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from connector.crm import CRM, Entity
from connector.errors import Retryable
from mappings.file.load import Mapping
from model.recipe import RECIPES
from tasks import lease
from tasks.lease import Held
from tasks.ready import require_ready
from tasks.screens import OnProgress, ignore, note
from tasks.store import company_sending, cursors, leases, models, pauses, refusals, runs, write_backs
from tasks.telling import tell_of_hot_leads
from tasks.turns import turn
from tasks.verbs import closed, duplicates, earlier, first_model
from tasks.verbs import pull as pulling
from tasks.verbs import push as pushing
from tasks.verbs.counts import Pulled, RolledUp
from tasks.verbs.pulled import lacking_history
from tasks.verbs.score import WHOLE, Part
from tasks.verbs.sync import Synced
from tasks.verbs.write_back import write_back
from tasks.wiring import Wiring

# Rows come and go by the ten thousand and hold no cycles: to look for some after every 700 new objects, which is
# Python's default, costs a twentieth of a pull or a push.
COLLECT_AFTER = 50_000
TURN_AFTER_S = 10.0  # a worker that finds a connection taken tries again then

log = structlog.get_logger()


def pull(
    wiring: Wiring,
    name: str,
    on_progress: OnProgress = ignore,
    *,
    sweep: bool = False,
    reload: bool = False,
    history: bool = False,
) -> dict[str, Any]:
    """Read what changed in the CRM into the store; with `reload`, everything; with `history`, earlier values too."""
    mapping = wiring.mapping(name)
    with _run(wiring, name, "pull") as running, wiring.crm(name) as crm:
        pulled = pulling.pull(
            crm,
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            sweep=sweep,
            reload=reload,
            history=history or mapping.needs_history,
            on_progress=on_progress,
        )
        total = {f"pulled_{term}": count for term, count in asdict(pulled.total).items()}
        past = (
            {"history": {entity.value: changes for entity, changes in pulled.history.items()}} if pulled.history else {}
        )
        return running.done({"pulled": sum(pulled.seen.values()), **total, "entities": pulled.as_dict(), **past})


def train(
    wiring: Wiring, name: str, on_progress: OnProgress = ignore, *, force: bool = False, held: Held | None = None
) -> dict[str, Any]:
    """Learn a new model, which scores from now on if it is better, or with `force`; `told` is its card in words."""
    from tasks.verbs import train as training  # noqa: PLC0415  a pull need not load the learner

    mapping, settings = wiring.mapping(name), wiring.settings
    with _run(wiring, name, "train", held=held) as running:
        trained = training.train(
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            models_folder=settings.models_folder,
            seed=settings.seed,
            threads=settings.threads,
            recipe=RECIPES[settings.recipe],
            force=force,
            on_progress=on_progress,
        )
        learned = {"model": trained.version, "verdict": trained.verdict.value, "examples": trained.examples}
        counts = running.done(learned | trained.card["figures"])
        return {**counts, "told": trained.told}


def score(wiring: Wiring, name: str, on_progress: OnProgress = ignore) -> dict[str, Any]:
    """Score what changed."""
    from tasks.verbs import score as scoring  # noqa: PLC0415  a pull need not load the learner

    mapping = wiring.mapping(name)
    with _run(wiring, name, "score") as running:
        if mapping.enriched:
            from tasks.verbs.enrich import note_tables  # noqa: PLC0415  most mappings enrich nothing

            note_tables(wiring.store, mapping, name, now=wiring.clock.now())
        counts = scoring.score(
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            models_folder=wiring.settings.models_folder,
            chunk_leads=wiring.settings.chunk_leads,
            on_progress=on_progress,
        )
        return running.done(counts.as_dict())


def push(wiring: Wiring, name: str, on_progress: OnProgress = ignore, *, retry_refused: bool = False) -> dict[str, Any]:
    """Write what differs; with `retry_refused`, also what the CRM refused for a cause that a person has mended."""
    mapping = wiring.mapping(name)
    with _run(wiring, name, "push") as running, wiring.crm(name) as crm:
        require_ready(crm, mapping, reading=False)
        if retry_refused:
            refusals.requeue(wiring.store, name)
            write_backs.requeue(wiring.store, name, now=wiring.clock.now(), asked=True)
            company_sending.requeue(wiring.store, name, now=wiring.clock.now(), asked=True)
        pushed = pushing.push(
            crm,
            wiring.store,
            connection=name,
            clock=wiring.clock,
            held=running.held,
            ends=closed.asking(crm, mapping),
            on_progress=on_progress,
        )
        back = write_back(crm, wiring.store, mapping, connection=name, clock=wiring.clock, held=running.held)
        rolled_up = _rolled_up(wiring, crm, mapping, name, running.held)
        beside = {"written_back": back.as_dict()} if back.taken else {}
        beside |= {"companies": rolled_up.as_dict()} if rolled_up else {}
        return running.done(pushed.as_dict() | beside)


def _rolled_up(wiring: Wiring, crm: CRM, mapping: Mapping, name: str, held: Held) -> RolledUp:
    """Bring companies up to date, all that wait."""
    if not mapping.companies:
        return RolledUp()
    from tasks.verbs.roll_up import roll_up  # noqa: PLC0415  most mappings give companies nothing

    return roll_up(crm, wiring.store, mapping, connection=name, clock=wiring.clock, held=held)


def sync(
    wiring: Wiring,
    name: str,
    on_progress: OnProgress = ignore,
    *,
    train: bool = False,
    held: Held | None = None,
    **shared: Any,
) -> Synced:
    """Do all of them; sweeps for hidden deletions when the last sweep is long enough ago.

    `held` is the lease under which a worker does it, and `shared` what it leaves to others (see `verbs.sync`).
    """
    from tasks.verbs import sync as syncing  # noqa: PLC0415  a pull need not load the learner

    mapping, settings = wiring.mapping(name), wiring.settings
    with _run(wiring, name, "sync", held=held) as running, wiring.crm(name) as crm:
        sweep = _sweep_is_due(wiring, name)
        if sweep or cursors.get(wiring.store, name, Entity.LEAD) is None:
            require_ready(crm, mapping)
        first = Pulled()
        may_learn = settings.history and _may_learn_the_first(wiring, name)
        if may_learn or lacking_history(wiring.store, mapping, name):
            first = pulling.pull(
                crm, wiring.store, mapping, connection=name, clock=wiring.clock, history=True, on_progress=on_progress
            )
        synced = syncing.sync(
            crm,
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            models_folder=settings.models_folder,
            seed=settings.seed,
            threads=settings.threads,
            recipe=RECIPES[settings.recipe],
            chunk_leads=settings.chunk_leads,
            held=running.held,
            train=train,
            **shared,
            ready=lambda: require_ready(crm, mapping, reading=False),
            before_scoring=lambda: enrich(wiring, name, mapping, part=shared.get("part")),
            sweep=sweep,
            on_progress=on_progress,
        )
        synced = replace(synced, pulled=first + synced.pulled)
        running.done(synced.as_dict())
    tell_of_hot_leads(wiring, [name])
    return synced


def enrich(wiring: Wiring, name: str, mapping: Mapping, *, part: Part | None = None) -> None:
    """Bring in what tables and services know of the leads that wait to be scored; those of a `part` alone."""
    if mapping.enriched:
        from tasks import services  # noqa: PLC0415  most mappings enrich nothing

        services.before_scoring(wiring, name, mapping, part=part or WHOLE)


def _may_learn_the_first(wiring: Wiring, name: str) -> bool:
    is_first = models.current(wiring.store, name) is None
    return is_first and first_model.is_due(wiring.store, name, now=wiring.clock.now())


def _sweep_is_due(wiring: Wiring, name: str) -> bool:
    at = cursors.get(wiring.store, name, Entity.LEAD)
    return at is not None and wiring.clock.now() - at.swept_at >= timedelta(seconds=wiring.settings.sweep_every_s)


@contextmanager
def _leased(wiring: Wiring, name: str, verb: str) -> Iterator[Held]:
    """Hold a lease; whoever has the turn knows that those before on this machine are dead, and frees what they had."""
    verbs = ("train",) if verb == "train" else ("pull", "score", "push", "sync", "reconcile")
    leases.end_of_host(wiring.store, lease.HOST, [f"{one} {name}" for one in verbs])
    with lease.held(wiring.store, wiring.clock, holds=f"{verb} {name}", lease_s=wiring.settings.lease_s) as held:
        yield held


def reconcile(
    wiring: Wiring, name: str, on_progress: OnProgress = ignore, *, held: Held | None = None
) -> dict[str, Any]:
    """Hold the store against the CRM, and queue the leads whose fields of ours others changed; `told` says it all."""
    from tasks.verbs import reconcile as reconciling  # noqa: PLC0415  only one run a day needs it

    mapping, settings = wiring.mapping(name), wiring.settings
    with _run(wiring, name, "reconcile", held=held) as running, wiring.crm(name, purpose="backfill") as crm:
        found = reconciling.reconcile(
            crm,
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            check_rows=settings.check_rows,
            on_progress=on_progress,
        )
        how: dict[str, Any] = {"connection": name, "now": wiring.clock.now(), "on_progress": on_progress}
        duplicates.refresh(wiring.store, mapping, anew=True, **how)
        earlier.refresh(wiring.store, mapping, anew=True, **how)
        return {**running.done(found.as_dict()), "told": found.told()}


@dataclass(slots=True)
class Running:
    """A run while it runs, under a lease of ours."""

    recording: runs.Recording
    held: Held

    def done(self, counts: dict[str, Any]) -> dict[str, Any]:
        """Note what the run did."""
        self.recording.counts.update(counts)
        return counts


@contextmanager
def _run(wiring: Wiring, name: str, verb: str, *, held: Held | None = None) -> Iterator[Running]:
    """Record the run in the store, and log how it ended; without a lease of a worker, under one of its own.

    A training only reads leads, and keeps no sync from its work.
    """
    gc.set_threshold(COLLECT_AFTER)

    def wait() -> None:
        if held is not None:  # a worker has other things to do than to wait for a command that somebody gave
            raise Retryable(f"Another run of {name} is at work on this machine.", after_s=TURN_AFTER_S)
        note(f"truegrade: another run of {name} is at work; this one waits for its end.")

    queue = f"{name}.train" if verb == "train" else name
    with ExitStack() as stack:
        stack.enter_context(turn(wiring.settings.home / "turns", queue, wait=wait))
        mine = held or stack.enter_context(_leased(wiring, name, verb))
        runs.close_silent(wiring.store, name, now=wiring.clock.now())
        recorded = runs.recorded(wiring.store, name, verb, wiring.clock, lease=mine.token)
        running = Running(stack.enter_context(recorded), mine)
        with structlog.contextvars.bound_contextvars(connection=name, run=running.recording.id):
            try:
                yield running
            except BaseException as error:
                log.warning("run.failed", verb=verb, error=type(error).__name__)
                raise
            if verb in {"pull", "push", "sync"}:  # which asked the CRM, and came through
                pauses.end(wiring.store, name)
            counts = running.recording.counts
            plain = {term: count for term, count in counts.items() if not isinstance(count, dict | list)}
            log.info("run.done", verb=verb, **plain)
