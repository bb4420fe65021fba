"""Components of metadata packages in the org: what comes of them, and what deleting them takes.

Fields and permission sets change what users see. The others are kept as what they are, and can be asked for where the
API shows them: list views, reports, dashboards and folders by SOQL, components of pages by the Tooling API. The words
of refusals are assumptions. What is refused from the start is in `admission.py`.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree import ElementTree as ET

from connector.simulator.salesforce import describe
from connector.simulator.salesforce.packages import SPACE, Component
from connector.simulator.salesforce.state import ADMIN, State

TYPES = {
    "Number": "double", "Percent": "percent", "Text": "string", "LongTextArea": "textarea", "DateTime": "datetime",
    "Date": "date", "Checkbox": "boolean", "TextArea": "textarea", "Picklist": "picklist", "Currency": "currency",
}  # fmt: skip
RIGHTS = {"PermissionsRead": "readable", "PermissionsEdit": "editable"}
CUSTOM = re.compile(r"(?:(\w+)[.$])?(\w+__c)")

Problem = str


def apply(state: State, one: Component) -> None:
    """Make or replace the component."""
    if one.kind == "CustomField":
        sobject, _, name = one.name.partition(".")
        if name in state.fields(sobject):
            state.change_column(sobject, _entry(one))
        else:
            state.add_column(sobject, _entry(one))
    elif one.kind == "PermissionSet":
        _permission_set(state, one)
    else:
        _shown(state, one)
    state.components[one.kind, one.name] = one.digest


def hindrances(state: State, kind: str, name: str, doomed: Iterable[tuple[str, str]]) -> list[Problem]:
    """Say why a component that exists cannot be deleted; what goes with it hinders nothing."""
    if kind == "PermissionSet":
        held = state.db.execute(
            'SELECT 1 FROM "PermissionSetAssignment" a JOIN "PermissionSet" p ON p.Id = a.PermissionSetId '
            "WHERE p.Name = ?", (name,),
        ).fetchone()  # fmt: skip
        return ["You can't delete this permission set because it's assigned to users."] if held else []
    if kind == "LightningComponentBundle" and name in state.placed:
        return [f"This component is referenced elsewhere in Salesforce : Lightning Page - {state.placed[name]}."]
    if kind == "CustomField":
        sobject, _, field = name.partition(".")
        going = {_as_user(*one) for one in doomed}
        users = [what for what, fields in state.uses.items() if (sobject, field) in fields and what not in going]
        return [f"This custom field is referenced elsewhere in Salesforce : {what}." for what in sorted(users)]
    return []


def delete(state: State, kind: str, name: str) -> bool:
    """Delete a component, with all that hangs on it; False when there was none."""
    if not exists(state, kind, name):
        return False
    if kind == "CustomField":
        sobject, _, field = name.partition(".")
        state.drop_column(sobject, field)
        _delete_rows(state, "FieldPermissions", "Field", name)
    elif kind == "PermissionSet":
        row = state.db.execute('SELECT Id FROM "PermissionSet" WHERE Name = ?', (name,)).fetchone()
        _delete_rows(state, "FieldPermissions", "ParentId", row[0])
        _delete_rows(state, "PermissionSet", "Id", row[0])
    elif kind in SHOWN:
        sobject, key = SHOWN[kind](name)
        where = " AND ".join(f'"{column}" = ?' for column in key)
        state.db.execute(f'DELETE FROM "{sobject}" WHERE {where}', list(key.values()))
    state.components.pop((kind, name), None)
    state.uses.pop(_as_user(kind, name), None)
    return True


def exists(state: State, kind: str, name: str) -> bool:
    """Tell whether the org has the component; fields and permission sets may have come by another road."""
    if kind == "CustomField":
        sobject, _, field = name.partition(".")
        return sobject in state.objects and field in state.fields(sobject)
    if kind == "PermissionSet":
        return bool(state.db.execute('SELECT 1 FROM "PermissionSet" WHERE Name = ?', (name,)).fetchone())
    return (kind, name) in state.components


def _entry(one: Component) -> describe.Entry:
    sizes = {size: int(one.text(size) or 0) for size in ("length", "precision", "scale")}
    name = one.name.partition(".")[2]
    return describe.field(
        name, TYPES[one.text("type")], label=one.text("label") or name, custom=True,
        inlineHelpText=one.text("inlineHelpText") or None, **sizes,
    )  # fmt: skip


def _permission_set(state: State, one: Component) -> None:
    row = state.db.execute('SELECT Id FROM "PermissionSet" WHERE Name = ?', (one.name,)).fetchone()
    values = {"Name": one.name, "Label": one.text("label") or one.name, "Description": one.text("description")}
    parent = row[0] if row else state.insert("PermissionSet", values, user=ADMIN)
    _delete_rows(state, "FieldPermissions", "ParentId", parent)
    for grant in elements(one, "fieldPermissions"):
        field = grant.findtext(f"{SPACE}field") or ""
        rights = {right: int(grant.findtext(f"{SPACE}{word}") == "true") for right, word in RIGHTS.items()}
        about = {"ParentId": parent, "SobjectType": field.partition(".")[0], "Field": field}
        state.insert("FieldPermissions", about | rights, user=ADMIN)


def _shown(state: State, one: Component) -> None:
    """Let the API show what was deployed, and remember which fields it uses."""
    sobject_of = one.name.partition(".")[0] if "." in one.name else "Lead"
    names = [found for text in one.texts("columns", "field", "fields", "column") if (found := CUSTOM.fullmatch(text))]
    state.uses[_as_user(one.kind, one.name)] = {(found[1] or sobject_of, found[2]) for found in names}
    if one.kind not in SHOWN:
        return
    sobject, key = SHOWN[one.kind](one.name)
    where = " AND ".join(f'"{column}" = ?' for column in key)
    label = one.text("label") or one.text("name") or one.text("title") or one.text("masterLabel") or one.name
    told = {"Name": label, "Title": label, "MasterLabel": label, "Description": one.text("description")}
    values = {name: value for name, value in told.items() if name in state.fields(sobject)}
    row = state.db.execute(f'SELECT Id FROM "{sobject}" WHERE {where}', list(key.values())).fetchone()
    if row:
        state.update(sobject, row[0], values, user=ADMIN)
    else:
        state.insert(sobject, key | values, user=ADMIN)


def _in_folder(kind: str, folder: str, name: str) -> tuple[str, dict[str, Any]]:
    where, _, own = name.partition("/")
    if own:
        return kind, {"DeveloperName": own, "FolderName": where}
    return "Folder", {"DeveloperName": where, "Type": folder}


def _of_object(name: str) -> dict[str, Any]:
    return dict(zip(("SobjectType", "DeveloperName"), name.split("."), strict=True))


def _as_user(kind: str, name: str) -> str:
    return f"{kind} - {name}"


def elements(one: Component, tag: str) -> Iterable[ET.Element]:
    """Give the direct children of this name."""
    return [] if one.content is None else one.content.findall(f"{SPACE}{tag}")


def _delete_rows(state: State, sobject: str, column: str, value: str) -> None:
    state.access.clear()
    state.db.execute(f'DELETE FROM "{sobject}" WHERE "{column}" = ?', (value,))


SHOWN: dict[str, Callable[[str], tuple[str, dict[str, Any]]]] = {
    "ListView": lambda name: ("ListView", _of_object(name)),
    "CompactLayout": lambda name: ("CompactLayout", _of_object(name)),
    "Report": lambda name: _in_folder("Report", "Report", name),
    "Dashboard": lambda name: _in_folder("Dashboard", "Dashboard", name),
    "LightningComponentBundle": lambda name: ("LightningComponentBundle", {"DeveloperName": name}),
}
