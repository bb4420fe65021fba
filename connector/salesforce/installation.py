"""Installing what reps look at, and taking everything of ours out of an org again, with the admin's own credential.

What a customer may adapt once it is there (list views, reports, the dashboard, the compact layout) is made when it is
missing and then left alone; the panel is ours, and is replaced when it is not this version's. No layout, page, profile
or field of the customer's is ever part of a deployment. Sources: "Object reference" for ListView, Report, Dashboard and
Folder; "Tooling API" for LightningComponentBundle and CompactLayout; "Metadata API guide, Deleting components".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.crm import Piece, PieceState
from connector.salesforce import soql
from connector.salesforce.calls import Call, Rejected
from connector.salesforce.content import PANEL, Content, content
from connector.salesforce.deployment import delete, deploy_what_is_taken
from connector.salesforce.gateway import Gateway
from connector.salesforce.package import INTEGRATION, USER, Component
from connector.salesforce.reads import statement

KINDS = {
    "ListView": "list view", "CompactLayout": "compact layout", "Report": "report", "Dashboard": "dashboard",
    "LightningComponentBundle": "panel", "CustomField": "field", "PermissionSet": "permission set",
    "CustomLabel": "label",
}  # fmt: skip
# What the signed-in admin must be allowed to do, by kind ("User permissions" in Salesforce's setup).
NEEDS = {
    "list view": "Manage Public List Views",
    "compact layout": "Customize Application",
    "report": "Manage Reports in Public Folders",
    "dashboard": "Manage Dashboards in Public Folders",
    "panel": "Customize Application",
}
OF_LEADS = dict.fromkeys(("ListView", "CompactLayout"), "SobjectType = 'Lead'")
TOOLING = frozenset({"CompactLayout"})
MARK = re.compile(r"\(\w+ [0-9a-f]{12}\)$")  # at the end of the panel's description: its prefix and its version
HIDDEN = frozenset({"CustomLabel"})  # parts of the panel that nobody need hear of, unless they are refused
SETS = (INTEGRATION.name, USER.name)


def ensure(gateway: Gateway, prefix: str, *, dry_run: bool) -> tuple[Piece, ...]:
    """Create what is missing of the panel, views and reports; see `CRM.ensure_app`."""
    ours = content(prefix)
    pieces = [_panel(gateway, ours, dry_run=dry_run)]
    for group in (ours.views, ours.reports):
        present = _present(gateway, group)
        missing = [one for one in group if (one.kind, one.name) not in present]
        refused = deploy_what_is_taken(gateway, missing) if missing and not dry_run else {}
        pieces += _told(group, missing, refused)
    return tuple(pieces)


def remove(gateway: Gateway, prefix: str, fields: Mapping[str, Sequence[str]], *, dry_run: bool) -> tuple[Piece, ...]:
    """Take all of ours out; `fields` are the names of our fields by object. See `CRM.remove_all`.

    In an order in which nothing hangs on what goes: the dashboard, reports, views, the panel, the permission sets after
    their users, the fields with their values. What Salesforce holds on to is told, and the rest goes all the same.
    """
    ours = content(prefix)
    users = _assignments(gateway)
    own = [f"{sobject}.{name}" for sobject, names in fields.items() for name in names]
    kept = _kept(gateway, ours, own)
    holding = {name: _holding(gateway, *name.split(".")) for name in own}
    reports = [(one.kind, one.name) for one in reversed(ours.reports)]
    steps = (
        [one for one in reports if one[0] == "Dashboard"],
        [one for one in reports if one[0] == "Report"],
        [(one.kind, one.name) for one in ours.views],
        [] if PANEL in kept else [(one.kind, one.name) for one in ours.panel],
        [("PermissionSet", name) for name in SETS if name not in kept],
        [("CustomField", name) for name in holding],
    )
    if not dry_run:
        for assignment in (one for name, given in users.items() if name not in kept for one in given):
            gateway.ask(Call("permission set", "DELETE", f"sobjects/PermissionSetAssignment/{assignment}"))
    pieces: list[Piece] = []
    before: list[tuple[str, str]] = []  # in a dry run, for what hangs on a step must go with it
    for step in filter(None, steps):
        hindered = dry_run and any(users.values()) and step[0][0] == "PermissionSet"  # as long as they have users
        refused, gone = delete(gateway, [*before, *step], dry_run=dry_run, tried=not hindered)
        pieces += _lost(step, refused, gone, holding=holding, users=users)
        before += [one for one in step if dry_run and not hindered and one[1] not in refused]
    return tuple(pieces)


def _panel(gateway: Gateway, ours: Content, *, dry_run: bool) -> Piece:
    """Deploy the panel when it is missing, or another version's; its description tells which one it is."""
    found = _mark(gateway)
    version = f"({ours.prefix} {ours.panel_digest})"
    if found is not None and _is_of_another(found, ours.prefix):
        told = f"an org has one panel, and it shows the fields of another prefix: {found}"
        return Piece(KINDS["LightningComponentBundle"], PANEL, PieceState.REFUSED, told=told, needs=NEEDS["panel"])
    is_current = found == version
    state = PieceState.LEFT if is_current else PieceState.CREATED if found is None else PieceState.REPLACED
    refused: Mapping[str, str] = {}
    if not is_current and not dry_run:
        marked = [_marked(one, version) if one.name == PANEL else one for one in ours.panel]
        refused = deploy_what_is_taken(gateway, marked, whole=True)
    piece = Piece(KINDS["LightningComponentBundle"], PANEL, state, needs=NEEDS["panel"])
    if refused:
        [told, *_] = [f"{name}: {why}" if name else why for name, why in refused.items()]
        return replace(piece, state=PieceState.REFUSED, told=told)
    return piece


def _mark(gateway: Gateway) -> str | None:
    """Give what the org's panel says of itself, as "(TG_ 0123456789ab)"; "" when it says nothing, None without one."""
    query = soql.select("LightningComponentBundle", ("DeveloperName", "Description"), where=_named([PANEL]))
    rows = _tooling(gateway, query)
    if not rows:
        return None
    marked = MARK.search(str(rows[0]["Description"] or ""))
    return marked[0] if marked else ""


def _is_of_another(mark: str, prefix: str) -> bool:
    return bool(mark) and not mark.startswith(f"({prefix} ")


def _kept(gateway: Gateway, ours: Content, own: Sequence[str]) -> frozenset[str]:
    """Name what another prefix of the same org needs: the panel that shows its fields, the sets that grant them."""
    kept = {PANEL} if _is_of_another(_mark(gateway) or "", ours.prefix) else set[str]()
    sets = _sets(gateway)
    if sets:
        where = soql.one_of("ParentId", list(sets))
        grants = _rows(gateway, soql.select("FieldPermissions", ("ParentId", "Field"), where=where))
        kept |= {sets[row["ParentId"]] for row in grants if row["Field"] not in own}
    return frozenset(kept)


def _marked(one: Component, version: str) -> Component:
    """Put the version at the end of a component's description."""
    path = f"lwc/{one.name}/{one.name}.js-meta.xml"
    text = one.files[path].replace(b"</description>", f" {version}</description>".encode())
    return replace(one, files={**one.files, path: text})


def _told(group: Iterable[Component], missing: Sequence[Component], refused: Mapping[str, str]) -> Iterable[Piece]:
    for one in group:
        kind = KINDS[one.kind]
        if one.name in refused:
            yield Piece(kind, one.name, PieceState.REFUSED, told=refused[one.name], needs=NEEDS[kind])
        elif not _is_folder(one.kind, one.name):
            yield Piece(kind, one.name, PieceState.CREATED if one in missing else PieceState.LEFT, needs=NEEDS[kind])


def _lost(
    step: Iterable[tuple[str, str]], refused: Mapping[str, str], gone: frozenset[str], *,
    holding: Mapping[str, int | None], users: Mapping[str, Sequence[str]],
) -> Iterable[Piece]:  # fmt: skip
    for kind, name in step:
        is_part = kind in HIDDEN or _is_folder(kind, name) or (kind == "LightningComponentBundle" and name != PANEL)
        if name in refused:
            yield Piece(KINDS[kind], name, PieceState.REFUSED, told=refused[name])
        elif name in gone and not is_part:
            told = ""
            if kind == "CustomField":
                told = _values(holding.get(name))
            elif kind == "PermissionSet":
                told = f"users who have it: {len(users.get(name, ())):,}"
            yield Piece(KINDS[kind], name, PieceState.REMOVED, told=told)


def _values(count: int | None) -> str:
    return "with all its values" if count is None else f"with {count:,} values"


def _is_folder(kind: str, name: str) -> bool:
    return kind in {"Report", "Dashboard"} and "/" not in name


def _present(gateway: Gateway, group: Sequence[Component]) -> frozenset[tuple[str, str]]:
    """Find which of these the org has, as (type, name)."""
    present: set[tuple[str, str]] = set()
    for kind in dict.fromkeys(one.kind for one in group):
        names = [_own_name(one.name) for one in group if one.kind == kind]
        query = soql.select(kind, ("DeveloperName",), where=soql.both(_named(names), OF_LEADS.get(kind, "")))
        found = {str(row["DeveloperName"]) for row in (_tooling if kind in TOOLING else _rows)(gateway, query)}
        if kind in {"Report", "Dashboard"}:
            where = soql.both(_named(names), f"Type = {soql.literal(kind)}")
            rows = _rows(gateway, soql.select("Folder", ("DeveloperName",), where=where))
            found |= {str(row["DeveloperName"]) for row in rows}
        present |= {(kind, one.name) for one in group if one.kind == kind and _own_name(one.name) in found}
    return frozenset(present)


def _own_name(name: str) -> str:
    """Give the last part of a name: of Lead.TG_Rising_Leads, of TG_Truegrade/TG_Lead_Scores."""
    return name.replace("/", ".").rpartition(".")[2]


def _named(names: Sequence[str]) -> str:
    return soql.one_of("DeveloperName", names)


def _assignments(gateway: Gateway) -> dict[str, list[str]]:
    """List who has our permission sets: the assignments' ids by set."""
    sets = _sets(gateway)
    if not sets:
        return {}
    where = soql.one_of("PermissionSetId", list(sets))
    given: dict[str, list[str]] = {}
    for row in _rows(gateway, soql.select("PermissionSetAssignment", ("Id", "PermissionSetId"), where=where)):
        given.setdefault(sets[row["PermissionSetId"]], []).append(str(row["Id"]))
    return given


def _sets(gateway: Gateway) -> dict[str, str]:
    """List our permission sets, as names by id."""
    rows = _rows(gateway, soql.select("PermissionSet", ("Id", "Name"), where=soql.one_of("Name", SETS)))
    return {str(row["Id"]): str(row["Name"]) for row in rows}


def _holding(gateway: Gateway, sobject: str, name: str) -> int | None:
    """Count the records with a value; None where that cannot be asked: long texts, and fields hidden from this user."""
    try:
        answer = gateway.ask(Call("count", "GET", "query/", params={"q": soql.count(sobject, where=f"{name} != null")}))
    except Rejected:
        return None
    return int(answer.value["totalSize"])


def _rows(gateway: Gateway, query: str) -> list[dict[str, Any]]:
    return [row for page in statement(gateway, query) for row in page.rows]


def _tooling(gateway: Gateway, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = gateway.ask(Call("parts", "GET", "tooling/query/", params={"q": query})).value[
        "records"
    ]
    return rows
