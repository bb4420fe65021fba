"""Installing what reps look at, with the admin's own credential.

What a customer may adapt once it is there (list views, reports, the dashboard, compact layouts) is made when it is
missing and then left alone; the panel is ours, and is replaced when it is not this version's. No layout, page, profile
or field of the customer's is ever part of a deployment.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.crm import Piece, PieceState
from connector.salesforce import panel
from connector.salesforce.content import content, names, shown_on, uses
from connector.salesforce.deployment import deploy_what_is_taken
from connector.salesforce.gateway import Gateway
from connector.salesforce.lookups import SORTED, present
from connector.salesforce.package import Component
from connector.salesforce.pruning import Fields

KINDS = {
    "ListView": "list view", "CompactLayout": "compact layout", "Report": "report", "Dashboard": "dashboard",
    "LightningComponentBundle": panel.KIND, "CustomField": "field", "PermissionSet": "permission set",
    "CustomLabel": "label", "ReportType": "report type",
}  # fmt: skip
# What the signed-in admin must be allowed to do, by kind ("User permissions" in Salesforce's setup).
NEEDS = {
    "list view": "Manage Public List Views",
    "compact layout": "Customize Application",
    "report": "Manage Reports in Public Folders",
    "report type": "Manage Custom Report Types",
    "dashboard": "Manage Dashboards in Public Folders",
    panel.KIND: panel.NEEDS,
}


UNASKED = frozenset({"ReportType"})  # no query tells which there are: one is there as long as the reports of it are


def ensure(gateway: Gateway, prefix: str, fields: Fields, *, dry_run: bool) -> tuple[Piece, ...]:
    """Create what is missing of the panel, views and reports; see `CRM.ensure_app`. `fields` are ours, by object."""
    ours = content(prefix, fields)
    pieces = [panel.ensure(gateway, ours, dry_run=dry_run), *_ensured(gateway, ours.views, dry_run=dry_run)]
    reports = _ensured(gateway, ours.reports, dry_run=dry_run)
    refused = {piece.name for piece in reports if piece.state is PieceState.REFUSED}
    boards = shown_on(ours.dashboards, set(names(ours.reports, "Report")) - refused)
    shown = {one.name for one in boards}
    bare = [one for one in ours.dashboards if one.name not in shown and not is_folder(one.kind, one.name)]
    missing = dict.fromkeys((one.name for one in bare), "none of its reports could be made")
    return (*pieces, *reports, *_ensured(gateway, boards, dry_run=dry_run), *_told(bare, (), missing))


def is_folder(kind: str, name: str) -> bool:
    """Tell a folder from what lies in it."""
    return kind in SORTED and "/" not in name


def _ensured(gateway: Gateway, group: Sequence[Component], *, dry_run: bool) -> list[Piece]:
    there = present(gateway, [one for one in group if one.kind not in UNASKED])
    missing = [one for one in group if (one.kind, one.name) not in there and one.kind not in UNASKED]
    missing = [one for one in group if one in missing or any(uses(report, one.name) for report in missing)]
    refused = deploy_what_is_taken(gateway, missing) if missing and not dry_run else {}
    return list(_told(group, missing, refused))


def _told(group: Iterable[Component], missing: Sequence[Component], refused: Mapping[str, str]) -> Iterator[Piece]:
    for one in group:
        kind = KINDS[one.kind]
        if one.name in refused:
            yield Piece(kind, one.name, PieceState.REFUSED, told=refused[one.name], needs=NEEDS[kind])
        elif not is_folder(one.kind, one.name):
            yield Piece(kind, one.name, PieceState.CREATED if one in missing else PieceState.LEFT, needs=NEEDS[kind])
