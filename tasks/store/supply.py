"""How many new leads a usual week brings: what grades by capacity are held against, before a model is learned."""

from datetime import timedelta

from sqlalchemy import func, select

from tasks.store.engine import Store
from tasks.store.tables import scores
from tasks.store.times import from_text, to_text

WEEK = timedelta(days=7)
WEEKS = 13  # the latest quarter, as the rate that a model's bounds are worked out with


def leads_a_week(store: Store, connection: str) -> float | None:
    """Count the new leads a week of the latest 13 weeks that brought any, or of all if there are fewer.

    By the leads that were scored, those left alone too. None where no creation is known.
    """
    created = scores.c.lead_created_at
    mine = (scores.c.connection == connection) & created.is_not(None)
    with store.read() as tx:
        first, last = tx.execute(select(func.min(created), func.max(created)).where(mine)).one()
        if last is None:
            return None
        newest = from_text(last)
        weeks = min(WEEKS, max(1.0, (newest - from_text(first)) / WEEK))
        since = to_text(newest - weeks * WEEK)
        return float(tx.execute(select(func.count()).where(mine & (created > since))).scalar_one() / weeks)
