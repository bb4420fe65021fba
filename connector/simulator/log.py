"""The simulator's request log: the one place that benchmarks and tests count a CRM's calls from.

Holds no query, no body, no token and no e-mail address: the parts of a path that could be one are masked.
"""

import re
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

# HubSpot puts tokens (OAuth v1 metadata) and e-mail addresses (idProperty=email) into the path itself.
_TOKEN = re.compile(r"(/(?:access|refresh)-tokens/)[^/]+")
_EMAIL = re.compile(r"[^/]*(?:@|%40)[^/]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `status` is what the client was sent, 0 when it was sent no reply; `fault` what was done to it."""

    crm: str
    method: str
    path: str
    kind: str
    status: int
    at: datetime
    fault: str | None = None


class Log:
    """All requests since the start or the last `clear`, oldest first. Safe to share between threads."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self, crm: str | None = None, kind: str | None = None) -> tuple[Entry, ...]:
        """List the requests of this CRM and kind; None stands for all."""
        with self._lock:
            entries = tuple(self._entries)
        return tuple(entry for entry in entries if crm in {None, entry.crm} and kind in {None, entry.kind})

    def count(self, crm: str | None = None, kind: str | None = None) -> int:
        """Count the requests of this CRM and kind; None stands for all."""
        return len(self.entries(crm, kind))

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the requests by CRM, then by kind; what did not happen is absent."""
        pairs = Counter((entry.crm, entry.kind) for entry in self.entries())
        crms = sorted({crm for crm, _ in pairs})
        return {crm: {kind: pairs[crm, kind] for of, kind in sorted(pairs) if of == crm} for crm in crms}

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def masked(path: str) -> str:
    """Give the path without its query, and without tokens and e-mail addresses in it."""
    return _EMAIL.sub("{email}", _TOKEN.sub(r"\1{token}", path.partition("?")[0]))
