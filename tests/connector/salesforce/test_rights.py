"""What is said when a permission is missing: which one, and where an admin gives it; and nothing else is harmed."""

import pytest

from connector.crm import Entity, PieceState
from connector.errors import Misconfigured
from connector.salesforce import installation, rights
from mappings.file.load import load_preset
from tests.connector.salesforce.conftest import ADMIN, ROOT
from tests.connector.salesforce.orgstate import told

PREFIX = "TG_"
FIELDS = load_preset("salesforce").output_fields()
OURS = {Entity.LEAD: FIELDS}
USER = "integration@truegrade.invalid"


@pytest.fixture
def admin(connected):
    return connected(ADMIN, integration_username=USER)


def provision(admin):
    admin.ensure_fields(Entity.LEAD, FIELDS, dry_run=False)
    return admin.ensure_app(PREFIX, OURS, dry_run=False)


@pytest.mark.parametrize("permission", [rights.METADATA, rights.CUSTOMIZE, rights.VIEW_SETUP])
def test_without_it_nothing_is_made_and_the_admin_is_told_what_to_ask_for(admin, org, permission):
    before = told(org)
    org.withhold("admin", permission)

    with pytest.raises(Misconfigured) as refused:
        provision(admin)

    assert permission in str(refused.value)
    assert "Setup, Permission Sets" in refused.value.fix
    assert told(org) == before


def test_without_permission_for_permission_sets_the_deployment_names_it_before_anything_is_made(admin, org):
    before = told(org)
    org.withhold("admin", rights.SETS)

    with pytest.raises(Misconfigured, match=rights.SETS):
        provision(admin)

    assert told(org) == before


def test_who_may_not_assign_permission_sets_is_told_so_and_the_next_run_goes_on(admin, org):
    org.withhold("admin", rights.ASSIGN)
    with pytest.raises(Misconfigured, match=rights.ASSIGN):
        provision(admin)

    org._state.withheld.clear()
    plan = admin.ensure_fields(Entity.LEAD, FIELDS, dry_run=False)

    assert (plan.created, plan.assigned) == ((), True)


@pytest.mark.parametrize(
    ("permission", "kinds"),
    [
        ("Manage Public List Views", {"list view"}),
        ("Manage Reports in Public Folders", {"report", "dashboard"}),
        ("Manage Dashboards in Public Folders", {"dashboard"}),
        ("Manage Custom Report Types", {"report type", "report"}),
    ],
)
def test_a_view_that_the_admin_may_not_make_is_told_with_the_permission_and_the_rest_is_made(
    admin, org, permission, kinds
):
    org.withhold("admin", permission)

    pieces = provision(admin)

    refused = [piece for piece in pieces if piece.state is PieceState.REFUSED]
    assert {piece.kind for piece in refused} == kinds
    assert permission in {piece.needs for piece in refused}
    assert PieceState.CREATED in {piece.state for piece in pieces if piece.kind == "compact layout"}


def test_a_user_tells_what_it_is_allowed(admin, connected, org):
    org.withhold("admin", rights.ASSIGN)
    org.withhold("integration", "View All Data")

    own = {right.name: right for right in connected().rights([Entity.LEAD], [Entity.LEAD], as_admin=False)}
    admins = {right.name: right.held for right in admin.rights([Entity.LEAD], [Entity.LEAD], as_admin=True)}

    assert own["API Enabled"].held is True
    assert own["View All Data"].held is False
    assert own["View All Data"].optional
    assert admins[rights.ASSIGN] is False
    assert admins[rights.METADATA] is True
    assert set(installation.NEEDS.values()) <= admins.keys()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, [{"errorCode": "INVALID_FIELD", "message": "No such column"}]),
        (403, [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}]),
        (200, {"totalSize": 0, "done": True, "records": []}),
    ],
)
def test_what_salesforce_does_not_tell_of_is_not_taken_for_missing(crm, wire, status, body):
    wire.get(f"{ROOT}/query/", json=body, status=status)

    told = crm.rights([Entity.LEAD], [Entity.LEAD], as_admin=True)

    assert {right.held for right in told} == {None}
    assert all(right.where for right in told)


def test_a_user_without_the_api_is_told_so(connected, org):
    org.withhold("integration", "API Enabled")

    with pytest.raises(Misconfigured, match="API Enabled"):
        connected().describe(Entity.LEAD)
