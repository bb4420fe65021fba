"""Tokens: asked for once, shared by all, saved before they are used."""

import json
import threading

import pytest
import responses

from connector.errors import Misconfigured
from connector.salesforce.signin import RefreshToken
from connector.salesforce.tokens import AccessToken, TokenSource
from connector.salesforce.transport import open_session
from connector.vault import MemoryVault

URL = "https://acme.my.salesforce.com"
TOKEN = f"{URL}/services/oauth2/token"
SIGN_IN = RefreshToken("key", "secret", "first", URL)


class Rotating:
    """A token endpoint with rotation: each refresh token works once."""

    def __init__(self):
        self.alive = "first"
        self.count = 0

    def __call__(self, request):
        used = dict(pair.split("=") for pair in request.body.split("&"))["refresh_token"]
        if used != self.alive:
            return 400, {}, json.dumps({"error": "invalid_grant", "error_description": "expired access/refresh token"})
        self.count += 1
        self.alive = f"rotated{self.count}"
        grant = {"access_token": f"T{self.count}", "instance_url": URL, "refresh_token": self.alive}
        return 200, {}, json.dumps(grant)


@pytest.fixture
def endpoint():
    rotating = Rotating()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.POST, TOKEN, callback=rotating)
        yield rotating


def source(vault, sign_in=SIGN_IN):
    return TokenSource(sign_in, session=open_session(URL, client="T"), vault=vault)


def test_a_token_is_asked_for_once(endpoint):
    tokens = source(MemoryVault())

    assert tokens.token() == tokens.token() == AccessToken("T1", URL, issued=True)
    assert endpoint.count == 1


def test_a_rotated_token_is_used_the_next_time(endpoint):
    tokens = source(MemoryVault())

    first = tokens.token()
    second = tokens.renew(first)
    third = tokens.renew(second)

    assert [first.value, second.value, third.value] == ["T1", "T2", "T3"]


def test_a_rotated_token_outlives_the_process(endpoint):
    vault = MemoryVault()
    source(vault).token()

    renewed = source(vault).renew(AccessToken("T1", URL))

    assert renewed.value == "T2"


def test_a_new_process_takes_the_token_that_is_there(endpoint):
    vault = MemoryVault()
    source(vault).token()

    assert source(vault).token() == AccessToken("T1", URL, issued=False)
    assert endpoint.count == 1


def test_who_comes_second_takes_the_first_ones_token(endpoint):
    vault = MemoryVault()
    one, other = source(vault), source(vault)
    old = one.token()
    assert other.token().value == old.value

    renewed = one.renew(old)

    assert other.renew(old).value == renewed.value
    assert endpoint.count == 2


def test_many_threads_ask_once(endpoint):
    tokens = source(MemoryVault())
    old = tokens.token()
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(tokens.renew(old).value)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == ["T2"] * 8
    assert endpoint.count == 2


def test_a_new_grant_does_not_use_what_the_old_one_left(endpoint):
    vault = MemoryVault()
    source(vault).token()
    endpoint.alive = "granted-again"

    again = source(vault, RefreshToken("key", "secret", "granted-again", URL)).token()

    assert again.value == "T2"


def test_a_bare_refresh_token_in_the_vault_is_used(endpoint):
    endpoint.alive = "rotated-elsewhere"

    assert source(MemoryVault("rotated-elsewhere")).token().value == "T1"


def test_the_new_token_is_saved_before_it_is_used(endpoint):
    class Full(MemoryVault):
        def save(self, token):
            raise OSError("disk full")

    tokens = source(Full())

    with pytest.raises(OSError, match="disk full"):
        tokens.token()


def test_a_dead_grant_needs_a_person(endpoint):
    endpoint.alive = "somebody elses"

    with pytest.raises(Misconfigured, match="Reconnect"):
        source(MemoryVault()).token()
