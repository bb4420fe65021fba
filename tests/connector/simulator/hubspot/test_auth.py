from datetime import timedelta

import pytest

FORM = {
    "grant_type": "refresh_token",
    "client_id": "truegrade",
    "client_secret": "truegrade-secret",
    "refresh_token": "na1-refresh",
}
CONTACTS = "/crm/objects/2026-03/contacts"


def sign_in(api, path="/oauth/2026-03/token", **changes):
    return api.session.post(api.url + path, data=FORM | changes)


@pytest.mark.parametrize("token", ["", "pat-na1-unknown"])
def test_an_unknown_token_is_not_authenticated(api, token):
    reply = api.session.get(api.url + CONTACTS, headers={"Authorization": f"Bearer {token}"})

    assert reply.status_code == 401
    assert reply.json()["category"] == "INVALID_AUTHENTICATION"
    assert reply.json()["correlationId"] == reply.headers["x-hubspot-correlation-id"]


@pytest.mark.parametrize("path", ["/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-03/token"])
def test_a_refresh_token_gives_an_access_token_and_stays(api, path):
    reply = sign_in(api, path)

    assert reply.status_code == 200
    body = reply.json()
    assert (body["token_type"], body["refresh_token"], body["expires_in"]) == ("bearer", "na1-refresh", 1800)
    assert api.get(CONTACTS, token=body["access_token"]).status_code == 200


def test_only_v1_takes_the_fields_from_the_query(api):
    old = api.session.post(api.url + "/oauth/v1/token", params=FORM)
    new = api.session.post(api.url + "/oauth/v3/token", params=FORM)

    assert (old.status_code, new.status_code) == (200, 400)


def test_an_access_token_expires(api, clock):
    token = sign_in(api).json()["access_token"]

    clock.advance(timedelta(seconds=1799))
    before = api.get(CONTACTS, token=token)
    clock.advance(timedelta(seconds=76))
    after = api.get(CONTACTS, token=token)

    assert before.status_code == 200
    assert after.status_code == 401
    assert after.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert after.json()["message"] == "The OAuth token used to make this call expired 75 second(s) ago."
    assert after.json()["context"] == {"expire time": ["2026-11-03T15:30:00.250Z"]}


def test_the_life_of_a_token_can_be_shortened(api, portal, clock):
    portal.set_option("token_s", 5)
    token = sign_in(api).json()["access_token"]

    clock.advance(timedelta(seconds=5))

    assert api.get(CONTACTS, token=token).status_code == 401


def test_tokens_can_be_expired_from_outside_but_static_ones_live_on(api, portal):
    token = sign_in(api).json()["access_token"]

    assert portal.expire_tokens() == 1
    assert api.get(CONTACTS, token=token).status_code == 401
    assert api.get(CONTACTS).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error", "status"),
    [
        ({"refresh_token": "na1-gone"}, "invalid_grant", "BAD_REFRESH_TOKEN"),
        ({"client_id": "other"}, "invalid_client", "BAD_CLIENT_ID"),
        ({"client_secret": "other"}, "invalid_client", "BAD_CLIENT_SECRET"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant", "BAD_AUTH_CODE"),
        ({"grant_type": "password"}, "unsupported_grant_type", "BAD_GRANT_TYPE"),
    ],
)
def test_a_sign_in_that_cannot_work_says_why(api, changes, error, status):
    reply = sign_in(api, **changes)

    assert reply.status_code == 400
    assert (reply.json()["error"], reply.json()["status"]) == (error, status)


def test_a_revoked_app_is_out(api, portal):
    token = sign_in(api).json()["access_token"]

    portal.revoke("na1-refresh")

    assert api.get(CONTACTS, token=token).status_code == 401
    assert sign_in(api).json()["status"] == "BAD_REFRESH_TOKEN"


def test_missing_scopes_are_named(api, portal):
    portal.set_scopes("pat-na1-integration", ["crm.objects.contacts.read"])

    reply = api.get("/crm/v3/objects/0-3")

    assert reply.status_code == 403
    body = reply.json()
    assert body["category"] == "MISSING_SCOPES"
    assert body["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.deals.read"]}
    assert api.get(CONTACTS).status_code == 200


def test_the_integration_may_not_define_properties(api):
    reply = api.post("/crm/properties/2026-03/contacts", {"name": "x"})

    assert reply.status_code == 403
    assert reply.json()["errors"][0]["context"] == {"requiredGranularScopes": ["crm.schemas.contacts.write"]}


def test_scopes_of_a_refresh_token_reach_the_tokens_it_gave(api, portal):
    token = sign_in(api).json()["access_token"]

    portal.set_scopes("na1-refresh", ["oauth"])

    assert api.get(CONTACTS, token=token).status_code == 403
    assert sign_in(api).json()["scopes"] == ["oauth"]
