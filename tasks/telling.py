"""Tells webhooks of leads that have become hot: after a sync, and at each tick what is to be tried again."""

from collections import Counter
from collections.abc import Callable, Iterable

from tasks.store import handovers
from tasks.wiring import Wiring


def tell_of_hot_leads(wiring: Wiring, names: Iterable[str] = ()) -> Counter[str]:
    """Deliver the hand-overs of these connections, or of all, that are due; returns how many ended how.

    A receiver that is down is tried again later. Raises what the store raises, and nothing else. Where nothing is due,
    this asks the store one question.
    """
    counts: Counter[str] = Counter()
    wanted = set(names) or set(wiring.connections)
    for name in handovers.connections_due(wiring.store, now=wiring.clock.now()):
        mapping = wiring.mapping_if_valid(name) if name in wanted & wiring.connections.keys() else None
        if mapping is not None:
            from tasks.verbs import handover  # noqa: PLC0415  its client is loaded only where there is news

            told = handover.deliver(wiring.store, mapping, connection=name, clock=wiring.clock, look=_looking(wiring))
            counts.update(sent=told.sent, over=told.over, failed=told.failed)
    return counts


def _looking(wiring: Wiring) -> Callable[[str, str], str]:
    def look(reference: str, where: str) -> str:
        return wiring.secrets.value(reference, where=where)

    return look
