"""What enrichment services cost, by the day (UTC), and the limit that all workers keep to together.

A request is paid for before it is made, in one statement that takes it only if the day's limit holds: so no two workers
spend the same money, and one that is killed has counted one request too many at most.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from tasks.store import bulk
from tasks.store.engine import Store

A_MITE = 1e-9  # sums of hundredths are off by less than this

_OPEN = text(
    "INSERT INTO spendings (source, day, calls, cost) VALUES (:source, :day, 0, 0.0) "
    "ON CONFLICT (source, day) DO NOTHING"
)
_TAKE = text(
    "UPDATE spendings SET calls = calls + 1, cost = cost + :cost "
    "WHERE source = :source AND day = :day AND cost + :cost <= :most"
)
_TAKE_ANY = text("UPDATE spendings SET calls = calls + 1, cost = cost + :cost WHERE source = :source AND day = :day")


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests of one day, and what they cost in the customer's own unit."""

    calls: int = 0
    cost: float = 0.0


def take(store: Store, source: str, *, cost: float, most: float | None, now: datetime) -> bool:
    """Pay for one request; False, and nothing is paid, where the day's limit would be passed."""
    own: dict[str, object] = {"source": source, "day": day_of(now)}
    with store.write() as tx:
        tx.execute(_OPEN, own)
        if most is None:
            return _touched(tx, _TAKE_ANY, own | {"cost": cost})
        return _touched(tx, _TAKE, own | {"cost": cost, "most": most + A_MITE})


def _touched(tx: Connection, statement: object, parameters: dict[str, object]) -> bool:
    return bool(tx.execute(statement, parameters).rowcount)  # type: ignore[call-overload]  # a text() of ours


def of_day(store: Store, source: str, *, now: datetime) -> Spent:
    """Tell what a source has cost today."""
    statement = "SELECT calls, cost FROM spendings WHERE source = ? AND day = ?"
    with store.read() as tx:
        found = bulk.rows(tx, statement, (source, day_of(now)))
    return Spent(*found[0]) if found else Spent()


def day_of(now: datetime) -> str:
    """Name the day."""
    return f"{now:%Y-%m-%d}"
