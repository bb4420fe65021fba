import pytest

from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.portal import HubSpotPortal


def test_a_rep_may_change_what_the_api_may_not(portal):
    portal.edit("contacts", "901", {"hs_analytics_num_visits": 12, "hs_email_optout": True, "jobtitle": None})

    values = portal.snapshot("contacts")["901"]
    assert (values["hs_analytics_num_visits"], values["hs_email_optout"], values["jobtitle"]) == ("12", "true", None)
    assert values["lastmodifieddate"] == "2026-11-03T15:00:00.250Z"


def test_an_edit_of_nothing_known_is_a_key_error(portal):
    with pytest.raises(KeyError, match="no property"):
        portal.edit("contacts", "901", {"none_such": "1"})
    with pytest.raises(KeyError, match="no living contacts"):
        portal.edit("contacts", "999", {"jobtitle": "1"})


def test_a_new_contact_has_its_company(portal):
    company = portal.pick("companies")[0]

    contact = portal.create("contacts", {"firstname": "New", "hs_email_open": 3}, company)

    values = portal.snapshot("contacts")[contact]
    assert (values["associatedcompanyid"], values["hs_email_open"]) == (company, "3")
    assert values["createdate"] == values["lastmodifieddate"] == "2026-11-03T15:00:00.250Z"
    assert contact in portal.contacts_of_company(company)


def test_one_stamp_for_some_or_for_all(portal, clock):
    some = portal.same_stamp("contacts", ["901", "951"])
    clock.sleep(5)
    stamped = {key for key, one in portal.snapshot("contacts").items() if one["lastmodifieddate"] == some}
    every = portal.same_stamp("companies")

    assert stamped == {"901", "951"}
    assert {one["hs_lastmodifieddate"] for one in portal.snapshot("companies").values()} == {every}


def test_a_pick_is_the_same_under_the_same_seed(portal):
    picked = portal.pick("contacts", {"lifecyclestage": "lead"}, 5, seed=1)

    assert picked == portal.pick("contacts", {"lifecyclestage": "lead"}, 5, seed=1)
    assert picked != portal.pick("contacts", {"lifecyclestage": "lead"}, 5, seed=2)
    assert {portal.snapshot("contacts")[one]["lifecyclestage"] for one in picked} == {"lead"}


def test_a_gdpr_delete_takes_everything(api, portal):
    company = portal.pick("companies")[0]
    contact = portal.create("contacts", {"firstname": "Gone"}, company)

    portal.gdpr_delete([contact])

    assert contact not in portal.snapshot("contacts")
    assert contact not in portal.contacts_of_company(company)
    assert api.get(f"/crm/v3/objects/contacts/{contact}").status_code == 404


def test_every_operation_can_be_called_by_name(api, portal):
    names = api.session.get(f"{api.url}/simulator/hubspot").json()["result"]
    called = api.session.post(
        f"{api.url}/simulator/hubspot/pick",
        json={"object": "contacts", "where": {"lifecyclestage": "lead"}, "limit": 2},
    )

    assert set(names) == set(portal.operations)
    assert called.json()["result"] == portal.pick("contacts", {"lifecyclestage": "lead"}, 2)


def test_an_option_that_is_none_is_a_key_error(portal):
    with pytest.raises(KeyError, match="no option"):
        portal.set_option("speed", 1)


def test_a_portal_may_live_in_a_file(world, clock, tmp_path):
    path = tmp_path / "portal.sqlite"
    portal = HubSpotPortal(world, clock=clock, options=HubSpotOptions(database=str(path)))

    assert len(portal.snapshot("contacts")) == 320
    assert path.stat().st_size > 0
    portal.close()


def test_replies_carry_their_ids(api):
    first, second = (api.get("/crm/v3/owners").headers for _ in range(2))

    assert first["Content-Type"] == "application/json;charset=utf-8"
    assert first["x-hubspot-correlation-id"] != second["x-hubspot-correlation-id"]


def test_records_are_read_and_edited_by_name(api, portal):
    def call(name, **arguments):
        return api.session.post(f"{api.url}/simulator/hubspot/{name}", json=arguments)

    call("edit", object="contacts", id="901", values={"fax": "+1 555 0100"})

    assert call("read", object="contacts", id="901").json()["result"] == portal.snapshot("contacts")["901"]
    assert portal.read("contacts", "901")["fax"] == "+1 555 0100"
    assert call("read", object="contacts", id="999").status_code == 400
    company = portal.pick("companies")[0]
    assert call("contacts_of_company", company_id=company).json()["result"] == portal.contacts_of_company(company)
