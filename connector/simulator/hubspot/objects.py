"""One record at a time, and lists of records.

Source: HubSpot developer docs, "Using object APIs"; the two 404 bodies are recorded from a sandbox.
"""

from collections.abc import Sequence

from connector.simulator.hubspot import associations, history, records
from connector.simulator.hubspot.database import ARCHIVED, quoted
from connector.simulator.hubspot.merging import merge
from connector.simulator.hubspot.objecttypes import CONTACTS, ObjectType, object_type
from connector.simulator.hubspot.replies import ApiError, Json, Reply, error, invalid, not_found
from connector.simulator.hubspot.state import Call, State, required
from connector.simulator.hubspot.validation import check, refusal

SOURCE = "INTEGRATION"


def list_page(state: State, call: Call) -> Reply:
    """Answer GET /crm/objects/{type}: in the order of ids, from the id in `after` on."""
    kind = call.kind()
    with_history = call.names("propertiesWithHistory")
    most = state.options.history_page if with_history else state.options.list_page
    limit = call.number("limit", 10, most=most)
    first = _after(call)
    names = records.columns(state, kind, [*call.names("properties"), *with_history])
    listed = ", ".join(quoted(name) for name in (".archived_at", *names))
    archived = "IS NOT NULL" if call.flag("archived") else "IS NULL"
    # The index on stamps would do for the condition, but not for the order.
    source = f'"{kind.name}"' if call.flag("archived") else f'"{kind.name}" NOT INDEXED'
    rows = state.db.execute(
        f"SELECT {listed} FROM {source} WHERE {ARCHIVED} {archived} AND hs_object_id >= ? "
        "ORDER BY hs_object_id LIMIT ?",
        (first, limit + 1),
    ).fetchall()
    results = records.shown(state, kind, names, rows[:limit])
    history.attach(state, kind, with_history, results)
    associations.attach(state, kind, call.names("associations"), results)
    content: Json = {"results": results}
    if len(rows) > limit:
        after = str(rows[limit][1 + names.index("hs_object_id")])
        link = f"https://api.hubapi.com{call.path}?limit={limit}&after={after}"
        content["paging"] = {"next": {"after": after, "link": link}}
    return Reply(200, content)


def get_one(state: State, call: Call) -> Reply:
    """Answer GET /crm/objects/{type}/{id}; an id that was merged away gives the survivor."""
    kind = call.kind()
    record = _resolve(state, kind, call.params["id"], call.text("idProperty"))
    with_history = call.names("propertiesWithHistory")
    names = records.columns(state, kind, [*call.names("properties"), *with_history])
    found = records.read(state, kind, names, [record]).get(record)
    if found is None or found["archived"] is not call.flag("archived"):
        raise not_found()
    history.attach(state, kind, with_history, [found])
    associations.attach(state, kind, call.names("associations"), [found])
    return Reply(200, found)


def create(state: State, call: Call) -> Reply:
    """Answer POST /crm/objects/{type}."""
    kind = call.kind()
    body = call.json()
    required(body, "properties")
    values = checked(state, kind, body, call)
    unused_email(state, kind, values)
    record = records.insert(state, kind, values, at=call.at, source=SOURCE)
    shown = records.read(state, kind, records.columns(state, kind, values), [record])[record]
    location = f"https://api.hubapi.com/crm/v3/objects/{kind.name}/{record}"
    return Reply(201, shown, {"Location": location})


def patch(state: State, call: Call) -> Reply:
    """Answer PATCH /crm/objects/{type}/{id}."""
    kind = call.kind()
    unlocked(state, kind, call)
    record = _resolve(state, kind, call.params["id"], call.text("idProperty"))
    if record not in records.existing(state, kind, [record]):
        raise not_found()
    body = call.json()
    required(body, "properties")
    values = checked(state, kind, body, call, record)
    unused_email(state, kind, values, record)
    records.write(state, kind, {record: values}, at=call.at, source=SOURCE)
    return Reply(200, records.read(state, kind, records.columns(state, kind, values), [record])[record])


def delete(state: State, call: Call) -> Reply:
    """Answer DELETE /crm/objects/{type}/{id}: into the recycle bin, whatever the id."""
    if call.params["id"].isdecimal():
        records.archive(state, call.kind(), [int(call.params["id"])], at=call.at)
        state.writes.touched(call.kind().name, call.params["id"], "archived")
    return Reply(204, None)


def merge_two(state: State, call: Call) -> Reply:
    """Answer POST /crm/objects/{type}/merge, in the classic way: the survivor has a new id."""
    kind = call.kind()
    body = call.json()
    required(body, "primaryObjectId", "objectIdToMerge")
    ids = [numeric(body["primaryObjectId"]), numeric(body["objectIdToMerge"])]
    if records.existing(state, kind, ids) != set(ids) or len(set(ids)) < 2:
        raise not_found()
    survivor = merge(state, kind, ids[0], ids[1], at=call.at, preserve=False)
    state.writes.touched(kind.name, str(survivor), "merged")
    return Reply(200, records.read(state, kind, records.columns(state, kind, ()), [survivor])[survivor])


def gdpr_delete(state: State, call: Call) -> Reply:
    """Answer POST /crm/objects/contacts/gdpr-delete: purge at once (HubSpot takes up to 30 days)."""
    body = call.json()
    required(body, "objectId")
    kind = object_type("contacts")
    try:
        record = _resolve(state, kind, str(body["objectId"]), _word(body.get("idProperty")))
    except ApiError:  # an address that is not known goes on a list that refuses it later
        return Reply(204, None)
    records.erase(state, kind, [record])
    associations.forget(state, kind, [record])
    state.writes.touched(kind.name, str(record), "erased")
    return Reply(204, None)


def checked(state: State, kind: ObjectType, body: Json, call: Call, record: int | None = None) -> records.Values:
    """Take the values of a single write. Raises the 400 of refused values."""
    sent = body["properties"]
    if not isinstance(sent, dict) or not sent:
        raise invalid("No properties found to update, please provide at least one.")
    before = current(state, kind, {record: sent}).get(record) if record is not None else None
    values, refused = check(state.registries[kind.name], sent, before)
    if refused:
        raise refusal(state.options.portal_id, refused)
    return values


def current(state: State, kind: ObjectType, inputs: dict[int, Json]) -> dict[int, dict[str, str | None]]:
    """Read the stored options that sent values append to."""
    several = {one.name for one in state.registries[kind.name].properties.values() if one.several}
    appended = {
        name for sent in inputs.values() for name in several.intersection(sent) if str(sent[name]).startswith(";")
    }
    if not appended:
        return {}
    names = sorted(appended)
    rows = state.db.execute(
        f'SELECT hs_object_id, {", ".join(quoted(name) for name in names)} FROM "{kind.name}" '
        f"WHERE hs_object_id IN ({','.join('?' * len(inputs))})",
        list(inputs),
    )
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def unused_email(state: State, kind: ObjectType, values: records.Values, record: int | None = None) -> None:
    """Raise the 409 of an e-mail address that another contact has."""
    owner = email_owner(state, values.get("email")) if kind is CONTACTS else None
    if owner is not None and owner != record:
        raise error(409, f"Contact already exists. Existing ID: {owner}", category="CONFLICT")


def email_owner(state: State, email: str | None) -> int | None:
    """Find the living contact with this address, in any case."""
    if email is None:
        return None
    query = f"SELECT hs_object_id FROM contacts WHERE email = ? AND {ARCHIVED} IS NULL"
    row: tuple[int] | None = state.db.execute(query, (email.lower(),)).fetchone()
    return row[0] if row else None


def unlocked(state: State, kind: ObjectType, call: Call) -> None:
    """Raise the 423 of an object type that a bulk load has locked."""
    until = state.locked_until.get(kind.name)
    if until is not None and until > call.at:
        raise locked()


def locked() -> ApiError:
    """Build a 423. Only its status is documented."""
    return error(423, "The resource is locked by a bulk operation; retry after 2 seconds.", category="LOCKED")


def numeric(value: object) -> int:
    """Read a record id. Raises the 404 of an id that is no number."""
    text = str(value)
    if not text.isdecimal():
        message = "Object not found.  objectId are usually numeric."
        raise error(404, message, category="OBJECT_NOT_FOUND", context={"id": [text]})
    return int(text)


def find_by(state: State, kind: ObjectType, name: str, values: Sequence[str]) -> dict[str, int]:
    """Find living records by a unique property. Raises the 400 of a property that is not unique."""
    one = state.registries[kind.name].living(name)
    if one is None or not (one.unique or (kind is CONTACTS and name == "email")):
        raise invalid(f"{name} is not a unique property of {kind.name}", context={"idProperty": [name]})
    folded = [value.lower() for value in values] if name == "email" else list(values)
    marks = ",".join("?" * len(folded))
    query = f'SELECT {quoted(name)}, hs_object_id FROM "{kind.name}" WHERE {quoted(name)} IN ({marks})'
    return dict(state.db.execute(f"{query} AND {ARCHIVED} IS NULL", folded))


def _resolve(state: State, kind: ObjectType, text: str, id_property: str | None) -> int:
    if id_property is not None and id_property != "hs_object_id":
        found = find_by(state, kind, id_property, [text])
        if not found:
            raise not_found()
        return next(iter(found.values()))
    record = numeric(text)
    return records.survivors(state, kind, [record]).get(record, record)


def _after(call: Call) -> int:
    text = call.text("after") or "0"
    if not text.isdecimal():
        raise invalid(f"after must be the id of a record, not {text}", context={"after": [text]})
    return int(text)


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None
