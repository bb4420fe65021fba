"""HubSpot's rate limits: rolling windows per app and account, and the daily budget.

Source: HubSpot developer docs, "API usage guidelines"; the 429 bodies are those that public issues quote. Searches and
associations do not count for the ten-second limit, they have windows of their own; searches carry no rate headers.
Refused calls fill no window (an assumption).
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.simulator.hubspot.auth import Grant
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.replies import ApiError, error


@dataclass(frozen=True, slots=True)
class Window:
    """So many calls in so many seconds."""

    policy: str
    words: str
    seconds: float
    most: int | None


@dataclass(slots=True)
class Limits:
    """What has been used of each limit."""

    times: dict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque))
    day: int = 0
    today: int = 0

    def left(self, key: tuple[str, str], window: Window, now: float) -> int | None:
        """Tell how many calls the window still allows; None: as many as you like."""
        if window.most is None:
            return None
        times = self.times[key]
        while times and times[0] <= now - window.seconds:
            times.popleft()
        return window.most - len(times)


def count(limits: Limits, options: HubSpotOptions, grant: Grant, bucket: str, at: datetime) -> dict[str, str]:
    """Count one call and give its rate headers. Raises the 429 of a limit that is reached."""
    now = at.timestamp()
    window = _window(options, grant, bucket)
    key = (bucket, grant.app if bucket == "burst" else "")
    left = limits.left(key, window, now)
    if left is not None and left <= 0:
        wait_s = limits.times[key][0] + window.seconds - now
        raise refusal(options, window.policy, window.words, wait_s)
    daily = options.daily if grant.expires_at is None else None
    _begin_day(limits, options, at)
    if daily is not None and limits.today >= daily:
        raise refusal(options, "DAILY", "daily", (resets_at(options, at) - at).total_seconds())
    limits.today += 1
    if left is not None:
        limits.times[key].append(now)
    return {} if bucket == "search" else _headers(window, left, daily, limits.today)


def refusal(options: HubSpotOptions, policy: str, words: str, wait_s: float) -> ApiError:
    """Build a 429."""
    headers = {"Retry-After": str(max(1, round(wait_s)))} if options.retry_after else None
    return error(
        429,
        f"You have reached your {words} limit.",
        headers=headers,
        errorType="RATE_LIMIT",
        policyName=policy,
        groupName=f"publicapi:private-apps-api-calls-daily:{options.portal_id}",
    )


def used_today(limits: Limits, options: HubSpotOptions, at: datetime) -> int:
    """Tell how many calls this day has counted."""
    _begin_day(limits, options, at)
    return limits.today


def resets_at(options: HubSpotOptions, at: datetime) -> datetime:
    """Tell when the account's day ends."""
    offset = timedelta(seconds=options.utc_offset_s)
    local = at + offset
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - offset


def _window(options: HubSpotOptions, grant: Grant, bucket: str) -> Window:
    match bucket:
        case "search":
            return Window("SECONDLY", "secondly", 1.0, options.search_per_s)
        case "associations":
            return Window("TEN_SECONDLY_ROLLING", "ten_secondly_rolling", 10.0, options.associations_per_10s)
        case _:
            most = options.burst_per_10s if grant.expires_at is None else options.oauth_burst_per_10s
            return Window("TEN_SECONDLY_ROLLING", "ten_secondly_rolling", 10.0, most)


def _begin_day(limits: Limits, options: HubSpotOptions, at: datetime) -> None:
    day = (at + timedelta(seconds=options.utc_offset_s)).toordinal()
    if day != limits.day:
        limits.day, limits.today = day, 0


def _headers(window: Window, left: int | None, daily: int | None, today: int) -> dict[str, str]:
    headers: dict[str, str] = {}
    if left is not None:
        headers["X-HubSpot-RateLimit-Max"] = str(window.most)
        headers["X-HubSpot-RateLimit-Remaining"] = str(left - 1)
        headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = str(int(window.seconds * 1000))
    if daily is not None:
        headers["X-HubSpot-RateLimit-Daily"] = str(daily)
        headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(daily - today)
    return headers
