"""Where a connection's refresh token lives between runs.

Both CRMs may hand out a new refresh token with each renewal and void the old one, so that a token which is used before
it is saved can lock the connection out for good. Whoever renews does it under `exclusive`, saves, and only then uses
the access token. The application keeps the token encrypted in its store; `MemoryVault` is for tests and trials.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class TokenSlot(Protocol):
    """The one refresh token, held by one writer."""

    def load(self) -> str | None:
        """Give the token that was saved last; None when there is none."""
        ...

    def save(self, token: str) -> None:
        """Keep this token from now on. Durable when it returns."""
        ...


class TokenVault(Protocol):
    """Keeps one connection's refresh token, for all processes that use the connection."""

    def load(self) -> str | None:
        """Give the token that was saved last, without waiting for a writer; None when there is none."""
        ...

    def exclusive(self) -> AbstractContextManager[TokenSlot]:
        """Hold off all other writers, in this process and others, until the block ends."""
        ...


class MemoryVault:
    """A vault for one process; forgets everything when it ends."""

    def __init__(self, token: str | None = None) -> None:
        self._token = token
        self._lock = threading.Lock()

    def load(self) -> str | None:
        return self._token

    def save(self, token: str) -> None:
        self._token = token

    @contextmanager
    def exclusive(self) -> Iterator[TokenSlot]:
        with self._lock:
            yield self
