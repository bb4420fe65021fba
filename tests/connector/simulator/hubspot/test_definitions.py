import pytest

PROPERTIES = "/crm/properties/2026-03/contacts"
ADMIN = "pat-na1-admin"


def score(**changes):
    return {
        "name": "tg_score",
        "label": "Score",
        "groupName": "contactinformation",
        "type": "number",
        "fieldType": "number",
    } | changes


def test_the_default_properties_tell_who_may_write_them(api):
    listed = {one["name"]: one for one in api.get(PROPERTIES).json()["results"]}

    assert listed["jobtitle"]["modificationMetadata"]["readOnlyValue"] is False
    assert listed["hs_email_open"]["modificationMetadata"]["readOnlyValue"] is True
    assert listed["associatedcompanyid"]["calculated"] is True
    assert listed["jobtitle"]["hubspotDefined"] is True
    sources = [one["value"] for one in listed["hs_analytics_source"]["options"]]
    assert sources[:3] == ["ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING"]
    assert listed["numemployees"]["type"] == "enumeration"


def test_a_new_property_can_be_written_and_searched(api, portal):
    made = api.post(PROPERTIES, score(description="Ours", numberDisplayHint="unformatted"), token=ADMIN)
    written = api.update({"id": "901", "properties": {"tg_score": 87}})

    assert made.status_code == 201
    assert made.json()["hubspotDefined"] is False
    assert made.json()["numberDisplayHint"] == "unformatted"
    assert written.json()["results"][0]["properties"]["tg_score"] == "87"
    assert api.found("contacts", {"propertyName": "tg_score", "operator": "GTE", "value": "87"}) == ["901"]
    assert api.get(f"{PROPERTIES}/tg_score").json()["label"] == "Score"


@pytest.mark.parametrize(
    "changes",
    [
        {"fieldType": "textarea"},
        {"type": "enumeration", "fieldType": "select"},
        {"type": "bool", "fieldType": "booleancheckbox", "options": [{"label": "Yes", "value": "yes"}]},
        {"type": "money"},
        {"groupName": "none_such"},
        {"name": "Tg_Score"},
        {"name": "1score"},
        {"name": "hs_score"},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a"}] * 2},
    ],
)
def test_a_definition_that_cannot_be_is_a_400(api, changes):
    reply = api.post(PROPERTIES, score(**changes), token=ADMIN)

    assert (reply.status_code, reply.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_definition_needs_its_keys(api):
    reply = api.post(PROPERTIES, {"name": "x", "label": "X"}, token=ADMIN)

    assert reply.json()["message"].endswith("are not set [groupName, type, fieldType]")


def test_a_name_is_taken_once(api):
    api.post(PROPERTIES, score(), token=ADMIN)
    reply = api.post(PROPERTIES, score(type="string", fieldType="text"), token=ADMIN)

    assert reply.status_code == 409
    assert reply.json()["message"] == "A property named 'tg_score' already exists."
    assert reply.json()["category"] == "OBJECT_ALREADY_EXISTS"


def test_an_archived_property_is_hidden_and_keeps_its_name(api):
    api.post(PROPERTIES, score(), token=ADMIN)
    gone = api.ask("DELETE", f"{PROPERTIES}/tg_score", token=ADMIN)

    assert gone.status_code == 204
    assert api.get(f"{PROPERTIES}/tg_score").status_code == 404
    assert [one["name"] for one in api.get(PROPERTIES, archived="true").json()["results"]] == ["tg_score"]
    assert api.post(PROPERTIES, score(), token=ADMIN).status_code == 409
    refused = api.update({"id": "901", "objectWriteTraceId": "1", "properties": {"tg_score": "1"}})
    assert "PROPERTY_DOESNT_EXIST" in refused.json()["errors"][0]["message"]
    assert "tg_score" not in api.get("/crm/v3/objects/contacts/901", properties="tg_score").json()["properties"]


def test_what_hubspot_defined_cannot_be_archived_or_renamed(api):
    gone = api.ask("DELETE", f"{PROPERTIES}/jobtitle", token=ADMIN)
    renamed = api.patch(f"{PROPERTIES}/jobtitle", {"label": "Rank"}, token=ADMIN)

    assert (gone.status_code, renamed.status_code) == (400, 400)


def test_options_can_be_added(api):
    options = [{"label": "A", "value": "a"}]
    api.post(PROPERTIES, score(type="enumeration", fieldType="select", options=options), token=ADMIN)

    changed = api.patch(f"{PROPERTIES}/tg_score", {"options": [*options, {"label": "B", "value": "b"}]}, token=ADMIN)

    assert changed.status_code == 200
    assert [one["value"] for one in changed.json()["options"]] == ["a", "b"]
    assert changed.json()["label"] == "Score"
    assert api.update({"id": "901", "properties": {"tg_score": "b"}}).status_code == 200


def test_definitions_come_in_batches(api):
    inputs = [score(), score(name="tg_grade", type="money"), score(name="tg_other")]

    made = api.post(f"{PROPERTIES}/batch/create", {"inputs": inputs}, token=ADMIN)
    read = api.post(f"{PROPERTIES}/batch/read", {"archived": False, "inputs": [{"name": "tg_other"}, {"name": "x"}]})
    gone = api.post(f"{PROPERTIES}/batch/archive", {"inputs": [{"name": "tg_other"}, {"name": "x"}]}, token=ADMIN)

    assert made.status_code == read.status_code == 207
    assert [one["name"] for one in made.json()["results"]] == ["tg_score", "tg_other"]
    assert made.json()["errors"][0]["context"] == {"name": ["tg_grade"]}
    assert [one["name"] for one in read.json()["results"]] == ["tg_other"]
    assert gone.status_code == 204
    assert api.get(f"{PROPERTIES}/tg_other").status_code == 404


def test_groups_are_made_once(api):
    made = api.post(f"{PROPERTIES}/groups", {"name": "truegrade", "label": "Truegrade"}, token=ADMIN)
    again = api.post(f"{PROPERTIES}/groups", {"name": "truegrade", "label": "Truegrade"}, token=ADMIN)
    used = api.post(PROPERTIES, score(groupName="truegrade"), token=ADMIN)

    assert [made.status_code, again.status_code, used.status_code] == [201, 409, 201]
    assert made.json() == {"name": "truegrade", "label": "Truegrade", "displayOrder": -1, "archived": False}
    assert "truegrade" in [one["name"] for one in api.get(f"{PROPERTIES}/groups").json()["results"]]
    assert api.get(f"{PROPERTIES}/groups/truegrade").status_code == 200
    assert api.get(f"{PROPERTIES}/groups/none_such").status_code == 404


def test_a_unique_property_identifies_records(api):
    api.post(PROPERTIES, score(name="key", type="string", fieldType="text", hasUniqueValue=True), token=ADMIN)
    api.update({"id": "901", "properties": {"key": "K1"}})

    assert api.get("/crm/v3/objects/contacts/K1", idProperty="key").json()["id"] == "901"
