"""simple-salesforce, as it is, against the org: every reply must be one that it understands."""

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound


@pytest.fixture
def client(session, token):
    return Salesforce(instance="acme.my.salesforce.com", session_id=token, version="59.0", session=session)


def ids(client, count):
    return [one["Id"] for one in client.query(f"SELECT Id FROM Lead ORDER BY Id LIMIT {count}")["records"]]


def test_leads_are_queried_page_by_page(client, org):
    page = client.query("SELECT Id, Company FROM Lead WHERE IsConverted = false ORDER BY Id")
    everyone = client.query_all("SELECT Id FROM Lead")["records"]

    assert page["records"][0]["attributes"]["type"] == "Lead"
    assert [len(page["records"]), page["done"]] == [40, False]
    assert len(client.query_more(page["nextRecordsUrl"], identifier_is_url=True)["records"]) == 40
    assert {one["Id"] for one in everyone} == set(org.snapshot("Lead"))
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == len(everyone)


def test_deleted_leads_are_queried_when_asked_for(client):
    [gone] = ids(client, 1)
    client.Lead.delete(gone)

    query = f"SELECT Id, IsDeleted FROM Lead WHERE Id = '{gone}'"
    assert client.query(query)["totalSize"] == 0
    assert client.query(query, include_deleted=True)["records"][0]["IsDeleted"] is True


def test_objects_are_described(client):
    described = client.Lead.describe()

    assert {"Lead", "Account", "Opportunity"} <= {one["name"] for one in client.describe()["sobjects"]}
    status = next(one for one in described["fields"] if one["name"] == "Status")
    assert status["type"] == "picklist"
    assert status["picklistValues"]


def test_a_lead_is_made_read_and_changed(client):
    made = client.Lead.create({"LastName": "Vega", "Company": "Vega Ltd"})
    client.Lead.update(made["id"], {"Title": "CTO"})

    assert made["success"] is True
    assert client.Lead.get(made["id"])["Title"] == "CTO"
    with pytest.raises(SalesforceResourceNotFound) as absent:
        client.Lead.get("00Q000000000000AAA")
    assert absent.value.content[0]["errorCode"] == "NOT_FOUND"


def test_a_wrong_query_is_refused_in_salesforces_words(client):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.query("SELECT Nonsense__c FROM Lead")

    assert refused.value.content[0]["errorCode"] == "INVALID_FIELD"
    assert "No such column 'Nonsense__c'" in refused.value.content[0]["message"]


def test_collections_are_written_row_by_row(client):
    first, second = ids(client, 2)
    records = [
        {"attributes": {"type": "Lead"}, "id": first, "Title": "CTO"},
        {"attributes": {"type": "Lead"}, "id": second, "Nonsense__c": 1},
    ]

    done = client.restful("composite/sobjects", method="PATCH", json={"allOrNone": False, "records": records})

    assert [one["success"] for one in done] == [True, False]
    assert client.Lead.get(first)["Title"] == "CTO"


def test_changes_and_deletions_are_listed(client, clock):
    start = clock.now()
    first, second = ids(client, 2)
    clock.sleep(120)
    client.Lead.update(first, {"Title": "CTO"})
    client.Lead.delete(second)
    clock.sleep(120)

    assert first in client.Lead.updated(start, clock.now())["ids"]
    assert [one["id"] for one in client.Lead.deleted(start, clock.now())["deletedRecords"]] == [second]


def test_leads_are_read_in_bulk(client, org):
    pages = list(client.bulk2.Lead.query("SELECT Id, Company FROM Lead", max_records=90))

    rows = [line for page in pages for line in page.splitlines()[1:]]
    assert len(pages) == -(-len(rows) // 90)
    assert {row.split(",")[0].strip('"') for row in rows} == set(org.snapshot("Lead"))


def test_leads_are_written_in_bulk(client):
    [first] = ids(client, 1)
    records = [{"Id": first, "Title": "CTO"}, {"Id": "00Q000000000000AAA", "Title": "CTO"}]

    [done] = client.bulk2.Lead.update(records=records)

    assert [done["numberRecordsTotal"], done["numberRecordsFailed"]] == [2, 1]
    assert first in client.bulk2.Lead.get_successful_records(done["job_id"])
    assert "00Q000000000000AAA" in client.bulk2.Lead.get_failed_records(done["job_id"])


def test_limits_are_told(client):
    assert client.limits()["DailyApiRequests"]["Max"] > 0
    client.query("SELECT Id FROM Lead LIMIT 1")
    assert client.api_usage["api-usage"].used > 0
