"""Work over many leads: what it is, how far it is, and which stage its units are in.

A backfill has stages that follow each other; the last unit of one begins the next, in the transaction that ends it. So
it goes on after any crash, with the units that are left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from tasks.store import units
from tasks.store.engine import Store
from tasks.store.tables import backfills
from tasks.store.tables import units as unit_rows
from tasks.store.times import from_text, to_text


class State(StrEnum):
    """How a backfill stands."""

    RUNNING = "running"
    PAUSED = "paused"
    STUCK = "stuck"  # a unit is parked: a person has to look at it
    CANCELLED = "cancelled"
    DONE = "done"


class Stage(StrEnum):
    """What its units do now. A load goes through all of them, any other backfill through the last two."""

    BEGIN = "begin"
    LOAD = "load"
    SETTLE = "settle"
    LEARN = "learn"
    PLAN = "plan"
    SCORE = "score"


NEXT = {
    Stage.BEGIN: Stage.LOAD,
    Stage.LOAD: Stage.SETTLE,
    Stage.SETTLE: Stage.LEARN,
    Stage.LEARN: Stage.PLAN,
    Stage.PLAN: Stage.SCORE,
}
ENDED = (State.CANCELLED.value, State.DONE.value)
LOADING = (Stage.BEGIN.value, Stage.LOAD.value, Stage.SETTLE.value)


@dataclass(frozen=True, slots=True)
class Backfill:
    """A backfill as it stands. `selection` says which leads, `plan` what was reckoned before it began."""

    id: str
    connection: str
    kind: str
    state: State
    stage: Stage
    priority: int
    selection: dict[str, Any]
    plan: dict[str, Any]
    asked_by: str
    created_at: datetime
    finished_at: datetime | None
    told: str | None


@dataclass(frozen=True, slots=True)
class New:
    """A backfill to start."""

    id: str
    connection: str
    kind: str
    stage: Stage
    selection: Mapping[str, Any]
    plan: Mapping[str, Any]
    asked_by: str
    priority: int = 100


def start(store: Store, new: New, *, now: datetime) -> bool:
    """Start it, with the one unit of its first stage; False when there is one of that id already."""
    with store.write() as tx:
        units.serialize(tx)
        if tx.execute(select(backfills.c.id).where(backfills.c.id == new.id)).first() is not None:
            return False
        json = {"selection": _json(new.selection), "plan": _json(new.plan)}
        row = {"id": new.id, "connection": new.connection, "kind": new.kind, "stage": new.stage.value, **json}
        row |= {"state": State.RUNNING.value, "asked_by": new.asked_by}
        tx.execute(insert(backfills).values(**row, priority=new.priority, created_at=to_text(now)))
        units.add(tx, [_first(new, new.stage)], now=now)
        return True


def _first(backfill: New | Backfill, stage: Stage) -> units.New:
    """Make the unit that begins a stage."""
    return units.New(
        id=f"{backfill.id}:{stage.value}",
        connection=backfill.connection,
        queue=units.TRAIN if stage is Stage.LEARN else units.BACKFILL,
        verb=f"backfill.{stage.value}",
        exclusive=f"{backfill.id}:{stage.value}",
        backfill=backfill.id,
        priority=backfill.priority,
    )


def advance(tx: Connection, backfill_id: str, *, then: Sequence[units.New], now: datetime) -> None:
    """Add the units that follow; without any that is open, begin the next stage, or end the backfill.

    Of one that has ended meanwhile, nothing follows.
    """
    row = tx.execute(select(backfills).where(backfills.c.id == backfill_id)).one()
    if row.state in ENDED:
        return
    units.add(tx, then, now=now)
    mine = unit_rows.c.backfill == backfill_id
    if _any(tx, and_(mine, unit_rows.c.state.in_((units.State.WAITING.value, units.State.WORKING.value)))):
        _set_stage_of(tx, backfill_id, then)
        return
    if _any(tx, and_(mine, unit_rows.c.state == units.State.PARKED.value)):
        _set(tx, row.id, state=State.STUCK.value)
        return
    stage = NEXT.get(Stage(row.stage))
    while stage in {Stage.LOAD, Stage.SCORE}:  # whose units the stage before makes: there were none to do
        stage = NEXT.get(stage)
    if stage is None:
        _set(tx, row.id, state=State.DONE.value, finished_at=to_text(now))
    else:
        _set(tx, row.id, stage=stage.value)
        units.add(tx, [_first(_backfill(row), stage)], now=now)


def _set_stage_of(tx: Connection, backfill_id: str, then: Sequence[units.New]) -> None:
    if then:
        _set(tx, backfill_id, stage=then[0].verb.rpartition(".")[2])


def get(store: Store, backfill_id: str) -> Backfill | None:
    """Return one."""
    with store.read() as tx:
        row = tx.execute(select(backfills).where(backfills.c.id == backfill_id)).one_or_none()
    return None if row is None else _backfill(row)


def newest(store: Store, connection: str | None = None, *, limit: int = 20) -> list[Backfill]:
    """Return the newest ones, of all connections or of one."""
    chosen = select(backfills).order_by(backfills.c.created_at.desc(), backfills.c.id).limit(limit)
    with store.read() as tx:
        rows = tx.execute(chosen if connection is None else chosen.where(backfills.c.connection == connection))
        return [_backfill(row) for row in rows]


def open_ones(store: Store, connection: str) -> list[Backfill]:
    """Return those that have not ended, the most urgent first."""
    mine = and_(backfills.c.connection == connection, backfills.c.state.not_in(ENDED))
    with store.read() as tx:
        rows = tx.execute(select(backfills).where(mine).order_by(backfills.c.priority, backfills.c.created_at))
        return [_backfill(row) for row in rows]


def set_state(store: Store, backfill_id: str, state: State, *, now: datetime) -> bool:
    """Pause, go on with, or cancel it; False when it has ended already. Going on tries parked units again."""
    with store.write() as tx:
        units.serialize(tx)
        row = tx.execute(select(backfills.c.state).where(backfills.c.id == backfill_id)).one_or_none()
        if row is None or row.state in ENDED:
            return False
        mine = unit_rows.c.backfill == backfill_id
        if state is State.RUNNING:
            units.release(tx, mine, now=now)
        if state is State.CANCELLED:
            _cancel(tx, mine)
        ended = {"finished_at": to_text(now)} if state is State.CANCELLED else {}
        _set(tx, backfill_id, state=state.value, **ended)
        return True


def _cancel(tx: Connection, mine: ColumnElement[bool]) -> None:
    left = unit_rows.c.state.in_((units.State.WAITING.value, units.State.PARKED.value))
    tx.execute(update(unit_rows).where(mine, left).values(state=units.State.CANCELLED.value))


def set_priority(store: Store, backfill_id: str, priority: int) -> None:
    """Let it go before others (lower) or after them (higher)."""
    with store.write() as tx:
        _set(tx, backfill_id, priority=priority)
        tx.execute(update(unit_rows).where(unit_rows.c.backfill == backfill_id).values(priority=priority))


def set_plan(store: Store, backfill_id: str, plan: Mapping[str, Any]) -> None:
    """Note what was reckoned since it began."""
    with store.write() as tx:
        _set(tx, backfill_id, plan=_json(plan))


def tell(store: Store, backfill_id: str, told: str) -> None:
    """Note what people should know of it."""
    with store.write() as tx:
        _set(tx, backfill_id, told=told)


def by_state(store: Store, backfill_id: str) -> dict[tuple[str, units.State], int]:
    """Count its units by verb and state."""
    columns = (unit_rows.c.verb, unit_rows.c.state)
    counted = select(*columns, func.count()).where(unit_rows.c.backfill == backfill_id).group_by(*columns)
    with store.read() as tx:
        return {(row[0], units.State(row[1])): row[2] for row in tx.execute(counted)}


def _any(tx: Connection, where: ColumnElement[bool]) -> bool:
    return tx.execute(select(unit_rows.c.id).where(where).limit(1)).first() is not None


def _set(tx: Connection, backfill_id: str, **values: Any) -> None:
    tx.execute(update(backfills).where(backfills.c.id == backfill_id).values(**values))


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(value)).decode()


def _backfill(row: Row[Any]) -> Backfill:
    return Backfill(
        id=row.id,
        connection=row.connection,
        kind=row.kind,
        state=State(row.state),
        stage=Stage(row.stage),
        priority=row.priority,
        selection=orjson.loads(row.selection),
        plan=orjson.loads(row.plan),
        asked_by=row.asked_by,
        created_at=from_text(row.created_at),
        finished_at=from_text(row.finished_at) if row.finished_at else None,
        told=row.told,
    )
