"""Writing in batches: what is sent to the letter, and what becomes of rows that Salesforce refuses."""

import json
from collections import Counter

import pytest
import responses

from connector.crm import Entity, Outcome, Update, Written
from connector.errors import Misconfigured
from tests.connector.salesforce.conftest import ROOT

COLLECTIONS = f"{ROOT}/composite/sobjects"


def updates(count):
    return [Update(f"00Q{number:012}AAA", {"TG_Score__c": number}) for number in range(count)]


class Leads:
    """A collections endpoint: `refuse(record, size of its batch)` gives a row's code, or None to write it."""

    def __init__(self, refuse):
        self.refuse = refuse
        self.sizes = []
        self.written = Counter()

    def __call__(self, request):
        records = json.loads(request.body)["records"]
        self.sizes.append(len(records))
        return 200, {}, json.dumps([self.row(record, len(records)) for record in records])

    def row(self, record, size):
        code = self.refuse(record, size)
        if code is None:
            self.written[record["id"]] += 1
            return {"id": record["id"], "success": True, "errors": []}
        return {"success": False, "errors": [{"statusCode": code, "message": f"about {code}", "fields": []}]}


@pytest.fixture
def leads(wire):
    def serve(refuse):
        endpoint = Leads(refuse)
        wire.add_callback(responses.PATCH, COLLECTIONS, callback=endpoint)
        return endpoint

    return serve


def never(*_):
    return None


def write(crm, rows):
    return list(crm.write(Entity.LEAD, rows, expected=len(rows)))


def test_the_body_is_what_the_vendor_documents(crm, wire):
    wire.patch(COLLECTIONS, json=[{"id": "00Q000000000001AAA", "success": True, "errors": []}])
    update = Update("00Q000000000001AAA", {"TG_Score__c": 87, "TG_Likelihood__c": 12.34, "TG_Change__c": None})

    assert write(crm, [update]) == [Written("00Q000000000001AAA", Outcome.WRITTEN)]

    request = wire.calls[-1].request
    assert request.body.decode() == (
        '{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},"id":"00Q000000000001AAA",'
        '"TG_Score__c":87,"TG_Likelihood__c":12.34,"TG_Change__c":null}]}'
    )
    assert request.headers["Sforce-Auto-Assign"] == "FALSE"
    assert request.headers["Sforce-Duplicate-Rule-Header"].startswith("allowSave=true")


def test_batches_hold_two_hundred(crm, leads):
    endpoint = leads(never)

    written = write(crm, updates(450))

    assert endpoint.sizes == [200, 200, 50]
    assert [outcome.id for outcome in written] == [update.id for update in updates(450)]


def test_updates_are_taken_as_they_are_needed(crm, leads):
    endpoint = leads(never)
    rows = iter(updates(600))

    outcomes = crm.write(Entity.LEAD, rows, expected=600)
    next(outcomes)

    assert endpoint.sizes == [200]
    assert len(list(rows)) == 400


@pytest.mark.parametrize(
    ("code", "outcome", "passing"),
    [
        ("CANNOT_UPDATE_CONVERTED_LEAD", Outcome.CONVERTED, False),
        ("ENTITY_IS_DELETED", Outcome.DELETED, False),
        ("INVALID_CROSS_REFERENCE_KEY", Outcome.DELETED, False),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Outcome.REFUSED, False),
        ("STRING_TOO_LONG", Outcome.REFUSED, False),
        ("UNKNOWN_EXCEPTION", Outcome.REFUSED, True),
    ],
)
def test_one_bad_row_does_not_spoil_the_others(crm, leads, code, outcome, passing):
    bad = updates(200)[7].id
    leads(lambda record, _: code if record["id"] == bad else None)

    written = {row.id: row for row in write(crm, updates(200))}

    assert written.pop(bad) == Written(bad, outcome, code, f"about {code}", passing=passing)
    assert {row.outcome for row in written.values()} == {Outcome.WRITTEN}
    assert len(written) == 199


def test_a_lock_is_waited_out_in_smaller_company(crm, leads, clock):
    tries = Counter()

    def refuse(record, size):
        tries[record["id"]] += 1
        return "UNABLE_TO_LOCK_ROW" if record["TG_Score__c"] % 3 == 0 and tries[record["id"]] <= 2 else None

    endpoint = leads(refuse)

    written = write(crm, updates(200))

    assert {row.outcome for row in written} == {Outcome.WRITTEN}
    assert max(endpoint.written.values()) == 1
    assert max(endpoint.sizes[1:]) <= 40
    assert clock.slept


def test_a_lock_that_stays_is_refused_for_now(crm, leads):
    leads(lambda *_: "UNABLE_TO_LOCK_ROW")

    [row] = write(crm, updates(1))

    assert (row.outcome, row.code, row.passing) == (Outcome.REFUSED, "UNABLE_TO_LOCK_ROW", True)


def test_the_row_that_spoils_its_batch_is_found(crm, leads):
    bad = 137

    endpoint = leads(
        lambda record, size: (
            None if bad not in batch_of(endpoint, record, size) else "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
        )
    )
    written = {row.id: row for row in write(crm, updates(200))}

    assert [row.id for row in written.values() if row.outcome is Outcome.REFUSED] == [updates(200)[bad].id]
    assert len(written) == 200
    assert len(endpoint.sizes) <= 20


def batch_of(endpoint, record, size):
    """The score numbers in this record's batch: batches of consecutive numbers, halved from 200."""
    start, width = 0, 200
    while width > size:
        half = (width + 1) // 2
        if record["TG_Score__c"] < start + half:
            width = half
        else:
            start, width = start + half, width - half
    return range(start, start + width)


def test_a_batch_too_large_for_their_automation_makes_later_ones_smaller(crm, leads):
    endpoint = leads(lambda _, size: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if size > 100 else None)

    written = write(crm, updates(1_000))

    assert {row.outcome for row in written} == {Outcome.WRITTEN}
    assert endpoint.sizes == [200] + [100] * 10


def test_automation_that_refuses_everything_does_not_eat_the_budget(crm, leads):
    endpoint = leads(lambda *_: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")

    written = write(crm, updates(2_000))

    assert {row.outcome for row in written} == {Outcome.REFUSED}
    assert len(written) == 2_000
    assert len(endpoint.sizes) <= 140


def test_a_spent_day_parks_what_is_left(crm, wire):
    rows = updates(600)
    ok = [{"id": update.id, "success": True, "errors": []} for update in rows[:200]]
    wire.patch(COLLECTIONS, json=ok)
    spent = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    wire.patch(COLLECTIONS, json=spent, status=403)

    written = write(crm, rows)

    assert [row.outcome for row in written] == [Outcome.WRITTEN] * 200 + [Outcome.PARKED] * 400
    assert [row.id for row in written] == [update.id for update in rows]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, [{"errorCode": "INVALID_FIELD", "message": "No such column 'TG_Score__c' on sobject of type Lead"}]),
        (
            200,
            [
                {
                    "success": False,
                    "errors": [
                        {
                            "statusCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
                            "message": "Unable to create/update fields: TG_Score__c. Please check",
                            "fields": ["TG_Score__c"],
                        }
                    ],
                }
            ],
        ),
    ],
)
def test_a_field_out_of_reach_stops_and_is_named(crm, wire, status, body):
    wire.patch(COLLECTIONS, json=body, status=status)

    with pytest.raises(Misconfigured, match=r"TG_Score__c.*Truegrade Integration"):
        write(crm, updates(1))


def test_an_error_inside_salesforce_is_traced_to_its_row(crm, wire):
    def answer(request):
        records = json.loads(request.body)["records"]
        if any(record["TG_Score__c"] == 2 for record in records):
            return 500, {}, json.dumps([{"errorCode": "UNKNOWN_EXCEPTION", "message": "ErrorId: 17"}])
        return 200, {}, json.dumps([{"id": record["id"], "success": True, "errors": []} for record in records])

    wire.add_callback(responses.PATCH, COLLECTIONS, callback=answer)

    written = {row.id: row for row in write(crm, updates(4))}

    poison = written.pop(updates(4)[2].id)
    assert (poison.outcome, poison.passing) == (Outcome.REFUSED, True)
    assert [row.outcome for row in written.values()] == [Outcome.WRITTEN] * 3


def test_two_updates_for_one_record_are_refused(crm):
    with pytest.raises(ValueError, match="same record"):
        write(crm, [Update("001A000001LjwTv", {"A": 1}), Update("001A000001LjwTvIAJ", {"A": 2})])
