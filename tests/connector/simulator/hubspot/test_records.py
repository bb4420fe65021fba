"""What HubSpot calculates when something else is written."""


def test_winning_a_deal_sets_what_follows(portal, clock):
    deal = portal.pick("deals", {"hs_is_closed": "false"})[0]

    portal.edit("deals", deal, {"dealstage": "closedwon"})

    values = portal.snapshot("deals")[deal]
    assert (values["hs_is_closed"], values["hs_is_closed_won"], values["hs_is_closed_lost"]) == (
        "true",
        "true",
        "false",
    )
    assert values["hs_deal_stage_probability"] == "1.0"
    assert values["hs_v2_date_entered_closedwon"] == "2026-11-03T15:00:00.250Z"


def test_a_lifecycle_stage_dates_itself(portal):
    contact = portal.pick("contacts", {"lifecyclestage": "lead"})[0]

    portal.edit("contacts", contact, {"lifecyclestage": "customer"})

    values = portal.snapshot("contacts")[contact]
    assert values["hs_lifecyclestage_customer_date"] == values["hs_v2_date_entered_customer"]
    assert values["hs_v2_date_entered_customer"] == "2026-11-03T15:00:00.250Z"


def test_a_lifecycle_stage_goes_back_only_after_it_was_cleared(api, portal):
    contact = portal.pick("contacts", {"lifecyclestage": "customer"})[0]
    path = f"/crm/v3/objects/contacts/{contact}"

    api.patch(path, {"properties": {"lifecyclestage": "lead"}})
    ignored = portal.snapshot("contacts")[contact]["lifecyclestage"]
    api.patch(path, {"properties": {"lifecyclestage": ""}})
    api.patch(path, {"properties": {"lifecyclestage": "lead"}})

    assert ignored == "customer"
    assert portal.snapshot("contacts")[contact]["lifecyclestage"] == "lead"
