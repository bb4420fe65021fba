"""Deploying fields and permission sets: the Metadata API over REST ("Metadata API guide, deployRequest").

Knows custom fields on objects and permission sets; anything else in a package is refused.
"""

import io
import zipfile
from email import message_from_bytes
from typing import Any
from xml.etree import ElementTree as ET

import orjson

from connector.simulator.salesforce import describe
from connector.simulator.salesforce.errors import Refused
from connector.simulator.salesforce.state import ADMIN, State

SPACE = "{http://soap.sforce.com/2006/04/metadata}"
TYPES = {
    "Number": "double", "Percent": "percent", "Text": "string", "LongTextArea": "textarea", "DateTime": "datetime",
    "Date": "date", "Checkbox": "boolean", "TextArea": "textarea", "Picklist": "picklist", "Currency": "currency",
}  # fmt: skip
Failure = dict[str, Any]


def parts(content_type: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """Find the options and the zip in a multipart request, by their content types."""
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    options: dict[str, Any] = {}
    packed = b""
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        if part.get_content_type() == "application/json":
            options = orjson.loads(payload)["deployOptions"]
        elif payload[:2] == b"PK":
            packed = payload
    if not packed:
        raise Refused(400, "INVALID_FILE", "no zip in the request")
    return options, packed


def deploy(state: State, user: str, options: dict[str, Any], packed: bytes) -> list[Failure]:
    """Do what the package says, or with checkOnly only look; returns what failed, and then nothing was done."""
    if user != ADMIN:
        raise Refused(403, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id")
    fields, sets, failures = _read(state, packed)
    coming = {(sobject, entry["name"]): required for sobject, entry, required in fields}
    for name, root in sets:
        failures += _impossible(state, name, root, coming)
    if not failures and not options.get("checkOnly"):
        for sobject, entry, _ in fields:
            if entry["name"] not in state.fields(sobject):
                state.add_column(sobject, entry)
        for name, root in sets:
            _permission_set(state, name, root)
    return failures


Read = tuple[list[tuple[str, describe.Entry, bool]], list[tuple[str, ET.Element]], list[Failure]]


def _read(state: State, packed: bytes) -> Read:
    """Read a package: its fields (object, describe, required), its permission sets, and what cannot be."""
    fields: list[tuple[str, describe.Entry, bool]] = []
    sets: list[tuple[str, ET.Element]] = []
    failures: list[Failure] = []
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for name in archive.namelist():
            folder, _, file = name.partition("/")
            root = ET.fromstring(archive.read(name))  # noqa: S314  our own tests' packages
            if folder == "objects":
                for element in root.findall(f"{SPACE}fields"):
                    _collect(state, file.partition(".")[0], element, name, fields, failures)
            elif folder == "permissionsets":
                sets.append((file.partition(".")[0], root))
            elif name != "package.xml":
                failures.append(_failure("Unknown", name, name, "Unknown type of component"))
    return fields, sets, failures


def _collect(
    state: State, sobject: str, element: ET.Element, file: str,
    fields: list[tuple[str, describe.Entry, bool]], failures: list[Failure],
) -> None:  # fmt: skip
    text = {child.tag.removeprefix(SPACE): child.text or "" for child in element}
    name, kind = text.get("fullName", ""), text.get("type", "")
    full = f"{sobject}.{name}"
    if sobject not in state.objects:
        failures.append(_failure("CustomObject", sobject, file, "Entity is unknown"))
    elif kind not in TYPES or not name.endswith("__c"):
        failures.append(_failure("CustomField", full, file, f"'{kind}' is not a valid value for the enum 'FieldType'"))
    elif kind == "TextArea" and "length" in text:
        failures.append(
            _failure("CustomField", full, file, "Can not specify 'length' for a CustomField of type TextArea")
        )
    elif len(text.get("label", "")) > 40:
        failures.append(
            _failure("CustomField", full, file, "Value too long for field: MasterLabel maximum length is:40")
        )
    elif kind in {"Text", "LongTextArea"} and "length" not in text:
        failures.append(_failure("CustomField", full, file, f"Must specify 'length' for a CustomField of type {kind}"))
    else:
        entry = describe.field(
            name, TYPES[kind], label=text.get("label", name), length=int(text.get("length", 0) or 0),
            precision=int(text.get("precision", 0) or 0), scale=int(text.get("scale", 0) or 0),
            inlineHelpText=text.get("inlineHelpText"), custom=True,
        )  # fmt: skip
        fields.append((sobject, entry, text.get("required") == "true"))


def _impossible(state: State, name: str, root: ET.Element, coming: dict[tuple[str, str], bool]) -> list[Failure]:
    failures = []
    for grant in root.findall(f"{SPACE}fieldPermissions"):
        sobject, _, field = (grant.findtext(f"{SPACE}field") or "").partition(".")
        known = sobject in state.objects and field in state.fields(sobject)
        if not known and (sobject, field) not in coming:
            failures.append(
                _failure("PermissionSet", name, name, f"In field: field - no CustomField named {sobject}.{field} found")
            )
        elif coming.get((sobject, field)):
            failures.append(
                _failure("PermissionSet", name, name, f"You cannot deploy to a required field: {sobject}.{field}")
            )
    return failures


def _permission_set(state: State, name: str, root: ET.Element) -> None:
    row = state.db.execute('SELECT Id FROM "PermissionSet" WHERE Name = ?', (name,)).fetchone()
    label = root.findtext(f"{SPACE}label") or name
    parent = row[0] if row else state.insert("PermissionSet", {"Name": name, "Label": label}, user=ADMIN)
    state.db.execute('DELETE FROM "FieldPermissions" WHERE ParentId = ?', (parent,))
    for grant in root.findall(f"{SPACE}fieldPermissions"):
        field = grant.findtext(f"{SPACE}field") or ""
        rights = {right: int(grant.findtext(f"{SPACE}{word}") == "true") for right, word in RIGHTS.items()}
        values = {"ParentId": parent, "SobjectType": field.partition(".")[0], "Field": field, **rights}
        state.insert("FieldPermissions", values, user=ADMIN)


RIGHTS = {"PermissionsRead": "readable", "PermissionsEdit": "editable"}


def result(job: str, failures: list[Failure]) -> dict[str, Any]:
    """Describe a deployment that has ended."""
    return {
        "id": job,
        "deployResult": {
            "id": job, "status": "Failed" if failures else "Succeeded", "done": True, "success": not failures,
            "numberComponentErrors": len(failures),
            "details": {"componentFailures": failures, "componentSuccesses": []},
        },
    }  # fmt: skip


def _failure(kind: str, full: str, file: str, problem: str) -> Failure:
    return {
        "componentType": kind, "fullName": full, "fileName": file, "problemType": "Error", "problem": problem,
        "lineNumber": 1, "columnNumber": 1,
    }  # fmt: skip
