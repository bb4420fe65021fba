"""How many calls may be made now: the rules of the day's budget, as pure functions of what is known.

Our own calls in the CRM's day stay within the grant of the admin, and stop earlier where the account as a whole comes
near its limit, so that others' integrations go on. Fresh leads ("live") may use all of the grant; a backfill and the
training leave a part for them. Before the wall we slow down: what is left is spread over the time until it comes back.

Salesforce counts the last 24 hours at any moment ("Salesforce app limits", API request limits), HubSpot until midnight
in the portal's time zone ("Account information API"), which a report tells by `resets_at`; as long as HubSpot's
midnight is not known its day is taken as rolling too, which is stricter. Our calls are kept by the hour, and one that
is partly inside the day counts wholly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from tasks.store.quotas import DAY, HOUR, Ledger, Spent

LIVE, BACKFILL, TRAIN = "live", "backfill", "train"  # what calls are for: queues of work; by hand is live

DEFAULT_SHARE = 0.5  # of the CRM's daily calls, for an admin who grants no other
KEPT_FOR_LIVE = 0.2  # of the grant: what only fresh leads may use
LEFT_BY_LIVE, LEFT_BY_THE_REST = 0.05, 0.2  # of the account's calls: the last ones are left to others
SLOW_BELOW = 0.2  # of the grant left: from there on calls are spread
SLOWEST_S = 60.0  # between two calls; slower would only hold workers
BELIEVED = timedelta(minutes=15)  # how long a rolling day is taken to be as spent as the CRM said


@dataclass(frozen=True, slots=True)
class Grant:
    """What the admin grants us of the CRM's daily calls: a share, or a number; the lower one of both.

    `limited` is False where the CRM has no daily limit: HubSpot for apps that are signed in by OAuth.
    """

    share: float | None = None
    number: int | None = None
    limited: bool = True

    def calls(self, granted: int | None) -> int | None:
        """Tell how many calls a day we may make where the CRM grants so many; None: not known, or any number."""
        if granted is None or not self.limited:
            return self.number
        share = DEFAULT_SHARE if self.share is None and self.number is None else self.share
        by_share = granted if share is None else int(granted * share)
        return by_share if self.number is None else min(by_share, self.number)


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many calls now, at least `every_s` seconds apart; none until `until`, and why, where `calls` is 0.

    `calls` is None where nothing limits them.
    """

    calls: int | None
    every_s: float = 0.0
    until: datetime | None = None
    why: str = ""


def allowance(ledger: Ledger, grant: Grant, purpose: str, *, now: datetime) -> Allowance:
    """Decide from what is known. A purpose other than live is never allowed more than live is."""
    total = grant.calls(ledger.report.granted)
    by_account = _left_in_account(ledger, grant, purpose, now)
    if by_account is not None and by_account <= 0:
        return _stopped_by_account(ledger, now)
    if total is None:
        return Allowance(1 if grant.limited else None)  # the first reply tells the limit
    counted = in_day(ledger, now)
    left = _left(total, purpose, counted)
    if left <= 0:
        return _stopped_by_grant(ledger, total, purpose, now)
    every_s = 0.0
    if left <= total * SLOW_BELOW:
        every_s = min(SLOWEST_S, _until_as_many_return(ledger, total, counted, now) / left)
    return Allowance(left if by_account is None else min(left, by_account), every_s)


def day_ends_at(ledger: Ledger, now: datetime) -> datetime | None:
    """Tell when the CRM's day ends; None: it rolls, or we do not know."""
    told = ledger.report.resets_at
    if told is None or told > now:
        return told
    return told + DAY * ((now - told) // DAY + 1)


def in_day(ledger: Ledger, now: datetime) -> tuple[Spent, ...]:
    """Give our calls of the CRM's present day, oldest first."""
    began_at = (day_ends_at(ledger, now) or now) - DAY
    return tuple(spent for spent in ledger.spent if spent.hour + HOUR > began_at)


def _left(total: int, purpose: str, counted: Sequence[Spent]) -> int:
    live = sum(spent.number for spent in counted if spent.purpose == LIVE)
    rest = sum(spent.number for spent in counted if spent.purpose != LIVE)
    kept = live if purpose == LIVE else max(live, ceil(total * KEPT_FOR_LIVE))
    return total - kept - rest


def _left_in_account(ledger: Ledger, grant: Grant, purpose: str, now: datetime) -> int | None:
    """Tell how many calls the account as a whole leaves us by the CRM's latest word; None: it does not say.

    A word that may be out of date is tried with a single call, whose reply brings a new one.
    """
    report = ledger.report
    if report.used is None or report.granted is None or report.told_at is None or not grant.limited:
        return None
    others = LEFT_BY_LIVE if purpose == LIVE else LEFT_BY_THE_REST
    left = int(report.granted * (1 - others)) - report.used
    return max(left, 0) if _holds(report.told_at, ledger, now) else max(left, 1)


def _holds(told_at: datetime, ledger: Ledger, now: datetime) -> bool:
    end = day_ends_at(ledger, now)
    is_new = now - BELIEVED < told_at if end is None else end - DAY <= told_at
    return is_new and told_at <= now


def _stopped_by_account(ledger: Ledger, now: datetime) -> Allowance:
    until = day_ends_at(ledger, now)
    if until is None:
        until = (ledger.report.told_at or now) + BELIEVED
    used = f"{ledger.report.used:,} of the account's {ledger.report.granted:,} calls of the day are used"
    return Allowance(0, until=until, why=f"{used}; the rest is left to other integrations.")


def _stopped_by_grant(ledger: Ledger, total: int, purpose: str, now: datetime) -> Allowance:
    reserved = "" if purpose == LIVE else " but for those that are kept for fresh leads"
    why = f"The {total:,} calls a day that this connection is granted are used{reserved}."
    fix = " Set its daily_share or daily_calls in connections.yaml if it may have more."
    return Allowance(0, until=_returns_at(ledger, total, purpose, now), why=why + fix)


def _returns_at(ledger: Ledger, total: int, purpose: str, now: datetime) -> datetime:
    """Tell when a call may be made again, if none is made until then."""
    end = day_ends_at(ledger, now)
    if end is not None:
        return end
    counted = in_day(ledger, now)
    for hour in sorted({spent.hour for spent in counted}):
        if _left(total, purpose, [spent for spent in counted if spent.hour > hour]) > 0:
            return hour + HOUR + DAY
    return now + DAY


def _until_as_many_return(ledger: Ledger, total: int, counted: Sequence[Spent], now: datetime) -> float:
    """Tell in how many seconds as many calls will have come back as live work has left; the same for all purposes."""
    end = day_ends_at(ledger, now)
    wanted, returned = _left(total, LIVE, counted), 0
    for spent in counted if end is None else ():
        returned, end = returned + spent.number, spent.hour + HOUR + DAY
        if returned >= wanted:
            break
    return max(0.0, ((end or now) - now).total_seconds())
