"""What an admin who deploys by hand is given: the packages deploy as they are, and the project says the same."""

import io
import json
import zipfile
from dataclasses import replace

import pytest

from connector.crm import Entity
from connector.salesforce import package, project
from connector.salesforce.calls import Call
from connector.salesforce.deployment import request
from mappings.file.load import load_preset
from tests.assets.metadata import problems_in
from tests.connector.salesforce.conftest import ADMIN
from tests.connector.salesforce.orgstate import told

FIELDS = load_preset("salesforce").output_fields()
PREFIX = "TG_"


@pytest.fixture(scope="module")
def files():
    return project.files(PREFIX, {"Lead": FIELDS, "Account": FIELDS[:2]})


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_file_is_valid_by_the_vendor_s_wsdl(files):
    metadata = {path: text for path, text in files.items() if path.endswith("-meta.xml")}

    assert len(metadata) > 30
    assert {path: told for path, text in metadata.items() if (told := problems_in(text))} == {}


def test_the_two_zips_bring_what_provision_makes(files, connected, org):
    admin = connected(ADMIN)
    for name in (project.FIELDS_ZIP, project.APP_ZIP):
        content_type, body = request(files[name], check_only=False)
        call = Call("deployment", "POST", "metadata/deployRequest", headers={"Content-Type": content_type}, body=body)
        job = admin._gateway.ask(call).value["id"]
        result = admin._gateway.ask(Call("deployment", "GET", f"metadata/deployRequest/{job}")).value["deployResult"]
        assert result["success"], result["details"]["componentFailures"]
    before = told(org)

    plan = admin.ensure_fields(Entity.LEAD, FIELDS, dry_run=False)
    admin.ensure_app(PREFIX, {Entity.LEAD: FIELDS}, dry_run=False)

    assert plan.created == ()
    assert told(org) == before


def test_the_project_names_each_field_and_set_in_a_file_of_its_own(files):
    start = f"{project.SOURCE}/objects/Lead/fields/"
    names = {path.removeprefix(start).partition(".")[0] for path in files if path.startswith(start)}

    assert names == {field.name for field in FIELDS}
    assert f"{project.SOURCE}/permissionsets/Truegrade_User.permissionset-meta.xml" in files
    assert f"{project.SOURCE}/reports/TG_Truegrade.reportFolder-meta.xml" in files
    assert f"{project.SOURCE}/labels/CustomLabels.labels-meta.xml" in files
    told = json.loads(files["project/sfdx-project.json"])
    assert told["sourceApiVersion"] == package.APP_API_VERSION
    for folder in told["packageDirectories"]:
        assert [path for path in files if path.startswith(f"project/{folder['path']}/")]


def test_a_prefix_names_everything(files):
    own = project.files("ACME_", {"Lead": [replace(FIELDS[0], name="ACME_Score__c")]})

    assert not [path for path, text in own.items() if b"TG_" in text and not path.endswith(".zip")]
    assert own["README.md"].startswith(b"# Truegrade in Salesforce")


def test_the_same_content_gives_the_same_bytes(files):
    assert project.files(PREFIX, {"Lead": FIELDS, "Account": FIELDS[:2]}) == files
