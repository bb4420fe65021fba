"""The one clock: everything of ours that waits, leases, schedules or expires reads it, so that tests can move it."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

LOOK_EVERY_S = 0.05  # how often a sleeper on a shifted clock looks whether it was moved


class Clock(Protocol):
    """Time as we see it."""

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed on this clock."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  the one clock

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))  # noqa: TID251  the one clock


class MovableClock:
    """A clock that moves only when told to, or slept on: waits cost no real time. Safe to share between threads."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(timedelta(seconds=max(0.0, seconds)))

    def advance(self, by: timedelta) -> None:
        """Let `by` pass."""
        with self._lock:
            self._at += by


class ShiftedClock:
    """The machine's clock, moved on by as many seconds as a small file says: one file moves the time of many processes.

    For rehearsals, in which several processes wait for hours that must not pass. Without the file nothing is moved. The
    file is read at every look, which costs microseconds; one process at a time may write it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._machine = SystemClock()

    def now(self) -> datetime:
        return self._machine.now() + timedelta(seconds=self.offset_s())

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed on this clock, be it in time or because it was moved."""
        until = self.now() + timedelta(seconds=max(0.0, seconds))
        while (left_s := (until - self.now()).total_seconds()) > 0:
            self._machine.sleep(min(left_s, LOOK_EVERY_S))

    def offset_s(self) -> float:
        """Tell how far this clock is ahead of the machine's."""
        try:
            return float(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0.0

    def advance(self, by: timedelta) -> None:
        """Let `by` pass for all who read the file. Who reads meanwhile finds the old time or the new one."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        fresh.write_text(repr(self.offset_s() + by.total_seconds()), encoding="ascii")
        fresh.replace(self._path)
