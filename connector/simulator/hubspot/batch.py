"""Many records at a time: batch read, update, create and archive.

Source: HubSpot developer docs, "Error handling" (multi-status errors) and bodies that public connectors recorded:
duplicate ids refuse the batch, a merged-away id is silently missing from the results of an update, and rows fail one
by one only when they carry an `objectWriteTraceId`. The text for a batch that is too large is an assumption.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.simulator.hubspot import database, history, objects, records
from connector.simulator.hubspot.objecttypes import DEALS, ObjectType
from connector.simulator.hubspot.replies import ApiError, Json, Reply, error, invalid
from connector.simulator.hubspot.state import Call, State, required, stamped
from connector.simulator.hubspot.validation import Invalid, check, refusal, refusal_message


@dataclass(slots=True)
class _Sorted:
    """The rows of a batch: what can be written and what was refused."""

    good: dict[int, records.Values] = field(default_factory=dict)
    missing: list[Json] = field(default_factory=list)
    errors: list[Json] = field(default_factory=list)


def batch_read(state: State, call: Call) -> Reply:
    """Answer POST /crm/objects/{type}/batch/read; merged-away ids give their survivors."""
    kind = call.kind()
    body = call.json()
    texts = [str(one.get("id", "")) for one in _inputs(state, body)]
    with_history = _names(body, "propertiesWithHistory")
    if with_history and len(texts) > state.options.history_page:
        raise invalid(f"The batch may hold at most {state.options.history_page} inputs with property history")
    wanted = _ids(state, kind, texts, body.get("idProperty"))
    names = records.columns(state, kind, [*_names(body, "properties"), *with_history])
    found = records.read(state, kind, names, set(wanted.values()))
    archived = call.flag("archived")
    results = {record: one for record, one in found.items() if one["archived"] is archived}
    history.attach(state, kind, with_history, list(results.values()))
    missing: list[Json] = [{"id": text} for text in texts if wanted.get(text) not in results]
    return _reply(call, list(results.values()), [_not_found(kind, missing)] if missing else [])


def batch_update(state: State, call: Call) -> Reply:
    """Answer POST /crm/objects/{type}/batch/update."""
    kind = call.kind()
    objects.unlocked(state, kind, call)
    inputs = _inputs(state, call.json())
    by_id = _distinct(inputs)
    ids = [int(text) for text in by_id if text.isdecimal()]
    living = records.existing(state, kind, ids)
    merged = records.survivors(state, kind, [record for record in ids if record not in living])
    result = _sort_updates(state, call, kind, by_id, living, merged)
    records.write(state, kind, result.good, at=call.at, source=objects.SOURCE)
    asked = {name for values in result.good.values() for name in values}
    shown = records.read(state, kind, records.columns(state, kind, sorted(asked)), result.good)
    for record, one in shown.items():
        _echo(one, by_id[str(record)])
    errors = [*([_not_found(kind, result.missing)] if result.missing else []), *result.errors]
    return _reply(call, list(shown.values()), errors)


def batch_create(state: State, call: Call) -> Reply:
    """Answer POST /crm/objects/{type}/batch/create. Not repeatable: each call makes new records."""
    kind = call.kind()
    objects.unlocked(state, kind, call)
    inputs = _inputs(state, call.json())
    errors: list[Json] = []
    results: list[Json] = []
    checked: list[tuple[Json, records.Values]] = []
    for one in inputs:
        made, refused = check(state.registries[kind.name], _properties(one))
        if refused:
            errors.append(_row_error(state, one, refused))
        else:
            checked.append((one, made))
    for one, values in checked:
        try:
            objects.unused_email(state, kind, values)
        except ApiError as conflict:
            errors.append(_failed(one, conflict))
            continue
        record = records.insert(state, kind, values, at=call.at, source=objects.SOURCE)
        shown = records.read(state, kind, records.columns(state, kind, values), [record])[record]
        _echo(shown, one)
        results.append(shown)
    return _reply(call, results, errors, good=201)


def batch_archive(state: State, call: Call) -> Reply:
    """Answer POST /crm/objects/{type}/batch/archive: 204, whatever the ids."""
    texts = [str(one.get("id", "")) for one in _inputs(state, call.json())]
    records.archive(state, call.kind(), [int(text) for text in texts if text.isdecimal()], at=call.at)
    for text in texts:
        state.writes.touched(call.kind().name, text, "archived")
    return Reply(204, None)


def _inputs(state: State, body: Json) -> list[Json]:
    required(body, "inputs")
    inputs = body["inputs"]
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise error(400, "Invalid input JSON: inputs must be a list of objects")
    if len(inputs) > state.options.batch_size:
        raise invalid(f"The batch may hold at most {state.options.batch_size} inputs, it holds {len(inputs)}")
    return inputs


def _distinct(inputs: Sequence[Json]) -> dict[str, Json]:
    by_id: dict[str, Json] = {}
    twice: list[str] = []
    for one in inputs:
        required(one, "id", "properties")
        text = str(one["id"])
        if text in by_id:
            twice.append(text)
        by_id[text] = one
    if twice:
        raise invalid(
            f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique", context={"ids": twice}
        )
    return by_id


def _ids(state: State, kind: ObjectType, texts: Sequence[str], id_property: object) -> dict[str, int]:
    if isinstance(id_property, str) and id_property != "hs_object_id":
        found = objects.find_by(state, kind, id_property, texts)
        return {text: found[key] for text in texts for key in {text, text.lower()} if key in found}
    numbers = {text: int(text) for text in texts if text.isdecimal()}
    merged = records.survivors(state, kind, list(numbers.values()))
    return {text: merged.get(record, record) for text, record in numbers.items()}


def _sort_updates(
    state: State,
    call: Call,
    kind: ObjectType,
    by_id: Mapping[str, Json],
    living: set[int],
    merged: Mapping[int, int],
) -> _Sorted:
    """Tell the rows apart. Raises the 400 of the whole batch when a refused row carries no trace id."""
    result = _Sorted()
    before: Mapping[int, records.Values] = objects.current(
        state, kind, {int(text): _properties(one) for text, one in by_id.items() if text.isdecimal()}
    )
    for text, one in by_id.items():
        record = int(text) if text.isdecimal() else -1
        if record in merged:
            continue
        if record not in living:
            result.missing.append(one)
            continue
        values, refused = check(state.registries[kind.name], _properties(one), before.get(record))
        refused += _rule(state, call, kind, record, values)
        failure = None if refused else _planned_failure(state, kind, record)
        if refused:
            result.errors.append(_row_error(state, one, refused))
        elif failure is not None:
            result.errors.append(_failed(one, failure))
        else:
            result.good[record] = values
    return result


def _rule(state: State, call: Call, kind: ObjectType, record: int, values: records.Values) -> list[Invalid]:
    """Enforce what an admin demands of a won deal, as the 2026-09 paths do."""
    if not (state.options.enforce_rules and call.version >= "2026-09" and kind is DEALS):
        return []
    if values.get("dealstage") != "closedwon" or values.get("closedate"):
        return []
    stored = database.rows(state.db, kind, ("closedate",), [record])[record][0]
    if stored is not None and "closedate" not in values:
        return []
    return [Invalid("closedate", "REQUIRED_FIELD", "closedate is required when dealstage is closedwon")]


def _planned_failure(state: State, kind: ObjectType, record: int) -> ApiError | None:
    fault = state.row_faults.get((kind.name, record))
    if fault is None or fault.times <= 0:
        return None
    fault.times -= 1
    return error(400, fault.message, category=fault.category)


def _row_error(state: State, one: Json, refused: list[Invalid]) -> Json:
    if "objectWriteTraceId" not in one:
        raise refusal(state.options.portal_id, refused)
    message = refusal_message(state.options.portal_id, refused)
    return _failed(one, invalid(message))


def _failed(one: Json, failure: ApiError) -> Json:
    """Make the entry of one row. Raises the failure for the whole batch when the row has no trace id."""
    if "objectWriteTraceId" not in one:
        raise failure
    context: dict[str, list[str]] = {"objectWriteTraceId": [str(one["objectWriteTraceId"])]}
    return {
        "status": "error",
        "category": failure.body.get("category"),
        "message": failure.body["message"],
        "context": context,
    }


def _not_found(kind: ObjectType, missing: Sequence[Json]) -> Json:
    context = {"ids": [str(one.get("id", "")) for one in missing]}
    traces = [str(one["objectWriteTraceId"]) for one in missing if "objectWriteTraceId" in one]
    if traces:
        context["objectWriteTraceId"] = traces
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": context,
    }


def _reply(call: Call, results: list[Json], errors: list[Json], *, good: int = 200) -> Reply:
    content: Json = {"status": "COMPLETE", "results": results, **stamped(call)}
    if errors:
        content |= {"numErrors": len(errors), "errors": errors}
    return Reply(207 if errors else good, content)


def _properties(one: Json) -> Json:
    properties = one.get("properties")
    if not isinstance(properties, dict):
        raise invalid("Invalid input JSON: some of required attributes are not set [properties]")
    return properties


def _names(body: Json, key: str) -> list[str]:
    names = body.get(key) or []
    return [str(name) for name in names] if isinstance(names, list) else []


def _echo(shown: Json, sent: Json) -> None:
    if "objectWriteTraceId" in sent:
        shown["objectWriteTraceId"] = sent["objectWriteTraceId"]
