import json

import pytest

CONTACTS = "/crm/objects/2026-03/contacts"


@pytest.mark.parametrize("fault", ["500", "502", "503", "504", "524", "423"])
def test_a_fault_answers_once_instead_of_the_portal(api, simulator, fault):
    simulator.faults.add("hubspot", "read", fault)

    replies = [api.get(CONTACTS) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [int(fault), 200]
    assert replies[0].json()["status"] == "error"
    assert replies[0].json()["correlationId"] == replies[0].headers["x-hubspot-correlation-id"]


@pytest.mark.parametrize(
    ("fault", "policy"), [("429", "TEN_SECONDLY_ROLLING"), ("429-search", "SECONDLY"), ("429-daily", "DAILY")]
)
def test_the_rate_limits_speak_as_they_do_for_real(portal, fault, policy):
    status, _, body = portal.fault_reply(fault)

    assert (status, json.loads(body)["policyName"]) == (429, policy)


def test_a_moving_account_says_for_how_long(portal):
    status, headers, _ = portal.fault_reply("477")

    assert (status, headers["Retry-After"]) == (477, "30")


def test_the_edge_answers_in_html(portal):
    status, headers, body = portal.fault_reply("html")

    assert status == 502
    assert headers["Content-Type"].startswith("text/html")
    assert body.startswith(b"<html>")


def test_an_expired_token_is_really_expired(api, portal, simulator):
    form = {"grant_type": "refresh_token", "client_id": "truegrade", "client_secret": "truegrade-secret"}
    token = api.session.post(api.url + "/oauth/v3/token", data={**form, "refresh_token": "na1-refresh"}).json()
    simulator.faults.add("hubspot", "read", "expired")

    replies = [api.get(CONTACTS, token=token["access_token"]) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [401, 401]
    assert {reply.json()["category"] for reply in replies} == {"EXPIRED_AUTHENTICATION"}


def test_an_unknown_fault_is_a_key_error(portal):
    with pytest.raises(KeyError, match="no words"):
        portal.fault_reply("flood")
