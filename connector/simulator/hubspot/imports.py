"""The imports API: a CSV file that changes or makes records while the caller polls.

Source: HubSpot developer docs, "Imports", and the names in the imports API's published schema. Here an import starts
`import_start_s` after it was sent and then moves `import_rows_per_s` rows a second on the portal's clock; rows are
applied when the next request comes. Imports UPDATE by record id only, which is all that this portal offers.
"""

import csv
import io
from datetime import datetime

import orjson

from connector.simulator.hubspot import records
from connector.simulator.hubspot.objecttypes import ObjectType, object_type
from connector.simulator.hubspot.replies import ApiError, Json, Reply, error, instant, invalid, not_found
from connector.simulator.hubspot.state import Call, Import, State, Upload, required
from connector.simulator.hubspot.validation import Invalid, check

_MOST_ROWS = 1_048_576
_MOST_BYTES = 512 * 1024 * 1024
_ERRORS_PAGE = 100
_SLICE = 1_000
_FINISHED = frozenset({"DONE", "CANCELED", "FAILED"})
_CODES = {
    "INVALID_OPTION": "INVALID_ENUMERATION_OPTION",
    "INVALID_NUMERIC": "COULD_NOT_PARSE_NUMBER",
    "INVALID_LONG": "COULD_NOT_PARSE_DATE",
    "INVALID_DATE": "COULD_NOT_PARSE_DATE",
}


def start(state: State, call: Call) -> Reply:
    """Answer POST /crm/imports: a form with `importRequest` and `files`."""
    request, upload = _form(call)
    kind, page = _operation(request)
    if len(upload.content) > _MOST_BYTES:
        raise _too_large()
    lines = list(csv.reader(io.StringIO(upload.content.decode("utf-8-sig"), newline="")))
    if len(lines) > _MOST_ROWS:
        raise _too_large()
    columns, key = _columns(state, kind, page, lines[0] if lines else [])
    number = 3_000 + len(state.imports)
    rows = lines[1:] if page.get("hasHeader", True) else lines
    state.imports[number] = Import(
        number, str(request["name"]), call.at, kind, request, columns, key, rows, updated=call.at
    )
    return Reply(200, _shown(state.imports[number]))


def list_all(state: State, call: Call) -> Reply:
    """Answer GET /crm/imports, newest first."""
    return Reply(200, {"results": [_shown(one) for one in reversed(state.imports.values())]})


def get_one(state: State, call: Call) -> Reply:
    """Answer GET /crm/imports/{id}."""
    return Reply(200, _shown(_find(state, call)))


def errors(state: State, call: Call) -> Reply:
    """Answer GET /crm/imports/{id}/errors."""
    listed = _find(state, call).errors
    text = call.text("after") or "0"
    offset = int(text) if text.isdecimal() else 0
    limit = call.number("limit", _ERRORS_PAGE, most=_ERRORS_PAGE)
    content: Json = {"results": listed[offset : offset + limit]}
    if offset + limit < len(listed):
        content["paging"] = {"next": {"after": str(offset + limit)}}
    return Reply(200, content)


def cancel(state: State, call: Call) -> Reply:
    """Answer POST /crm/imports/{id}/cancel; what was applied stays."""
    one = _find(state, call)
    if one.state not in _FINISHED:
        one.state, one.updated = "CANCELED", call.at
    at = instant(call.at)
    return Reply(200, {"status": "COMPLETE", "startedAt": at, "completedAt": at})


def advance(state: State, at: datetime) -> None:
    """Apply what running imports have got to by now."""
    for one in state.imports.values():
        if one.state in _FINISHED:
            continue
        ran_s = (at - one.created).total_seconds() - state.options.import_start_s
        if ran_s < 0:
            continue
        one.state = "PROCESSING"
        due = min(len(one.rows), int(ran_s * state.options.import_rows_per_s))
        while one.done < due:
            _apply(state, one, min(one.done + _SLICE, due), at)
        if one.done >= len(one.rows):
            one.state, one.updated = "DONE", at


def _form(call: Call) -> tuple[Json, Upload]:
    request, upload = call.form.get("importRequest"), call.form.get("files")
    if request is None or not isinstance(upload, Upload):
        raise invalid("An import needs the parts importRequest and files")
    text = request.content if isinstance(request, Upload) else request
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as broken:
        raise error(400, f"Invalid input JSON on line {broken.lineno}, column {broken.colno}: {broken.msg}") from None
    required(body, "name", "files")
    return body, upload


def _operation(request: Json) -> tuple[ObjectType, Json]:
    operations = request.get("importOperations")
    if not isinstance(operations, dict) or set(operations.values()) != {"UPDATE"} or len(operations) != 1:
        raise invalid("This portal imports with the operation UPDATE for one object type only")
    try:
        page = request["files"][0]["fileImportPage"]  # type: ignore[index]  # any other shape is refused below
    except (TypeError, KeyError, IndexError):
        raise invalid("Invalid input JSON: some of required attributes are not set [fileImportPage]") from None
    required(page, "columnMappings")
    return object_type(next(iter(operations))), page


def _columns(state: State, kind: ObjectType, page: Json, header: list[str]) -> tuple[tuple[str, ...], int]:
    """Give the property of each column of the file, and the place of the one with the record ids."""
    mappings = page["columnMappings"]
    assert isinstance(mappings, list)
    by_name = {str(one.get("columnName")): one for one in mappings}
    names = header if page.get("hasHeader", True) else [str(one.get("columnName")) for one in mappings]
    columns: list[str] = []
    key: int | None = None
    for place, name in enumerate(names):
        mapping = by_name.get(name, {})
        columns.append(str(mapping.get("propertyName") or ""))
        if mapping.get("columnType") == "HUBSPOT_OBJECT_ID":
            key = place
    if key is None:
        raise invalid("An import that updates needs a column of type HUBSPOT_OBJECT_ID")
    for place, name in enumerate(columns):
        if place != key and name and state.registries[kind.name].living(name) is None:
            raise invalid(f'Property "{name}" does not exist', context={"propertyName": [name]})
    return tuple(columns), key


def _apply(state: State, one: Import, end: int, at: datetime) -> None:
    rows = one.rows[one.done : end]
    ids = {int(row[one.key]) for row in rows if len(row) > one.key and row[one.key].isdecimal()}
    living = records.existing(state, one.kind, ids)
    changes: dict[int, dict[str, str | None]] = {}
    for line, row in enumerate(rows, one.done + 2):
        text = row[one.key] if len(row) > one.key else ""
        record = int(text) if text.isdecimal() else -1
        if record not in living:
            _refuse(one, line, row, Invalid("hs_object_id", "UPDATE_ONLY_IMPORT", f"{text} does not exist"), at)
            continue
        sent = {
            name: row[place]
            for place, name in enumerate(one.columns)
            if name and place != one.key and place < len(row) and row[place] != ""
        }
        values, refused = check(state.registries[one.kind.name], sent)
        for invalid_value in refused:
            _refuse(one, line, row, invalid_value, at)
        changes.setdefault(record, {}).update(values)
    records.write(state, one.kind, changes, at=at, source="IMPORT")
    one.done, one.updated = end, at
    for name, count in {
        "TOTAL_ROWS": len(rows),
        "UPDATED_OBJECTS": len(changes),
        "UNIQUE_OBJECTS_WRITTEN": len(changes),
        "PROPERTY_VALUES_EMITTED": sum(map(len, changes.values())),
    }.items():
        one.counters[name] = one.counters.get(name, 0) + count


def _refuse(one: Import, line: int, row: list[str], refused: Invalid, at: datetime) -> None:
    one.counters["ERRORS"] = one.counters.get("ERRORS", 0) + 1
    one.errors.append(
        {
            "id": str(len(one.errors) + 1),
            "createdAt": int(at.timestamp() * 1000),
            "errorType": _CODES.get(refused.code, refused.code),
            "errorMessage": refused.message,
            "objectTypeId": one.kind.type_id,
            "knownColumnNumber": one.columns.index(refused.name) + 1 if refused.name in one.columns else 0,
            "sourceData": {
                "fileId": one.id,
                "lineNumber": line,
                "rowData": row,
                "containsEncryptedProperties": False,
            },
        }
    )


def _find(state: State, call: Call) -> Import:
    text = call.params["id"]
    one = state.imports.get(int(text)) if text.isdecimal() else None
    if one is None:
        raise not_found()
    return one


def _shown(one: Import) -> Json:
    return {
        "id": str(one.id),
        "state": one.state,
        "importName": one.name,
        "importSource": "API",
        "importRequestJson": one.request,
        "mappedObjectTypeIds": [one.kind.type_id],
        "optOutImport": False,
        "metadata": {"counters": dict(one.counters), "fileIds": [str(one.id)], "objectLists": []},
        "createdAt": instant(one.created),
        "updatedAt": instant(one.updated),
    }


def _too_large() -> ApiError:
    return error(429, "The file is larger than an import may be.", errorType="RATE_LIMIT", policyName="IMPORT_SIZE")
