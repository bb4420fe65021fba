"""What changed and what was deleted between two moments ("REST guide, Get Updated, Get Deleted")."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connector.simulator.salesforce.errors import Refused
from connector.simulator.salesforce.state import State, stamp

DAYS = {"updated": 30, "deleted": 15}


def updated(state: State, sobject: str, query: dict[str, str]) -> dict[str, Any]:
    """List the ids of records whose stamp lies in the window."""
    start, end = _window(state, query, "updated")
    found = state.db.execute(
        f'SELECT Id FROM "{sobject}" WHERE SystemModstamp >= ? AND SystemModstamp < ? AND IsDeleted = 0',
        (stamp(start), stamp(end)),
    )
    return {"ids": [row[0] for row in found], "latestDateCovered": stamp(end)}


def deleted(state: State, sobject: str, query: dict[str, str]) -> dict[str, Any]:
    """List what was deleted in the window, also for good, as far back as the log goes."""
    start, end = _window(state, query, "deleted")
    found = state.db.execute(
        'SELECT DISTINCT Id, at FROM "deletions" WHERE sobject = ? AND at >= ? AND at <= ? ORDER BY at',
        (sobject, stamp(start), stamp(end)),
    )
    oldest = state.clock.now() - timedelta(days=state.options.history_days)
    return {
        "deletedRecords": [{"id": row[0], "deletedDate": row[1]} for row in found],
        "earliestDateAvailable": stamp(oldest),
        "latestDateCovered": stamp(end),
    }


def _window(state: State, query: dict[str, str], which: str) -> tuple[datetime, datetime]:
    try:
        start, end = (
            datetime.fromisoformat(query[name].replace(" ", "+")).astimezone(UTC) for name in ("start", "end")
        )
    except (KeyError, ValueError):
        raise Refused(400, "INVALID_REPLICATION_DATE", "start and end must be dates") from None
    if end - start < timedelta(minutes=1):
        raise Refused(400, "INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate")
    if start < state.clock.now() - timedelta(days=DAYS[which]):
        raise Refused(400, "INVALID_REPLICATION_DATE", f"startDate cannot be more than {DAYS[which]} days ago")
    return start, end
