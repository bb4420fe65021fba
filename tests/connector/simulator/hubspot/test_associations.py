import pytest

TO_COMPANIES = "/crm/associations/2026-03/contacts/companies/batch/read"


@pytest.fixture
def with_company(portal):
    contact, values = next((key, one) for key, one in portal.snapshot("contacts").items() if one["associatedcompanyid"])
    return contact, values["associatedcompanyid"]


def test_the_primary_company_has_two_types_and_its_id_is_a_number(api, with_company):
    contact, company = with_company

    reply = api.post("/crm/v4/associations/0-1/0-2/batch/read", {"inputs": [{"id": contact}]})

    assert reply.status_code == 200
    assert reply.json()["results"] == [
        {
            "from": {"id": contact},
            "to": [
                {
                    "toObjectId": int(company),
                    "associationTypes": [
                        {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
                        {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
                    ],
                }
            ],
        }
    ]


def test_a_record_without_associations_is_an_error_entry(api, portal, with_company):
    alone = portal.pick("contacts", {"associatedcompanyid": None})[0]

    reply = api.post(TO_COMPANIES, {"inputs": [{"id": with_company[0]}, {"id": alone}, {"id": "999"}]})

    assert reply.status_code == 207
    body = reply.json()
    assert [one["from"]["id"] for one in body["results"]] == [with_company[0]]
    assert body["numErrors"] == 2
    assert body["errors"][0] == {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No company is associated with contact {alone}.",
        "context": {"fromObjectId": [alone], "fromObjectType": ["contact"], "toObjectType": ["company"]},
    }


def test_a_thousand_inputs_are_the_most(api):
    assert api.post(TO_COMPANIES, {"inputs": [{"id": str(one)} for one in range(1001)]}).status_code == 400
    assert api.post(TO_COMPANIES, {"inputs": [{"id": str(one)} for one in range(1000)]}).status_code == 207


def test_every_direction_has_its_own_type_ids(api, portal):
    deal = portal.pick("deals", {"dealstage": "closedwon"})[0]

    seen = {}
    for source, target in (("deals", "contacts"), ("deals", "companies"), ("contacts", "deals")):
        record = deal if source == "deals" else seen["deals", "contacts"][0]
        reply = api.post(f"/crm/associations/2026-03/{source}/{target}/batch/read", {"inputs": [{"id": record}]})
        if reply.status_code == 200:
            first = reply.json()["results"][0]["to"][0]
            seen[source, target] = (str(first["toObjectId"]), [one["typeId"] for one in first["associationTypes"]])

    assert seen["deals", "contacts"][1] == [3]
    assert seen["contacts", "deals"] == (deal, [4])
    assert seen.get(("deals", "companies"), (None, [5, 341]))[1] == [5, 341]


def test_a_long_list_of_one_is_paged(api, portal):
    company = portal.pick("companies")[0]
    contacts = [portal.create("contacts", {"firstname": str(one)}, company) for one in range(5)]
    portal.set_option("associations_page", 2)
    known = portal.contacts_of_company(company)

    seen, after = [], None
    while True:
        given = {"id": company, **({"after": after} if after else {})}
        reply = api.post("/crm/associations/2026-03/companies/contacts/batch/read", {"inputs": [given]}).json()
        seen += [str(one["toObjectId"]) for one in reply["results"][0]["to"]]
        if "paging" not in reply["results"][0]:
            break
        after = reply["results"][0]["paging"]["next"]["after"]

    assert seen == known
    assert set(contacts) <= set(seen)


def test_the_associations_of_one_can_be_listed(api, with_company):
    contact, company = with_company

    new = api.get(f"/crm/objects/2026-03/contacts/{contact}/associations/companies", limit=500).json()
    old = api.get(f"/crm/v3/objects/contacts/{contact}/associations/companies").json()

    assert new["results"][0]["toObjectId"] == int(company)
    assert old["results"][0] == {"id": company, "type": "contact_to_company"}


def test_both_sides_need_their_scopes(api, portal):
    portal.set_scopes("pat-na1-integration", ["crm.objects.contacts.read"])

    reply = api.post(TO_COMPANIES, {"inputs": []})

    assert reply.json()["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.companies.read"]}


def test_the_recycle_bin_hides_associations_until_the_record_is_back(api, portal, with_company):
    contact, company = with_company

    portal.archive("companies", [company])
    hidden = api.post(TO_COMPANIES, {"inputs": [{"id": contact}]}).status_code
    portal.restore("companies", [company])

    assert hidden == 207
    assert api.post(TO_COMPANIES, {"inputs": [{"id": contact}]}).status_code == 200


def test_the_first_company_is_the_primary_one(api, portal):
    first, second = portal.pick("companies", None, 2)
    contact = portal.create("contacts", {"firstname": "A"})

    portal.associate("contacts", contact, "companies", first)
    portal.associate("companies", second, "contacts", contact)

    assert portal.snapshot("contacts")[contact]["associatedcompanyid"] == first
    to = api.post(TO_COMPANIES, {"inputs": [{"id": contact}]}).json()["results"][0]["to"]
    assert {str(one["toObjectId"]): len(one["associationTypes"]) for one in to} == {first: 2, second: 1}


def test_contacts_and_contacts_cannot_be_associated_here(api):
    assert api.post("/crm/v4/associations/contacts/contacts/batch/read", {"inputs": []}).status_code == 400
