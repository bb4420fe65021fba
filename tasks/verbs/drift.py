"""The verb drift: compare the newest leads with those that the model was learned from, and its promises with what came.

Leads are compared as they were known at the time at which the examples were, and only those that could have been
examples: else every young lead would look like another market. A quiet sync neither measures nor loads the learner.
"""

from datetime import datetime, timedelta
from pathlib import Path

from mappings.file.load import Mapping
from tasks.store import drift, models, scores
from tasks.store.drift import Measured
from tasks.store.engine import Store
from tasks.store.models import Registered
from tasks.store.times import to_text

DAY = timedelta(days=1)
MOST_LEADS = 20_000
CHUNK_LEADS = 10_000
# As in `model.drift` and `model.challenge`, which a quiet sync does not load.
ENOUGH_LEADS, ENOUGH_ENDED = 500, 200
FEW, SHIFTED = "few", "shifted"


def measure(
    store: Store, mapping: Mapping, *, connection: str, now: datetime, models_folder: Path, scored: int
) -> Measured | None:
    """Measure the drift of the model that scores, and keep it; None when that is not due.

    It is due when leads were `scored`, and once a day. Too few new leads to tell by is a measurement too. Raises
    DamagedModel, and Misconfigured when the model does not fit the mapping any more.
    """
    current = models.current(store, connection)
    if current is None or "drift_baseline" not in current.card or not _is_due(store, connection, now, scored):
        return None
    measured = _measured(store, mapping, current, connection=connection, now=now, models_folder=models_folder)
    drift.save(store, connection, measured)
    return measured


def asks_for_a_model(store: Store, connection: str, *, now: datetime) -> bool:
    """Tell whether the market has shifted from the model that scores, and none was learned for a day."""
    found, current = drift.newest(store, connection), models.current(store, connection)
    learned_at = models.last_learned_at(store, connection)
    if not found or current is None or learned_at is None or found[0].verdict != SHIFTED:
        return False
    return found[0].model == current.version and found[0].measured_at > learned_at and now - learned_at >= DAY


def _is_due(store: Store, connection: str, now: datetime, scored: int) -> bool:
    last = drift.newest(store, connection)
    return bool(scored) or not last or now - last[0].measured_at >= DAY


def _measured(
    store: Store, mapping: Mapping, current: Registered, *, connection: str, now: datetime, models_folder: Path
) -> Measured:
    learned_until = to_text(datetime.fromisoformat(current.card["data"]["last"]))
    seen_until = to_text(now - timedelta(days=mapping.observe_days))
    leads = scores.newest_leads(store, connection, after=learned_until, before=seen_until, limit=MOST_LEADS)
    ended_until = now - timedelta(days=mapping.outcome.horizon_days)
    ended = scores.newest_leads(store, connection, after=learned_until, before=to_text(ended_until), limit=MOST_LEADS)
    if len(leads) < ENOUGH_LEADS and len(ended) < ENOUGH_ENDED:
        return Measured(now, current.version, len(leads), {}, 0.0, None, FEW)
    from tasks.verbs.compared import compared  # noqa: PLC0415  loading the learner costs a second and 200 MB

    found = compared(
        store, mapping, models_folder / current.path, leads, ended, connection=connection, now=now, chunk=CHUNK_LEADS
    )
    truth = found["truth"]
    return Measured(now, current.version, found["leads"], found["features"], found["score"], truth, found["verdict"])
