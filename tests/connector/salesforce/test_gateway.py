"""One call: the same headers each time, one new token, and an error that says what to do next."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import requests
import responses

from connector.crm import Budget, Cursor, Entity, Update
from connector.errors import Misconfigured, OutOfQuota, Retryable
from connector.limiter import NoLimiter
from connector.salesforce.adapter import connect
from connector.salesforce.calls import Call, Rejected, usage_of
from connector.salesforce.signin import RefreshToken
from tests.connector.salesforce.conftest import HOST, NOW, ROOT

LIMITS = Call("limits", "GET", "limits/")
EXPIRED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]


@pytest.fixture
def gateway(crm):
    return crm._gateway


@pytest.fixture
def noting(wire, clock):
    """A connection whose limiter notes what it is told: (crm, notes)."""
    noted = []

    class Noting(NoLimiter):
        def penalize(self, bucket, seconds):
            noted.append(("penalty", bucket, seconds))

        def reported(self, budget):
            noted.append(("told", budget.used))

        @contextmanager
        def place(self, bucket):
            if bucket == "burst":
                yield
                return
            noted.append(("taken", bucket))
            yield
            noted.append(("left", bucket))

    sign_in = RefreshToken(client_id="id", client_secret="secret", refresh_token="refresh", url=HOST)
    crm = connect(sign_in, base_url=HOST, clock=clock, limiter=Noting(), jitter=lambda: 0.0)
    yield crm, noted
    crm.close()


def asked(wire, path="/services/data"):
    return [call.request for call in wire.calls if path in call.request.url]


def test_an_answer_tells_the_servers_time(gateway, wire):
    wire.get(f"{ROOT}/limits/", json={"a": 1}, headers={"Date": "Fri, 02 Jan 2026 03:04:05 GMT"})

    answer = gateway.ask(LIMITS)

    assert answer.value == {"a": 1}
    assert answer.server_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_without_a_date_our_clock_is_taken(gateway, wire):
    wire.get(f"{ROOT}/limits/", json={})

    assert gateway.ask(LIMITS).server_at == NOW


def test_every_attempt_carries_the_same_headers(gateway, wire):
    guarded = Call("update", "PATCH", "composite/sobjects", headers={"Sforce-Auto-Assign": "FALSE"}, body=b"{}")
    wire.patch(f"{ROOT}/composite/sobjects", json=EXPIRED, status=401)
    wire.patch(f"{ROOT}/composite/sobjects", status=503)
    wire.patch(f"{ROOT}/composite/sobjects", body=requests.ConnectionError("reset"))
    wire.patch(f"{ROOT}/composite/sobjects", json=[])

    gateway.ask(guarded)

    requests_made = asked(wire)
    assert len(requests_made) == 4
    for request in requests_made:
        assert request.headers["Sforce-Auto-Assign"] == "FALSE"
        assert request.headers["Sforce-Call-Options"] == "client=Truegrade/0.1.0"
        assert request.headers["Accept-Encoding"] == "gzip"
        assert "X-PrettyPrint" not in request.headers


def test_an_expired_token_is_renewed_once(gateway, wire):
    wire.get(f"{ROOT}/limits/", json=EXPIRED, status=401)
    wire.get(f"{ROOT}/limits/", json={"ok": True})
    gateway._tokens.token()
    wire.replace(responses.POST, f"{HOST}/services/oauth2/token", json={"access_token": "T2", "instance_url": HOST})

    assert gateway.ask(LIMITS).value == {"ok": True}

    assert [request.headers["Authorization"] for request in asked(wire)] == ["Bearer T1", "Bearer T2"]


def test_a_token_that_is_dead_on_arrival_needs_a_person(gateway, wire):
    wire.get(f"{ROOT}/limits/", json=EXPIRED, status=401)

    with pytest.raises(Misconfigured, match="Reconnect"):
        gateway.ask(LIMITS)

    assert len(asked(wire)) == 2


def test_a_401_that_no_token_cures_is_not_tried_again(gateway, wire):
    message = "This session is not valid for use with the REST API"
    wire.get(f"{ROOT}/limits/", json=[{"errorCode": "INVALID_SESSION_ID", "message": message}], status=401)

    with pytest.raises(Misconfigured, match="scope"):
        gateway.ask(LIMITS)

    assert len(asked(wire)) == 1


def test_the_instance_may_move_with_a_new_token(gateway, wire):
    elsewhere = "https://acme2.my.salesforce.com"
    wire.get(f"{ROOT}/limits/", json=EXPIRED, status=401)
    wire.get(f"{elsewhere}/services/data/v59.0/limits/", json={"ok": True})
    gateway._tokens.token()
    wire.replace(
        responses.POST, f"{HOST}/services/oauth2/token", json={"access_token": "T2", "instance_url": elsewhere}
    )

    assert gateway.ask(LIMITS).value == {"ok": True}


@pytest.mark.parametrize("status", [200, 404, 503])
def test_a_web_page_is_tried_again(gateway, wire, clock, status):
    wire.get(f"{ROOT}/limits/", body="<html>busy</html>", status=status)
    wire.get(f"{ROOT}/limits/", json={"ok": True})

    assert gateway.ask(LIMITS).value == {"ok": True}
    assert clock.slept


def test_half_an_answer_is_tried_again(gateway, wire):
    wire.get(f"{ROOT}/limits/", body='[{"id":"00Q', status=200)
    wire.get(f"{ROOT}/limits/", json={"ok": True})

    assert gateway.ask(LIMITS).value == {"ok": True}


def test_what_lasts_is_left_to_the_queue(gateway, wire):
    wire.get(f"{ROOT}/limits/", status=503)

    with pytest.raises(Retryable):
        gateway.ask(LIMITS)

    assert len(asked(wire)) == 6


def test_a_call_that_makes_something_is_not_repeated_when_it_may_have_worked(gateway, wire):
    wire.put(f"{ROOT}/jobs/x", body=requests.ConnectionError("reset"))

    with pytest.raises(Retryable):
        gateway.ask(Call("upload", "PUT", "jobs/x", repeatable=False))

    assert len(asked(wire)) == 1


def test_a_spent_day_is_told_apart_from_a_crowd(gateway, wire, clock):
    crowd = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}]
    spent = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    wire.get(f"{ROOT}/limits/", json=crowd, status=403)
    wire.get(f"{ROOT}/limits/", json=spent, status=403)

    with pytest.raises(OutOfQuota) as told:
        gateway.ask(LIMITS)

    assert clock.slept[0] >= 15
    assert told.value.until == clock.now() + timedelta(minutes=15)


def test_a_crowd_keeps_everybody_out_and_the_limiter_is_told_of_the_days_calls(noting, wire):
    crowd = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}]
    wire.get(f"{ROOT}/limits/", json=crowd, status=403, headers={"Sforce-Limit-Info": "api-usage=18/5000"})
    wire.get(f"{ROOT}/limits/", json={}, headers={"Sforce-Limit-Info": "api-usage=19/5000"})
    crm, noted = noting

    crm._gateway.ask(LIMITS)

    assert noted == [("told", 18), ("penalty", "burst", 15.0), ("told", 19)]


def test_a_write_takes_a_place_and_gives_it_back(noting, wire):
    wire.patch(f"{ROOT}/composite/sobjects", json=[{"id": "00Q000000000001AAA", "success": True, "errors": []}])
    crm, noted = noting

    list(crm.write(Entity.LEAD, [Update("00Q000000000001AAA", {"TG_Score__c": 1})], expected=1))

    assert noted == [("taken", "writes"), ("left", "writes")]


def test_an_unknown_rejection_is_a_bug_that_tells_no_values(gateway, wire):
    detail = "\nSELECT Id FROM Lead WHERE Email = 'ann@acme.test'\n  ^ unexpected token"
    wire.get(f"{ROOT}/query/", json=[{"errorCode": "MALFORMED_QUERY", "message": detail}], status=400)

    with pytest.raises(Rejected) as caught:
        gateway.ask(Call("query", "GET", "query/", params={"q": "SELECT Id FROM Lead WHERE Email = 'ann@acme.test'"}))

    assert str(caught.value) == "Salesforce rejected the call 'query' with MALFORMED_QUERY."
    assert caught.value.__cause__ is None


def test_a_moved_org_needs_a_person(gateway, wire):
    wire.get(f"{ROOT}/limits/", status=302, headers={"Location": "http://elsewhere.example.com/"})

    with pytest.raises(Misconfigured, match="My Domain"):
        gateway.ask(LIMITS)


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=18/5000", Budget(18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample)", Budget(25, 5000)),
        ("api-usage=10018/100000; api-bursts=1/750", Budget(10018, 100000)),
        ("", None),
        ("api-usage=x/y", None),
    ],
)
def test_the_budget_header_is_read_leniently(header, usage):
    assert usage_of(header) == usage


def test_the_budget_is_the_latest_replys(crm, wire):
    wire.get(f"{ROOT}/limits/", json={"DailyApiRequests": {"Max": 5000, "Remaining": 4990}})
    assert crm.budget() == Budget(10, 5000)

    wire.patch(f"{ROOT}/composite/sobjects", json=[], headers={"Sforce-Limit-Info": "api-usage=18/5000"})
    crm._gateway.ask(Call("update", "PATCH", "composite/sobjects", body=b"{}"))

    assert crm.budget() == Budget(18, 5000)


def test_a_user_who_may_not_see_limits_is_told_by_the_refusal(crm, wire):
    wire.get(
        f"{ROOT}/limits/",
        json=[{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}],
        status=403,
        headers={"Sforce-Limit-Info": "api-usage=7/5000"},
    )

    assert crm.budget() == Budget(7, 5000)


def test_a_query_too_long_for_an_address_travels_in_a_body(crm, wire):
    names = [f"A_field_with_a_rather_long_name_{number:03}__c" for number in range(250)]
    inner = {"totalSize": 0, "done": True, "records": []}
    reply = {"compositeResponse": [{"body": inner, "httpHeaders": {}, "httpStatusCode": 200, "referenceId": "only"}]}
    wire.post(f"{ROOT}/composite", json=reply)
    since = Cursor(json.dumps({"state": "resting", "low": "2026-01-02T00:00:00.000Z"}))

    [page] = crm.changed(Entity.LEAD, names, since)

    assert page.records == ()
    [part] = json.loads(asked(wire, "/composite")[0].body)["compositeRequest"]
    assert part["url"].startswith("/services/data/v59.0/queryAll/?q=SELECT+Id%2CSystemModstamp%2CIsDeleted%2CMaster")


def test_updates_are_never_sent_with_what_is_no_number(crm, wire):
    with pytest.raises(ValueError, match="not finite"):
        list(crm.write(Entity.LEAD, [Update("00Q000000000001AAA", {"TG_Score__c": float("nan")})], expected=1))

    assert asked(wire) == []
