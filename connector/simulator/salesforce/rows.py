"""Writing one record as a client may: held against the describe, against permissions, and against the org's rules."""

import math
import re
from datetime import datetime
from typing import Any

from connector.simulator.salesforce import ids
from connector.simulator.salesforce.errors import RowRefused
from connector.simulator.salesforce.state import INTEGRATION, REAL, TEXTS, WHOLE, State

NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$")


def update(state: State, user: str, sobject: str, record: object, values: dict[str, Any], *, assign: bool) -> str:
    """Update one record; returns its id of 18 characters. Raises RowRefused."""
    if not ids.is_id(record) or not str(record).startswith(ids.PREFIXES.get(sobject, "?")):
        raise RowRefused("MALFORMED_ID", f"{sobject} ID: id value of incorrect type: {record}", ["Id"])
    key = ids.long(str(record))
    found = state.get(sobject, key)
    if found is None:
        raise RowRefused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if found["IsDeleted"]:
        raise RowRefused("ENTITY_IS_DELETED", "entity is deleted")
    if found.get("IsConverted"):
        raise RowRefused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    _faults(state, key)
    checked_values = checked(state, user, sobject, values)
    if state.options.validation_rule and sobject == "Lead" and not found.get("Company"):
        raise RowRefused("FIELD_CUSTOM_VALIDATION_EXCEPTION", state.options.validation_rule)
    state.update(sobject, key, checked_values, user=user)
    if user == INTEGRATION:
        state.writes.wrote(sobject, key, checked_values, at_s=state.clock.now().timestamp())
    if sobject == "Lead" and assign and state.options.assignment_rule:
        if user == INTEGRATION:
            state.writes.touched(sobject, key, "OwnerId")
        state.db.execute('UPDATE "Lead" SET OwnerId = ? WHERE Id = ?', (state.users["rep"], key))
        state.mails += 1
    return key


def checked(state: State, user: str, sobject: str, values: dict[str, Any]) -> dict[str, Any]:
    """Turn a client's values into stored ones. Raises RowRefused for the first that cannot be."""
    visible, editable = state.allowed(user, sobject)
    stored = {}
    for name, value in values.items():
        entry = visible.get(name.lower())
        if entry is None:
            raise RowRefused("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}", [name])
        if entry["name"] not in editable:
            message = (
                f"Unable to create/update fields: {entry['name']}. Please check the security settings of this field "
                "and verify that it is read/write for your profile or permission set."
            )
            raise RowRefused("INVALID_FIELD_FOR_INSERT_UPDATE", message, [entry["name"]])
        stored[entry["name"]] = _stored(entry, value)
    return stored


def _faults(state: State, key: str) -> None:
    if state.locks.get(key, 0) > 0:
        state.locks[key] -= 1
        raise RowRefused("UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {key}")
    code, message, times = state.failing.get(key, ("", "", 0))
    if times > 0:
        state.failing[key] = (code, message, times - 1)
        raise RowRefused(code, message)


def _stored(entry: dict[str, Any], value: Any) -> Any:
    name, kind = entry["name"], entry["type"]
    if value is None or value == "":
        return None
    if kind in REAL or kind in {"int", "long"}:
        return _number(entry, value)
    if kind == "boolean":
        if str(value).lower() not in {"true", "false", "1", "0"}:
            raise RowRefused("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{name}: value not of required type: {value}", [name])
        return int(str(value).lower() in {"true", "1"})
    text = str(value)
    if kind == "datetime":
        if not (INSTANT.match(text) and _is_real(text)):
            raise RowRefused("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{name}: value not of required type: {text}", [name])
        return text[:19] + ".000+0000"
    if kind == "date" and not (DATE.match(text) and _is_real(text)):
        raise RowRefused("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{name}: value not of required type: {text}", [name])
    text = text.strip()
    if kind in TEXTS and entry["length"] and len(text) > entry["length"]:
        message = f"{entry['label']}: data value too large: {text[:20]} (max length={entry['length']})"
        raise RowRefused("STRING_TOO_LONG", message, [name])
    options = [option["value"] for option in entry["picklistValues"] if option["active"]]
    chosen = [word for word in text.split(";") if word] if kind == "multipicklist" else [text]
    if entry["restrictedPicklist"] and not set(chosen) <= set(options):
        message = f"{entry['label']}: bad value for restricted picklist field: {text}"
        raise RowRefused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [name])
    return text or None


def _is_real(text: str) -> bool:
    """Whether there is such a day and time."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _number(entry: dict[str, Any], value: Any) -> float | int:
    name = entry["name"]
    if not NUMBER.fullmatch(str(value)):
        message = f"{name}: value not of required type: {value}"
        raise RowRefused("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [name])
    number = float(value)
    whole = (entry["precision"] or entry["digits"] or 18) - (entry["scale"] or 0)
    if not math.isfinite(number) or abs(number) >= 10**whole:
        message = f"{entry['label']}: value outside of valid range on numeric field: {value}"
        raise RowRefused("NUMBER_OUTSIDE_VALID_RANGE", message, [name])
    number = round(number, entry["scale"] or 0)
    return int(number) if entry["type"] in WHOLE or entry["type"] == "int" else number
