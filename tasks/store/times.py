"""Instants as the store keeps them: text in UTC with milliseconds, as the stamps of records are; it sorts as time."""

from datetime import UTC, datetime


def to_text(at: datetime) -> str:
    """Write an aware datetime as "2026-01-02T03:04:05.000Z"."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(at: str) -> datetime:
    """Read what `to_text` wrote."""
    return datetime.fromisoformat(at)
