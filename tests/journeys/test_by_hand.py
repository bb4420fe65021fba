"""What an admin does by hand when something has changed that the schedule cannot see."""


def test_refused_rows_go_out_again_once_the_cause_is_mended(installed):
    home = installed("salesforce", knowing=True)
    org = home.simulator.salesforce
    assert home.truegrade("provision", "salesforce").code == 0
    [lead] = org.pick("Lead", {"IsConverted": False})
    org.fail_row(lead, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say why")

    first = home.truegrade("sync", "salesforce", "--json")
    shown = home.truegrade("status").out
    second = home.truegrade("push", "salesforce", "--json")
    third = home.truegrade("push", "salesforce", "--retry-refused", "--json")

    assert lead in shown
    assert "Say why" in shown
    assert (first.code, first.json["connections"]["salesforce"]["refused"]) == (7, 1)
    assert (second.code, second.json["connections"]["salesforce"]["taken"]) == (0, 0)
    assert (third.code, third.json["connections"]["salesforce"]["written"]) == (0, 1)
    assert org.read("Lead", lead)["TG_Score__c"] is not None
    assert home.truegrade("status", "--json").json["connections"]["salesforce"]["refusals"] == {}


def test_a_reload_finds_what_changed_without_moving_a_stamp(installed):
    home = installed("hubspot", leads=300)
    assert home.truegrade("pull", "hubspot").code == 0

    again = home.truegrade("pull", "hubspot", "--reload", "--json").json["connections"]["hubspot"]["entities"]

    held = len(home.simulator.hubspot.snapshot("contacts"))
    assert again["lead"]["pulled"] == held
    assert again["lead"]["new"] == again["lead"]["changed"] == 0


def test_a_model_that_says_the_same_writes_nothing(installed):
    home = installed("hubspot")
    assert home.truegrade("provision", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0

    trained = home.truegrade("train", "hubspot", "--force")
    again = home.truegrade("sync", "hubspot", "--json").json["connections"]["hubspot"]

    assert "Learned from" in trained.out
    assert again["scored"] > 500
    assert again["written"] < again["scored"] / 10  # but for the few whose last day passed between the two


def test_explain_says_how_the_score_stands_with_the_crm(installed):
    home = installed("salesforce", knowing=True)
    org = home.simulator.salesforce
    assert home.truegrade("provision", "salesforce").code == 0
    [lead] = org.pick("Lead", {"IsConverted": False})
    [converted] = org.pick("Lead", {"IsConverted": True})
    org.fail_row(lead, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say [why]")
    assert home.truegrade("sync", "salesforce").code == 7

    refused = home.truegrade("explain", lead[:15])  # as reports and addresses show it

    assert refused.code == 0, refused.err
    assert lead in refused.out
    assert "Say [why]" in refused.out
    assert "converted" in home.truegrade("explain", converted).out
    nobody = home.truegrade("explain", "00Q000000000000")
    assert (nobody.code, "salesforce" in nobody.err) == (3, True)


def test_what_somebody_typed_into_a_form_is_shown_as_it_is_and_commands_no_terminal(installed):
    home = installed("hubspot", knowing=True)
    assert home.truegrade("provision", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0
    [lead] = home.simulator.hubspot.pick("contacts", {"lifecyclestage": "lead"})
    home.simulator.hubspot.edit("contacts", lead, {"hs_analytics_source": "[/bold] \x1b[31m", "country": "[red]"})
    assert home.truegrade("sync", "hubspot").code == 0

    told = home.truegrade("explain", lead)

    assert told.code == 0, told.err
    assert "[/bold]" in told.out
    assert "\x1b" not in told.out
