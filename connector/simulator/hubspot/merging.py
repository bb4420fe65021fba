"""Merging two records into one.

Source: HubSpot changelog, "Updated merge functionality": classically the survivor has a new id and both old ids mean
it; `preserve` keeps the primary's id. `hs_merged_object_ids` lists all ids that went into it.
"""

from datetime import datetime

from connector.simulator.hubspot import associations, database, records
from connector.simulator.hubspot.database import quoted
from connector.simulator.hubspot.objecttypes import ObjectType
from connector.simulator.hubspot.replies import instant
from connector.simulator.hubspot.state import State


def merge(state: State, kind: ObjectType, primary: int, other: int, *, at: datetime, preserve: bool) -> int:
    """Merge `other` into `primary` and give the survivor's id. Values of the primary win; its gaps are filled."""
    names = [name for name in state.registries[kind.name].properties if name != "hs_object_id"]
    rows = database.rows(state.db, kind, names, [primary, other])
    first, second = (dict(zip(names, rows[record], strict=True)) for record in (primary, other))
    values = {name: first[name] if first[name] is not None else second[name] for name in names}
    values["createdate"] = min(str(first["createdate"]), str(second["createdate"]))
    gone = [other] if preserve else [primary, other]
    old = [part for one in (first, second) for part in (one["hs_merged_object_ids"] or "").split(";") if part]
    values["hs_merged_object_ids"] = ";".join(dict.fromkeys([*old, *(str(record) for record in gone)]))
    survivor = primary if preserve else _new_row(state, kind, at)
    for record in gone:
        records.keep_for_search(state, kind, [record], at)
    if preserve:
        records.keep_for_search(state, kind, [primary], at)
    state.db.execute(f'DELETE FROM "{kind.name}" WHERE hs_object_id IN (?, ?)', (gone[0], gone[-1]))
    values.pop(kind.stamp)
    records.update(state, kind, {survivor: values}, instant(at))
    _redirect(state, kind, gone, survivor)
    associations.move(state, kind, gone, survivor)
    return survivor


def _new_row(state: State, kind: ObjectType, at: datetime) -> int:
    return records.insert(state, kind, {}, at=at, source="MERGE_OBJECTS")


def _redirect(state: State, kind: ObjectType, gone: list[int], survivor: int) -> None:
    table = f"{kind.name}.merged"
    for record in gone:
        state.db.execute(f"UPDATE {quoted(table)} SET survivor = ? WHERE survivor = ?", (survivor, record))
        state.db.execute(f"INSERT OR REPLACE INTO {quoted(table)} VALUES (?, ?)", (record, survivor))
        state.db.execute(f'UPDATE "{kind.name}.history" SET id = ? WHERE id = ?', (survivor, record))
    if kind.name == "contacts":
        state.db.execute(
            "INSERT OR REPLACE INTO truth SELECT ?, probability FROM truth WHERE id = ?", (survivor, gone[0])
        )
