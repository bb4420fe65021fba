"""The verb score: score the leads whose mapped inputs changed, chunk by chunk.

A lead is looked at when it, its company or an activity of it changed in the store, or when model or mapping did. It is
scored only if a hash over its mapped inputs differs from that of its last score: our own writes, and edits of fields
that no feature reads, end there. When there is nothing to look at, neither frames nor the model are loaded.

Until a model was learned, the points rules of the mapping score, if it has any.
"""

from dataclasses import dataclass
from pathlib import Path

from connector.clock import Clock
from connector.errors import Misconfigured
from mappings.file.load import Mapping
from tasks.store import models, overrides, stale
from tasks.store.engine import Store
from tasks.verbs.counts import OnProgress, ScoreCounts, require, silent
from tasks.verbs.pulled import require_pulled


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the leads: those after `after` up to `last` by id, if something changed for them after change `above`."""

    after: str = ""
    last: str | None = None
    above: int = stale.ALL


WHOLE = Part()
CHUNK_LEADS = 10_000
POINTS = "points"  # as `model.points.VERSION`, which a scoring with nothing to do does not load


def score(
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    models_folder: Path,
    chunk_leads: int = CHUNK_LEADS,
    part: Part = WHOLE,
    token: str | None = None,
    on_progress: OnProgress = silent,
) -> ScoreCounts:
    """Bring the scores up to date; returns where each lead ended. What has to be written waits for a push.

    Of a `part`, those leads alone. What waits is claimed for the lease `token`, if one is given, so that no other push
    sends it first.

    Memory does not grow with the number of leads. Raises Misconfigured when there is neither a model nor a points rule,
    or no model that fits the mapping, or when the mapping reads what was not pulled; and DamagedModel when the model's
    files are not what they were.
    """
    current = models.current(store, connection)
    if current is None and not mapping.points.rules:
        raise Misconfigured(
            f"{connection} has no model yet, and its mapping no points.",
            fix="Run `truegrade train`, or add a section points to the mapping.",
        )
    require_pulled(store, mapping, connection)
    overrides.expire(store, connection, now=clock.now())
    made_by = made_with(store, mapping, connection)
    total = mark(store, mapping, connection)
    if not total or _next(store, connection, part.after, 1, part) is None:
        return ScoreCounts()
    from tasks.verbs.scorer import Scorer  # noqa: PLC0415  loading the learner costs a second and 200 MB

    path = models_folder / current.path if current else None
    scorer = Scorer(store, mapping, connection, path, made_by, clock, token)
    counts, after = ScoreCounts(), part.after
    while chunk := _next(store, connection, after, chunk_leads, part):
        scored = scorer.score(chunk)
        if scored is None:  # another model: what is left is for the next run, which scores with it
            break
        counts += scored
        after = chunk.span.last
        on_progress("score", counts.looked_at, max(total, counts.looked_at))
    require(counts.reconciles(), counts.as_dict())
    return counts


def mark(store: Store, mapping: Mapping, connection: str) -> int:
    """Queue the leads that something changed for, or all for another model; returns how many are in the queue."""
    made_by = made_with(store, mapping, connection)
    return stale.mark(store, connection, model=made_by, activities=mapping.activities, through=mapping.through)


def made_with(store: Store, mapping: Mapping, connection: str) -> str:
    """Name all that a score depends on beside the lead: another model or another mapping makes every score anew."""
    current = models.current(store, connection)
    return f"{current.version if current else POINTS} {mapping.version}"


def _next(store: Store, connection: str, after: str, size: int, part: Part) -> stale.Chunk | None:
    with store.read() as tx:
        return stale.chunk(tx, connection, after=after, size=size, last=part.last, above=part.above)
