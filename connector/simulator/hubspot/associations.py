"""Who belongs to whom: contacts, companies, deals and meetings.

Source: HubSpot developer docs, "Associate records" (v4): at most 1,000 inputs; `toObjectId` is a JSON number; an input
without associations is an error entry of a 207, not an empty result. A contact's or deal's first company is primary
and has two types, the primary and the plain one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from connector.simulator.hubspot.objecttypes import (
    COMPANIES,
    CONTACTS,
    LINKS,
    Direction,
    ObjectType,
    direction,
    object_type,
)
from connector.simulator.hubspot.replies import Json, Reply, invalid
from connector.simulator.hubspot.state import Call, State, required, stamped


def batch_read(state: State, call: Call) -> Reply:
    """Answer POST /crm/associations/{from}/{to}/batch/read; v3 has an older shape of the same."""
    path = direction(call.kind("from"), call.kind("to"))
    body = call.json()
    required(body, "inputs")
    inputs = body["inputs"]
    if not isinstance(inputs, list) or len(inputs) > state.options.associations_batch:
        raise invalid(f"The batch may hold at most {state.options.associations_batch} inputs")
    starts = {str(one.get("id")): _number(one.get("after")) for one in inputs}
    found = linked(state, path, [_number(text) for text in starts])
    results: list[Json] = []
    errors: list[Json] = []
    for text, after in starts.items():
        pairs = [pair for pair in found.get(_number(text), []) if pair[0] >= after]
        if pairs:
            results.append({"from": {"id": text}, **_page(state, call, path, pairs, state.options.associations_page)})
        else:
            errors.append(_none_found(path, text))
    content: Json = {"status": "COMPLETE", "results": results, **stamped(call)}
    if errors:
        content |= {"numErrors": len(errors), "errors": errors}
    return Reply(207 if errors else 200, content)


def list_of_one(state: State, call: Call) -> Reply:
    """Answer GET /crm/objects/{type}/{id}/associations/{to}."""
    path = direction(call.kind(), call.kind("to"))
    record = _number(call.params["id"])
    after = _number(call.text("after") or "0")
    limit = call.number("limit", 500, most=500)
    pairs = [pair for pair in linked(state, path, [record]).get(record, []) if pair[0] >= after]
    page = _page(state, call, path, pairs, limit)
    page["results"] = page.pop("to")
    return Reply(200, page)


def linked(state: State, path: Direction, ids: Sequence[int]) -> dict[int, list[tuple[int, bool]]]:
    """List (other id, whether it is primary) of each record, by id; records in the recycle bin have none."""
    bin_of = {kind: state.archived.get(kind.name, set()) for kind in (path.source, path.target)}
    marks = ",".join("?" * len(ids))
    query = (
        f'SELECT {path.own}, {path.other}, is_primary FROM "{path.link.table}" '
        f"WHERE {path.own} IN ({marks}) ORDER BY {path.own}, {path.other}"
    )
    found: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for own, other, primary in state.db.execute(query, ids):
        if own not in bin_of[path.source] and other not in bin_of[path.target]:
            found[own].append((other, bool(primary)))
    return found


def attach(state: State, kind: ObjectType, names: Iterable[str], records: Sequence[Json]) -> None:
    """Add the associations to records of a list; the key is missing where there are none."""
    for name in names:
        path = direction(kind, object_type(name))
        found = linked(state, path, [int(str(record["id"])) for record in records])
        for record in records:
            entries = [entry for pair in found.get(int(str(record["id"])), []) for entry in _old_entries(path, pair)]
            if entries:
                associations = record.setdefault("associations", {})
                assert isinstance(associations, dict)
                associations[path.target.name] = {"results": entries}


def associate(state: State, source: ObjectType, record: int, target: ObjectType, other: int) -> None:
    """Associate two records; the first company of a contact or a deal is its primary one."""
    path = direction(source, target)
    left, right = (record, other) if path.own == "left_id" else (other, record)
    table = path.link.table
    query = f'SELECT 1 FROM "{table}" WHERE left_id = ? AND is_primary = 1'
    has_primary = state.db.execute(query, (left,)).fetchone() is not None
    primary = path.link.left_primary is not None and not has_primary
    state.db.execute(f'INSERT OR IGNORE INTO "{table}" VALUES (?, ?, ?)', (left, right, primary))
    if path.link.left is CONTACTS:
        _recount(state, [left])


def forget(state: State, kind: ObjectType, ids: Iterable[int]) -> None:
    """Remove all associations of records that are purged."""
    rows = [(record,) for record in ids]
    for link in LINKS:
        for end, column in ((link.left, "left_id"), (link.right, "right_id")):
            if end is kind:
                state.db.executemany(f'DELETE FROM "{link.table}" WHERE {column} = ?', rows)


def move(state: State, kind: ObjectType, gone: Sequence[int], survivor: int) -> None:
    """Give the associations of merged records to their survivor."""
    touched: set[int] = {survivor} if kind is CONTACTS else set()
    for link in LINKS:
        for end, column in ((link.left, "left_id"), (link.right, "right_id")):
            if end is not kind:
                continue
            for record in gone:
                if link.left is CONTACTS and kind is not CONTACTS:
                    rows = state.db.execute(f'SELECT left_id FROM "{link.table}" WHERE right_id = ?', (record,))
                    touched.update(row[0] for row in rows)
                state.db.execute(
                    f'UPDATE OR IGNORE "{link.table}" SET {column} = ? WHERE {column} = ?', (survivor, record)
                )
                state.db.execute(f'DELETE FROM "{link.table}" WHERE {column} = ?', (record,))
        _one_primary(state, link.table, survivor if link.left is kind else None)
    _recount(state, sorted(touched))


def _one_primary(state: State, table: str, left: int | None) -> None:
    state.db.execute(
        f'UPDATE "{table}" SET is_primary = 0 WHERE left_id = ? AND is_primary = 1 AND right_id > '
        f'(SELECT min(right_id) FROM "{table}" WHERE left_id = ? AND is_primary = 1)',
        (left, left),
    )


def _recount(state: State, contacts: Sequence[int]) -> None:
    """Bring up to date what contacts calculate from their associations."""
    company = 'SELECT right_id FROM "contacts-companies" WHERE left_id = hs_object_id AND is_primary = 1'
    deals = 'SELECT nullif(count(*), 0) FROM "contacts-deals" WHERE left_id = hs_object_id'
    state.db.executemany(
        f"UPDATE contacts SET associatedcompanyid = ({company}), num_associated_deals = ({deals}) "
        "WHERE hs_object_id = ?",
        [(contact,) for contact in contacts],
    )


def _page(state: State, call: Call, path: Direction, pairs: Sequence[tuple[int, bool]], limit: int) -> Json:
    if call.version == "v3":
        entries = [entry for pair in pairs[:limit] for entry in _old_entries(path, pair)]
    else:
        entries = [{"toObjectId": pair[0], "associationTypes": _types(path, primary=pair[1])} for pair in pairs[:limit]]
    page: Json = {"to": entries}
    if len(pairs) > limit:
        after = str(pairs[limit][0])
        page["paging"] = {"next": {"after": after, "link": f"https://api.hubapi.com{call.path}?after={after}"}}
    return page


def _types(path: Direction, *, primary: bool) -> list[Json]:
    plain: Json = {"category": "HUBSPOT_DEFINED", "typeId": path.plain_type, "label": None}
    if not primary:
        return [plain]
    return [{"category": "HUBSPOT_DEFINED", "typeId": path.primary_type, "label": "Primary"}, plain]


def _old_entries(path: Direction, pair: tuple[int, bool]) -> list[Json]:
    """List a pair as v3 does: by words, and twice when it is primary."""
    word = f"{path.source.singular}_to_{path.target.singular}"
    companies = COMPANIES in {path.source, path.target}
    plain = f"{word}_unlabeled" if companies else word
    entries: list[Json] = [{"id": str(pair[0]), "type": plain}]
    return [{"id": str(pair[0]), "type": word}, *entries] if pair[1] else entries


def _none_found(path: Direction, text: str) -> Json:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {path.target.singular} is associated with {path.source.singular} {text}.",
        "context": {
            "fromObjectId": [text],
            "fromObjectType": [path.source.singular],
            "toObjectType": [path.target.singular],
        },
    }


def _number(value: object) -> int:
    text = str(value or 0)
    return int(text) if text.isdecimal() else 0
