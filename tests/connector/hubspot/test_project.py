"""What an admin who sets HubSpot up by hand is given: bodies that HubSpot takes, and the app under the prefix."""

import re

import orjson
import pytest

from connector.crm import Entity
from connector.hubspot import project
from connector.hubspot.signin import StaticToken
from mappings.file.load import load_preset

FIELDS = load_preset("hubspot").output_fields()
PREFIX = "tg_"


@pytest.fixture(scope="module")
def files():
    return project.files(PREFIX, {"contacts": FIELDS, "companies": FIELDS[:3]})


def test_the_calls_that_the_readme_shows_make_what_provision_makes(files, connected):
    admin = connected(StaticToken("pat-na1-admin"))
    shown = re.findall(rf"POST {project.HOST}(\S+) .* -d @(\S+)", files["README.md"].decode())
    assert {file for _, file in shown} == {path for path in files if path.startswith(("properties/", "segments/"))}

    for path, file in shown:
        admin._gateway.send("POST", path, orjson.loads(files[file]))

    ours = {Entity.LEAD: FIELDS, Entity.COMPANY: FIELDS[:3]}
    assert [admin.ensure_fields(entity, own, dry_run=False).created for entity, own in ours.items()] == [(), ()]
    assert {str(piece.state) for piece in admin.ensure_app(PREFIX, ours, dry_run=False)} == {"is there"}


def test_the_app_reads_the_properties_of_the_prefix():
    own = project.files("acme_", {"contacts": FIELDS})

    assert b"PREFIX = 'acme_'" in own["project/src/app/cards/fields.ts"]
    assert not [path for path in own if "node_modules" in path]
    assert {"project/hsproject.json", "project/src/app/app-hsmeta.json"} <= own.keys()


def test_no_secret_and_no_placeholder_is_left(files):
    assert b"COMMANDS" not in files["README.md"]
    assert b"$HUBSPOT_ADMIN_TOKEN" in files["README.md"]
