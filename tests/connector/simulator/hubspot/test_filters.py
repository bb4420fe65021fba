import pytest


def one(name, operator, *values, **more):
    found = {"propertyName": name, "operator": operator, **more}
    if operator in {"IN", "NOT_IN"}:
        found["values"] = list(values)
    elif values:
        found["value"] = values[0]
    return found


@pytest.fixture
def people(api, portal):
    """Three contacts that only differ where the filters look; all others are archived."""
    portal.archive("contacts", list(portal.snapshot("contacts")))
    ids = [
        portal.create(
            "contacts",
            {"jobtitle": title, "hs_email_open": opens, "hs_lead_status": status, "notes_last_contacted": at},
        )
        for title, opens, status, at in (
            ("Head of Sales", "9", "NEW", "2026-01-01T00:00:00.000Z"),
            ("Sales Manager", "10", "OPEN", "2026-02-01T00:00:00.000Z"),
            (None, None, None, None),
        )
    ]
    return dict(zip("abc", ids, strict=True))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (one("jobtitle", "EQ", "head of SALES"), "a"),
        (one("jobtitle", "NEQ", "head of sales"), "b"),
        (one("jobtitle", "IN", "head of sales", "x"), "a"),
        (one("jobtitle", "IN", "Head of Sales"), ""),
        (one("jobtitle", "NOT_IN", "head of sales"), "b"),
        (one("jobtitle", "CONTAINS_TOKEN", "SALES"), "ab"),
        (one("jobtitle", "CONTAINS_TOKEN", "sal"), ""),
        (one("jobtitle", "CONTAINS_TOKEN", "man*"), "b"),
        (one("jobtitle", "NOT_CONTAINS_TOKEN", "head"), "b"),
        (one("jobtitle", "HAS_PROPERTY"), "ab"),
        (one("jobtitle", "NOT_HAS_PROPERTY"), "c"),
        (one("hs_email_open", "GT", "9"), "b"),
        (one("hs_email_open", "GTE", "9.0"), "ab"),
        (one("hs_email_open", "LT", 10), "a"),
        (one("hs_email_open", "BETWEEN", "9", highValue="10"), "ab"),
        (one("hs_email_open", "IN", "9"), "a"),
        (one("hs_lead_status", "EQ", "NEW"), "a"),
        (one("hs_lead_status", "EQ", "new"), ""),
        (one("hs_lead_status", "IN", "NEW", "OPEN"), "ab"),
        (one("notes_last_contacted", "LTE", "1767225600000"), "a"),
        (one("notes_last_contacted", "GT", "2026-01-01T00:00:00Z"), "b"),
        (one("notes_last_contacted", "BETWEEN", "2026-01-01", highValue="2026-03-01"), "ab"),
    ],
)
def test_an_operator_finds(api, people, condition, expected):
    assert api.found("contacts", condition) == [people[name] for name in expected]


def test_groups_are_alternatives_of_what_all_hold(api, people):
    sales = one("jobtitle", "CONTAINS_TOKEN", "sales")
    groups = [
        {"filters": [sales, one("hs_lead_status", "EQ", "NEW")]},
        {"filters": [one("jobtitle", "NOT_HAS_PROPERTY")]},
    ]

    assert api.found("contacts", filterGroups=groups) == [people["a"], people["c"]]


def test_ids_compare_as_numbers(api, portal):
    ids = api.found("contacts", one("hs_object_id", "GT", "999"))

    assert ids[0] == "1001"
    assert "951" not in ids


def test_several_options_are_looked_into(api, portal, people):
    definition = {"name": "topics", "label": "T", "groupName": "contactinformation", "type": "enumeration"}
    options = [{"label": name, "value": name} for name in ("a", "b", "c")]
    made = api.post(
        "/crm/v3/properties/contacts",
        {**definition, "fieldType": "checkbox", "options": options},
        token="pat-na1-admin",
    )
    portal.edit("contacts", people["a"], {"topics": "a;b"})
    portal.edit("contacts", people["b"], {"topics": "c"})

    assert made.status_code == 201
    assert api.found("contacts", one("topics", "EQ", "b")) == [people["a"]]
    assert api.found("contacts", one("topics", "NOT_IN", "a", "b")) == [people["b"]]


def test_associations_can_be_asked_for(api, portal):
    company = next(
        one["associatedcompanyid"] for one in portal.snapshot("contacts").values() if one["associatedcompanyid"]
    )

    found = api.found("contacts", one("associations.company", "EQ", company))

    assert found == portal.contacts_of_company(company)


def test_a_text_query_looks_into_the_usual_properties(api, portal):
    contact = portal.create("contacts", {"email": "quirk@unique.example"})

    assert [found["id"] for found in api.search("contacts", query="Quirk@Uni").json()["results"]] == [contact]
