"""Grounds for an alert about a connection: each function looks at one thing and says what is wrong with it, or None.

A sentence tells what happened and what to do next. It may hold the CRM's words for a permission or a field, but no
value of a field and no id of a lead.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tasks.screens import counted
from tasks.store import backfills, figures, handovers, models, pauses, units
from tasks.store.figures import Verb
from tasks.watch.machinery import GRACE_S
from tasks.watch.moments import moment, span
from tasks.wiring import Wiring

PERIODS = 3  # of a schedule that may go by without a success
LEAST_REFUSED = 20
UNTOLD_TRIES, UNTOLD_AFTER = 4, timedelta(hours=1)  # from which a hand-over is late: the waits between tries grow
UNTOLD_FOR = timedelta(days=7)  # so long it is told that one was given up; then nobody wants to hear of it any more


def paused(wiring: Wiring, name: str) -> str | None:
    """Look at whether a person has to mend the connection."""
    pause = pauses.of(wiring.store, name)
    if pause is None or pause.kind != pauses.MISCONFIGURED:
        return None
    return (
        f"{name} is paused since {moment(pause.since)}: {pause.reason} {pause.fix} It is tried again by itself at "
        f"{moment(pause.until)}; `truegrade sync {name}` tries at once."
    )


def quota(wiring: Wiring, name: str) -> str | None:
    """Look at whether the calls of the CRM's day are spent."""
    pause = pauses.of(wiring.store, name)
    if pause is None or pause.kind != pauses.QUOTA:
        return None
    return (
        f"{name} has spent its API calls: {pause.reason} Work goes on by itself at {moment(pause.until)}. If this "
        "happens often, grant it more of the calls, let other integrations make fewer, or sync less often."
    )


def parked(wiring: Wiring, name: str, verbs: Mapping[str, Verb]) -> Iterator[tuple[str, str]]:
    """Look for units that were tried too often: a sentence for each verb. A later success makes up for it."""
    by_verb: dict[str, list[units.Unit]] = {}
    for unit in units.parked(wiring.store, name):
        later = verbs[unit.verb].begun_at if unit.verb in verbs else None
        if later and unit.finished_at and later > unit.finished_at:
            continue
        by_verb.setdefault(unit.verb, []).append(unit)
    for verb, found in by_verb.items():
        number, why = counted(len(found), "unit"), found[0].error or "It ended without a word."
        told = f"{name}: {number} of {verb} could not be done and nobody tries any more. {why}"
        yield verb, f"{told} Look at the log for unit.failed, and see the runbook for a poison unit."


def failing(wiring: Wiring, name: str, verbs: Mapping[str, Verb]) -> Iterator[tuple[str, str]]:
    """Look for verbs that failed several times in a row: a sentence for each."""
    for verb, found in verbs.items():
        if _is_too_early(wiring, name, verb):
            continue
        if found.failures >= wiring.settings.alert_failures:
            runs, last = counted(found.failures, "run"), moment(found.succeeded_at)
            why = found.error or "It was killed."
            yield verb, f"{name}: the last {runs} of {verb} failed. {why} The last success was {last}."


def missing(
    wiring: Wiring, name: str, verbs: Mapping[str, Verb], every_s: Mapping[str, int], *, now: datetime
) -> Iterator[tuple[str, str]]:
    """Look for scheduled verbs that have not succeeded for several periods: a sentence for each."""
    for verb, period_s in every_s.items():
        found = verbs.get(verb)
        if found is None or found.failures >= wiring.settings.alert_failures or _is_too_early(wiring, name, verb):
            continue
        since = found.succeeded_at or found.first_at
        is_late = now - since > timedelta(seconds=PERIODS * period_s + GRACE_S)
        is_busy = figures.is_worked_on(wiring.store, name, now=now) or _is_backfilled(wiring, name, loading=True)
        if is_late and not is_busy:
            every, ago = span(timedelta(seconds=period_s)), span(now - since)
            told = f"{name}: no {verb} has succeeded for {ago}, and one is due every {every}."
            yield verb, f"{told} See that a worker runs; `truegrade sync {name}` tells what stops it."


def _is_too_early(wiring: Wiring, name: str, verb: str) -> bool:
    """Tell whether it is no wonder that the verb does not succeed: too little history to learn the first model."""
    return verb == "train" and models.current(wiring.store, name) is None


def refusals(wiring: Wiring, name: str, *, now: datetime) -> str | None:
    """Look at the share of a day's rows that the CRM refused."""
    rows = figures.rows(wiring.store, name, since=now - timedelta(days=1))
    refused, sent = rows.get("refused", 0), rows.get("refused", 0) + rows.get("written", 0)
    if refused < LEAST_REFUSED or refused < wiring.settings.refusal_rate * sent:
        return None
    return (
        f"{name}: the CRM refused {refused:,} of {sent:,} rows in 24 hours ({refused / sent:.0%}). "
        f"`truegrade refusals {name}` tells the causes and how to mend them."
    )


def untold(wiring: Wiring, name: str, *, now: datetime) -> str | None:
    """Look for newly hot leads that the mapping's webhook was to be told of, and does not take."""
    late = handovers.late(
        wiring.store, name, tries=UNTOLD_TRIES, before=now - UNTOLD_AFTER, given_up_since=now - UNTOLD_FOR
    )
    if late is None:
        return None
    mapping = wiring.mapping_if_valid(name)
    if mapping is None or mapping.handover.webhook is None:
        return None  # nobody is to be told any more
    found, since = counted(late.number, "hot lead"), moment(late.since)
    tried = f"; {late.given_up:,} of them tried too often, which nobody tries any more" if late.given_up else ""
    why = late.told or "No try has ended yet: see that a worker runs."
    return (
        f"{name}: {found} could not be handed over, the first is hot since {since}{tried}. {why} Mend the receiver; "
        f"`truegrade handovers {name} --retry` tries all of them at once."
    )


def stale(wiring: Wiring, name: str, sync: Verb | None, every_s: Mapping[str, int], *, now: datetime) -> str | None:
    """Look at whether scores lag behind the leads by more than the service level; only where syncs are scheduled.

    What changed before the last successful sync began is scored; what changed since may not be.
    """
    if sync is None or "sync" not in every_s or _is_backfilled(wiring, name, loading=True):
        return None
    limit = timedelta(seconds=max(wiring.settings.stale_after_s, PERIODS * every_s["sync"]))
    since = sync.begun_at or sync.first_at
    if now - since > limit and (sync.begun_at or not figures.is_worked_on(wiring.store, name, now=now)):
        return (
            f"{name}: what changed on leads since {moment(since)} is not in their scores. See its other alerts, and "
            f"`truegrade status {name}`."
        )
    unwritten = figures.unwritten_since(wiring.store, name)
    if unwritten is None or now - unwritten <= limit or _is_backfilled(wiring, name):
        return None
    return (
        f"{name}: scores of {moment(unwritten)} and later are not on the leads yet. `truegrade push {name}` sends them "
        "and tells what stops them."
    )


def _is_backfilled(wiring: Wiring, name: str, *, loading: bool = False) -> bool:
    """Tell whether a backfill runs, whose scores wait for their turn; or one that loads, for which syncs wait."""
    running = [one for one in backfills.open_ones(wiring.store, name) if one.state is backfills.State.RUNNING]
    return any(not loading or one.stage.value in backfills.LOADING for one in running)
