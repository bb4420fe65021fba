"""Reading and changing records: the one place where values, stamps, history and the search index's lag move together.

Source: HubSpot developer docs: every write moves the last-modified stamp, an integration's too; properties that HubSpot
calculates (stage dates, hs_is_closed, the primary company) follow the values that they are calculated from.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import orjson

from connector.simulator.hubspot import database
from connector.simulator.hubspot.catalog import LIFECYCLE, STAGES
from connector.simulator.hubspot.database import ARCHIVED, quoted
from connector.simulator.hubspot.objecttypes import CONTACTS, DEALS, ObjectType
from connector.simulator.hubspot.replies import Json, instant
from connector.simulator.hubspot.state import State

Values = Mapping[str, str | None]

INTEGRATIONS = frozenset({"INTEGRATION", "IMPORT"})  # sources of what an API client changes

_RANKS = {option.value: rank for rank, option in enumerate(LIFECYCLE)}
_STAGES = {stage: (probability, closed) for stage, _, probability, closed in STAGES}


def existing(state: State, kind: ObjectType, ids: Iterable[int]) -> set[int]:
    """Tell which of these ids are living records."""
    found = database.rows(state.db, kind, (".archived_at",), ids)
    return {record for record, (archived,) in found.items() if archived is None}


def survivors(state: State, kind: ObjectType, ids: Sequence[int]) -> dict[int, int]:
    """Tell for merged-away ids which record they mean now."""
    marks = ",".join("?" * len(ids))
    return dict(state.db.execute(f'SELECT id, survivor FROM "{kind.name}.merged" WHERE id IN ({marks})', ids))


def columns(state: State, kind: ObjectType, asked: Iterable[str]) -> tuple[str, ...]:
    """List the properties that a reply shows: the usual ones, and those asked for that exist."""
    registry = state.registries[kind.name]
    return tuple(dict.fromkeys([*kind.always, *(name for name in asked if registry.living(name))]))


def shown(state: State, kind: ObjectType, names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> list[Json]:
    """Show records; each row holds the archiving stamp, then the values of `names`.

    `names` contains the usual properties of the type, in any order.
    """
    options = state.options
    own, created, stamp = (names.index(name) for name in ("hs_object_id", "createdate", kind.stamp))
    registry = state.registries[kind.name].properties
    instants = [place for place, name in enumerate(names) if registry[name].type == "datetime"]
    result: list[Json] = []
    for archived, *values in rows:
        values[own] = str(values[own])
        if options.short_instants:
            for place in instants:
                value = values[place]
                if value is not None and value.endswith(".000Z"):
                    values[place] = value[:-5] + "Z"
        record: Json = {
            "id": values[own],
            "properties": dict(zip(names, values, strict=True)),
            "createdAt": values[created],
            "updatedAt": values[stamp],
            "archived": archived is not None,
        }
        if archived is not None:
            record["archivedAt"] = archived
        if not options.null_unset:
            record["properties"] = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        record["url"] = f"https://app.hubspot.com/contacts/{options.portal_id}/record/{kind.type_id}/{values[own]}"
        result.append(record)
    return result


def read(state: State, kind: ObjectType, names: Sequence[str], ids: Iterable[int]) -> dict[int, Json]:
    """Show these records by id; ids that do not exist are left out, archived ones are not."""
    found = database.rows(state.db, kind, (".archived_at", *names), ids)
    return {int(str(one["id"])): one for one in shown(state, kind, names, found.values())}


def write(state: State, kind: ObjectType, changes: Mapping[int, Values], *, at: datetime, source: str) -> None:
    """Change existing records: values as `validation` gives them, plus what HubSpot calculates from them."""
    if not changes:
        return
    asked = sorted({name for values in changes.values() for name in values})
    names = (*asked, *_watched(kind, asked))
    before = database.rows(state.db, kind, names, changes)
    full: dict[int, Values] = {}
    replaced: list[tuple[int, str, str, bytes]] = []
    stamp = instant(at)
    for record, values in changes.items():
        old = dict(zip(names, before[record], strict=True))
        new = _calculated(state, kind, old, values, stamp)
        full[record] = new
        moved = {name: old.get(name) for name, value in new.items() if old.get(name) != value}
        if moved:
            replaced.append((record, stamp, source, orjson.dumps(moved)))
    with database.together(state.db):
        keep_for_search(state, kind, list(changes), at)
        update(state, kind, full, stamp)
        state.db.executemany(f'INSERT INTO "{kind.name}.history" VALUES (?, ?, ?, ?)', replaced)
    for record, values in changes.items():
        if source in INTEGRATIONS:
            state.writes.wrote(kind.name, str(record), values, at_s=at.timestamp())
        else:
            state.writes.edited(kind.name, str(record))


def update(state: State, kind: ObjectType, changes: Mapping[int, Values], stamp: str) -> None:
    """Set values and the stamp, without history or calculation."""
    same_names: dict[tuple[str, ...], list[tuple[object, ...]]] = defaultdict(list)
    for record, values in changes.items():
        same_names[tuple(values)].append((*values.values(), stamp, record))
    for names, rows in same_names.items():
        sets = ", ".join(f"{quoted(name)} = ?" for name in (*names, kind.stamp))
        state.db.executemany(f'UPDATE "{kind.name}" SET {sets} WHERE hs_object_id = ?', rows)


def insert(state: State, kind: ObjectType, values: Values, *, at: datetime, source: str) -> int:
    """Create a record and give its id. It has no history but its creation."""
    row = state.db.execute(f'SELECT max(hs_object_id) FROM "{kind.name}"').fetchone()
    merged = state.db.execute(f'SELECT max(id) FROM "{kind.name}.merged"').fetchone()
    record = max(row[0] or 0, merged[0] or 0, kind.first_id) + kind.id_step
    stamp = instant(at)
    full = dict(_calculated(state, kind, {}, values, stamp))
    full.setdefault("createdate", stamp)
    full[kind.stamp] = stamp
    names = ", ".join(["hs_object_id", *(quoted(name) for name in full)])
    marks = ", ".join("?" * (len(full) + 1))
    state.db.execute(f'INSERT INTO "{kind.name}" ({names}) VALUES ({marks})', (record, *full.values()))
    hide_from_search(state, kind, record, at)
    if source in INTEGRATIONS:
        state.writes.touched(kind.name, str(record), "created")
    return record


def archive(state: State, kind: ObjectType, ids: Sequence[int], *, at: datetime) -> None:
    """Put records into the recycle bin; ids that are there already, or nowhere, are passed over."""
    living = [(instant(at), record) for record in existing(state, kind, ids)]
    keep_for_search(state, kind, [record for _, record in living], at)
    state.db.executemany(f'UPDATE "{kind.name}" SET {ARCHIVED} = ? WHERE hs_object_id = ?', living)
    state.archived.setdefault(kind.name, set()).update(record for _, record in living)


def restore(state: State, kind: ObjectType, ids: Sequence[int], *, at: datetime) -> None:
    """Take records out of the recycle bin; that moves their stamp."""
    back = [record for record in ids if record in state.archived.get(kind.name, set())]
    for record in back:
        hide_from_search(state, kind, record, at)
    sets = f"{ARCHIVED} = NULL, {kind.stamp} = ?"
    state.db.executemany(
        f'UPDATE "{kind.name}" SET {sets} WHERE hs_object_id = ?', [(instant(at), record) for record in back]
    )
    state.archived.setdefault(kind.name, set()).difference_update(back)


def erase(state: State, kind: ObjectType, ids: Sequence[int]) -> None:
    """Remove records with their history, as a purge does; associations too."""
    rows = [(record,) for record in ids]
    for table, column in (("", "hs_object_id"), (".stale", "hs_object_id"), (".history", "id")):
        state.db.executemany(f'DELETE FROM "{kind.name}{table}" WHERE {column} = ?', rows)
    state.archived.setdefault(kind.name, set()).difference_update(ids)


def keep_for_search(state: State, kind: ObjectType, ids: Sequence[int], at: datetime) -> None:
    """Let searches see these records as they are now until the index catches up."""
    if state.options.index_lag_s <= 0 or not ids:
        return
    due = at.timestamp() + state.options.index_lag_s
    marks = ",".join("?" * len(ids))
    # Both tables have their columns in one order, so that a star will do.
    state.db.execute(
        f'INSERT INTO "{kind.name}.stale" SELECT ?, 0, * FROM "{kind.name}" WHERE hs_object_id IN ({marks})',
        (due, *ids),
    )
    forget_indexed(state, kind, at)


def hide_from_search(state: State, kind: ObjectType, record: int, at: datetime) -> None:
    """Let searches miss a new record until the index catches up."""
    if state.options.index_lag_s > 0:
        due = at.timestamp() + state.options.index_lag_s
        state.db.execute(
            f'INSERT INTO "{kind.name}.stale" (hs_object_id, ".due", ".absent") VALUES (?, ?, 1)', (record, due)
        )


def forget_indexed(state: State, kind: ObjectType, at: datetime) -> None:
    """Drop what the index no longer shows."""
    state.db.execute(f'DELETE FROM "{kind.name}.stale" WHERE ".due" <= ?', (at.timestamp(),))


def _watched(kind: ObjectType, asked: Sequence[str]) -> tuple[str, ...]:
    """List the calculated properties that depend on what is written, so that their old values are known."""
    if kind is DEALS and "dealstage" in asked:
        return tuple(
            name
            for name in (
                "hs_is_closed",
                "hs_is_closed_won",
                "hs_is_closed_lost",
                "hs_deal_stage_probability",
                "hs_v2_date_entered_closedwon",
                "hs_v2_date_entered_closedlost",
                "hs_v2_date_entered_current_stage",
            )
            if name not in asked
        )
    if kind is CONTACTS and "lifecyclestage" in asked:
        stages = ("lead", "opportunity", "customer")
        return tuple(f"{prefix}{stage}{suffix}" for stage in stages for prefix, suffix in _ENTERED)
    return ()


_ENTERED = (("hs_lifecyclestage_", "_date"), ("hs_v2_date_entered_", ""))


def _calculated(state: State, kind: ObjectType, old: Values, values: Values, stamp: str) -> Values:
    """Add what follows from a stage; drop a lifecycle stage that would go back, which HubSpot ignores."""
    registry = state.registries[kind.name].properties
    if kind is DEALS and values.get("dealstage") in _STAGES:
        return {**values, **_deal_follows(str(values["dealstage"]), old, stamp)}
    if kind is CONTACTS and "lifecyclestage" in values:
        stage, before = values["lifecyclestage"], old.get("lifecyclestage")
        if stage and before and _RANKS.get(stage, 0) < _RANKS.get(before, 0):
            return {name: value for name, value in values.items() if name != "lifecyclestage"}
        if stage and stage != before:
            entered = (f"{prefix}{stage}{suffix}" for prefix, suffix in _ENTERED)
            return {**values, **{name: stamp for name in entered if name in registry}}
    return values


def _deal_follows(stage: str, old: Values, stamp: str) -> dict[str, str | None]:
    probability, closed = _STAGES[stage]
    follows: dict[str, str | None] = {
        "hs_is_closed": _word(closed),
        "hs_is_closed_won": _word(closed and probability == "1.0"),
        "hs_is_closed_lost": _word(closed and probability == "0.0"),
        "hs_deal_stage_probability": probability,
    }
    if old.get("dealstage") != stage:
        follows["hs_v2_date_entered_current_stage"] = stamp
        if closed:
            follows[f"hs_v2_date_entered_{stage}"] = stamp
    return follows


def _word(claim: bool) -> str:
    return "true" if claim else "false"
