import pytest

from connector.crm import Outcome
from connector.hubspot.verdicts import Action, row, verdict

BURST = {"status": "error", "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING", "message": "x"}
SCOPES = {
    "category": "MISSING_SCOPES",
    "message": "This app hasn't been granted all required scopes to make this call.",
    "errors": [{"context": {"requiredGranularScopes": ["crm.objects.deals.read", "crm.objects.deals.write"]}}],
}
INVALID = {
    "category": "VALIDATION_ERROR",
    "message": 'Property values were not valid: [{"isValid":false,"message":"ada@example.com was not a valid long.",'
    '"error":"INVALID_LONG","name":"tg_score"}]',
    "correlationId": "8a3f6c3a",
}


@pytest.mark.parametrize(
    ("status", "headers", "body", "action", "after_s"),
    [
        (200, {}, {}, Action.TAKE, None),
        (207, {}, {"errors": []}, Action.TAKE, None),
        (200, {}, None, Action.AGAIN, None),
        (302, {}, None, Action.STOP, None),
        (400, {}, INVALID, Action.REFUSED, None),
        (401, {}, {"category": "EXPIRED_AUTHENTICATION"}, Action.SIGN_IN, None),
        (401, {}, None, Action.SIGN_IN, None),
        (403, {}, SCOPES, Action.STOP, None),
        (403, {}, None, Action.AGAIN, None),
        (404, {}, {"message": "resource not found"}, Action.REFUSED, None),
        (404, {}, None, Action.AGAIN, None),
        (409, {}, {"category": "CONFLICT"}, Action.REFUSED, None),
        (414, {}, None, Action.REFUSED, None),
        (423, {}, {}, Action.AGAIN, 2.0),
        (423, {"retry-after": "1"}, {}, Action.AGAIN, 2.0),
        (423, {"retry-after": "7"}, {}, Action.AGAIN, 7.0),
        (429, {}, BURST, Action.AGAIN, 10.0),
        (429, {"retry-after": "3"}, BURST, Action.AGAIN, 3.0),
        (429, {"retry-after": "7200"}, BURST, Action.AGAIN, 10.0),
        (429, {"retry-after": "tomorrow"}, BURST, Action.AGAIN, 10.0),
        (429, {}, {"policyName": "SECONDLY"}, Action.AGAIN, 1.0),
        (429, {}, {"message": "You have reached your secondly limit."}, Action.AGAIN, 1.0),
        (429, {}, {"message": "You have reached your ten_secondly_rolling limit."}, Action.AGAIN, 10.0),
        (429, {}, {"policyName": "DAILY"}, Action.PAUSE, None),
        (429, {}, {"message": "You have reached your daily limit."}, Action.PAUSE, None),
        (429, {}, None, Action.AGAIN, 10.0),
        (477, {"retry-after": "86400"}, {}, Action.PAUSE, 86_400.0),
        (477, {}, None, Action.PAUSE, 3_600.0),
        (500, {}, None, Action.AGAIN, None),
        (503, {"retry-after": "5"}, None, Action.AGAIN, 5.0),
        (524, {}, None, Action.AGAIN, None),
        (530, {}, None, Action.STOP, None),
        (599, {}, None, Action.AGAIN, None),
    ],
)
def test_each_reply_has_its_action(status, headers, body, action, after_s):
    found = verdict(status, headers, body)

    assert (found.action, found.after_s) == (action, after_s)


def test_missing_scopes_are_named():
    assert "crm.objects.deals.read, crm.objects.deals.write" in verdict(403, {}, SCOPES).fix


def test_a_refusal_is_told_without_the_values_it_quotes():
    why = verdict(400, {}, INVALID).why

    assert why == "HubSpot refused the call: 400 VALIDATION_ERROR INVALID_LONG 8a3f6c3a"


@pytest.mark.parametrize("status", [401, 403, 423, 429, 477])
def test_calls_that_were_turned_away_were_not_acted_on(status):
    assert not verdict(status, {}, {}).acted


def test_a_missing_record_of_a_batch_is_deleted():
    outcome, code, _, passing = row({"category": "OBJECT_NOT_FOUND", "message": "Could not get some CONTACT objects"})

    assert (outcome, code, passing) == (Outcome.DELETED, "OBJECT_NOT_FOUND", False)


def test_a_refused_row_keeps_hubspots_code_and_words():
    outcome, code, message, passing = row(INVALID)

    assert (outcome, code, passing) == (Outcome.REFUSED, "INVALID_LONG", False)
    assert message == "ada@example.com was not a valid long."


@pytest.mark.parametrize(
    "message", ["No properties found to update.", "[]", "3", 'Property values were not valid: [{"']
)
def test_any_other_message_is_kept_whole(message):
    assert row({"category": "VALIDATION_ERROR", "message": message})[2] == message


def test_a_limited_row_can_pass():
    assert row({"category": "RATE_LIMITS"}) == (Outcome.REFUSED, "RATE_LIMITS", "", True)


def test_an_empty_entry_is_a_refusal():
    assert row({}) == (Outcome.REFUSED, "UNKNOWN", "", False)
