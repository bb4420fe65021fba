"""Faults on request: what goes wrong between a client and a CRM, at the request and as often as a test says.

503, 429, expired, html, ...  the CRM refuses in its own words, before acting (the dialect's `fault_reply`)
reset                         the connection is reset before the request is acted on
reset-after                   the request is acted on, then the connection is reset instead of a reply
cut                           the request is acted on; half of the reply arrives, then the connection closes
"""

import threading
from dataclasses import dataclass, replace

ANY = "any"
WIRE = frozenset({"reset", "reset-after", "cut"})  # done to the connection; all others are replies


@dataclass(frozen=True, slots=True)
class Fault:
    """A planned fault: passes over `after` matching requests, then hits `times` of them."""

    crm: str
    kind: str
    fault: str
    after: int = 0
    times: int = 1


class Faults:
    """The faults still to come. Safe to share between threads."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, crm: str, kind: str, fault: str, after: int = 0, times: int = 1) -> None:
        """Hit the (after+1)-th and the next `times` - 1 requests of this CRM and kind ("any": every kind).

        Each plan counts for itself, from now on. When several are due at one request, the oldest hits it and the
        others wait for the next one.
        """
        with self._lock:
            self._planned.append(Fault(crm, kind, fault, after, times))

    def take(self, crm: str, kind: str) -> str | None:
        """Count one request of this CRM and kind, and tell the fault that hits it."""
        with self._lock:
            hit: str | None = None
            left: list[Fault] = []
            for plan in self._planned:
                if plan.crm != crm or plan.kind not in {ANY, kind}:
                    left.append(plan)
                elif plan.after > 0:
                    left.append(replace(plan, after=plan.after - 1))
                elif hit is None:
                    hit = plan.fault
                    left.append(replace(plan, times=plan.times - 1))
                else:
                    left.append(plan)
            self._planned = [plan for plan in left if plan.times > 0]
            return hit

    def planned(self) -> tuple[Fault, ...]:
        """List what is still to come, oldest first."""
        with self._lock:
            return tuple(self._planned)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
