import pytest

CONTACTS = "/crm/objects/2026-03/contacts"


def every_page(api, **params):
    after, pages = None, []
    while True:
        body = api.get(CONTACTS, **params, **({"after": after} if after else {})).json()
        pages.append(body["results"])
        if "paging" not in body:
            return pages
        after = body["paging"]["next"]["after"]


def test_the_list_walks_all_contacts_in_the_order_of_ids(api, portal):
    pages = every_page(api, limit=100)

    ids = [int(one["id"]) for page in pages for one in page]
    assert [len(page) for page in pages] == [100, 100, 100, 20]
    assert ids == sorted(ids)
    assert {str(one) for one in ids} == set(portal.snapshot("contacts"))


def test_after_is_the_id_of_the_next_record_so_that_a_walk_may_start_anywhere(api):
    first = api.get(CONTACTS, limit=2).json()
    started = api.get(CONTACTS, limit=1, after="902").json()

    assert first["paging"]["next"]["after"] == "1001"
    assert started["results"][0]["id"] == "951"


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "limit=x", "limit=51&propertiesWithHistory=email"])
def test_a_page_that_is_too_large_is_a_400(api, query):
    reply = api.ask("GET", f"{CONTACTS}?{query}")

    assert (reply.status_code, reply.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_record_shows_texts_and_its_usual_properties(api, portal):
    contact = portal.pick("contacts", {"lifecyclestage": "customer"}, 1, seed=3)[0]

    body = api.get(f"{CONTACTS}/{contact}", properties="hs_analytics_num_visits,num_associated_deals,none_such").json()

    values = body["properties"]
    usual = {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}
    assert set(values) == usual | {"hs_analytics_num_visits", "num_associated_deals"}
    assert all(value is None or isinstance(value, str) for value in values.values())
    assert values["hs_object_id"] == body["id"] == contact
    assert values["num_associated_deals"] == "1"
    assert (body["createdAt"], body["updatedAt"]) == (values["createdate"], values["lastmodifieddate"])
    assert body["url"].endswith(f"/record/0-1/{contact}")
    assert "archivedAt" not in body


def test_unset_properties_are_null_or_absent(api, portal):
    nobody = portal.pick("contacts", {"jobtitle": None})[0]

    null = api.get(f"{CONTACTS}/{nobody}", properties="jobtitle").json()
    portal.set_option("null_unset", False)
    absent = api.get(f"{CONTACTS}/{nobody}", properties="jobtitle").json()

    assert null["properties"]["jobtitle"] is None
    assert "jobtitle" not in absent["properties"]


@pytest.mark.parametrize("query", ["properties=jobtitle,phone", "properties=jobtitle&properties=phone"])
def test_properties_may_be_joined_or_repeated(api, query):
    body = api.ask("GET", f"{CONTACTS}?limit=1&archived=False&{query}").json()

    assert {"jobtitle", "phone"} <= set(body["results"][0]["properties"])


def test_whole_seconds_print_without_a_fraction(api, portal):
    portal.edit("contacts", "901", {"notes_last_contacted": "2026-01-02T03:04:05.000Z"})

    body = api.get(f"{CONTACTS}/901", properties="notes_last_contacted").json()

    assert body["properties"]["notes_last_contacted"] == "2026-01-02T03:04:05Z"


def test_associations_come_with_the_list(api, portal):
    body = api.get(CONTACTS, limit=100, associations="companies,deals", properties="associatedcompanyid").json()

    for one in body["results"]:
        company = one["properties"]["associatedcompanyid"]
        entries = one.get("associations", {}).get("companies", {}).get("results", [])
        expected = (
            [] if company is None else [(company, "contact_to_company"), (company, "contact_to_company_unlabeled")]
        )
        assert [(entry["id"], entry["type"]) for entry in entries] == expected
    deals = [one["associations"]["deals"] for one in body["results"] if "deals" in one.get("associations", {})]
    assert deals[0]["results"][0]["type"] == "contact_to_deal"


def test_archived_records_leave_the_list_for_the_recycle_bin(api, portal):
    portal.archive("contacts", ["901", "1001"])

    living = api.get(CONTACTS, limit=1).json()["results"]
    archived = api.get(CONTACTS, archived="true", limit=100).json()["results"]

    assert living[0]["id"] == "951"
    assert [one["id"] for one in archived] == ["901", "1001"]
    assert archived[0]["archived"] is True
    assert archived[0]["archivedAt"] == "2026-11-03T15:00:00.250Z"
    assert api.get(f"{CONTACTS}/901").status_code == 404
    assert api.get(f"{CONTACTS}/901", archived="true").status_code == 200


def test_a_restored_record_is_back_with_a_new_stamp(api, portal):
    portal.archive("contacts", ["901"])
    portal.restore("contacts", ["901"])

    body = api.get(f"{CONTACTS}/901").json()

    assert body["updatedAt"] == "2026-11-03T15:00:00.250Z"


def test_a_numeric_id_that_is_none_and_one_that_is_no_number_are_different_404s(api):
    number = api.get(f"{CONTACTS}/999")
    word = api.get(f"{CONTACTS}/x")

    assert (number.status_code, number.json()["message"]) == (404, "resource not found")
    assert "category" not in number.json()
    assert word.json()["message"] == "Object not found.  objectId are usually numeric."
    assert (word.json()["category"], word.json()["context"]) == ("OBJECT_NOT_FOUND", {"id": ["x"]})


def test_a_contact_can_be_found_by_its_address(api, portal):
    contact, values = next((key, one) for key, one in portal.snapshot("contacts").items() if one["email"])

    body = api.get(f"{CONTACTS}/{values['email'].upper()}", idProperty="email").json()

    assert body["id"] == contact


def test_a_contact_is_made_and_changed(api, portal):
    made = api.post(CONTACTS, {"properties": {"email": "New@Example.com", "hs_lead_status": "OPEN"}})
    contact = made.json()["id"]
    changed = api.patch(f"{CONTACTS}/{contact}", {"properties": {"jobtitle": "CTO", "hs_lead_status": ""}})

    assert (made.status_code, changed.status_code) == (201, 200)
    assert made.headers["Location"].endswith(contact)
    assert made.json()["properties"]["email"] == "new@example.com"
    stored = portal.snapshot("contacts")[contact]
    assert (stored["jobtitle"], stored["hs_lead_status"]) == ("CTO", None)


def test_an_address_belongs_to_one_contact(api, portal):
    taken = next(one for one in portal.snapshot("contacts").values() if one["email"])["email"]
    owner = portal.pick("contacts", {"email": taken})[0]

    made = api.post(CONTACTS, {"properties": {"email": taken.upper()}})
    changed = api.patch(f"{CONTACTS}/{'901' if owner != '901' else '951'}", {"properties": {"email": taken}})

    assert made.status_code == changed.status_code == 409
    assert made.json()["message"] == f"Contact already exists. Existing ID: {owner}"
    assert made.json()["category"] == "CONFLICT"


def test_refused_values_are_explained_twice(api):
    reply = api.patch(f"{CONTACTS}/901", {"properties": {"testproperty": "x"}})

    assert reply.status_code == 400
    body = reply.json()
    assert body["category"] == "VALIDATION_ERROR"
    assert body["message"].startswith(
        'Property values were not valid: [{"isValid":false,"message":"Property \\"testprop'
    )
    assert body["errors"] == [
        {
            "message": 'Property "testproperty" does not exist',
            "code": "PROPERTY_DOESNT_EXIST",
            "context": {"propertyName": ["testproperty"]},
        }
    ]


def test_malformed_and_empty_bodies_are_400s(api):
    broken = api.patch(f"{CONTACTS}/901", b'{"properties": ')
    missing = api.patch(f"{CONTACTS}/901", {})
    empty = api.patch(f"{CONTACTS}/901", {"properties": {}})

    assert {broken.status_code, missing.status_code, empty.status_code} == {400}
    assert broken.json()["message"].startswith("Invalid input JSON on line 1, column ")
    assert "category" not in broken.json()
    assert missing.json()["message"] == "Invalid input JSON: some of required attributes are not set [properties]"
    assert empty.json()["message"] == "No properties found to update, please provide at least one."


def test_a_url_that_is_too_long_is_a_414(api):
    reply = api.get(CONTACTS, properties=",".join(["hs_analytics_num_page_views"] * 400))

    assert reply.status_code == 414


def test_a_gdpr_delete_leaves_nothing(api, portal):
    email = portal.snapshot("contacts")["901"]["email"] or "x"
    portal.edit("contacts", "901", {"email": "gone@example.com", "jobtitle": "X"})

    reply = api.post(f"{CONTACTS}/gdpr-delete", {"objectId": "gone@example.com", "idProperty": "email"})

    assert (reply.status_code, reply.content) == (204, b"")
    assert email != "gone@example.com"
    assert api.get(f"{CONTACTS}/901").status_code == 404
    assert api.get(f"{CONTACTS}/901", archived="true").status_code == 404
    assert "901" not in portal.contacts_of_company("5790939450")


def test_a_locked_object_type_refuses_writes_for_two_seconds(api, portal, clock):
    portal.lock("contacts")

    locked = api.patch(f"{CONTACTS}/901", {"properties": {"jobtitle": "X"}})
    reading = api.get(f"{CONTACTS}/901")
    clock.sleep(2)
    open_again = api.patch(f"{CONTACTS}/901", {"properties": {"jobtitle": "X"}})

    assert [locked.status_code, reading.status_code, open_again.status_code] == [423, 200, 200]
