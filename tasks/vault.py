"""Where a refresh token is kept once the CRM has rotated it: one file for each connection, readable by us alone.

A rotated token replaces the one that a person granted; using a dead one can revoke the live set (Salesforce help,
"Refresh Token Rotation"). So there is one writer at a time over all processes of the machine, and a token is on disk
before anything is done with the access token that came with it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileVault:
    """A `connector.vault.TokenVault` on one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> str | None:
        """Return the latest saved token, or None when none was ever rotated."""
        try:
            # What is no text is no token either; whoever asked sees that, and says what to do.
            return self._path.read_text(encoding="utf-8", errors="replace").strip() or None
        except FileNotFoundError:
            return None

    def save(self, token: str) -> None:
        """Keep the token, durably: whole or not at all, also over a loss of power."""
        beside = self._path.with_name(self._path.name + ".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(token)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)

    @contextmanager
    def exclusive(self) -> Iterator["FileVault"]:
        """Be the only one who refreshes, over all processes; load() inside sees what the last one saved."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.with_name(self._path.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self
