"""Two ways into HubSpot: a static token (service key or private app), or OAuth with a refresh token.

HubSpot keeps a static token until it is rotated. An OAuth access token lives 30 minutes; it is renewed at 80 % of that,
because HubSpot asks clients not to wait for the 401 (docs "API usage details"), and once more when a call is turned
away all the same. Whatever refresh token comes back is saved before the access token is used.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.clock import Clock
from connector.errors import Misconfigured
from connector.hubspot.verdicts import RECONNECT
from connector.vault import MemoryVault, TokenVault

RENEW_AT = 0.8  # of a token's life
SHORTEST_LIFE_S = 60.0  # for a reply that names no life

# Bodies of a token call that HubSpot turned away, by `error` or `status` (docs "Manage OAuth tokens").
GRANT_GONE = frozenset({"invalid_grant", "access_denied", "BAD_REFRESH_TOKEN", "BAD_HUB"})
WRONG_APP = frozenset({"invalid_client", "BAD_CLIENT_ID", "BAD_CLIENT_SECRET"})


@dataclass(frozen=True, slots=True)
class StaticToken:
    """The token of a service key or of a private app."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthRefresh:
    """An app's credentials and the refresh token of one consent; a newer one in the vault goes first."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


SignIn = StaticToken | OAuthRefresh

Exchange = Callable[[Mapping[str, str]], tuple[int, Mapping[str, Any]]]
"""Posts a form to the token address: status 200 or 4xx, and the body. Raises Retryable for all else."""


class Access:
    """The access token of one connection, for all lanes of a gateway."""

    def __init__(self, sign_in: SignIn, *, exchange: Exchange, clock: Clock, vault: TokenVault | None) -> None:
        self._sign_in = sign_in
        self._exchange = exchange
        self._clock = clock
        self._vault = vault or MemoryVault()
        self._token = ""
        self._renew_at: datetime | None = None
        self._one_at_a_time = threading.Lock()

    @property
    def static_token(self) -> str | None:
        """The token that never changes; None where tokens are renewed."""
        return checked(self._sign_in.token) if isinstance(self._sign_in, StaticToken) else None

    def token(self) -> str:
        """Give a token that should be accepted; renews one that is near its end."""
        if isinstance(self._sign_in, StaticToken):
            return checked(self._sign_in.token)
        with self._one_at_a_time:
            if self._renew_at is None or self._clock.now() >= self._renew_at:
                self._renew(self._sign_in)
            return self._token

    def renewed(self, turned_away: str) -> str:
        """Give another token than the one that was just turned away. Raises Misconfigured when there is none."""
        if isinstance(self._sign_in, StaticToken):
            raise Misconfigured("HubSpot does not accept the access token.", fix=RECONNECT)
        with self._one_at_a_time:
            if self._token == turned_away:  # else another lane has renewed it meanwhile
                self._renew(self._sign_in)
            return self._token

    def _renew(self, sign_in: OAuthRefresh) -> None:
        """Trade the refresh token in, one at a time for the whole connection."""
        with self._vault.exclusive() as slot:
            kept = slot.load()
            status, body = self._exchange(
                {
                    "grant_type": "refresh_token",
                    "client_id": sign_in.client_id,
                    "client_secret": sign_in.client_secret,
                    "refresh_token": kept or sign_in.refresh_token,
                }
            )
            if status != 200:
                raise turned_away(body)
            returned = body.get("refresh_token")
            if returned and returned != kept:
                slot.save(str(returned))
        life_s = float(body.get("expires_in") or SHORTEST_LIFE_S)
        self._token = str(body["access_token"])
        self._renew_at = self._clock.now() + timedelta(seconds=life_s * RENEW_AT)


def checked(token: str) -> str:
    """Take a token as it was pasted; one that no header may hold would be shown in the HTTP library's error."""
    bare = token.strip()
    if not bare or not bare.isascii() or not bare.isprintable() or " " in bare:
        raise Misconfigured("HubSpot's access token holds characters that no token has.", fix="Paste the token again.")
    return bare


def turned_away(body: Mapping[str, Any]) -> Misconfigured:
    """Name what a person has to do about a token call that HubSpot turned away."""
    codes = {str(body.get("error") or ""), str(body.get("status") or "")}
    if codes & GRANT_GONE:
        return Misconfigured("HubSpot's consent for this connection is gone.", fix=RECONNECT)
    if codes & WRONG_APP:
        return Misconfigured("HubSpot does not know this app.", fix="Correct the app's client id and secret.")
    named = ", ".join(sorted(code for code in codes if code)) or "no reason given"
    return Misconfigured(f"HubSpot gave no access token ({named}).", fix="Check the app's settings in HubSpot.")
