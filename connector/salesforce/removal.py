"""Taking everything of ours out of an org again, with the admin's own credential.

In an order in which nothing hangs on what goes: the dashboard, reports, views, the panel, the permission sets after
their users, the fields with their values. What Salesforce holds on to is told, and the rest goes all the same.
Source: "Metadata API guide, Deleting components from an organization".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.crm import Piece, PieceState
from connector.salesforce import panel, soql
from connector.salesforce.calls import Call, Rejected
from connector.salesforce.content import PANEL, Content, content
from connector.salesforce.deployment import delete
from connector.salesforce.gateway import Gateway
from connector.salesforce.installation import KINDS, is_folder
from connector.salesforce.lookups import SETS, assignments, permission_sets, rows
from connector.salesforce.package import Component
from connector.salesforce.pruning import Fields
from connector.salesforce.rights import ASSIGN, VIEW_SETUP, needing

STILL_USED = "it serves fields of Truegrade that stay: of another prefix, or on other records"
HIDDEN = frozenset({"CustomLabel"})  # parts of the panel that nobody need hear of, unless they are refused

Step = Sequence[tuple[str, str]]  # components as (type, name)


def remove(gateway: Gateway, prefix: str, fields: Fields, *, dry_run: bool) -> tuple[Piece, ...]:
    """Take all of ours out; `fields` are the names of our fields by object. See `CRM.remove_all`."""
    ours = content(prefix, fields)
    own = [f"{sobject}.{name}" for sobject, names in fields.items() for name in names]
    with needing(VIEW_SETUP):
        users = assignments(gateway)
    kept = _kept(gateway, ours, own)
    holding = {name: _holding(gateway, *name.split(".")) for name in own}
    if not dry_run:
        with needing(ASSIGN):
            for assignment in (one for name, given in users.items() if name not in kept for one in given):
                gateway.ask(Call("permission set", "DELETE", f"sobjects/PermissionSetAssignment/{assignment}"))
    pieces: list[Piece] = []
    before: list[tuple[str, str]] = []  # in a dry run, for what hangs on a step must go with it
    for step in filter(None, _steps(ours, own, kept)):
        hindered = dry_run and any(users.values()) and step[0][0] == "PermissionSet"  # as long as they have users
        refused, gone = delete(gateway, [*before, *step], dry_run=dry_run, tried=not hindered)
        pieces += _lost(step, refused, gone, holding=holding, users=users)
        before += [one for one in step if dry_run and not hindered and one[1] not in refused]
    kinds = dict.fromkeys(SETS, "permission set") | {PANEL: panel.KIND}
    return (*pieces, *(Piece(kinds[name], name, PieceState.LEFT, told=STILL_USED) for name in sorted(kept)))


def _steps(ours: Content, own: Sequence[str], kept: frozenset[str]) -> tuple[Step, ...]:
    return (
        _backwards(ours.dashboards),
        _backwards(one for one in ours.reports if one.kind == "Report"),
        [(one.kind, one.name) for one in ours.reports if one.kind == "ReportType"],
        [(one.kind, one.name) for one in ours.views],
        [] if PANEL in kept else [(one.kind, one.name) for one in ours.panel],
        [("PermissionSet", name) for name in SETS if name not in kept],
        [("CustomField", name) for name in own],
    )


def _backwards(components: Iterable[Component]) -> Step:
    return [(one.kind, one.name) for one in reversed([*components])]


def _kept(gateway: Gateway, ours: Content, own: Sequence[str]) -> frozenset[str]:
    """Name what others in the same org need: the sets that grant their fields, the panel that shows them.

    Others are connections with another prefix, or with this one on another object, such as deals beside leads.
    """
    sets = permission_sets(gateway)
    granted: list[tuple[str, str]] = []
    if sets:
        where = soql.one_of("ParentId", list(sets))
        found = rows(gateway, soql.select("FieldPermissions", ("ParentId", "Field"), where=where))
        granted = [(sets[row["ParentId"]], row["Field"]) for row in found if row["Field"] not in own]
    kept = {name for name, _ in granted}
    shown = any(field.partition(".")[2].startswith(ours.prefix) for _, field in granted)
    there = panel.description(gateway)
    if there is not None and (shown or panel.is_of_another(there, ours.prefix)):
        kept.add(PANEL)
    return frozenset(kept)


def _lost(
    step: Step, refused: Mapping[str, str], gone: frozenset[str], *, holding: Mapping[str, int | None],
    users: Mapping[str, Sequence[str]],
) -> Iterator[Piece]:  # fmt: skip
    for kind, name in step:
        is_part = kind in HIDDEN or is_folder(kind, name) or (kind == "LightningComponentBundle" and name != PANEL)
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


def _holding(gateway: Gateway, sobject: str, name: str) -> int | None:
    """Count the records with a value; None where that cannot be asked: long texts, and fields hidden from this user."""
    try:
        answer = gateway.ask(Call("count", "GET", "query/", params={"q": soql.count(sobject, where=f"{name} != null")}))
    except Rejected:
        return None
    return int(answer.value["totalSize"])
