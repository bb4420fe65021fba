"""An admin puts Truegrade into a CRM, sees what was done, and takes it out again."""

import pytest

from tests.journeys.conftest import truegrade

PIECES = {"salesforce": 10, "hubspot": 3}


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
