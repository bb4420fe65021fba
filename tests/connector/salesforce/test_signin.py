"""Signing in: three ways, and one clear sentence for each way to be refused."""

import jwt
import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connector.errors import Misconfigured, Retryable
from connector.salesforce.refusals import refusal
from connector.salesforce.signin import (
    ClientCredentials,
    JwtBearer,
    RefreshToken,
    by_client_credentials,
    by_jwt,
    by_refresh_token,
)
from connector.salesforce.transport import open_session

URL = "https://acme.my.salesforce.com"
TOKEN = f"{URL}/services/oauth2/token"
GRANT = {"access_token": "00D!T", "instance_url": URL, "token_type": "Bearer"}


@pytest.fixture
def session():
    with open_session(URL, client="Truegrade/test") as session:
        yield session


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key):
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def through_the_library(session):
    return by_client_credentials(ClientCredentials("key", "secret", URL), session)


def by_our_own_post(session):
    return by_refresh_token(RefreshToken("key", "secret", "first", URL), "first", session)


@responses.activate
def test_client_credentials_are_sent_to_my_domain(session):
    responses.post(TOKEN, json=GRANT)

    grant = by_client_credentials(ClientCredentials("key", "secret", URL), session)

    assert grant == {"access_token": "00D!T", "instance_url": URL}
    request = responses.calls[0].request
    assert request.body == "grant_type=client_credentials"
    assert request.headers["Authorization"] == "Basic a2V5OnNlY3JldA=="


@responses.activate
def test_client_credentials_work_for_hosts_that_the_library_cannot_build(session):
    responses.post("https://acme.my.salesforce.mil/services/oauth2/token", json=GRANT)

    grant = by_client_credentials(ClientCredentials("key", "secret", "https://acme.my.salesforce.mil"), session)

    assert grant["access_token"] == "00D!T"
    assert responses.calls[0].request.headers["Authorization"] == "Basic a2V5OnNlY3JldA=="


@responses.activate
def test_a_certificate_signs_for_its_audience(session, key, pem):
    responses.post(TOKEN, json=GRANT)

    grant = by_jwt(JwtBearer("key", "o'neil@acme.test", pem, "https://login.salesforce.com", URL), session)

    assert grant["access_token"] == "00D!T"
    form = dict(pair.split("=") for pair in responses.calls[0].request.body.split("&"))
    claims = jwt.decode(
        form["assertion"], key.public_key(), algorithms=["RS256"], audience="https://login.salesforce.com"
    )
    assert claims["iss"] == "key"
    assert claims["sub"] == "o'neil@acme.test"


def test_a_broken_key_needs_a_person(session):
    with pytest.raises(Misconfigured, match="private key"):
        by_jwt(JwtBearer("key", "user", "no key", "https://login.salesforce.com", URL), session)


def test_an_audience_elsewhere_needs_a_person(session, pem):
    with pytest.raises(Misconfigured, match="audience"):
        by_jwt(JwtBearer("key", "user", pem, "https://example.com", URL), session)


@responses.activate
def test_a_rotated_refresh_token_is_handed_on(session):
    responses.post(TOKEN, json={**GRANT, "refresh_token": "next"})

    grant = by_refresh_token(RefreshToken("key", "secret", "first", URL), "first", session)

    assert grant == {"access_token": "00D!T", "instance_url": URL, "refresh_token": "next"}


@pytest.mark.parametrize("sign_in", [through_the_library, by_our_own_post])
@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"},
            Misconfigured,
            "pre-auth",
        ),
        (400, {"error": "invalid_client", "error_description": "invalid client credentials"}, Misconfigured, "secret"),
        (400, {"error": "rate_limit_exceeded", "error_description": "login rate exceeded"}, Retryable, "often"),
        (503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "down"}], Retryable, "503"),
        (500, {"error": "unknown_error", "error_description": "retry"}, Retryable, "500"),
    ],
)
@responses.activate
def test_a_refusal_says_what_to_do(session, sign_in, status, body, error, words):
    responses.post(TOKEN, json=body, status=status)

    with pytest.raises(error, match=words):
        sign_in(session)


@pytest.mark.parametrize("sign_in", [through_the_library, by_our_own_post])
@responses.activate
def test_a_web_page_instead_of_a_token_is_tried_again(session, sign_in):
    responses.post(TOKEN, body="<html>maintenance</html>", status=200, content_type="text/html")

    with pytest.raises(Retryable):
        sign_in(session)


@pytest.mark.parametrize(
    ("error", "description", "fix"),
    [
        ("invalid_grant", "expired access/refresh token", "Reconnect"),
        ("invalid_grant", "audience is invalid", "login.salesforce.com"),
        ("invalid_grant", "user is inactive", "Activate"),
        ("invalid_grant", "user is locked", "Unlock"),
        ("invalid_grant", "ip restricted", "IP"),
        ("invalid_grant", "authentication failure", "certificate"),
        ("invalid_client_id", "client identifier invalid", "consumer key"),
        ("invalid_app_access", "user is not admin approved to access this app", "pre-authorise"),
        ("unsupported_grant_type", "grant type not supported", "Switch the flow on"),
        ("something_new", "", "reconnect"),
    ],
)
def test_each_refusal_has_its_fix(error, description, fix):
    body = f'{{"error":"{error}","error_description":"{description}"}}'.encode()

    refused = refusal(400, body)

    assert isinstance(refused, Misconfigured)
    assert fix in refused.fix
