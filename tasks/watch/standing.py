"""How a connection stands, for an admin who has a minute: one word and why, then how fresh, what waits, what it cost.

The word is OK, WAITING (it goes on by itself), PAUSED (a person has to mend something) or ATTENTION (an alert holds).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from tasks import budget
from tasks.store import backfills, figures, schedule
from tasks.store.alerts import Alert
from tasks.store.backfills import Backfill
from tasks.store.figures import Verb
from tasks.store.units import State as UnitState
from tasks.watch import alerts, grounds
from tasks.watch.alerts import Kind
from tasks.wiring import Wiring

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
    headline = _of_alerts(held) or _of_backfills(open_ones) or _of_runs(name, verbs, mine, now=now)
    return {
        "headline": asdict(headline),
        "alerts": [asdict(alert) for alert in held],
        "freshness": _freshness(wiring, name, verbs.get("sync"), now=now),
        "work": figures.of_connection(wiring.store, name),
        "backfills": [_progress(wiring, one) for one in open_ones],
        "quota": _plain(asdict(quota)) if quota else None,
        "schedules": [_scheduled(verb, slot, now=now) for verb, slot in sorted(mine.items())],
    }


def _of_alerts(held: Sequence[Alert]) -> Headline | None:
    return Headline(WORDS.get(held[0].kind, Word.ATTENTION), held[0].told) if held else None


def _of_backfills(open_ones: Sequence[Backfill]) -> Headline | None:
    loading = [one for one in open_ones if one.stage.value in backfills.LOADING]
    return Headline(Word.WAITING, f"its leads are being loaded by the backfill {loading[0].id}") if loading else None


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
    return Headline(Word.OK, f"last {newest.verb} {grounds.span(now - newest.succeeded_at)} ago")


def _freshness(wiring: Wiring, name: str, synced: Verb | None, *, now: datetime) -> dict[str, Any]:
    at = synced.succeeded_at if synced else None
    return {
        "synced_at": _text(at),
        "age_s": int((now - at).total_seconds()) if at else None,
        "unscored": figures.unscored(wiring.store, name),
        "unwritten_since": _text(figures.unwritten_since(wiring.store, name)),
    }


def _progress(wiring: Wiring, one: Backfill) -> dict[str, Any]:
    """Tell how many of a backfill's units are done, in the stage that it is in."""
    states = {state.value: 0 for state in UnitState}
    for (verb, state), count in backfills.by_state(wiring.store, one.id).items():
        if verb == f"backfill.{one.stage.value}":
            states[state.value] += count
    told = {"id": one.id, "kind": one.kind, "state": one.state.value, "stage": one.stage.value}
    return {**told, "units": sum(states.values()), **states}


def _scheduled(verb: str, slot: tuple[int, int], *, now: datetime) -> dict[str, Any]:
    every_s, last = slot
    at = datetime.fromtimestamp(last, UTC)
    due_at = at + timedelta(seconds=every_s)
    is_late = now > due_at + timedelta(seconds=grounds.GRACE_S)
    return {"verb": verb, "every_s": every_s, "last_at": _text(at), "next_at": _text(due_at), "late": is_late}


def of_all(wiring: Wiring, *, now: datetime) -> list[dict[str, Any]]:
    """Return the alerts of the installation as a whole, as JSON has them."""
    return [asdict(alert) for alert in alerts.of_installation(wiring, schedule.all_slots(wiring.store), now=now)]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _text(value) if isinstance(value, datetime) else value for key, value in values.items()}


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
