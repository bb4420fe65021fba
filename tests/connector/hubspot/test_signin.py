from datetime import timedelta

import pytest

from connector.errors import Misconfigured, Retryable
from connector.hubspot.signin import Access, OAuthRefresh, StaticToken, turned_away
from connector.vault import MemoryVault

OAUTH = OAuthRefresh("app", "hush", "first-refresh")


class Exchange:
    """HubSpot's token address, as a function: hands out numbered tokens, or what it is told to."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.forms = []

    def __call__(self, form):
        self.forms.append(dict(form))
        if self.replies:
            return self.replies.pop(0)
        token = f"access-{len(self.forms)}"
        return 200, {"access_token": token, "refresh_token": form["refresh_token"], "expires_in": 1800}


def test_a_static_token_is_used_as_it_is(clock):
    access = Access(StaticToken("pat"), exchange=Exchange(), clock=clock, vault=None)

    assert access.token() == "pat"


def test_a_pasted_token_loses_the_space_around_it(clock):
    assert Access(StaticToken(" pat\n"), exchange=Exchange(), clock=clock, vault=None).token() == "pat"


@pytest.mark.parametrize("token", ["", "pat\nX-Other: 1", "two words", "pät"])
def test_what_is_no_token_is_never_sent_or_shown(clock, token):
    access = Access(StaticToken(token), exchange=Exchange(), clock=clock, vault=None)

    with pytest.raises(Misconfigured, match=r"characters that no token has\. Paste the token again\.$"):
        access.token()


def test_a_static_token_that_is_turned_away_is_the_admins_matter(clock):
    access = Access(StaticToken("pat"), exchange=Exchange(), clock=clock, vault=None)

    with pytest.raises(Misconfigured, match="Connect HubSpot again"):
        access.renewed(access.token())


def test_a_token_is_renewed_at_four_fifths_of_its_life(clock):
    exchange = Exchange()
    access = Access(OAUTH, exchange=exchange, clock=clock, vault=None)

    first = access.token()
    clock.advance(timedelta(seconds=1439))
    second = access.token()
    clock.advance(timedelta(seconds=1))
    third = access.token()

    assert (first, second, third) == ("access-1", "access-1", "access-2")
    assert exchange.forms[0] == {
        "grant_type": "refresh_token",
        "client_id": "app",
        "client_secret": "hush",
        "refresh_token": "first-refresh",
    }


def test_a_new_refresh_token_is_saved_before_its_access_token_is_used(clock):
    vault = MemoryVault()
    exchange = Exchange((200, {"access_token": "a", "refresh_token": "second-refresh", "expires_in": 1800}))
    access = Access(OAUTH, exchange=exchange, clock=clock, vault=vault)

    access.token()
    access.renewed(access.token())

    assert vault.load() == "second-refresh"
    assert [form["refresh_token"] for form in exchange.forms] == ["first-refresh", "second-refresh"]


def test_the_vaults_token_goes_before_the_configured_one(clock):
    exchange = Exchange()
    access = Access(OAUTH, exchange=exchange, clock=clock, vault=MemoryVault("kept-refresh"))

    access.token()

    assert exchange.forms[0]["refresh_token"] == "kept-refresh"


def test_a_failed_renewal_leaves_the_vault_as_it_was(clock):
    def exchange(form):
        raise Retryable("down")

    vault = MemoryVault("kept-refresh")
    access = Access(OAUTH, exchange=exchange, clock=clock, vault=vault)

    with pytest.raises(Retryable):
        access.token()

    assert vault.load() == "kept-refresh"
    with vault.exclusive() as slot:
        assert slot.load() == "kept-refresh"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN"}, "Connect HubSpot again"),
        ({"error": "access_denied", "status": "BAD_HUB"}, "Connect HubSpot again"),
        ({"error": "invalid_client"}, "client id and secret"),
        ({"status": "BAD_CLIENT_SECRET"}, "client id and secret"),
        ({"status": "BAD_SCOPES"}, "BAD_SCOPES"),
        ({}, "no reason given"),
    ],
)
def test_a_token_call_that_is_turned_away_says_what_to_do(clock, body, words):
    access = Access(OAUTH, exchange=Exchange((400, body)), clock=clock, vault=None)

    with pytest.raises(Misconfigured) as caught:
        access.token()

    assert words in str(caught.value)
    assert str(turned_away(body)) == str(caught.value)


def test_no_secret_is_shown():
    assert "hush" not in repr(OAUTH)
    assert "first-refresh" not in repr(OAUTH)
    assert "pat" not in repr(StaticToken("pat"))
