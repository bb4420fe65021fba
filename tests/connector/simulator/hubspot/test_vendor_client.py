"""HubSpot's own Python client, as it is, against the portal: every reply must be one that it understands."""

import json
import logging
from datetime import UTC, datetime

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchReadInputSimplePublicObjectId,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.crm.properties import (
    BatchReadInputPropertyName,
    PropertyCreate,
    PropertyGroupCreate,
    PropertyUpdate,
)
from hubspot.discovery.discovery_base import DiscoveryBase


@pytest.fixture
def client(simulator):
    """The client with its own factory; each API object has a pool of connections, which only we can close."""
    made = []

    def factory(package, name, config):
        made.append(DiscoveryBase._default_api_factory(package, name, config))
        return made[-1]

    level = logging.getLogger("urllib3").level
    yield HubSpot(access_token="pat-na1-admin", host=simulator.url, base_url=simulator.url, api_factory=factory)
    for api in made:
        api.api_client.rest_client.pool_manager.clear()
    logging.getLogger("urllib3").setLevel(level)


def test_contacts_are_listed(client, portal):
    page = client.crm.contacts.basic_api.get_page(
        limit=50, properties=["jobtitle"], properties_with_history=["jobtitle"], associations=["companies"]
    )

    assert [len(page.results), page.paging.next.after] == [50, str(901 + 50 * 50)]
    assert {one.id for one in client.crm.contacts.get_all()} == set(portal.snapshot("contacts"))
    assert isinstance(page.results[0].created_at, datetime)
    linked = [one.associations["companies"].results for one in page.results if one.associations]
    assert linked[0][0].type == "contact_to_company"
    titled = next(one for one in page.results if one.properties["jobtitle"])
    assert titled.properties_with_history["jobtitle"][0].value == titled.properties["jobtitle"]


def test_archived_contacts_are_listed(client, portal, clock):
    portal.archive("contacts", ["901"])

    archived = client.crm.contacts.basic_api.get_page(archived=True).results

    assert [one.id for one in archived] == ["901"]
    assert archived[0].archived_at.replace(tzinfo=UTC) == clock.now().replace(microsecond=250_000)


def test_contacts_are_searched(client, portal):
    stamp = portal.same_stamp("contacts", ["901", "951"])
    request = PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": stamp}]}],
        sorts=[{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
        properties=["jobtitle"],
        limit=1,
        after="0",
    )

    found = client.crm.contacts.search_api.do_search(public_object_search_request=request)

    assert (found.total, found.results[0].id, found.paging.next.after) == (2, "951", "1")


def test_a_contact_is_made_read_and_changed(client):
    api = client.crm.contacts.basic_api

    made = api.create(SimplePublicObjectInputForCreate(properties={"email": "v@example.com"}, associations=[]))
    api.update(made.id, SimplePublicObjectInput(properties={"jobtitle": "CTO"}))

    assert api.get_by_id(made.id, properties=["jobtitle"]).properties["jobtitle"] == "CTO"
    api.archive(made.id)
    with pytest.raises(ApiException) as gone:
        api.get_by_id(made.id)
    assert gone.value.status == 404
    assert json.loads(gone.value.body)["message"] == "resource not found"


def test_batches_are_read_and_written(client):
    api = client.crm.contacts.batch_api
    inputs = [{"id": one, "properties": {"jobtitle": "CTO"}, "objectWriteTraceId": one} for one in ("901", "999")]

    read = api.read(
        BatchReadInputSimplePublicObjectId(
            inputs=[{"id": "901"}, {"id": "999"}], properties=["jobtitle"], properties_with_history=[]
        )
    )
    written = api.update(BatchInputSimplePublicObjectBatchInput(inputs=inputs))
    made = api.create(
        BatchInputSimplePublicObjectBatchInputForCreate(inputs=[{"properties": {"firstname": "A"}, "associations": []}])
    )

    assert type(read).__name__ == type(written).__name__ == "BatchResponseSimplePublicObjectWithErrors"
    assert [one.id for one in read.results] == [one.id for one in written.results] == ["901"]
    assert written.errors[0].context == {"ids": ["999"], "objectWriteTraceId": ["999"]}
    assert written.results[0].properties["jobtitle"] == "CTO"
    assert written.results[0].object_write_trace_id == "901"
    assert made.results[0].properties["firstname"] == "A"


def test_associations_are_read(client, portal):
    contact = portal.pick("contacts", None, 1)[0]
    portal.associate("contacts", contact, "companies", portal.pick("companies")[0])
    inputs = [{"id": contact}, {"id": "999"}]

    read = client.crm.associations.v4.batch_api.get_page(
        "contacts", "companies", BatchInputPublicFetchAssociationsBatchRequest(inputs=inputs)
    )

    assert [one._from.id for one in read.results] == [contact]
    assert read.results[0].to[0].association_types[-1].type_id == 279
    assert read.errors[0].message == "No company is associated with contact 999."


def test_properties_are_read_and_made(client):
    api = client.crm.properties.core_api
    made = client.crm.properties.groups_api.create(
        "contacts", PropertyGroupCreate(name="truegrade", label="Truegrade", display_order=-1)
    )
    score = {"name": "tg_score", "label": "Score", "group_name": made.name, "type": "number", "field_type": "number"}

    api.create("contacts", PropertyCreate(**score))
    api.update("contacts", "tg_score", PropertyUpdate(label="Rank"))

    assert api.get_by_name("contacts", "tg_score").label == "Rank"
    assert {"tg_score", "email"} <= {one.name for one in api.get_all("contacts").results}
    batch = client.crm.properties.batch_api.read(
        "contacts", BatchReadInputPropertyName(inputs=[{"name": "tg_score"}], archived=False)
    )
    assert batch.results[0].modification_metadata.read_only_value is False
    assert {one.name for one in client.crm.properties.groups_api.get_all("contacts").results} >= {"truegrade"}
    api.archive("contacts", "tg_score")
    assert [one.name for one in api.get_all("contacts", archived=True).results] == ["tg_score"]


def test_pipelines_and_owners_are_read(client):
    pipeline = client.crm.pipelines.pipelines_api.get_all("deals").results[0]
    owners = client.crm.owners.owners_api.get_page().results

    assert {one.id: one.metadata["probability"] for one in pipeline.stages}["closedwon"] == "1.0"
    assert client.crm.pipelines.pipeline_stages_api.get_all("deals", "default").results == pipeline.stages
    assert [one.first_name for one in owners] == ["Robin", "Sam"]
    assert client.crm.owners.owners_api.get_by_id(int(owners[0].id)).email == owners[0].email


def test_an_import_is_sent_and_watched(client, clock, tmp_path, portal):
    file = tmp_path / "s.csv"
    file.write_text("id,status\n901,OPEN\n951,nope\n")
    columns = [
        {"columnObjectTypeId": "0-1", "columnName": "id", "propertyName": "hs_object_id",
         "columnType": "HUBSPOT_OBJECT_ID"},
        {"columnObjectTypeId": "0-1", "columnName": "status", "propertyName": "hs_lead_status"},
    ]  # fmt: skip
    request = {
        "name": "scores",
        "importOperations": {"0-1": "UPDATE"},
        "files": [
            {"fileName": "s.csv", "fileFormat": "CSV", "fileImportPage": {"hasHeader": True, "columnMappings": columns}}
        ],
    }

    sent = client.crm.imports.core_api.create(import_request=json.dumps(request), files=str(file))
    clock.sleep(2)

    seen = client.crm.imports.core_api.get_by_id(int(sent.id))
    errors = client.crm.imports.public_imports_api.get_errors(int(sent.id)).results
    assert (sent.state, seen.state, seen.metadata.counters["UPDATED_OBJECTS"]) == ("STARTED", "DONE", 2)
    assert errors[0].error_type == "INVALID_ENUMERATION_OPTION"
    assert errors[0].source_data.line_number == 3
    assert [one.id for one in client.crm.imports.core_api.get_page().results] == [sent.id]
    assert portal.snapshot("contacts")["901"]["hs_lead_status"] == "OPEN"


def test_a_token_is_refreshed(client):
    tokens = client.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id="truegrade",
        client_secret="truegrade-secret",
        refresh_token="na1-refresh",
    )

    client.access_token = tokens.access_token
    assert client.crm.contacts.basic_api.get_by_id("901").id == "901"
    assert tokens.expires_in == 1800
