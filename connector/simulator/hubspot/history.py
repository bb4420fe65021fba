"""The values that a property had: rebuilt from what each write replaced.

Source: HubSpot developer docs, "Retrieve records with property history": newest first. HubSpot keeps a finite number
of values, which is not documented and therefore an option here.
"""

from collections import defaultdict
from collections.abc import Sequence

import orjson

from connector.simulator.hubspot.objecttypes import CONTACTS, ObjectType
from connector.simulator.hubspot.replies import Json
from connector.simulator.hubspot.state import State


def attach(state: State, kind: ObjectType, names: Sequence[str], records: Sequence[Json]) -> None:
    """Add `propertiesWithHistory` to these records."""
    known = [name for name in names if state.registries[kind.name].living(name)]
    if not names or not records:
        return
    ids = [int(str(record["id"])) for record in records]
    marks = ",".join("?" * len(ids))
    past: dict[int, list[tuple[str, str, Json]]] = defaultdict(list)
    query = f'SELECT id, at, source, replaced FROM "{kind.name}.history" WHERE id IN ({marks}) ORDER BY at, rowid'
    for record, at, source, replaced in state.db.execute(query, ids):
        past[record].append((at, source, orjson.loads(replaced)))
    depth = state.options.contact_history if kind is CONTACTS else state.options.object_history
    for record, number in zip(records, ids, strict=True):
        properties = record["properties"]
        assert isinstance(properties, dict)
        record["propertiesWithHistory"] = {
            name: _versions(properties.get(name), name, past[number], str(record["createdAt"]))[:depth]
            for name in known
        }


def _versions(value: object, name: str, past: Sequence[tuple[str, str, Json]], created: str) -> list[Json]:
    """List a property's values, newest first, ending with the one that it was created with, if any."""
    versions: list[Json] = []
    for at, source, replaced in reversed(past):
        if name in replaced:
            versions.append(_version(value, at, source))
            value = replaced[name]
    if value is not None:
        versions.append(_version(value, created, "IMPORT"))
    return versions


def _version(value: object, at: str, source: str) -> Json:
    version: Json = {"value": "" if value is None else value, "timestamp": at, "sourceType": source}
    if source == "INTEGRATION":
        version["sourceId"] = "54321"
    return version
