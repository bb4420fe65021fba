"""The panel of an org: which one it is, and putting this version's in its place.

The panel is ours: its description ends with the prefix of the fields that it shows and a digest of its sources, and
another version's is replaced. One that somebody else made under the same name is told, and left alone.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from connector.crm import Piece, PieceState
from connector.salesforce import soql
from connector.salesforce.calls import Call
from connector.salesforce.content import PANEL, Content
from connector.salesforce.deployment import deploy_what_is_taken
from connector.salesforce.gateway import Gateway
from connector.salesforce.lookups import named, tooling
from connector.salesforce.package import APP_API_VERSION, Component

KIND = "panel"
NEEDS = "Customize Application"
OURS = "that Truegrade wrote on this record"  # in the description of every panel of ours
MARK = re.compile(r"\(\w+ [0-9a-f]{12}\)$")
TOO_OLD = (
    "this org's newest API version is {newest}, and the panel is made for {needed} (Spring '25); the score shows in "
    "list views, reports and on page layouts all the same. Run this again when Salesforce has upgraded the org"
)
ANOTHER_S = (
    f"the org has a Lightning component {PANEL} that is not Truegrade's; deploy that one under another name and delete "
    "it under this one, then run this again"
)


def ensure(gateway: Gateway, ours: Content, *, dry_run: bool) -> Piece:
    """Deploy the panel when it is missing, or another version's."""
    found = description(gateway)
    told = _hindrance(gateway, found, ours)
    if told:
        return Piece(KIND, PANEL, PieceState.REFUSED, told=told, needs=NEEDS)
    is_current = found is not None and mark(found) == _version(ours)
    state = PieceState.LEFT if is_current else PieceState.CREATED if found is None else PieceState.REPLACED
    refused: Mapping[str, str] = {}
    if not is_current and not dry_run:
        refused = deploy_what_is_taken(gateway, marked(ours), whole=True, api_version=APP_API_VERSION)
    piece = Piece(KIND, PANEL, state, needs=NEEDS)
    if refused:
        [why, *_] = [f"{name}: {reason}" if name else reason for name, reason in refused.items()]
        return replace(piece, state=PieceState.REFUSED, told=why)
    return piece


def marked(ours: Content) -> list[Component]:
    """Give the panel's components; its description tells prefix and version."""
    return [_with_mark(one, _version(ours)) if one.name == PANEL else one for one in ours.panel]


def description(gateway: Gateway) -> str | None:
    """Give what the org's component of the panel's name says of itself; None where there is none."""
    rows = tooling(
        gateway, soql.select("LightningComponentBundle", ("DeveloperName", "Description"), where=named([PANEL]))
    )
    return str(rows[0]["Description"] or "") if rows else None


def mark(description: str) -> str:
    """Give the end of a panel's description, as "(TG_ 0123456789ab)"; "" when it was deployed by hand."""
    found = MARK.search(description)
    return found[0] if found else ""


def is_of_another(description: str | None, prefix: str) -> bool:
    """Tell whether a panel shows the fields of another prefix, or is none of ours."""
    if description is None:
        return False
    return not _is_ours(description) or (mark(description) != "" and not mark(description).startswith(f"({prefix} "))


def _is_ours(description: str) -> bool:
    return mark(description) != "" or OURS in description


def _hindrance(gateway: Gateway, found: str | None, ours: Content) -> str:
    """Say why the panel cannot be deployed; "" when it can be, or is there."""
    if found is not None and not _is_ours(found):
        return ANOTHER_S
    if is_of_another(found, ours.prefix):
        return f"an org has one panel, and it shows the fields of another prefix: {mark(found or '')}"
    if found is None or mark(found) != _version(ours):
        newest = max(float(one["version"]) for one in gateway.ask(Call("versions", "GET", "/services/data/")).value)
        if newest < float(APP_API_VERSION):
            return TOO_OLD.format(newest=newest, needed=APP_API_VERSION)
    return ""


def _version(ours: Content) -> str:
    return f"({ours.prefix} {ours.panel_digest})"


def _with_mark(one: Component, version: str) -> Component:
    path = f"lwc/{one.name}/{one.name}.js-meta.xml"
    text = one.files[path].replace(b"</description>", f" {version}</description>".encode())
    return replace(one, files={**one.files, path: text})
