import json

import pytest

IMPORTS = "/crm/imports/2026-03"


def send(api, rows, *, mappings=None, path=IMPORTS, operations=None, **page):
    request = {
        "name": "scores",
        "importOperations": operations or {"0-1": "UPDATE"},
        "files": [
            {
                "fileName": "s.csv",
                "fileFormat": "CSV",
                "fileImportPage": {
                    "hasHeader": True,
                    "columnMappings": mappings
                    or [
                        {"columnObjectTypeId": "0-1", "columnName": "id", "propertyName": "hs_object_id",
                         "columnType": "HUBSPOT_OBJECT_ID"},
                        {"columnObjectTypeId": "0-1", "columnName": "status", "propertyName": "hs_lead_status"},
                        {"columnObjectTypeId": "0-1", "columnName": "title", "propertyName": "jobtitle"},
                    ],
                    **page,
                },
            }
        ],
    }  # fmt: skip
    return api.session.post(
        api.url + path,
        headers={"Authorization": f"Bearer {api.token}"},
        data={"importRequest": json.dumps(request)},
        files={"files": ("s.csv", "\n".join(rows).encode(), "text/csv")},
    )


def test_an_import_runs_while_it_is_watched(api, portal, clock):
    portal.set_option("import_rows_per_s", 100.0)
    ids = list(portal.snapshot("contacts"))[:300]
    reply = send(api, ["id,status,title", *(f"{one},OPEN,Imported" for one in ids)])
    path = f"{IMPORTS}/{reply.json()['id']}"

    states = []
    for _ in range(5):
        states.append(api.get(path).json())
        clock.sleep(1)

    assert reply.status_code == 200
    assert [one["state"] for one in states] == ["STARTED", "PROCESSING", "PROCESSING", "PROCESSING", "DONE"]
    assert [one["metadata"]["counters"].get("UPDATED_OBJECTS", 0) for one in states] == [0, 0, 100, 200, 300]
    assert len(portal.pick("contacts", {"jobtitle": "Imported"}, 1000)) == 300


def test_rows_that_are_refused_are_told_afterwards(api, portal, clock):
    number = send(
        api,
        ["id,status,title", "901,OPEN,Imported", "951,nope,Imported", "999,OPEN,Imported", "x,OPEN,Imported"],
    ).json()["id"]
    clock.sleep(2)

    done = api.get(f"{IMPORTS}/{number}").json()
    first = api.get(f"{IMPORTS}/{number}/errors", limit=2).json()
    rest = api.get(f"{IMPORTS}/{number}/errors", after=first["paging"]["next"]["after"]).json()

    assert done["metadata"]["counters"]["ERRORS"] == 3
    assert done["metadata"]["counters"]["TOTAL_ROWS"] == 4
    assert [one["errorType"] for one in first["results"]] == ["INVALID_ENUMERATION_OPTION", "UPDATE_ONLY_IMPORT"]
    assert first["results"][0]["sourceData"]["lineNumber"] == 3
    assert first["results"][0]["sourceData"]["rowData"] == ["951", "nope", "Imported"]
    assert len(rest["results"]) == 1
    assert portal.snapshot("contacts")["951"]["jobtitle"] == "Imported"


def test_an_empty_cell_leaves_the_value(api, portal, clock):
    portal.edit("contacts", "901", {"jobtitle": "Kept"})
    send(api, ["id,status,title", "901,OPEN,"])
    clock.sleep(2)

    api.get(IMPORTS)

    values = portal.snapshot("contacts")["901"]
    assert (values["jobtitle"], values["hs_lead_status"]) == ("Kept", "OPEN")


def test_a_cancelled_import_stops(api, portal, clock):
    portal.set_option("import_rows_per_s", 1.0)
    ids = list(portal.snapshot("contacts"))[:10]
    number = send(api, ["id,status,title", *(f"{one},OPEN,Imported" for one in ids)]).json()["id"]
    clock.sleep(4)

    cancelled = api.post(f"{IMPORTS}/{number}/cancel")
    clock.sleep(60)

    assert cancelled.status_code == 200
    assert api.get(f"{IMPORTS}/{number}").json()["state"] == "CANCELED"
    assert len(portal.pick("contacts", {"jobtitle": "Imported"}, 100)) == 3


def test_imports_are_listed_newest_first(api):
    first, second = (send(api, ["id,status,title"], path="/crm/v3/imports/").json()["id"] for _ in range(2))

    assert [one["id"] for one in api.get(IMPORTS).json()["results"]] == [second, first]
    assert api.get(f"{IMPORTS}/1").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"operations": {"0-1": "UPSERT"}},
        {"operations": {"0-1": "UPDATE", "0-2": "UPDATE"}},
        {"mappings": [{"columnName": "title", "propertyName": "jobtitle"}]},
        {
            "mappings": [
                {"columnName": "id", "columnType": "HUBSPOT_OBJECT_ID", "propertyName": "hs_object_id"},
                {"columnName": "title", "propertyName": "none_such"},
            ]
        },
    ],
)
def test_an_import_that_cannot_run_is_a_400(api, changes):
    assert send(api, ["id,status,title"], **changes).status_code == 400


def test_an_import_needs_its_form_and_its_scope(api, portal):
    assert api.post(IMPORTS, {"name": "x"}).status_code == 400
    portal.set_scopes("pat-na1-integration", ["oauth"])
    assert send(api, ["id"]).status_code == 403
