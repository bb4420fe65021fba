CONTACT = "/crm/objects/2026-03/contacts/901"


def versions(api, name, path=CONTACT):
    body = api.get(path, propertiesWithHistory=name).json()
    return [(one["value"], one["timestamp"], one["sourceType"]) for one in body["propertiesWithHistory"][name]]


def test_history_is_newest_first_and_ends_with_the_creation(api, portal, clock):
    portal.edit("contacts", "901", {"jobtitle": "One"})
    before = versions(api, "jobtitle")
    clock.sleep(60)
    api.update({"id": "901", "properties": {"jobtitle": "Two"}})
    clock.sleep(60)
    api.update({"id": "901", "properties": {"jobtitle": ""}})

    after = versions(api, "jobtitle")

    assert before[0] == ("One", "2026-11-03T15:00:00.250Z", "CRM_UI")
    assert after[:2] == [
        ("", "2026-11-03T15:02:00.250Z", "INTEGRATION"),
        ("Two", "2026-11-03T15:01:00.250Z", "INTEGRATION"),
    ]
    assert after[2:] == before


def test_an_unchanged_value_adds_nothing(api, portal):
    portal.edit("contacts", "901", {"jobtitle": "One"})
    before = versions(api, "jobtitle")

    api.update({"id": "901", "properties": {"jobtitle": "One"}})

    assert versions(api, "jobtitle") == before


def test_a_value_from_the_beginning_carries_the_creation(api, portal):
    values = portal.snapshot("contacts")["901"]

    assert versions(api, "firstname") == [(values["firstname"], values["createdate"], "IMPORT")]


def test_a_property_that_never_had_a_value_has_no_history(api, portal):
    assert versions(api, "mobilephone") == []


def test_a_closed_deal_tells_when_it_was_won(api, portal):
    deal = portal.pick("deals", {"dealstage": "closedwon"})[0]
    path = f"/crm/v3/objects/deals/{deal}"
    closed = portal.snapshot("deals")[deal]["hs_v2_date_entered_closedwon"]

    stages = versions(api, "dealstage", path)

    assert stages[0][:2] == ("closedwon", closed)
    assert stages[1][0] == "appointmentscheduled"


def test_a_customer_was_an_opportunity_and_a_lead(api, portal):
    contact = portal.pick("contacts", {"lifecyclestage": "customer"})[0]

    stages = versions(api, "lifecyclestage", f"/crm/v3/objects/contacts/{contact}")

    assert [value for value, _, _ in stages] == ["customer", "opportunity", "lead"]
    assert [at for _, at, _ in stages] == sorted((at for _, at, _ in stages), reverse=True)


def test_lists_and_batches_carry_history_too(api, portal):
    portal.edit("contacts", "901", {"jobtitle": "One"})

    listed = api.get("/crm/v3/objects/contacts", propertiesWithHistory="jobtitle", limit=50).json()["results"][0]
    content = {"inputs": [{"id": "901"}], "properties": [], "propertiesWithHistory": ["jobtitle"]}
    read = api.post("/crm/v3/objects/contacts/batch/read", content).json()["results"][0]

    assert listed["propertiesWithHistory"] == read["propertiesWithHistory"]
    assert read["propertiesWithHistory"]["jobtitle"][0]["value"] == "One"


def test_batches_with_history_are_half_as_large(api, portal):
    ids = list(portal.snapshot("contacts"))[:51]
    content = {"inputs": [{"id": one} for one in ids], "propertiesWithHistory": ["jobtitle"]}

    assert api.post("/crm/v3/objects/contacts/batch/read", content).status_code == 400
