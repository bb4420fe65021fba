MERGE = "/crm/objects/2026-03/contacts/merge"
CONTACTS = "/crm/objects/2026-03/contacts"


def test_a_merge_makes_a_new_record_that_both_ids_mean(api, portal):
    portal.edit("contacts", "901", {"jobtitle": "CTO", "mobilephone": None})
    portal.edit("contacts", "951", {"jobtitle": "Clerk", "mobilephone": "+1 555"})
    before = portal.snapshot("contacts")

    reply = api.post(MERGE, {"primaryObjectId": "951", "objectIdToMerge": "901"})

    assert reply.status_code == 200
    survivor = reply.json()["id"]
    after = portal.snapshot("contacts")
    assert set(after) == set(before) - {"901", "951"} | {survivor}
    assert survivor not in before
    assert after[survivor]["jobtitle"] == "Clerk"
    assert after[survivor]["mobilephone"] == "+1 555"
    assert after[survivor]["createdate"] == min(before["901"]["createdate"], before["951"]["createdate"])
    assert after[survivor]["hs_merged_object_ids"] == "951;901"
    assert {api.get(f"{CONTACTS}/{one}").json()["id"] for one in ("901", "951", survivor)} == {survivor}


def test_preserving_keeps_the_primarys_id(api, portal):
    survivor = portal.merge("contacts", "901", "951", True)

    assert survivor == "901"
    assert portal.snapshot("contacts")["901"]["hs_merged_object_ids"] == "951"
    assert api.get(f"{CONTACTS}/951").json()["id"] == "901"


def test_chains_lead_to_the_last_survivor(api, portal):
    first = portal.merge("contacts", "901", "951")
    second = portal.merge("contacts", "1001", first)

    assert {api.get(f"{CONTACTS}/{one}").json()["id"] for one in ("901", "951", "1001", first)} == {second}
    merged = portal.snapshot("contacts")[second]["hs_merged_object_ids"].split(";")
    assert set(merged) == {"901", "951", "1001", first}


def test_survivors_are_found_by_a_search(api, portal):
    survivor = portal.merge("contacts", "901", "951")

    assert api.found("contacts", {"propertyName": "hs_merged_object_ids", "operator": "HAS_PROPERTY"}) == [survivor]
    assert "901" not in api.found("contacts", {"propertyName": "hs_object_id", "operator": "LT", "value": "1100"})


def test_associations_and_the_truth_move_along(portal):
    people = portal.snapshot("contacts")
    linked = [key for key, one in people.items() if one["associatedcompanyid"] and one["num_associated_deals"]]
    first, second = linked[:2]
    company = people[first]["associatedcompanyid"]
    truth = portal.truth([first])[first]

    survivor = portal.merge("contacts", first, second)

    values = portal.snapshot("contacts")[survivor]
    assert survivor in portal.contacts_of_company(company)
    assert first not in portal.contacts_of_company(company)
    assert values["num_associated_deals"] == "2"
    assert portal.truth([survivor]) == {survivor: truth}


def test_companies_merge_and_their_contacts_follow(portal):
    first, second = portal.pick("companies", None, 2, seed=5)
    contact = portal.create("contacts", {"firstname": "A"}, second)

    survivor = portal.merge("companies", first, second)

    assert portal.snapshot("contacts")[contact]["associatedcompanyid"] == survivor
    assert contact in portal.contacts_of_company(survivor)


def test_what_does_not_exist_cannot_be_merged(api):
    assert api.post(MERGE, {"primaryObjectId": "901", "objectIdToMerge": "999"}).status_code == 404
    assert api.post(MERGE, {"primaryObjectId": "901", "objectIdToMerge": "901"}).status_code == 404
