"""Bulk jobs for writing: the calls to the letter, and jobs that end badly."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
import requests
import responses

from connector.crm import Entity, Outcome, Update
from connector.errors import Misconfigured, Retryable
from connector.salesforce.ingest import parsed_error
from connector.salesforce.writes import RowError
from tests.connector.salesforce.conftest import ROOT

JOBS = f"{ROOT}/jobs/ingest"
FIELDS = [
    {"name": name, "label": name, "type": kind, "updateable": True, "length": 0, "custom": True}
    | {"calculated": False, "picklistValues": []}
    for name, kind in {"Id": "id", "TG_Score__c": "double", "TG_Change__c": "string"}.items()
]


def updates(count):
    return [
        Update(f"00Q{number:012}AAA", {"TG_Score__c": number % 99, "TG_Change__c": None}) for number in range(count)
    ]


class Org:
    """Bulk jobs as values: each job ends as `ends` says, and `errors` gives a row's sf__Error by its id."""

    def __init__(self, wire, *, ends=(), errors=None):
        self.ends = list(ends)
        self.errors = errors or {}
        self.jobs = {}
        self.calls = []
        self.batched = {}
        wire.get(f"{ROOT}/sobjects/Lead/describe", json={"fields": FIELDS})
        for method in (responses.POST, responses.GET, responses.PUT, responses.PATCH):
            wire.add_callback(method, _under(JOBS), callback=self)
        wire.add_callback(responses.PATCH, f"{ROOT}/composite/sobjects", callback=self.batch)

    def __call__(self, request):
        path = request.url.removeprefix(JOBS).strip("/").split("/")
        body = request.body.read() if hasattr(request.body, "read") else request.body
        self.calls.append((request.method, "/".join(path[1:]), request.headers.get("Content-Type")))
        match request.method, path:
            case "POST", [""]:
                job_id = f"750{len(self.jobs)}"
                self.jobs[job_id] = {"state": "Open", "asked": json.loads(body), "rows": []}
                return 200, {}, json.dumps({"id": job_id, "state": "Open"})
            case "PUT", [job_id, "batches"]:
                self.jobs[job_id]["rows"] = list(csv.DictReader(io.StringIO(body.decode())))
                return 201, {}, ""
            case "PATCH", [job_id]:
                self.jobs[job_id]["state"] = json.loads(body)["state"]
                return 200, {}, json.dumps({"state": self.jobs[job_id]["state"]})
            case "GET", [job_id]:
                end = self.ends.pop(0) if self.ends else {"state": "JobComplete", "processed": None}
                self.jobs[job_id].update(end)
                return 200, {}, json.dumps({"state": "JobComplete"} | end)
            case "GET", [job_id, which]:
                return 200, {"Content-Type": "text/csv"}, self.results(self.jobs[job_id], which).encode()
        raise AssertionError(request.url)

    def results(self, job, which):
        rows = job["rows"][: job.get("processed")]
        failed = which == "failedResults"
        extra = "sf__Error" if failed else "sf__Created"
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["sf__Id", extra, "Id"])
        for row in reversed(rows):
            error = self.errors.get(row["Id"])
            if (error is not None) == failed:
                writer.writerow(["" if failed else row["Id"], error or "false", row["Id"]])
        return text.getvalue()

    def batch(self, request):
        records = json.loads(request.body)["records"]
        self.batched |= {record["id"]: record for record in records}
        return 200, {}, json.dumps([{"id": record["id"], "success": True, "errors": []} for record in records])


def _under(url):
    return re.compile(re.escape(url) + ".*")


@pytest.fixture
def bulk(crm):
    gateway = crm._gateway
    gateway.options = replace(gateway.options, bulk_write_from=2_000)
    return crm


def write(crm, rows):
    return {row.id: row for row in crm.write(Entity.LEAD, iter(rows), expected=len(rows))}


def test_one_job_takes_the_calls_that_it_must(bulk, wire):
    org = Org(wire)

    written = write(bulk, updates(2_500))

    assert {row.outcome for row in written.values()} == {Outcome.WRITTEN}
    assert len(written) == 2_500
    assert org.jobs["7500"]["asked"] == {
        "object": "Lead",
        "operation": "update",
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    assert [(method, path) for method, path, _ in org.calls] == [
        ("POST", ""),
        ("PUT", "batches"),
        ("PATCH", ""),
        ("GET", ""),
        ("GET", "successfulResults"),
        ("GET", "failedResults"),
    ]
    assert org.calls[1][2] == "text/csv; charset=UTF-8"
    assert org.jobs["7500"]["rows"][7] == {"Id": "00Q000000000007AAA", "TG_Score__c": "7", "TG_Change__c": "#N/A"}


def test_written_rows_come_back_in_the_order_they_were_given(bulk, wire):
    Org(wire)  # its results are in another order

    written = bulk.write(Entity.LEAD, iter(updates(2_500)), expected=2_500)

    assert [row.id for row in written] == [update.id for update in updates(2_500)]


def test_a_few_rows_make_no_job(bulk, wire):
    org = Org(wire)

    written = {row.id: row for row in bulk.write(Entity.LEAD, updates(300), expected=5_000)}

    assert len(written) == 300
    assert org.calls == []


def test_each_row_gets_its_own_outcome(bulk, wire):
    errors = {
        "00Q000000000001AAA": "CANNOT_UPDATE_CONVERTED_LEAD:cannot reference converted lead:--",
        "00Q000000000002AAA": "ENTITY_IS_DELETED:entity is deleted:--",
        "00Q000000000003AAA": "FIELD_CUSTOM_VALIDATION_EXCEPTION:Müller: not now:Status",
        "00Q000000000004AAA": "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record: 001:--",
    }
    org = Org(wire, errors=errors)

    written = write(bulk, updates(2_500))

    assert len(written) == 2_500
    assert [written[record_id].outcome for record_id in errors] == [
        Outcome.CONVERTED,
        Outcome.DELETED,
        Outcome.REFUSED,
        Outcome.WRITTEN,
    ]
    assert written["00Q000000000003AAA"].message == "Müller: not now"
    assert org.batched["00Q000000000004AAA"]["TG_Score__c"] == 4
    assert org.batched["00Q000000000004AAA"]["TG_Change__c"] is None


def test_unprocessed_rows_go_again(bulk, wire):
    org = Org(wire, ends=[{"state": "Failed", "processed": 400}, {"state": "JobComplete", "processed": None}])

    written = write(bulk, updates(2_500))

    assert {row.outcome for row in written.values()} == {Outcome.WRITTEN}
    assert len(org.jobs["7501"]["rows"]) == 2_100
    assert len(written) == 2_500


def test_a_job_that_never_ends_well_is_left_to_a_later_run(bulk, wire):
    Org(wire, ends=[{"state": "Failed", "processed": 0}] * 3)

    with pytest.raises(Retryable, match="2500 rows"):
        write(bulk, updates(2_500))


def test_a_job_that_somebody_aborts_is_not_made_again(bulk, wire):
    org = Org(wire, ends=[{"state": "Aborted", "processed": 100}])
    told = []

    with pytest.raises(Retryable, match="aborted"):
        told.extend(bulk.write(Entity.LEAD, updates(2_500), expected=2_500))

    assert len(told) == 100
    assert len(org.jobs) == 1


def test_a_job_without_our_field_needs_a_person(bulk, wire):
    Org(
        wire,
        ends=[{"state": "Failed", "processed": 0, "errorMessage": "InvalidBatch : Field name not found : TG_Score__c"}],
    )

    with pytest.raises(Misconfigured):
        write(bulk, updates(2_500))


def test_an_upload_that_breaks_leaves_nothing_behind(bulk, wire):
    org = Org(wire)

    def once_lost(request):
        reply = org(request)
        if "7500" in request.url:
            raise requests.ConnectionError("reset")
        return reply

    wire.remove(responses.PUT, _under(JOBS))
    wire.add_callback(responses.PUT, _under(JOBS), callback=once_lost)

    written = write(bulk, updates(2_500))

    assert len(written) == 2_500
    assert [job["state"] for job in org.jobs.values()] == ["Aborted", "JobComplete"]


def test_an_org_without_bulk_gets_batches(bulk, wire):
    org = Org(wire)
    wire.remove(responses.POST, _under(JOBS))
    refused = [{"errorCode": "FEATURENOTENABLED", "message": "Async API not enabled"}]
    wire.post(JOBS, json=refused, status=400)

    written = write(bulk, updates(2_500))

    assert {row.outcome for row in written.values()} == {Outcome.WRITTEN}
    assert len(org.batched) == 2_500


def test_rows_with_other_columns_start_another_job(bulk, wire):
    org = Org(wire)
    plain = [Update(update.id, {"TG_Score__c": 1}) for update in updates(4_000)]
    rows = [*plain[:2_000], *updates(4_000)[2_000:], *(row._replace(id=f"00Q9{row.id[4:]}") for row in plain)]

    written = write(bulk, rows)

    assert len(written) == 8_000
    assert [len(job["rows"]) for job in org.jobs.values()] == [2_000, 6_000]
    assert org.jobs["7501"]["rows"][0]["TG_Change__c"] == "#N/A"
    assert org.jobs["7501"]["rows"][-1]["TG_Change__c"] == ""


def test_a_spent_day_parks_what_is_left(bulk, wire):
    Org(wire)
    wire.remove(responses.POST, _under(JOBS))
    spent = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    wire.post(JOBS, json=spent, status=403)
    gateway = bulk._gateway
    gateway.options = replace(gateway.options, bulk_job_rows=2_000)

    written = write(bulk, updates(4_500))

    assert {row.outcome for row in written.values()} == {Outcome.PARKED}
    assert len(written) == 4_500


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            "STRING_TOO_LONG:too long: 256 (max=255):TG_Change__c",
            RowError("STRING_TOO_LONG", "too long: 256 (max=255)", ("TG_Change__c",)),
        ),
        ("ENTITY_IS_DELETED:entity is deleted:--", RowError("ENTITY_IS_DELETED", "entity is deleted")),
        ("SOMETHING:short", RowError("SOMETHING", "short")),
        ("BARE", RowError("BARE", "")),
    ],
)
def test_an_error_is_taken_apart(words, error):
    assert parsed_error(words) == error
