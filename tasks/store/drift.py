"""What was measured of the drift of each connection: aggregates alone, the newest 400 measurements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, delete, select

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import drift
from tasks.store.times import from_text, to_text

KEPT = 400
COLUMNS = ("connection", "measured_at", "model", "leads", "features", "score_psi", "calibration", "verdict")


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement of a model, as `model.drift` gives it.

    `features` is the PSI of each input over `leads` new leads, `calibration` likelihoods against what happened.
    """

    measured_at: datetime
    model: str
    leads: int
    features: dict[str, float]
    score_psi: float
    calibration: dict[str, Any] | None
    verdict: str


def save(store: Store, connection: str, measured: Measured) -> None:
    """Keep a measurement and forget the oldest beyond 400. Repeatable."""
    at = to_text(measured.measured_at)
    calibration = orjson.dumps(measured.calibration).decode() if measured.calibration else None
    features = orjson.dumps(measured.features).decode()
    row = (
        connection, at, measured.model, measured.leads, features, measured.score_psi, calibration, measured.verdict,
    )  # fmt: skip
    mine = drift.c.connection == connection
    oldest = select(drift.c.measured_at).where(mine).order_by(drift.c.measured_at.desc()).offset(KEPT - 1).limit(1)
    with store.write() as tx:
        bulk.upsert(tx, drift, COLUMNS, [row], update=COLUMNS[2:])
        last_kept = tx.execute(oldest).scalar()
        if last_kept is not None:
            tx.execute(delete(drift).where(mine & (drift.c.measured_at < last_kept)))


def newest(store: Store, connection: str, *, limit: int = 1) -> list[Measured]:
    """Return the newest measurements, the last one first."""
    chosen = select(drift).where(drift.c.connection == connection).order_by(drift.c.measured_at.desc()).limit(limit)
    with store.read() as tx:
        return [_measured(row) for row in tx.execute(chosen)]


def _measured(row: Row[Any]) -> Measured:
    return Measured(
        from_text(row.measured_at),
        row.model,
        row.leads,
        orjson.loads(row.features),
        row.score_psi,
        orjson.loads(row.calibration) if row.calibration else None,
        row.verdict,
    )
