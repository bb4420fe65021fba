"""The verb score: score the leads whose mapped inputs changed, chunk by chunk.

A lead is looked at when it, its company or an activity of it changed in the store, or when model or mapping did. It is
scored only if a hash over its mapped inputs differs from that of its last score: our own writes, and edits of fields
that no feature reads, end there. When there is nothing to look at, neither frames nor the model are loaded.

Until a model was learned, the points rules of the mapping score, if it has any.
"""

from pathlib import Path

from connector.clock import Clock
from connector.errors import Misconfigured
from mappings.load import Mapping
from tasks.store import models, stale
from tasks.store.engine import Store
from tasks.verbs.counts import OnProgress, ScoreCounts, require, silent
from tasks.verbs.pulled import require_pulled

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
    on_progress: OnProgress = silent,
) -> ScoreCounts:
    """Bring the scores up to date; returns where each lead ended. What has to be written waits for a push.

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
    version = current.version if current else POINTS
    made_by = f"{version} {mapping.version}"  # another model or another mapping makes every score anew
    total = stale.mark(store, connection, model=made_by)
    if not total:
        return ScoreCounts()
    from tasks.verbs.scorer import Scorer  # noqa: PLC0415  loading the learner costs a second and 200 MB

    path = models_folder / current.path if current else None
    scorer = Scorer(store, mapping, connection, path, made_by, clock)
    counts, after = ScoreCounts(), ""
    while chunk := _next(store, connection, after, chunk_leads):
        counts += scorer.score(chunk)
        after = chunk.span.last
        on_progress("score", counts.looked_at, max(total, counts.looked_at))
    require(counts.reconciles(), counts.as_dict())
    return counts


def _next(store: Store, connection: str, after: str, size: int) -> stale.Chunk | None:
    with store.read() as tx:
        return stale.chunk(tx, connection, after=after, size=size)
