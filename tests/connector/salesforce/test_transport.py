"""The session: nothing in the clear, nothing that hangs, loopback for a local server only."""

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connector.errors import Misconfigured, Retryable
from connector.salesforce.transport import TIMEOUT_S, open_session, unreached


@pytest.mark.parametrize(
    "url", ["http://acme.my.salesforce.com", "http://10.0.0.7:8080", "ftp://x", "acme.my", "http://"]
)
def test_only_this_machine_is_spoken_to_in_the_clear(url):
    with pytest.raises(Misconfigured):
        open_session(url, client="T")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_a_local_server_gets_every_request(url):
    with open_session(url, client="T") as session:
        assert session.trust_env is False


def test_plain_http_is_refused_for_a_real_org():
    with open_session("https://acme.my.salesforce.com", client="T") as session:
        assert session.trust_env is True
        with pytest.raises(Misconfigured, match="Plain http"):
            session.get("http://acme.my.salesforce.com/")


@responses.activate
def test_every_request_has_time_outs_and_no_password_of_the_machine(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.my.salesforce.com login me password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    responses.get("https://acme.my.salesforce.com/x", json={})

    with open_session("https://acme.my.salesforce.com", client="T") as session:
        session.get("https://acme.my.salesforce.com/x", headers={"Authorization": "Bearer token"})

    assert responses.calls[0].request.headers["Authorization"] == "Bearer token"


def test_the_time_outs_are_filled_in(monkeypatch):
    seen = {}

    def send(self, request, **kwargs):
        seen.update(kwargs)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with open_session(None, client="T") as session, pytest.raises(requests.ConnectionError):
        session.get("https://acme.my.salesforce.com/x")

    assert seen["timeout"] == TIMEOUT_S


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (requests.ConnectTimeout("to acme.my.salesforce.com/?q=secret"), False),
        (requests.ReadTimeout("secret"), True),
        (requests.exceptions.ChunkedEncodingError("secret"), True),
        (requests.ConnectionError(MaxRetryError(None, "/?q=secret", NewConnectionError(None, "secret"))), False),
        (requests.ConnectionError("Connection aborted, secret"), True),
    ],
)
def test_a_broken_connection_is_worth_another_try_and_keeps_quiet(error, sent):
    retryable = unreached(error)

    assert isinstance(retryable, Retryable)
    assert retryable.sent is sent
    assert "secret" not in str(retryable)


def test_an_untrusted_certificate_needs_a_person():
    error = unreached(requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED: unable to get issuer"))

    assert isinstance(error, Misconfigured)
