"""How a connection stands, for an admin who has a minute: one word and why, then how fresh, what waits, what it cost.

The word is OK, WAITING (it goes on by itself), PAUSED (a person has to mend something) or ATTENTION (an alert holds).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from tasks import backfills as backfilling
from tasks import budget
from tasks.budget import Quota
from tasks.screens import counted
from tasks.store import backfills, figures, processes, refusals, schedule, units
from tasks.store.alerts import Alert
from tasks.store.backfills import Backfill
from tasks.store.figures import Verb
from tasks.store.processes import Process
from tasks.store.units import State as UnitState
from tasks.watch import alerts
from tasks.watch.alerts import Kind
from tasks.watch.machinery import GRACE_S
from tasks.watch.moments import span
from tasks.wiring import Wiring

SILENT_AFTER = timedelta(minutes=2)  # a process reports every 15 s or so
Slots = Mapping[str, tuple[int, int]]


class Word(StrEnum):
    """How a connection stands, in a word."""

    OK = "OK"
    WAITING = "WAITING"
    PAUSED = "PAUSED"
    ATTENTION = "ATTENTION"


WORDS = {Kind.PAUSED.value: Word.PAUSED, Kind.QUOTA.value: Word.WAITING}


@dataclass(frozen=True, slots=True)
class Headline:
    """The word, and the reason for it."""

    state: Word
    why: str


def of_connection(wiring: Wiring, name: str, slots: Slots, *, now: datetime) -> dict[str, Any]:
    """Return all that is known of a connection's work, as JSON has it; instants are in UTC."""
    held = alerts.of_connection(wiring, name, dict(slots), now=now)
    mine = {at.partition(":")[0]: slot for at, slot in slots.items() if at.partition(":")[2] == name}
    verbs = figures.verbs(wiring.store, name, mine)
    open_ones = backfills.open_ones(wiring.store, name)
    quota = budget.quota_of(wiring.store, wiring.connection(name), now=now)
    progress = [_progress(wiring, one) for one in open_ones]
    headline = _of_alerts(held) or _of_backfills(progress) or _of_runs(name, verbs, mine, now=now)
    refused = sum(refusals.by_code(wiring.store, name).values())
    return {
        "headline": asdict(_with_refusals(headline, name, refused)),
        "alerts": [asdict(alert) for alert in held],
        "freshness": _freshness(wiring, name, verbs.get("sync"), now=now),
        "work": figures.of_connection(wiring.store, name),
        "duplicates": _duplicates(wiring, name, verbs.get("sync")),
        "backfills": progress,
        "quota": _told_of(quota) if quota else None,
        "schedules": [_scheduled(verb, slot, verbs.get(verb), now=now) for verb, slot in sorted(mine.items())],
    }


def of_workers(wiring: Wiring, *, now: datetime) -> list[dict[str, Any]]:
    """Return the processes that serve, as JSON has them; `up` is whether it was heard of in the last two minutes."""
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "queues": list(one.queues),
            "seen_at": _text(one.seen_at),
            "worked_at": _text(one.worked_at),
            "up": is_up(one, now=now),
        }
        for one in processes.every(wiring.store)
    ]


def is_up(process: Process, *, now: datetime) -> bool:
    """Tell whether a process was heard of lately. One that was killed is taken for up as long as two minutes."""
    return now - process.seen_at <= SILENT_AFTER


def is_served(wiring: Wiring, queue: str, *, now: datetime) -> bool:
    """Tell whether a worker is up that takes work of this queue."""
    return any(queue in one.queues and is_up(one, now=now) for one in processes.every(wiring.store))


def _of_alerts(held: Sequence[Alert]) -> Headline | None:
    return Headline(WORDS.get(held[0].kind, Word.ATTENTION), held[0].told) if held else None


def _of_backfills(progress: Sequence[Mapping[str, Any]]) -> Headline | None:
    loading = next((one for one in progress if one["stage"] in backfills.LOADING), None)
    if loading is None:
        return None
    waits = f", which waits: {loading['waits_for']}" if loading["waits_for"] else ""
    return Headline(Word.WAITING, f"its leads are being loaded by the backfill {loading['id']}{waits}")


def _of_runs(name: str, verbs: Mapping[str, Verb], scheduled: Mapping[str, Any], *, now: datetime) -> Headline:
    """Judge by the newest run, where nothing worse is known."""
    if not verbs:
        return Headline(Word.WAITING, f"nothing is pulled yet; `truegrade sync {name}` does")
    newest = max(verbs.values(), key=lambda found: found.newest_at)
    if newest.failures:
        is_again = newest.verb in scheduled
        again = "it is tried again by itself" if is_again else "try it again once that is mended"
        why = f"the last {newest.verb} failed: {newest.error or 'it was killed'} ({again})"
        return Headline(Word.WAITING if is_again else Word.ATTENTION, why)
    if newest.succeeded_at is None:
        return Headline(Word.WAITING, f"the first {newest.verb} is at work")
    return Headline(Word.OK, f"last {newest.verb} {span(now - newest.succeeded_at)} ago")


def _with_refusals(headline: Headline, name: str, refused: int) -> Headline:
    """Say, where all is well, that some leads have no score because the CRM refuses it."""
    if headline.state is not Word.OK or not refused:
        return headline
    told = f"{headline.why}; {counted(refused, 'lead')} refused by the CRM, see `truegrade refusals {name}`"
    return Headline(headline.state, told)


def _freshness(wiring: Wiring, name: str, synced: Verb | None, *, now: datetime) -> dict[str, Any]:
    at = synced.succeeded_at if synced else None
    return {
        "synced_at": _text(at),
        "age_s": int((now - at).total_seconds()) if at else None,
        "unscored": figures.unscored(wiring.store, name),
        "unwritten_since": _text(figures.unwritten_since(wiring.store, name)),
    }


def _duplicates(wiring: Wiring, name: str, synced: Verb | None) -> dict[str, Any] | None:
    """Tell who is there twice, as of the last sync, which looks at all that it pulled; None: nobody was looked for."""
    twice = figures.twice(wiring.store, name)
    if twice is None:
        return None
    found = {entity: {"records": records, "clusters": clusters} for entity, (records, clusters) in twice.found.items()}
    looked_at = synced.succeeded_at if synced else None
    return {"found": found, "newest_at": _text(twice.newest_at), "looked_at": _text(looked_at)}


def _progress(wiring: Wiring, one: Backfill) -> dict[str, Any]:
    """Tell how many of a backfill's parts are done, of those that are known by now."""
    states = {state.value: 0 for state in UnitState}
    for (_, state), count in backfills.by_state(wiring.store, one.id).items():
        states[state.value] += count
    told = {"id": one.id, "kind": one.kind, "state": one.state.value, "stage": one.stage.value}
    waits_for = backfilling.waits_for(wiring, one, units.of_backfill(wiring.store, one.id))
    return {**told, "waits_for": waits_for, "units": sum(states.values()), **states}


def _told_of(quota: Quota) -> dict[str, Any]:
    """Tell the calls of the CRM's day in the words of the screen and of the metrics.

    `used` is by all integrations: what the CRM last told, as of `told_at`, or our own calls if there are more by now.
    `allowed` is what the CRM grants to everybody together, `granted` what of these is ours to use.
    """
    ours = sum(quota.ours.values())
    return {
        "ours": dict(quota.ours),
        "granted": quota.calls,
        "used": None if quota.used is None else max(quota.used, ours),
        "allowed": quota.granted,
        "share": quota.share,
        "told_at": _text(quota.told_at),
        "resets_at": _text(quota.resets_at),
        "until": _text(quota.until),
        "backfill_until": _text(quota.backfill_until),
        "why": quota.why,
    }


def _scheduled(verb: str, slot: tuple[int, int], run: Verb | None, *, now: datetime) -> dict[str, Any]:
    """Tell when it comes next, and when it was begun last: None before the first time, whose slot may be long past."""
    every_s, last = slot
    at = datetime.fromtimestamp(last, UTC)
    due_at = at + timedelta(seconds=every_s)
    is_late = now > due_at + timedelta(seconds=GRACE_S)
    last_at = _text(run.newest_at) if run else None
    return {"verb": verb, "every_s": every_s, "last_at": last_at, "next_at": _text(due_at), "late": is_late}


def of_all(wiring: Wiring, *, now: datetime) -> list[dict[str, Any]]:
    """Return the alerts of the installation as a whole, as JSON has them."""
    return [asdict(alert) for alert in alerts.of_installation(wiring, schedule.all_slots(wiring.store), now=now)]


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
