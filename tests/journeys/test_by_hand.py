"""What an admin does by hand when something has changed that the schedule cannot see."""


def test_refused_rows_go_out_again_once_the_cause_is_mended(installed):
    home = installed("salesforce", leads=1_200)
    org = home.simulator.salesforce
    assert home.truegrade("provision", "salesforce").code == 0
    [lead] = org.pick("Lead", {"IsConverted": False})
    org.fail_row(lead, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say why")

    first = home.truegrade("sync", "salesforce", "--json")
    second = home.truegrade("push", "salesforce", "--json")
    third = home.truegrade("push", "salesforce", "--retry-refused", "--json")

    assert (first.code, first.json["connections"]["salesforce"]["refused"]) == (7, 1)
    assert (second.code, second.json["connections"]["salesforce"]["taken"]) == (0, 0)
    assert (third.code, third.json["connections"]["salesforce"]["written"]) == (0, 1)
    assert org.read("Lead", lead)["TG_Score__c"] is not None
    assert home.truegrade("status", "--json").json["connections"]["salesforce"]["refusals"] == {}


def test_a_reload_finds_what_changed_without_moving_a_stamp(installed):
    home = installed("hubspot", leads=1_200)
    assert home.truegrade("pull", "hubspot").code == 0

    again = home.truegrade("pull", "hubspot", "--reload", "--json").json["connections"]["hubspot"]

    held = len(home.simulator.hubspot.snapshot("contacts"))
    assert again["lead_pulled"] >= held
    assert again["lead_new"] == again["lead_changed"] == 0
