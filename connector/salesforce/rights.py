"""What a user of the org must be allowed to do, whether it is, and what to ask the admin for when it is not.

Sources: "User permissions" in Salesforce's help; the object UserPermissionAccess ("Object reference"), which every user
of the API may ask about itself, also without View Setup and Configuration.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from connector.crm import Right
from connector.errors import Misconfigured
from connector.salesforce import soql
from connector.salesforce.calls import Call, Rejected
from connector.salesforce.gateway import Gateway
from connector.salesforce.verdicts import STOPS

NOT_ALLOWED = frozenset(
    {"INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS", "FORBIDDEN", "INSUFFICIENT_PERMISSIONS", "INVALID_TYPE"}
)
GIVEN = "Setup, Permission Sets (or the user's profile), System Permissions"
VIEW_SETUP = "View Setup and Configuration"
METADATA = "Modify Metadata Through Metadata API Functions"
CUSTOMIZE = "Customize Application"
SETS = "Manage Profiles and Permission Sets"
ASSIGN = "Assign Permission Sets"

# (permission, its column, what it is for, whether all goes on without it)
OF_INTEGRATION = (
    ("API Enabled", "PermissionsApiEnabled", "every call", False),
    (
        "View All Data",
        "PermissionsViewAllData",
        "reading every owner's records; View All Records on each mapped object (Object Settings) does as well",
        True,
    ),
    (VIEW_SETUP, "PermissionsViewSetup", "asking for the API limits; without it they are read from replies", True),
)
OF_ADMIN = (
    (METADATA, "PermissionsModifyMetadata", "every deployment", False),
    (CUSTOMIZE, "PermissionsCustomizeApplication", "fields, the panel, compact layouts", False),
    (SETS, "PermissionsManageProfilesPermissionsets", "the two permission sets, and access to fields", False),
    (ASSIGN, "PermissionsAssignPermissionSets", "giving the integration user its permission set", False),
    (VIEW_SETUP, "PermissionsViewSetup", "seeing which permission sets there are", False),
    ("Manage Public List Views", "PermissionsEditPublicFilters", "list views", True),
    ("Manage Custom Report Types", "PermissionsManageCustomReportTypes", "the report type that reports stand on", True),
    ("Manage Reports in Public Folders", "PermissionsManageReportsInPubFolders", "reports", True),
    ("Manage Dashboards in Public Folders", "PermissionsManageDashbdsInPubFolders", "the dashboard", True),
)


def of_user(gateway: Gateway, *, as_admin: bool) -> tuple[Right, ...]:
    """List what the signed-in user must be allowed to do; see `CRM.rights`."""
    wanted = OF_ADMIN if as_admin else OF_INTEGRATION
    query = soql.select("UserPermissionAccess", [column for _, column, _, _ in wanted])
    try:
        rows = gateway.ask(Call("permissions", "GET", "query/", params={"q": query})).value["records"]
    except Rejected:  # an edition that knows one of them not
        rows = []
    except Misconfigured as error:
        if error.message != STOPS["INSUFFICIENT_ACCESS"][0]:
            raise
        rows = []  # an org that shows them to nobody
    held = rows[0] if rows else {}
    return tuple(
        Right(name, held.get(column), why=why, where=GIVEN, optional=optional) for name, column, why, optional in wanted
    )


@contextmanager
def needing(*permissions: str) -> Iterator[None]:
    """Let a refusal in here be told as the permissions that are missing, and where an admin gives them."""
    named = " and ".join(permissions)
    told = Misconfigured(f"Salesforce does not let this user do that: it takes {named}.", fix=f"Give them in {GIVEN}.")
    try:
        yield
    except Rejected as error:
        if error.code in NOT_ALLOWED:
            raise told from None
        raise
    except Misconfigured as error:
        if error.message == STOPS["INSUFFICIENT_ACCESS"][0]:  # the fix for all calls says less than this one
            raise told from None
        raise
