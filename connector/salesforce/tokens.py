"""Keeping one token fresh for all threads and processes that use it.

Tokens are shared through a vault, as JSON that holds the access token too: whoever meets an expired token first asks
for a new one, all others take that one. With refresh-token rotation each use kills the token before, and using a dead
one may revoke the live set ("Salesforce help, Refresh Token Rotation"); so a new one is saved before anything is done
with the access token that came with it.
"""

import hashlib
import json
import threading
from dataclasses import astuple, dataclass

import requests

from connector.errors import Misconfigured
from connector.salesforce.signin import (
    ClientCredentials,
    JwtBearer,
    RefreshToken,
    SignIn,
    by_client_credentials,
    by_jwt,
    by_refresh_token,
)
from connector.vault import TokenVault


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token with the address that takes it. `issued`: we got it from Salesforce just now, not from the vault."""

    value: str
    instance_url: str
    issued: bool = False


class TokenSource:
    """Gives the current token, and a newer one when that has expired. Safe to share between threads."""

    def __init__(self, sign_in: SignIn, *, session: requests.Session, vault: TokenVault) -> None:
        self._sign_in = sign_in
        self._session = session
        self._vault = vault
        self._owner = hashlib.sha256(repr(astuple(sign_in)).encode()).hexdigest()
        self._token: AccessToken | None = None
        self._lock = threading.Lock()

    def token(self) -> AccessToken:
        """Return the token in use; the first time from the vault, or else by signing in."""
        return self._token or self.renew(None)

    def renew(self, old: AccessToken | None) -> AccessToken:
        """Return another token than `old`, asking Salesforce only when nobody else has done so since.

        Raises Misconfigured when Salesforce refuses the sign-in, Retryable when it cannot be reached.
        """
        with self._lock:
            if old is not None and self._token is not None and self._token.value != old.value:
                return self._token
            with self._vault.exclusive() as slot:
                kept = self._kept(slot.load())
                if kept.get("access_token") in {None, old.value if old else None}:
                    kept = self._ask(kept)
                    slot.save(json.dumps(kept))
                    self._token = AccessToken(kept["access_token"], kept["instance_url"], issued=True)
                else:
                    self._token = AccessToken(kept["access_token"], kept["instance_url"])
            return self._token

    def close(self) -> None:
        """Give the sockets back."""
        self._session.close()

    def _kept(self, text: str | None) -> dict[str, str]:
        """Read the vault's text: ours, or a bare refresh token. What another sign-in left there does not count."""
        if not text:
            return {}
        if not text.startswith("{"):
            return {"refresh_token": text}
        try:
            kept: dict[str, str] = json.loads(text)
        except ValueError:
            return self._damaged()
        return kept if kept.get("owner") == self._owner else {}

    def _damaged(self) -> dict[str, str]:
        """Begin anew, unless what was lost may have been the only refresh token that still works."""
        if isinstance(self._sign_in, RefreshToken):
            raise Misconfigured(
                "The refresh token that is kept of this connection cannot be read.",
                fix="Remove the connection's file in the folder tokens, and grant a new refresh token.",
            )
        return {}

    def _ask(self, kept: dict[str, str]) -> dict[str, str]:
        """Sign in, and write down what the next one needs."""
        match self._sign_in:
            case ClientCredentials() as app:
                grant = by_client_credentials(app, self._session)
            case JwtBearer() as certificate:
                grant = by_jwt(certificate, self._session)
            case RefreshToken() as granted:
                refresh_token = kept.get("refresh_token") or granted.refresh_token
                grant = by_refresh_token(granted, refresh_token, self._session)
                grant.setdefault("refresh_token", refresh_token)
        return {**grant, "owner": self._owner}
