"""An admin puts Truegrade into a CRM, sees what was done, and takes it out again."""

import zipfile

import pytest

from mappings.file.load import preset_text
from tests.journeys.conftest import truegrade

PIECES = {"salesforce": 12, "hubspot": 3}


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_planned_installed_once_and_removed_only_when_told_so(installed, crm):
    home = installed(crm, leads=300)

    planned = home.truegrade("provision", crm, "--dry-run", "--json").json
    made = home.truegrade("provision", crm, "--json")
    again = home.truegrade("provision", crm, "--json").json

    assert made.code == 0
    assert (len(planned["created"]), len(planned["pieces"])) == (12, PIECES[crm])
    assert all(piece["needs"] for piece in planned["pieces"])
    assert made.json | {"dry_run": True} == planned
    assert (again["created"], again["not_seen"]) == ([], [])
    assert {piece["state"] for piece in again["pieces"]} == {"is there"}
    assert home.truegrade("connect", crm).code == 0

    refused = home.truegrade("provision", crm, "--remove")
    assert refused.code == 3
    assert "Add --yes" in refused.err
    assert "what would be lost" in refused.out
    assert home.truegrade("connect", crm).code == 0

    gone = home.truegrade("provision", crm, "--remove", "--yes", "--json")
    assert gone.code == 0
    assert {piece["state"] for piece in gone.json["pieces"]} == {"removed"}
    assert home.truegrade("connect", crm).code == 3
    assert "nothing of ours" in home.truegrade("provision", crm, "--remove").out


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_the_same_as_files_for_who_deploys_by_hand_and_nothing_is_sent(installed, crm, tmp_path):
    home = installed(crm, leads=300)

    told = home.truegrade("provision", crm, "--package", str(tmp_path / "all.zip"), "--json")

    assert told.code == 0, told.err
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == told.json["files"]
        assert "truegrade doctor" in archive.read("README.md").decode()
    assert home.simulator.log.count() == 0


def test_what_salesforce_refuses_is_shown_and_ends_with_a_code(installed):
    home = installed("salesforce", leads=300)
    assert home.truegrade("provision", "salesforce").code == 0
    home.simulator.salesforce.place("truegradeScore", "Lead Record Page")

    gone = home.truegrade("provision", "salesforce", "--remove", "--yes", "--json")

    assert gone.code == 3
    [refused] = [piece for piece in gone.json["pieces"] if piece["state"] == "refused"]
    assert refused["name"] == "truegradeScore"
    assert "Lead Record Page" in refused["told"]


def test_an_integration_user_that_does_not_see_our_fields_is_told_of_at_once(installed):
    home = installed("salesforce", leads=300)
    home.simulator.salesforce.hide_field("integration", "Lead", "TG_Score__c")

    told = home.truegrade("provision", "salesforce")

    assert told.code == 3
    assert "integration user" in told.out.lower()
    assert "TG_Score__c" in told.out


def test_help_tells_of_the_way_back():
    assert "--remove" in truegrade("provision", "--help").out


@pytest.mark.parametrize("crm", ["salesforce"])
def test_fields_that_were_taken_out_and_made_anew_are_filled_again(installed, crm):
    home = installed(crm, leads=400)
    assert home.truegrade("provision", crm).code == 0
    assert home.truegrade("sync", crm).code == 0
    before = filled(home)
    assert home.truegrade("provision", crm, "--remove", "--yes").code == 0
    assert home.truegrade("provision", crm).code == 0
    assert filled(home) == 0

    assert home.truegrade("sync", crm).code == 0

    assert filled(home) == before > 100


def filled(home):
    return sum(lead["TG_Score__c"] is not None for lead in home.simulator.salesforce.snapshot("Lead").values())


def test_fields_that_the_mapping_has_switched_off_since_go_too(installed):
    home = installed("hubspot", leads=300)
    assert home.truegrade("provision", "hubspot").code == 0
    own = home.home / "mine.yaml"
    own.write_text(preset_text("hubspot") + "outputs: {change: false, reasons: false}\n", encoding="utf-8")
    connections = home.home / "connections.yaml"
    connections.write_text(connections.read_text().replace("mapping: hubspot", "mapping: mine.yaml"), encoding="utf-8")

    gone = home.truegrade("provision", "hubspot", "--remove", "--yes", "--json").json

    assert {"contacts.tg_change", "contacts.tg_reasons"} <= {piece["name"] for piece in gone["pieces"]}


def test_what_another_prefix_left_behind_is_found_by_it(installed):
    home = installed("hubspot", leads=300)
    assert home.truegrade("provision", "hubspot").code == 0
    own = home.home / "mine.yaml"
    own.write_text(preset_text("hubspot") + "outputs: {prefix: acme_}\n", encoding="utf-8")
    connections = home.home / "connections.yaml"
    connections.write_text(connections.read_text().replace("mapping: hubspot", "mapping: mine.yaml"), encoding="utf-8")

    none = home.truegrade("provision", "hubspot", "--remove")
    gone = home.truegrade("provision", "hubspot", "--remove", "--prefix", "tg_", "--yes", "--json").json

    assert "acme_" in none.out
    assert "--prefix" in none.out
    assert len(gone["pieces"]) == 15


@pytest.mark.parametrize(
    ("crm", "begins"),
    [("salesforce", ""), ("salesforce", "a.b"), ("salesforce", "../"), ("hubspot", ""), ("hubspot", "hs_")],
)
def test_a_prefix_that_can_be_none_removes_nothing(installed, crm, begins):
    home = installed(crm, leads=100)

    told = home.truegrade("provision", crm, "--remove", "--prefix", begins, "--yes")

    assert told.code == 3
    assert "can begin with" in told.err
    assert "--prefix" in told.err
    assert home.simulator.log.count() == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--package", "all.zip", "--remove", "--yes"), "--remove"),
        (("--package", "all.zip", "--dry-run"), "--dry-run"),
        (("--prefix", "acme_"), "--prefix"),
        (("--yes",), "--yes"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, options, named):
    told = truegrade("provision", "hubspot", *options, "--home", str(tmp_path))

    assert told.code == 2
    assert named in told.err
    assert not [*tmp_path.iterdir()]


def test_a_package_in_a_folder_that_is_missing_is_told(installed, tmp_path):
    told = installed("salesforce", leads=100).truegrade(
        "provision", "salesforce", "--package", str(tmp_path / "no" / "x.zip")
    )

    assert told.code == 3
    assert "cannot be written" in told.err
