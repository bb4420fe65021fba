"""What an org has of ours, asked for by name: components, permission sets and who has them.

Sources: "Object reference" for ListView, Report, Dashboard, Folder and PermissionSet; "Tooling API" for
LightningComponentBundle and CompactLayout.
"""

from collections.abc import Sequence
from typing import Any

from connector.salesforce import soql
from connector.salesforce.calls import Call
from connector.salesforce.gateway import Gateway
from connector.salesforce.package import INTEGRATION, USER, Component
from connector.salesforce.reads import statement

OF_OBJECTS = frozenset({"ListView", "CompactLayout"})
SORTED = frozenset({"Report", "Dashboard"})  # in folders
TOOLING = frozenset({"CompactLayout"})
SETS = (INTEGRATION.name, USER.name)


def rows(gateway: Gateway, query: str) -> list[dict[str, Any]]:
    """Give all rows of a query."""
    return [row for page in statement(gateway, query) for row in page.rows]


def tooling(gateway: Gateway, query: str) -> list[dict[str, Any]]:
    """Give the rows of a query of the Tooling API."""
    answer = gateway.ask(Call("parts", "GET", "tooling/query/", params={"q": query})).value
    found: list[dict[str, Any]] = answer["records"]
    return found


def present(gateway: Gateway, group: Sequence[Component]) -> frozenset[tuple[str, str]]:
    """Find which of these the org has, as (type, name)."""
    found: set[tuple[str, str]] = set()
    for kind, sobject in dict.fromkeys((one.kind, _object_of(one)) for one in group):
        asked = {own_name(one.name): one for one in group if (one.kind, _object_of(one)) == (kind, sobject)}
        of_object = f"SobjectType = {soql.literal(sobject)}" if sobject else ""
        query = soql.select(kind, ("DeveloperName",), where=soql.both(named(list(asked)), of_object))
        there = (tooling if kind in TOOLING else rows)(gateway, query)
        if kind in SORTED:
            where = soql.both(named(list(asked)), f"Type = {soql.literal(kind)}")
            there += rows(gateway, soql.select("Folder", ("DeveloperName",), where=where))
        found |= {(kind, asked[str(row["DeveloperName"])].name) for row in there if row["DeveloperName"] in asked}
    return frozenset(found)


def named(names: Sequence[str]) -> str:
    """Write the condition that finds components by name."""
    return soql.one_of("DeveloperName", names)


def own_name(name: str) -> str:
    """Give the last part of a name: of Lead.TG_Rising_Leads, of TG_Truegrade/TG_Lead_Scores."""
    return name.replace("/", ".").rpartition(".")[2]


def permission_sets(gateway: Gateway) -> dict[str, str]:
    """List our permission sets, as names by id."""
    found = rows(gateway, soql.select("PermissionSet", ("Id", "Name"), where=soql.one_of("Name", SETS)))
    return {str(row["Id"]): str(row["Name"]) for row in found}


def assignments(gateway: Gateway) -> dict[str, list[str]]:
    """List who has our permission sets: the assignments' ids by set."""
    sets = permission_sets(gateway)
    if not sets:
        return {}
    where = soql.one_of("PermissionSetId", list(sets))
    given: dict[str, list[str]] = {}
    for row in rows(gateway, soql.select("PermissionSetAssignment", ("Id", "PermissionSetId"), where=where)):
        given.setdefault(sets[row["PermissionSetId"]], []).append(str(row["Id"]))
    return given


def _object_of(one: Component) -> str:
    return one.name.partition(".")[0] if one.kind in OF_OBJECTS else ""
