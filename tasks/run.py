"""The verbs on a named connection: opens what they need, notes each run in the store, and closes it again.

The command line, the jobs and the demo all come through here, so that they cannot differ.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog

from connector.crm import Entity
from tasks.ready import require_ready
from tasks.screens import OnProgress, ignore, note
from tasks.store import cursors, models, runs
from tasks.turns import turn
from tasks.verbs import first_model
from tasks.verbs import pull as pulling
from tasks.verbs import push as pushing
from tasks.verbs.sync import Synced
from tasks.wiring import Wiring

# Rows come and go by the ten thousand and hold no cycles: to look for some after every 700 new objects, which is
# Python's default, costs a twentieth of a pull or a push.
COLLECT_AFTER = 50_000

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
    with _run(wiring, name, "pull") as done, wiring.crm(name) as crm:
        pulled = pulling.pull(
            crm,
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            sweep=sweep,
            reload=reload,
            history=history,
            on_progress=on_progress,
        )
        total = {f"pulled_{term}": count for term, count in asdict(pulled.total).items()}
        past = {"history": {entity.value: changes for entity, changes in pulled.history.items()}} if history else {}
        return done({"pulled": sum(pulled.seen.values()), **total, "entities": pulled.as_dict(), **past})


def train(wiring: Wiring, name: str, on_progress: OnProgress = ignore, *, force: bool = False) -> dict[str, Any]:
    """Learn a new model, which scores from now on if it is better, or with `force`; `told` is its card in words."""
    from tasks.verbs import train as training  # noqa: PLC0415  a pull need not load the learner

    mapping, settings = wiring.mapping(name), wiring.settings
    with _run(wiring, name, "train") as done:
        trained = training.train(
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            models_folder=settings.models_folder,
            seed=settings.seed,
            threads=settings.threads,
            force=force,
            on_progress=on_progress,
        )
        learned = {"model": trained.version, "verdict": trained.verdict.value, "examples": trained.examples}
        counts = done(learned | trained.card["figures"])
        return {**counts, "told": trained.told}


def score(wiring: Wiring, name: str, on_progress: OnProgress = ignore) -> dict[str, Any]:
    """Score what changed."""
    from tasks.verbs import score as scoring  # noqa: PLC0415  a pull need not load the learner

    mapping = wiring.mapping(name)
    with _run(wiring, name, "score") as done:
        counts = scoring.score(
            wiring.store,
            mapping,
            connection=name,
            clock=wiring.clock,
            models_folder=wiring.settings.models_folder,
            chunk_leads=wiring.settings.chunk_leads,
            on_progress=on_progress,
        )
        return done(counts.as_dict())


def push(wiring: Wiring, name: str, on_progress: OnProgress = ignore, *, retry_refused: bool = False) -> dict[str, Any]:
    """Write what differs; with `retry_refused`, also what the CRM refused for a cause that a person has mended."""
    mapping = wiring.mapping(name)
    with _run(wiring, name, "push") as done, wiring.crm(name) as crm:
        require_ready(crm, mapping, reading=False)
        pushed = pushing.push(
            crm,
            wiring.store,
            connection=name,
            clock=wiring.clock,
            retry_refused=retry_refused,
            on_progress=on_progress,
        )
        return done(pushed.as_dict())


def sync(wiring: Wiring, name: str, on_progress: OnProgress = ignore, *, train: bool = False) -> Synced:
    """Do all of them; sweeps for hidden deletions when the last sweep is long enough ago."""
    from tasks.verbs import sync as syncing  # noqa: PLC0415  a pull need not load the learner

    mapping, settings = wiring.mapping(name), wiring.settings
    with _run(wiring, name, "sync") as done, wiring.crm(name) as crm:
        require_ready(crm, mapping)
        if settings.history and _may_learn_the_first(wiring, name):
            pulling.pull(
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
            chunk_leads=settings.chunk_leads,
            train=train,
            sweep=_sweep_is_due(wiring, name),
            on_progress=on_progress,
        )
        done(synced.as_dict())
        return synced


def _may_learn_the_first(wiring: Wiring, name: str) -> bool:
    is_first = models.current(wiring.store, name) is None
    return is_first and first_model.is_due(wiring.store, name, now=wiring.clock.now())


def _sweep_is_due(wiring: Wiring, name: str) -> bool:
    at = cursors.get(wiring.store, name, Entity.LEAD)
    return at is not None and wiring.clock.now() - at.swept_at >= timedelta(seconds=wiring.settings.sweep_every_s)


@contextmanager
def _recorded(wiring: Wiring, name: str, verb: str) -> Iterator[runs.Recording]:
    """Note the run; whoever has the turn knows that no other lives, where one machine is all there is."""
    if wiring.store.is_sqlite:
        now = wiring.clock.now()
        runs.close_silent(wiring.store, name, before=now, now=now)
    with runs.recorded(wiring.store, name, verb, wiring.clock) as recording:
        yield recording


@contextmanager
def _run(wiring: Wiring, name: str, verb: str) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """Record the run in the store, and log how it ended; the block calls what it is given with its counts."""
    gc.set_threshold(COLLECT_AFTER)

    def wait() -> None:
        note(f"truegrade: another run of {name} is at work; this one waits for its end.")

    with turn(wiring.settings.home / "turns", name, wait=wait), _recorded(wiring, name, verb) as recording:

        def done(counts: dict[str, Any]) -> dict[str, Any]:
            recording.counts.update(counts)
            return counts

        with structlog.contextvars.bound_contextvars(connection=name, run=recording.id):
            try:
                yield done
            except BaseException as error:
                log.warning("run.failed", verb=verb, error=type(error).__name__)
                raise
            plain = {term: count for term, count in recording.counts.items() if not isinstance(count, dict | list)}
            log.info("run.done", verb=verb, **plain)
