"""Backfills for people: what one will take before it begins, how it stands, and whether its counts add up."""

import getpass
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from connector.crm import Entity
from tasks.budget import quota_of
from tasks.screens import named
from tasks.store import audit, backfills, pauses, records, units
from tasks.store.backfills import Backfill, Stage, State
from tasks.store.units import Unit
from tasks.verbs import backfill as backfilling
from tasks.verbs.selection import EVERYTHING, selection
from tasks.wiring import Wiring

# What a part takes, for reckoning beforehand: rows and calls, and how fast the vendors take them.
READ_ROWS = {"salesforce": 25_000, "hubspot": 100}  # records of one call (a bulk query's pages; a list's page)
WRITE_ROWS = {"salesforce": 200, "hubspot": 100}  # of one call, by batches; bulk jobs take fewer calls
BULK_CALLS = 12  # of one Salesforce bulk job: made, sent, closed, asked for a few times, read, deleted
BULK_FROM = 5_000
ROWS_PER_S = {"salesforce": 1_500.0, "hubspot": 1_200.0}  # written, with enough workers
SCORED_PER_S = 4_000.0  # leads of one worker
TERMS = ("looked_at", "same_inputs", "scored", "left", "excluded")
PUSHED = ("taken", "written", "unchanged", "refused", "superseded", "excluded", "parked")


@dataclass(frozen=True, slots=True)
class Planned:
    """A backfill that has not begun: what it is about, and what it will take."""

    selection: Mapping[str, Any]
    reload: bool
    plan: dict[str, Any]


def planned(
    wiring: Wiring, name: str, *, window: tuple[date | None, date | None], where: Iterable[str], reload: bool
) -> Planned:
    """Reckon a backfill; asks the CRM only for how many leads there are, where none were read yet."""
    mapping = wiring.mapping(name)
    chosen = selection(mapping, created_from=window[0], created_to=window[1], where=where)
    loads = reload or not backfilling.was_loaded(wiring.store, mapping, name)
    held = records.count(wiring.store, name)
    leads = backfilling.count(wiring.store, mapping, name, chosen) if held else _asked(wiring, name)
    crm = wiring.connection(name).crm
    kinds = [number for number in held.values() if number] or [leads]
    reads = sum(-(-number // READ_ROWS[crm]) for number in kinds) if loads else 0
    calls = {"reads": reads, "writes": writes(crm, leads)}
    return Planned(chosen, loads, {"leads": leads, **calls, **reckoned(wiring, name, leads, sum(calls.values()))})


def _asked(wiring: Wiring, name: str) -> int:
    with wiring.crm(name) as crm:
        return crm.count(Entity.LEAD) or 0


def writes(crm: str, leads: int) -> int:
    """Reckon the calls that writing so many leads takes at most."""
    if crm == "salesforce" and leads >= BULK_FROM:
        return -(-leads // backfilling.RANGE_LEADS[crm]) * BULK_CALLS
    return -(-leads // WRITE_ROWS[crm])


def reckoned(wiring: Wiring, name: str, leads: int, calls: int) -> dict[str, Any]:
    """Tell minutes, and the share of what the admin grants us a day."""
    connection = wiring.connection(name)
    seconds = leads / ROWS_PER_S[connection.crm] + leads / SCORED_PER_S
    quota = quota_of(wiring.store, connection, now=wiring.clock.now())
    granted = quota.calls if quota else None
    told = f"of the {granted:,} calls a day that are ours" if granted else "the CRM has not told its limit yet"
    minutes = max(1, round(seconds / 60)) if leads else 0
    return {"minutes": minutes, "share": calls / granted if granted else None, "quota": told}


def start(wiring: Wiring, name: str, planned_: Planned, *, priority: int) -> str:
    """Start it; returns its id. It is on record who asked for it."""
    now = wiring.clock.now()
    stage = Stage.BEGIN if planned_.reload else Stage.PLAN
    chosen = planned_.selection or EVERYTHING
    for number in count(1):
        backfill = f"backfill:{name}:{now:%Y%m%d-%H%M%S}" + (f"-{number}" if number > 1 else "")
        new = backfills.New(backfill, name, "asked", stage, chosen, planned_.plan, getpass.getuser(), priority)
        if backfills.start(wiring.store, new, now=now):
            break
    audit.add(wiring.store, audit.Line(now, new.asked_by, "backfill.start", backfill, dict(planned_.plan)))
    return backfill


def note(wiring: Wiring, backfill: Backfill, state: State) -> None:
    """Put on record who paused, went on with or cancelled it."""
    line = audit.Line(wiring.clock.now(), getpass.getuser(), f"backfill.{state.value}", backfill.id, {})
    audit.add(wiring.store, line)


def standing(wiring: Wiring, backfill: Backfill) -> dict[str, Any]:
    """Tell how far it is, as plain values: parts, rate, when it will be ready, and where its leads ended."""
    now = wiring.clock.now()
    parts = units.of_backfill(wiring.store, backfill.id)
    ended = [part for part in parts if part.state is units.State.DONE]
    scored = [part for part in ended if part.verb.endswith(Stage.SCORE)]
    counts = _counts(scored)
    rate = _rate(scored, now)
    return {
        "id": backfill.id,
        "connection": backfill.connection,
        "state": backfill.state.value,
        "stage": backfill.stage.value,
        "selection": backfill.selection or dict(EVERYTHING),
        "priority": backfill.priority,
        "begun_at": backfill.created_at.isoformat(timespec="seconds"),
        "units": len(parts),
        "done": len(ended),
        "working": sum(part.state is units.State.WORKING for part in parts),
        "leads_per_s": rate,
        "ready_at": _ready_at(parts, scored, rate, now),
        "waits_for": waits_for(wiring, backfill, parts),
        "counts": counts,
        "reconciles": _reconciles(counts),
        "parked": [
            {"id": part.id, "error": named(part.error or "It ended without a word.", backfill.connection)}
            for part in parts
            if part.state is units.State.PARKED
        ],
        "told": [part.error for part in ended if part.error],
        "plan": backfill.plan,
        "asked_by": backfill.asked_by,
        "finished_at": backfill.finished_at.isoformat(timespec="seconds") if backfill.finished_at else None,
    }


def _counts(parts: Iterable[Unit]) -> dict[str, int]:
    """Add up where the leads of these parts ended."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update({term: int(part.counts.get(term, 0)) for term in TERMS})
        total.update({f"push_{term}": int(part.counts.get(f"push_{term}", 0)) for term in PUSHED})
    return dict(total)


def _reconciles(counts: Mapping[str, int]) -> bool:
    """Whether looked at = same inputs + scored, and taken = written + unchanged + refused + superseded + left alone."""
    if not counts:
        return True
    ends = sum(counts[f"push_{term}"] for term in PUSHED if term != "taken")
    return counts["looked_at"] == counts["same_inputs"] + counts["scored"] and counts["push_taken"] == ends


def _rate(scored: list[Unit], now: datetime) -> float | None:
    """Tell how many leads a second were scored and written since the first part of them began."""
    began = min((part.started_at for part in scored if part.started_at), default=None)
    if began is None:
        return None
    last = max((part.finished_at for part in scored if part.finished_at), default=now)
    seconds = (last - began).total_seconds()
    return sum(part.counts.get("looked_at", 0) for part in scored) / seconds if seconds > 0 else None


def _ready_at(parts: list[Unit], scored: list[Unit], rate: float | None, now: datetime) -> str | None:
    left = sum(part.state in {units.State.WAITING, units.State.WORKING} for part in parts)
    if not rate or not scored or not left:
        return None
    leads = sum(part.counts.get("looked_at", 0) for part in scored) / len(scored) * left
    return (now + timedelta(seconds=leads / rate)).isoformat(timespec="seconds")


def waits_for(wiring: Wiring, backfill: Backfill, parts: Iterable[Unit]) -> str | None:
    """Tell what holds it up, if anything does."""
    found = _held_by(wiring, backfill, parts)
    return named(found, backfill.connection) if found else None


def _held_by(wiring: Wiring, backfill: Backfill, parts: Iterable[Unit]) -> str | None:
    if backfill.state in {State.DONE, State.CANCELLED}:
        return None
    if backfill.state is State.PAUSED:
        return "somebody has paused it"
    if pause := pauses.of(wiring.store, backfill.connection):
        return f"{pause.reason} {pause.fix} It is tried again at {pause.until:%Y-%m-%d %H:%M} UTC.".replace("  ", " ")
    now = wiring.clock.now()
    waiting = [part for part in parts if part.state is units.State.WAITING and part.not_before > now]
    first = min(waiting, key=lambda part: part.not_before, default=None)
    return f"{first.error} It goes on at {first.not_before:%Y-%m-%d %H:%M} UTC." if first else None
