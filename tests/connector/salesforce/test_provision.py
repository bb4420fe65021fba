"""Creating our fields: the plan, the deployment to the letter, and what is never done."""

import json
import re
from dataclasses import replace

import pytest
import responses

from connector.crm import Entity, Kind, NewField, Provisioned
from connector.errors import Misconfigured
from connector.salesforce.deployment import request
from tests.connector.salesforce.conftest import ROOT

SCORE = NewField("TG_Score__c", "Score", Kind.NUMBER, "1 to 99", digits=3)
GRADE = NewField("TG_Grade__c", "Grade", Kind.OPTION, "A to D", length=2)
SETS = [{"Id": "0PS1", "Name": "Truegrade_Integration"}, {"Id": "0PS2", "Name": "Truegrade_User"}]
SUCCESS = {"done": True, "success": True, "status": "Succeeded", "details": {}}


class Org:
    """An org as the admin sees it. `made` lists what was created or changed beside deployments."""

    def __init__(self, wire, *, fields=(), sets=(), grants=(), assigned=False, results=()):
        self.sets = list(sets)
        self.grants = list(grants)
        self.assigned = assigned
        self.results = list(results)
        self.deployed = []
        self.made = []
        entries = [
            {"name": name, "label": name, "type": kind, "updateable": True, "length": 0, "custom": True}
            | {"calculated": False, "picklistValues": []}
            for name, kind in fields
        ]
        wire.get(f"{ROOT}/sobjects/Lead/describe", json={"fields": entries})
        wire.add_callback(responses.GET, f"{ROOT}/query/", callback=self.query)
        wire.add_callback(responses.POST, f"{ROOT}/metadata/deployRequest", callback=self.deploy)
        wire.add_callback(responses.GET, f"{ROOT}/metadata/deployRequest/0Af", callback=self.deployment)
        for method in (responses.POST, responses.PATCH):
            wire.add_callback(method, re.compile(re.escape(f"{ROOT}/sobjects/") + ".+"), callback=self.make)

    def query(self, asked):
        query = asked.params["q"]
        rows = []
        if "FROM PermissionSetAssignment" in query:
            rows = [{"Id": "0Pa"}] if self.assigned else []
        elif "FROM PermissionSet" in query:
            rows = [row for row in self.sets if row["Name"] in query]
        elif "FROM FieldPermissions" in query:
            rows = self.grants
        elif "FROM User" in query:
            rows = [{"Id": "005"}] if "int@acme.test" in query else []
        return 200, {}, json.dumps({"totalSize": len(rows), "done": True, "records": rows})

    def deploy(self, asked):
        self.deployed.append(b'"checkOnly": true' in asked.body)
        if not self.deployed[-1]:
            self.sets = SETS
        return 201, {}, json.dumps({"id": "0Af"})

    def deployment(self, _):
        return 200, {}, json.dumps({"deployResult": self.results.pop(0) if self.results else SUCCESS})

    def make(self, asked):
        self.made.append((asked.method, asked.url.removeprefix(f"{ROOT}/sobjects/"), json.loads(asked.body)))
        return 201, {}, json.dumps({"id": "x", "success": True, "errors": []})


@pytest.fixture
def admin(crm):
    gateway = crm._gateway
    gateway.options = replace(gateway.options, integration_username="int@acme.test")
    return crm


def ensure(admin, *, dry_run=False):
    return admin.ensure_fields(Entity.LEAD, [SCORE, GRADE], dry_run=dry_run)


def test_a_bare_org_gets_all_in_one_deployment_that_is_tried_out_first(admin, wire):
    org = Org(wire)

    plan = ensure(admin)

    names = ("TG_Score__c", "TG_Grade__c")
    assert plan == Provisioned(created=names, existing=(), granted=names, assigned=True)
    assert org.deployed == [True, False]
    assert org.made == [("POST", "PermissionSetAssignment", {"AssigneeId": "005", "PermissionSetId": "0PS1"})]


def test_a_wrong_integration_user_is_told_before_anything_is_made(admin, wire):
    org = Org(wire)
    admin._gateway.options = replace(admin._gateway.options, integration_username="nobody@acme.test")

    for dry_run in (True, False):
        with pytest.raises(Misconfigured, match="integration_username"):
            ensure(admin, dry_run=dry_run)

    assert org.deployed == []
    assert org.made == []


def test_a_dry_run_writes_nothing(admin, wire):
    org = Org(wire)

    plan = ensure(admin, dry_run=True)

    assert plan.created == ("TG_Score__c", "TG_Grade__c")
    assert org.deployed == []
    assert org.made == []


def grant(parent, name, *, edit):
    return {
        "Id": f"0fp{parent}{name}",
        "ParentId": parent,
        "Field": f"Lead.{name}",
        "PermissionsRead": True,
        "PermissionsEdit": edit,
    }


def full_grants():
    return [
        grant(parent, name, edit=parent == "0PS1")
        for parent in ("0PS1", "0PS2")
        for name in ("TG_Score__c", "TG_Grade__c")
    ]


FIELDS = [("TG_Score__c", "double"), ("TG_Grade__c", "picklist")]


def test_an_org_that_has_all_is_left_alone(admin, wire):
    org = Org(wire, fields=FIELDS, sets=SETS, grants=full_grants(), assigned=True)

    plan = ensure(admin)

    assert plan == Provisioned(created=(), existing=("TG_Score__c", "TG_Grade__c"), granted=())
    assert org.deployed == []
    assert org.made == []


def test_a_set_that_exists_is_added_to_and_never_replaced(admin, wire):
    grants = [one for one in full_grants() if one["Field"] != "Lead.TG_Grade__c"]
    grants[0]["PermissionsEdit"] = False
    org = Org(wire, fields=FIELDS, sets=SETS, grants=grants, assigned=True)

    plan = ensure(admin)

    assert plan.granted == ("TG_Score__c", "TG_Grade__c")
    assert org.deployed == []
    new = {"SobjectType": "Lead", "Field": "Lead.TG_Grade__c", "PermissionsRead": True}
    assert org.made == [
        ("PATCH", "FieldPermissions/0fp0PS1TG_Score__c", {"PermissionsRead": True, "PermissionsEdit": True}),
        ("POST", "FieldPermissions", {"ParentId": "0PS1", **new, "PermissionsEdit": True}),
        ("POST", "FieldPermissions", {"ParentId": "0PS2", **new, "PermissionsEdit": False}),
    ]


def test_a_field_of_another_kind_stops_everything(admin, wire):
    org = Org(wire, fields=[("TG_Score__c", "string")])

    with pytest.raises(Misconfigured, match=r"Lead\.TG_Score__c exists, but holds a text"):
        ensure(admin)

    assert org.deployed == []


def test_a_deployment_that_fails_the_trial_changes_nothing(admin, wire):
    failure = {"fullName": "Lead.TG_Score__c", "problem": "Custom field limit reached"}
    failed = {"done": True, "success": False, "status": "Failed", "details": {"componentFailures": [failure]}}
    org = Org(wire, results=[{**SUCCESS, "done": False}, failed])

    with pytest.raises(Misconfigured, match=r"Lead\.TG_Score__c: Custom field limit reached"):
        ensure(admin)

    assert org.deployed == [True]


def test_a_field_that_nobody_may_see_is_not_overwritten(admin, wire):
    old = {"componentType": "CustomField", "fullName": "Lead.TG_Score__c", "created": False}
    org = Org(wire, results=[{**SUCCESS, "details": {"componentSuccesses": [old]}}])

    with pytest.raises(Misconfigured, match=r"Lead\.TG_Score__c exists, but nobody"):
        ensure(admin)

    assert org.deployed == [True]


def test_a_field_that_others_were_granted_exists(admin, wire):
    org = Org(wire, sets=SETS, grants=[grant("0PSother", "TG_Score__c", edit=False)], assigned=True)

    plan = ensure(admin, dry_run=True)

    assert (plan.created, plan.existing) == (("TG_Grade__c",), ("TG_Score__c",))
    assert org.deployed == []


def test_a_user_that_is_not_there_is_said(admin, wire):
    Org(wire)
    gateway = admin._gateway
    gateway.options = replace(gateway.options, integration_username="nobody@acme.test")

    with pytest.raises(Misconfigured, match="integration_username"):
        ensure(admin)


def test_a_user_may_be_named_by_id(admin, wire):
    org = Org(wire)
    gateway = admin._gateway
    gateway.options = replace(gateway.options, integration_username="005000000000001AAA")

    ensure(admin)

    assert org.made[-1][2]["AssigneeId"] == "005000000000001AAA"


def test_without_metadata_rights_the_admin_is_told_which(admin, wire):
    Org(wire)
    wire.remove(responses.POST, f"{ROOT}/metadata/deployRequest")
    refused = [{"errorCode": "INSUFFICIENT_ACCESS_OR_READONLY", "message": "no"}]
    wire.post(f"{ROOT}/metadata/deployRequest", json=refused, status=403)

    with pytest.raises(Misconfigured, match="Modify Metadata"):
        ensure(admin)


def test_the_request_is_what_the_vendor_documents():
    content_type, body = request(b"PK zip", check_only=True)

    boundary = re.fullmatch(r'multipart/form-data; boundary="(\w+)"', content_type).group(1)
    options, archive = body.split(f"--{boundary}".encode())[1:3]
    assert b'Content-Disposition: form-data; name="json"\r\nContent-Type: application/json\r\n\r\n' in options
    deploy_options = json.loads(options.rpartition(b"\r\n\r\n")[2])["deployOptions"]
    assert deploy_options["checkOnly"] is True
    assert deploy_options["rollbackOnError"] is True
    assert deploy_options["purgeOnDelete"] is False
    assert deploy_options["singlePackage"] is True
    assert archive.endswith(b"Content-Type: application/zip\r\n\r\nPK zip\r\n")
    assert body.endswith(f"--{boundary}--\r\n".encode())
