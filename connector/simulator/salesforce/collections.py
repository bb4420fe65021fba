"""Records over REST: one, or up to 200 in a call, each with its own outcome ("REST guide, sObject Collections")."""

from typing import Any

from connector.simulator.salesforce import describe, ids, permissions, query, rows
from connector.simulator.salesforce.errors import Refused, RowRefused
from connector.simulator.salesforce.soql import Query
from connector.simulator.salesforce.state import INTEGRATION, State

MOST = 200
MOST_READ = 2_000


def update(state: State, user: str, content: dict[str, Any], *, assign: bool) -> list[dict[str, Any]]:
    """Update up to 200 records; outcomes in their order. Raises Refused for the request as a whole."""
    records = content.get("records")
    if not isinstance(records, list):
        raise Refused(400, "JSON_PARSER_ERROR", "records is missing")
    if len(records) > MOST:
        raise Refused(
            400, "EXCEEDED_MAX_SIZE_REQUEST", "record limit reached. cannot submit more than 200 records into this call"
        )
    state.db.execute("BEGIN")
    seen: set[str] = set()
    replies = [_one(state, user, record, seen, assign=assign) for record in records]
    if content.get("allOrNone") and not all(reply["success"] for reply in replies):
        state.db.execute("ROLLBACK")
        rolled = {
            "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "message": "Record rolled back because not all records were valid and the request was using AllOrNone",
            "fields": [],
        }
        return [reply if not reply["success"] else {"success": False, "errors": [rolled]} for reply in replies]
    state.db.execute("COMMIT")
    return replies


def _one(state: State, user: str, record: dict[str, Any], seen: set[str], *, assign: bool) -> dict[str, Any]:
    sobject = record.get("attributes", {}).get("type", "")
    values = {name: value for name, value in record.items() if name not in {"attributes", "id", "Id"}}
    key = ids.long(str(record.get("id") or record.get("Id") or ""))
    try:
        if sobject not in state.objects:
            raise RowRefused("INVALID_TYPE", f"sObject type '{sobject}' is not supported.")
        if key in seen:
            raise RowRefused("DUPLICATE_VALUE", f"duplicate id in the list: {key}", ["Id"])
        seen.add(key)
        done = rows.update(state, user, sobject, key, values, assign=assign)
    except RowRefused as refused:
        return {"success": False, "errors": [refused.entry()]}
    return {"id": done, "success": True, "errors": []}


def update_one(state: State, user: str, sobject: str, record: str, values: dict[str, Any], *, assign: bool) -> None:
    """Update one record. Raises Refused in the words of a row's error."""
    if any(name.lower() == "id" for name in values):
        raise Refused(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    try:
        rows.update(state, user, sobject, record, values, assign=assign)
    except RowRefused as refused:
        status = 404 if refused.code in {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"} else 400
        code = "NOT_FOUND" if refused.code == "INVALID_CROSS_REFERENCE_KEY" else refused.code
        raise Refused(status, code, refused.message, refused.fields) from None


def create(
    state: State, user: str, sobject: str, values: dict[str, Any], *, assign: bool
) -> tuple[int, dict[str, str], Any]:
    """Create a record."""
    try:
        stored = rows.checked(state, user, sobject, values)
    except RowRefused as refused:
        raise Refused(400, refused.code, refused.message, refused.fields) from None
    permissions.require_for(state, user, sobject)
    if sobject == "PermissionSetAssignment":
        same = state.db.execute(
            'SELECT 1 FROM "PermissionSetAssignment" WHERE AssigneeId = ? AND PermissionSetId = ?',
            (stored.get("AssigneeId"), stored.get("PermissionSetId")),
        ).fetchone()
        if same:
            raise Refused(400, "DUPLICATE_VALUE", "duplicate value found: AssigneeId duplicates value on record")
    if sobject == "Lead":
        missing = [name for name in ("LastName", "Company") if not stored.get(name)]
        if missing:
            raise Refused(
                400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing
            )
        stored = {"IsConverted": 0, "OwnerId": state.users["rep"]} | stored
        state.mails += int(assign and state.options.assignment_rule)
    made = state.insert(sobject, stored, user=user)
    if user == INTEGRATION:
        state.writes.touched(sobject, made, "created")
    return 201, {}, {"id": made, "success": True, "errors": []}


def get(state: State, user: str, sobject: str, content: dict[str, Any]) -> list[dict[str, Any] | None]:
    """Give records by id, in the order asked for; null for what is not there."""
    if len(content["ids"]) > MOST_READ:
        raise Refused(400, "EXCEEDED_MAX_SIZE_REQUEST", "too many ids")
    visible = state.visible(user, sobject)
    lower = {name.lower(): name for name in visible}
    for name in content["fields"]:
        if name.lower() not in lower:
            raise Refused(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")
    columns = [lower[name.lower()] for name in content["fields"]]
    shown = Query(sobject, columns)
    rows = [state.get(sobject, str(record)) for record in content["ids"]]
    living = [[row["Id"], *(row[name] for name in columns)] for row in rows if row is not None and not row["IsDeleted"]]
    made = iter(query.records(state, shown, living))
    return [None if row is None or row["IsDeleted"] else next(made) for row in rows]


def delete(state: State, sobject: str, record: str, *, hard: bool = False) -> None:
    """Put a record into the recycle bin, or remove it for good; both are in the log of deletions."""
    key = ids.long(record)
    row = state.get(sobject, key)
    if row is None or (row["IsDeleted"] and not hard):
        raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
    if hard or sobject in describe.SETUP:  # permissions know no recycle bin
        state.access.clear()
        state.db.execute(f'DELETE FROM "{sobject}" WHERE Id = ?', (key,))
    else:
        state.update(sobject, key, {"IsDeleted": 1}, user="rep")
    state.db.execute('INSERT INTO "deletions" VALUES (?, ?, ?)', (sobject, key, state.now()))
