"""Components of metadata packages in the org: what is refused, what comes of them, and what deleting them takes.

Fields and permission sets change what users see. The others are kept as what they are, and can be asked for where the
API shows them: list views, reports, dashboards and folders by SOQL, components of pages by the Tooling API. The words
of refusals are assumptions.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree import ElementTree as ET

from connector.simulator.salesforce import describe
from connector.simulator.salesforce.packages import SPACE, Component, Package
from connector.simulator.salesforce.state import ADMIN, State

TYPES = {
    "Number": "double", "Percent": "percent", "Text": "string", "LongTextArea": "textarea", "DateTime": "datetime",
    "Date": "date", "Checkbox": "boolean", "TextArea": "textarea", "Picklist": "picklist", "Currency": "currency",
}  # fmt: skip
RIGHTS = {"PermissionsRead": "readable", "PermissionsEdit": "editable"}
LONGEST_LABEL = 40
REPORT_TYPES = frozenset({"LeadList", "Opportunity", "ContactList", "AccountList"})
LANGUAGES = frozenset({"de", "es", "es_MX", "en_US", "fr", "pt_BR", "pt_PT"})
CUSTOM = re.compile(r"(?:(\w+)[.$])?(\w+__c)")

Problem = str


def problems(state: State, one: Component, package: Package) -> list[Problem]:
    """Say why the org would not take this component; empty when it would."""
    check = CHECKS.get(one.kind)
    if check is None:
        return [f"Unknown type of component: {one.kind}"]
    found = check(state, one, package)
    if len(label := one.text("label")) > LONGEST_LABEL and one.kind != "CustomLabel":
        found = [*found, f"Value too long for field: MasterLabel maximum length is:{LONGEST_LABEL} ({label})"]
    return list(found)


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


def _field(state: State, one: Component, _package: Package) -> list[Problem]:
    sobject, _, name = one.name.partition(".")
    kind = one.text("type")
    if sobject not in state.objects:
        return ["Entity is unknown"]
    if kind not in TYPES or not name.endswith("__c"):
        return [f"'{kind}' is not a valid value for the enum 'FieldType'"]
    if kind == "TextArea" and one.text("length"):
        return ["Can not specify 'length' for a CustomField of type TextArea"]
    if kind in {"Text", "LongTextArea"} and not one.text("length"):
        return [f"Must specify 'length' for a CustomField of type {kind}"]
    known = state.fields(sobject).get(name)
    if known is not None and known["type"] != TYPES[kind]:
        return [f"Cannot change type due to existing data: {known['type']} to {kind}"]
    return []


def _entry(one: Component) -> describe.Entry:
    sizes = {size: int(one.text(size) or 0) for size in ("length", "precision", "scale")}
    name = one.name.partition(".")[2]
    return describe.field(
        name, TYPES[one.text("type")], label=one.text("label") or name, custom=True,
        inlineHelpText=one.text("inlineHelpText") or None, **sizes,
    )  # fmt: skip


def _grants(state: State, one: Component, package: Package) -> list[Problem]:
    coming = {part.name: part.text("required") == "true" for part in package.components if part.kind == "CustomField"}
    found = []
    for field in _elements(one, "fieldPermissions"):
        name = field.findtext(f"{SPACE}field") or ""
        if coming.get(name):
            found.append(f"You cannot deploy to a required field: {name}")
        elif name not in coming and not exists(state, "CustomField", name):
            found.append(f"In field: field - no CustomField named {name} found")
    return found


def _permission_set(state: State, one: Component) -> None:
    row = state.db.execute('SELECT Id FROM "PermissionSet" WHERE Name = ?', (one.name,)).fetchone()
    values = {"Name": one.name, "Label": one.text("label") or one.name, "Description": one.text("description")}
    parent = row[0] if row else state.insert("PermissionSet", values, user=ADMIN)
    _delete_rows(state, "FieldPermissions", "ParentId", parent)
    for grant in _elements(one, "fieldPermissions"):
        field = grant.findtext(f"{SPACE}field") or ""
        rights = {right: int(grant.findtext(f"{SPACE}{word}") == "true") for right, word in RIGHTS.items()}
        about = {"ParentId": parent, "SobjectType": field.partition(".")[0], "Field": field}
        state.insert("FieldPermissions", about | rights, user=ADMIN)


def _list_view(state: State, one: Component, package: Package) -> list[Problem]:
    return [
        f"Could not resolve list view column: {name}"
        for name in one.texts("columns", "field")
        if _is_unknown(state, package, one.name.partition(".")[0], name)
    ]


def _compact(state: State, one: Component, package: Package) -> list[Problem]:
    sobject = one.name.partition(".")[0]
    return [
        f"In field: fields - no CustomField named {sobject}.{name} found"
        for name in one.texts("fields")
        if _is_unknown(state, package, sobject, name)
    ]


def _report(state: State, one: Component, package: Package) -> list[Problem]:
    if "/" not in one.name:
        return []
    kind = one.text("reportType")
    made = {part.name for part in package.components if part.kind == "ReportType"}
    own = kind.removesuffix("__c")
    if kind not in REPORT_TYPES and own not in made and not exists(state, "ReportType", own):
        return [f"reportType: invalid value ({kind})"]
    columns = [name for name in one.texts("field", "column", "sourceColumnName") if CUSTOM.fullmatch(name)]
    unknown = [name for name in columns if _is_unknown(state, package, "Lead", name)]
    return [*_without_folder(state, one, package), *(f"Invalid field name: {name}" for name in unknown)]


def _report_type(state: State, one: Component, package: Package) -> list[Problem]:
    """Refuse a type over fields that its base object has not; what joined objects have is not looked at."""
    base = one.text("baseObject")
    if base not in state.objects:
        return [f"baseObject: invalid value ({base})"]
    columns = [
        (column.findtext(f"{SPACE}field") or "", column.findtext(f"{SPACE}table"))
        for section in _elements(one, "sections")
        for column in section.findall(f"{SPACE}columns")
    ]
    own = [name for name, table in columns if table == base]
    return [
        f"Invalid field name: {base}.{name}"
        for name in own
        if (name not in state.fields(base) and not name.endswith("__c")) or _is_unknown(state, package, base, name)
    ]


def _dashboard(state: State, one: Component, package: Package) -> list[Problem]:
    if "/" not in one.name:
        return []
    coming = {part.name for part in package.components if part.kind == "Report"}
    reports = [name for name in one.texts("report") if name not in coming and not exists(state, "Report", name)]
    return [*_without_folder(state, one, package), *(f"Could not find report: {name}" for name in reports)]


def _without_folder(state: State, one: Component, package: Package) -> list[Problem]:
    folder = one.name.partition("/")[0]
    coming = {part.name for part in package.components if part.kind == one.kind}
    if folder in coming or exists(state, one.kind, folder):
        return []
    return [f"Cannot find folder:{folder}"]


def _bundle(state: State, one: Component, _package: Package) -> list[Problem]:
    if one.content is None:
        return [f"No {one.name}.js-meta.xml in the bundle"]
    version = one.text("apiVersion")
    if not version:
        return ["Required field is missing: apiVersion"]
    return [f"Invalid version specified:{version}"] if float(version) > state.options.newest_api else []


def _translation(_state: State, one: Component, _package: Package) -> list[Problem]:
    return [] if one.name in LANGUAGES else [f"Not available for deploy for this organization: {one.name}"]


def _nothing(_state: State, _one: Component, _package: Package) -> list[Problem]:
    return []


def _is_unknown(state: State, package: Package, sobject: str, name: str) -> bool:
    """Tell whether a name of a custom field leads nowhere; tokens of standard columns are taken as they are."""
    found = CUSTOM.fullmatch(name)
    if not found:
        return False
    full = f"{found[1] or sobject}.{found[2]}"
    coming = any(part.kind == "CustomField" and part.name == full for part in package.components)
    return not coming and not exists(state, "CustomField", full)


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


def _elements(one: Component, tag: str) -> Iterable[ET.Element]:
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
CHECKS: dict[str, Callable[[State, Component, Package], list[Problem]]] = {
    "CustomField": _field,
    "PermissionSet": _grants,
    "ListView": _list_view,
    "CompactLayout": _compact,
    "Report": _report,
    "ReportType": _report_type,
    "Dashboard": _dashboard,
    "LightningComponentBundle": _bundle,
    "CustomLabel": _nothing,
    "Translations": _translation,
}
