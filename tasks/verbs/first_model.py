"""When to try for the first model: until there is one, points score, and trying costs a look at every lead.

What a try found is that too few leads have ended, which one day changes little: a sync tries once a day (UTC).
"""

from datetime import datetime

from tasks.store import schedule
from tasks.store.engine import Store

DAY_S = 86_400


def is_due(store: Store, connection: str, *, now: datetime) -> bool:
    """Tell whether no try has failed today."""
    tried = schedule.all_slots(store).get(_name(connection))
    return tried is None or now.timestamp() - tried[1] >= DAY_S


def put_off(store: Store, connection: str, *, now: datetime) -> None:
    """Note that a try has failed: the next one is due tomorrow. Repeatable."""
    schedule.claim(store, _name(connection), every_s=DAY_S, now=now)


def _name(connection: str) -> str:
    return f"first model:{connection}"
