def test_a_stage_says_won_and_lost_in_texts(api):
    pipelines = api.get("/crm/pipelines/2026-03/0-3").json()["results"]

    stages = {one["id"]: one["metadata"] for one in pipelines[0]["stages"]}
    assert pipelines[0]["id"] == "default"
    assert stages["closedwon"] == {"isClosed": "true", "probability": "1.0"}
    assert stages["closedlost"] == {"isClosed": "true", "probability": "0.0"}
    assert stages["contractsent"]["isClosed"] == "false"


def test_pipelines_and_stages_can_be_asked_for_one_by_one(api):
    assert api.get("/crm/v3/pipelines/deals/default").json()["label"] == "Sales Pipeline"
    assert len(api.get("/crm/v3/pipelines/deals/default/stages").json()["results"]) == 7
    assert api.get("/crm/v3/pipelines/deals/other").status_code == 404


def test_contacts_have_no_pipelines(api):
    assert api.get("/crm/v3/pipelines/contacts").json() == {"results": []}
