"""What an org takes of a metadata package, and what it refuses: each type of component has its check.

The words of refusals are assumptions.
"""

from collections.abc import Callable

from connector.simulator.salesforce.components import CUSTOM, TYPES, Problem, elements, exists
from connector.simulator.salesforce.packages import SPACE, Component, Package
from connector.simulator.salesforce.state import State

LONGEST_LABEL = 40
REPORT_TYPES = frozenset({"LeadList", "Opportunity", "ContactList", "AccountList"})
LANGUAGES = frozenset({"de", "es", "es_MX", "en_US", "fr", "pt_BR", "pt_PT"})


def problems(state: State, one: Component, package: Package) -> list[Problem]:
    """Say why the org would not take this component; empty when it would."""
    check = CHECKS.get(one.kind)
    if check is None:
        return [f"Unknown type of component: {one.kind}"]
    found = check(state, one, package)
    if len(label := one.text("label")) > LONGEST_LABEL and one.kind != "CustomLabel":
        found = [*found, f"Value too long for field: MasterLabel maximum length is:{LONGEST_LABEL} ({label})"]
    return list(found)


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


def _grants(state: State, one: Component, package: Package) -> list[Problem]:
    coming = {part.name: part.text("required") == "true" for part in package.components if part.kind == "CustomField"}
    found = []
    for field in elements(one, "fieldPermissions"):
        name = field.findtext(f"{SPACE}field") or ""
        if coming.get(name):
            found.append(f"You cannot deploy to a required field: {name}")
        elif name not in coming and not exists(state, "CustomField", name):
            found.append(f"In field: field - no CustomField named {name} found")
    return found


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
        for section in elements(one, "sections")
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
