"""Bulk queries: the calls to the letter, streams that break, and CSV as it comes."""

import csv
import io
import json
from dataclasses import replace

import pytest
import requests
import responses
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Entity, Part, Record
from connector.errors import Misconfigured, Retryable
from connector.salesforce import bulk as roads
from connector.salesforce import cursors
from connector.salesforce.cursors import Resting
from connector.salesforce.values import clean
from tests.connector.salesforce.conftest import ROOT

DATE = {"Date": "Fri, 02 Jan 2026 12:00:00 GMT"}
KINDS = {
    "Id": "id",
    "SystemModstamp": "datetime",
    "IsDeleted": "boolean",
    "Description": "textarea",
    "Amount__c": "currency",
}
FIELDS = [
    {"name": name, "label": name, "type": kind, "updateable": True, "length": 0, "custom": False}
    | {"calculated": False, "picklistValues": []}
    for name, kind in KINDS.items()
]
NAMES = ("Description", "Amount__c")
HEADER = "Id,SystemModstamp,Description,amount__c\n"
STAMP = "2026-01-02T11:30:00.000Z"


def line(number, text='""', amount="1.0"):
    return f"00Q{number:012}EAA,{STAMP},{text},{amount}\n"


def results(*lines, count=None, locator="null", header=HEADER):
    body = (header + "".join(lines)).encode()
    told = {"Sforce-NumberOfRecords": str(len(lines) if count is None else count), "Sforce-Locator": locator}
    return {"body": body, "content_type": "text/csv", "headers": told}


@pytest.fixture(autouse=True)
def job(wire):
    wire.get(f"{ROOT}/sobjects/Lead/describe", json={"fields": FIELDS})
    wire.post(f"{ROOT}/jobs/query", json={"id": "750A", "state": "UploadComplete"}, headers=DATE)
    wire.get(f"{ROOT}/jobs/query/750A", json={"state": "InProgress"})
    wire.get(f"{ROOT}/jobs/query/750A", json={"state": "JobComplete"})


@pytest.fixture
def crm(crm):
    gateway = crm._gateway
    gateway.options = replace(gateway.options, bulk_reads=True)
    return crm


def everything(crm):
    return list(crm.everything(Entity.LEAD, NAMES, Part()))


def ids(pages):
    return [int(record.id[3:15]) for page in pages for record in page.records]


def test_a_bulk_query_is_made_waited_for_and_read_page_by_page(crm, wire, clock):
    wire.get(f"{ROOT}/jobs/query/750A/results", **results(line(1), line(2), locator="MTAw"))
    wire.get(f"{ROOT}/jobs/query/750A/results", **results(line(3)))

    pages = everything(crm)

    made = next(call.request for call in wire.calls if call.request.url.endswith("/jobs/query"))
    assert json.loads(made.body) == {
        "operation": "query",
        "query": "SELECT Id,SystemModstamp,Description,Amount__c FROM Lead",
    }
    assert [call.request.params for call in wire.calls if "results" in call.request.url] == [
        {"maxRecords": "50000"},
        {"maxRecords": "50000", "locator": "MTAw"},
    ]
    assert clock.slept == [1.0]
    assert ids(pages) == [1, 2, 3]
    assert {cursors.read(page.cursor) for page in pages} == {Resting("2026-01-02T11:45:00.000Z")}


def test_csv_gives_the_same_text_as_json(crm, wire):
    wild = line(1, text='"Mü\0ller, ""the"" one\r\nnext line"', amount="1.0E7")
    wire.get(f"{ROOT}/jobs/query/750A/results", **results(wild, line(2, amount="")))

    [page] = everything(crm)

    assert page.records == (
        Record("00Q000000000001EAA", STAMP, ('Müller, "the" one\nnext line', "10000000")),
        Record("00Q000000000002EAA", STAMP, (None, None)),
    )


def test_rows_leave_in_chunks(crm, wire):
    wire.get(f"{ROOT}/jobs/query/750A/results", **results(*(line(number) for number in range(4_500))))

    assert [len(page.records) for page in everything(crm)] == [2_000, 2_000, 500]


@pytest.mark.parametrize(
    "broken",
    [
        {"body": requests.ConnectionError("reset")},
        {"status": 503},
        {"body": "<html>busy</html>", "content_type": "text/html"},
        results(line(1), count=3),
    ],
    ids=["reset", "503", "html", "short"],
)
def test_a_page_that_breaks_off_is_read_again(crm, wire, broken):
    wire.get(f"{ROOT}/jobs/query/750A/results", **broken)
    wire.get(f"{ROOT}/jobs/query/750A/results", **results(line(1), line(2)))

    assert set(ids(everything(crm))) == {1, 2}


def test_a_page_that_always_breaks_off_is_left_to_a_later_run(crm, wire):
    wire.get(f"{ROOT}/jobs/query/750A/results", **results(line(1), count=3))

    with pytest.raises(Retryable, match="short"):
        everything(crm)


EXPIRED = {"json": [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], "status": 401}


def test_a_new_token_may_still_find_the_results(crm, wire):
    wire.get(f"{ROOT}/jobs/query/750A/results", **EXPIRED)
    wire.get(f"{ROOT}/jobs/query/750A/results", **results(line(1)))

    assert ids(everything(crm)) == [1]
    assert sum(call.request.url.endswith("/jobs/query") for call in wire.calls) == 1


def test_results_that_a_new_token_does_not_find_are_made_anew(crm, wire):
    wire.get(f"{ROOT}/jobs/query/750A/results", **EXPIRED)
    wire.get(f"{ROOT}/jobs/query/750A/results", **EXPIRED)
    wire.get(f"{ROOT}/jobs/query/750A/results", **results(line(1)))

    assert ids(everything(crm)) == [1]
    assert sum(call.request.url.endswith("/jobs/query") for call in wire.calls) == 2


def test_nothing_gives_one_empty_page(crm, wire):
    wire.get(f"{ROOT}/jobs/query/750A/results", **results())
    wire.get("https://acme.my.salesforce.com/services/data/", json=[], headers=DATE)

    [page] = everything(crm)

    assert page.records == ()


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_job_that_ends_badly_is_left_to_a_later_run(crm, wire, state):
    wire.remove(responses.GET, f"{ROOT}/jobs/query/750A")
    wire.get(f"{ROOT}/jobs/query/750A", json={"state": state, "errorMessage": "x"})

    with pytest.raises(Retryable, match=state):
        everything(crm)


def test_a_job_that_takes_too_long_is_aborted(crm, wire, clock):
    wire.remove(responses.GET, f"{ROOT}/jobs/query/750A")
    wire.get(f"{ROOT}/jobs/query/750A", json={"state": "InProgress"})
    wire.patch(f"{ROOT}/jobs/query/750A", json={"state": "Aborted"})

    with pytest.raises(Retryable, match="longer"):
        everything(crm)

    assert wire.calls[-1].request.body == b'{"state":"Aborted"}'
    assert max(clock.slept) == 10.0


@pytest.mark.parametrize(
    "refused",
    [
        [{"errorCode": "FEATURENOTENABLED", "message": "Async API not enabled"}],
        [{"errorCode": "INVALIDENTITY", "message": "Entity 'Lead' is not supported by the Bulk API."}],
        [{"errorCode": "LIMIT_EXCEEDED", "message": "no more jobs today"}],
    ],
)
def test_an_org_without_bulk_is_read_by_queries(crm, wire, refused):
    wire.remove(responses.POST, f"{ROOT}/jobs/query")
    wire.post(f"{ROOT}/jobs/query", json=refused, status=400)
    rest = {
        "Id": "00Q000000000001EAA",
        "SystemModstamp": "2026-01-02T11:30:00.000+0000",
        "Description": "",
        "Amount__c": 1,
    }
    wire.get(f"{ROOT}/query/", json={"totalSize": 1, "done": True, "records": [rest]})

    assert ids(everything(crm)) == [1]


def test_a_field_that_disappears_is_named(crm, wire):
    wire.remove(responses.POST, f"{ROOT}/jobs/query")
    detail = "\nERROR at Row:1:Column:12\nNo such column 'Amount__c' on entity 'Lead'."
    wire.post(f"{ROOT}/jobs/query", json=[{"errorCode": "INVALID_FIELD", "message": detail}], status=400)

    with pytest.raises(Misconfigured, match=r"Lead\.Amount__c"):
        everything(crm)


@given(
    rows=st.lists(st.lists(st.text('ab,"\n\r\0é🎉\u2028\x85', max_size=6), min_size=2, max_size=2), min_size=1),
    block=st.integers(min_value=1, max_value=9),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_rows_are_the_same_wherever_the_stream_is_cut(rows, block, end):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(rows)
    response = requests.Response()
    response.raw = urllib3.HTTPResponse(io.BytesIO(text.getvalue().encode()), preload_content=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roads, "BLOCK", block)
        read = list(roads.rows_of(response))

    assert read == [[clean(cell) for cell in row] for row in rows]
