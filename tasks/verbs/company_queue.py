"""Which companies have to be reckoned anew: asked by every sync, so that it loads neither frames nor the model."""

from datetime import datetime
from hashlib import blake2b

from mappings.file.load import Mapping
from tasks.store import company_stale, models
from tasks.store.engine import Store
from tasks.verbs.score import POINTS


def mark(store: Store, mapping: Mapping, connection: str, *, now: datetime) -> int:
    """Queue the companies that something changed for; returns how many keys are in the queue."""
    if not mapping.companies:
        return 0
    current = models.current(store, connection)
    # A model may get its line later than itself: then, too, companies are reckoned anew.
    line = current.card.get("companies", {}).get("line") if current else None
    told = repr((mapping.companies, mapping.version, current.version if current else POINTS, line))
    rules = blake2b(told.encode(), digest_size=8).hexdigest()
    return company_stale.mark(store, connection, rules=rules, day=now.date().isoformat())
