"""What a user may do beside seeing fields: system permissions, as admins call them ("User permissions" in Setup).

What is refused without which permission follows Salesforce's help; codes and words of the refusals are assumptions.
"""

import re
from typing import Any

from connector.simulator.salesforce.errors import Refused
from connector.simulator.salesforce.state import ADMIN, INTEGRATION, State

API = "API Enabled"
SETUP = "View Setup and Configuration"
METADATA = "Modify Metadata Through Metadata API Functions"
CUSTOMIZE = "Customize Application"
SETS = "Manage Profiles and Permission Sets"
ASSIGN = "Assign Permission Sets"

# As the object UserPermissionAccess calls them ("Object reference").
COLUMNS = {
    API: "PermissionsApiEnabled", "View All Data": "PermissionsViewAllData", SETUP: "PermissionsViewSetup",
    METADATA: "PermissionsModifyMetadata", CUSTOMIZE: "PermissionsCustomizeApplication",
    SETS: "PermissionsManageProfilesPermissionsets", ASSIGN: "PermissionsAssignPermissionSets",
    "Manage Public List Views": "PermissionsEditPublicFilters",
    "Manage Custom Report Types": "PermissionsManageCustomReportTypes",
    "Manage Reports in Public Folders": "PermissionsManageReportsInPubFolders",
    "Manage Dashboards in Public Folders": "PermissionsManageDashbdsInPubFolders",
}  # fmt: skip
GIVEN = {INTEGRATION: frozenset({API, "View All Data", SETUP})}

# What deploying a component takes beside METADATA and CUSTOMIZE.
OF_COMPONENTS = {
    "PermissionSet": SETS, "ListView": "Manage Public List Views", "Report": "Manage Reports in Public Folders",
    "Dashboard": "Manage Dashboards in Public Folders", "ReportType": "Manage Custom Report Types",
}  # fmt: skip
OF_RECORDS = {"PermissionSetAssignment": ASSIGN, "FieldPermissions": SETS, "PermissionSet": SETS}
ACCESS = re.compile(r"SELECT (.+) FROM UserPermissionAccess", re.IGNORECASE)


def holds(state: State, user: str, permission: str) -> bool:
    """Tell whether the user has a permission: an admin has all that was not taken away."""
    return (user == ADMIN or permission in GIVEN.get(user, ())) and (user, permission) not in state.withheld


def require(state: State, user: str, permission: str) -> None:
    """Raise the 403 of a permission that is missing."""
    if not holds(state, user, permission):
        raise Refused(403, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id")


def require_for(state: State, user: str, sobject: str) -> None:
    """Raise the 403 of who may not make, change or delete records of what gives permissions."""
    if sobject in OF_RECORDS:
        require(state, user, OF_RECORDS[sobject])


def require_api(state: State, user: str) -> None:
    """Raise the 403 of a user who may not call the API."""
    if (user, API) in state.withheld:
        raise Refused(403, "API_CURRENTLY_DISABLED", "API is disabled for this User")


def require_setup(state: State, user: str, query: str) -> None:
    """Raise what a query of permissions meets that may not be seen."""
    found = re.search(r"FROM (PermissionSet\w*|FieldPermissions)", query)
    if found and not holds(state, user, SETUP):
        raise Refused(400, "INVALID_TYPE", f"sObject type '{found[1]}' is not supported.")


def access(state: State, user: str, query: str) -> dict[str, Any] | None:
    """Answer a query of UserPermissionAccess, one row about the user who asks; None for any other query."""
    found = ACCESS.fullmatch(query.strip())
    if not found:
        return None
    own = {column: holds(state, user, permission) for permission, column in COLUMNS.items()}
    names = [name.strip() for name in found[1].split(",")]
    if unknown := [name for name in names if name not in own]:
        raise Refused(400, "INVALID_FIELD", f"No such column '{unknown[0]}' on entity 'UserPermissionAccess'.")
    row = {"attributes": {"type": "UserPermissionAccess"}, **{name: own[name] for name in names}}
    return {"totalSize": 1, "done": True, "records": [row]}
