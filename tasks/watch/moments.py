"""Instants and spans in the words of people, for alerts and screens."""

from datetime import UTC, datetime, timedelta


def span(by: timedelta) -> str:
    """Write a span as people do: "12 s", "5 min", "3 h", "2 days"."""
    seconds = max(0, int(by.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7_200:
        return f"{seconds // 60} min"
    return f"{seconds // 3_600} h" if seconds < 172_800 else f"{seconds // 86_400} days"


def moment(at: datetime | None) -> str:
    """Write an instant as people do, in UTC: "2026-11-03 12:05 UTC"; "never" for None."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "never"
