import pytest

READ = "/crm/objects/2026-03/contacts/batch/read"
CREATE = "/crm/objects/2026-03/contacts/batch/create"


def title(record, value="CTO", *, trace=True, **more):
    sent = {"id": record, "properties": {"jobtitle": value, **more}}
    return {**sent, "objectWriteTraceId": f"t{record}"} if trace else sent


def test_an_update_answers_with_what_it_changed(api, portal, clock):
    before = portal.snapshot("contacts")

    reply = api.update(title("901"), title("951", trace=False))

    assert reply.status_code == 200
    body = reply.json()
    assert (body["status"], len(body["results"])) == ("COMPLETE", 2)
    assert {"startedAt", "completedAt"} <= set(body)
    shown = {one["id"]: one for one in body["results"]}
    assert shown["901"]["properties"]["jobtitle"] == "CTO"
    assert shown["901"]["objectWriteTraceId"] == "t901"
    assert "objectWriteTraceId" not in shown["951"]
    assert shown["901"]["updatedAt"] == "2026-11-03T15:00:00.250Z"
    after = portal.snapshot("contacts")
    moved = {key for key in after if after[key] != before[key]}
    assert moved == {"901", "951"}


def test_a_write_of_the_same_value_moves_the_stamp_too(api, portal, clock):
    api.update(title("901"))
    clock.sleep(60)

    api.update(title("901"))

    assert portal.snapshot("contacts")["901"]["lastmodifieddate"] == "2026-11-03T15:01:00.250Z"


def test_companies_and_deals_have_another_stamp(api, portal):
    company = portal.pick("companies")[0]

    api.update({"id": company, "properties": {"city": "Ulm"}}, object_type="0-2")

    assert portal.snapshot("companies")[company]["hs_lastmodifieddate"] == "2026-11-03T15:00:00.250Z"


def test_more_than_a_hundred_rows_are_refused(api, portal):
    ids = list(portal.snapshot("contacts"))[:101]

    assert api.update(*(title(one) for one in ids)).status_code == 400
    assert api.update(*(title(one) for one in ids[:100])).status_code == 200
    assert api.post(READ, {"inputs": [{"id": one} for one in ids]}).status_code == 400


def test_an_id_that_comes_twice_refuses_the_batch(api, portal):
    before = portal.snapshot("contacts")

    reply = api.update(title("901"), title("951"), title("901", "CEO"))

    assert reply.status_code == 400
    assert reply.json()["message"] == "Duplicate IDs found in batch input: [901]. IDs must be unique"
    assert reply.json()["context"] == {"ids": ["901"]}
    assert portal.snapshot("contacts") == before


def test_unknown_ids_share_one_entry(api):
    reply = api.update(title("901"), title("999"), title("x"))

    assert reply.status_code == 207
    body = reply.json()
    assert [one["id"] for one in body["results"]] == ["901"]
    assert body["numErrors"] == 1
    assert body["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert body["errors"][0]["context"] == {"ids": ["999", "x"], "objectWriteTraceId": ["t999", "tx"]}
    assert body["errors"][0]["message"].startswith("Could not get some CONTACT objects, they may be deleted")


def test_a_merged_id_is_missing_without_a_word(api, portal):
    survivor = portal.merge("contacts", "901", "951")

    reply = api.update(title("901"), title("1001"))

    assert reply.status_code == 200
    assert [one["id"] for one in reply.json()["results"]] == ["1001"]
    assert portal.snapshot("contacts")[survivor]["jobtitle"] != "CTO"


def test_a_bad_value_fails_its_row_when_rows_can_be_traced(api, portal):
    reply = api.update(title("901"), title("951", missing="x"), title("1001", hs_lead_status="nope"))

    assert reply.status_code == 207
    body = reply.json()
    assert [one["id"] for one in body["results"]] == ["901"]
    assert body["numErrors"] == 2
    assert [one["context"] for one in body["errors"]] == [
        {"objectWriteTraceId": ["t951"]},
        {"objectWriteTraceId": ["t1001"]},
    ]
    assert '"error":"PROPERTY_DOESNT_EXIST"' in body["errors"][0]["message"]
    assert '"error":"INVALID_OPTION"' in body["errors"][1]["message"]


def test_a_bad_value_fails_the_batch_when_its_row_cannot_be_traced(api, portal):
    before = portal.snapshot("contacts")

    reply = api.update(title("901", trace=False), title("951", trace=False, missing="x"))

    assert reply.status_code == 400
    assert reply.json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    assert portal.snapshot("contacts") == before


def test_a_row_can_be_made_to_fail(api, portal):
    portal.fail_row("901", "Row is stuck", times=1)

    replies = [api.update(title("901"), title("951")) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [207, 200]
    assert replies[0].json()["errors"][0]["message"] == "Row is stuck"
    assert replies[0].json()["errors"][0]["context"] == {"objectWriteTraceId": ["t901"]}


def test_an_empty_text_clears_and_null_is_refused(api, portal):
    cleared = api.update(title("901", ""))
    refused = api.update(title("951", None))

    assert cleared.status_code == 200
    assert portal.snapshot("contacts")["901"]["jobtitle"] is None
    assert refused.status_code == 207


@pytest.mark.parametrize("content", [{}, {"inputs": "901"}, {"inputs": ["901"]}, {"inputs": [{"id": "901"}]}])
def test_a_batch_of_another_shape_is_a_400(api, content):
    assert api.post("/crm/v3/objects/contacts/batch/update", content).status_code == 400


def test_a_read_names_what_it_did_not_find(api, portal):
    portal.archive("contacts", ["1001"])

    content = {"inputs": [{"id": one} for one in ("901", "999", "1001")], "properties": ["jobtitle"]}
    reply = api.post(READ, content)

    assert reply.status_code == 207
    body = reply.json()
    assert [one["id"] for one in body["results"]] == ["901"]
    assert body["numErrors"] == 1
    assert body["errors"][0]["context"] == {"ids": ["999", "1001"]}
    assert "jobtitle" in body["results"][0]["properties"]


def test_a_read_of_a_merged_id_gives_the_survivor(api, portal):
    survivor = portal.merge("contacts", "901", "951")

    reply = api.post(READ, {"inputs": [{"id": "951"}], "properties": [], "propertiesWithHistory": []})

    assert reply.status_code == 200
    assert [one["id"] for one in reply.json()["results"]] == [survivor]


def test_a_read_may_go_by_address(api, portal):
    contact, values = next((key, one) for key, one in portal.snapshot("contacts").items() if one["email"])

    content = {"inputs": [{"id": values["email"]}, {"id": "no@body.example"}], "idProperty": "email"}
    body = api.post(READ, content).json()

    assert [one["id"] for one in body["results"]] == [contact]
    assert body["errors"][0]["context"] == {"ids": ["no@body.example"]}


def test_a_read_by_a_property_that_is_not_unique_is_a_400(api):
    assert api.post(READ, {"inputs": [{"id": "x"}], "idProperty": "city"}).status_code == 400


def test_records_are_made_in_batches(api, portal):
    reply = api.post(
        CREATE,
        {
            "inputs": [
                {"properties": {"email": "one@new.example"}, "objectWriteTraceId": "1"},
                {"properties": {"email": "no address"}, "objectWriteTraceId": "2"},
                {"properties": {"email": "one@new.example"}, "objectWriteTraceId": "3"},
            ]
        },
    )

    assert reply.status_code == 207
    body = reply.json()
    assert [one["objectWriteTraceId"] for one in body["results"]] == ["1"]
    assert [one["category"] for one in body["errors"]] == ["VALIDATION_ERROR", "CONFLICT"]
    assert portal.pick("contacts", {"email": "one@new.example"}) == [body["results"][0]["id"]]


def test_records_are_archived_in_batches(api, portal):
    reply = api.post("/crm/v3/objects/contacts/batch/archive", {"inputs": [{"id": "901"}, {"id": "x"}]})

    assert reply.status_code == 204
    assert "901" not in portal.snapshot("contacts")


def test_an_archived_record_cannot_be_updated(api, portal):
    portal.archive("contacts", ["901"])

    assert api.update(title("901")).json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"


def test_the_dated_paths_of_september_enforce_the_admins_rules(api, portal):
    portal.set_option("enforce_rules", True)
    portal.set_scopes("pat-na1-integration", ["crm.objects.deals.write"])
    deal = portal.pick("deals", {"hs_is_closed": "false"})[0]
    sent = {"id": deal, "objectWriteTraceId": "1", "properties": {"dealstage": "closedwon", "closedate": ""}}

    new = api.update(sent, object_type="deals", version="2026-09")
    old = api.update(sent, object_type="deals", version="2026-03")

    assert (new.status_code, old.status_code) == (207, 200)
    assert "REQUIRED_FIELD" in new.json()["errors"][0]["message"]
