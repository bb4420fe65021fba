"""Signing in: the OAuth token endpoint, with tokens that expire ("OAuth 2.0 flows" in Salesforce help)."""

import base64
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connector.simulator.salesforce.errors import Refused
from connector.simulator.salesforce.state import ADMIN, INTEGRATION, State

CLIENTS = {
    "truegrade": ("truegrade-secret", INTEGRATION),
    "truegrade-admin": ("truegrade-admin-secret", ADMIN),
}
REFRESH = "5Aep861-refresh"
USERNAMES = {
    INTEGRATION: "integration@truegrade.invalid",
    ADMIN: "admin@truegrade.invalid",
    "rep": "rep@truegrade.invalid",
}
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class NotGranted(Exception):
    """A token request that is refused, with OAuth's error and description."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass
class Auth:
    """Gives tokens and knows whose they are."""

    state: State
    url: str = ""
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=lambda: {REFRESH: INTEGRATION})
    spent: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    _count: int = 0

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        """The key of the app that signs in by JWT, made when it is asked for: that takes as long as all else."""
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def private_key_pem(self) -> str:
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def user(self, authorization: str) -> str:
        """Tell whose request it is. Raises Refused for a token that is unknown or has expired."""
        token = authorization.removeprefix("Bearer ").strip()
        user, until = self.tokens.get(token, ("", 0.0))
        if not user or self.state.clock.now().timestamp() >= until:
            raise Refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return user

    def expire(self) -> int:
        """Let all tokens expire now."""
        count = len(self.tokens)
        self.tokens.clear()
        return count

    def grant(self, body: bytes, authorization: str, host: str) -> dict[str, str]:
        """Answer a token request. Raises NotGranted."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        more: dict[str, str] = {}
        match form.get("grant_type"):
            case "client_credentials":
                user = self._client(form, authorization)
            case "refresh_token":
                self._client(form, authorization)
                user, more = self._refreshed(form.get("refresh_token", ""))
            case grant if grant == JWT_GRANT:
                user = self._bearer(form.get("assertion", ""))
            case _:
                raise NotGranted("unsupported_grant_type", "grant type not supported")
        if user in self.locked:
            raise NotGranted("invalid_grant", "user is locked")
        return self._issued(user, host) | more

    def _client(self, form: dict[str, str], authorization: str) -> str:
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if authorization.startswith("Basic "):
            client, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
        if client not in CLIENTS:
            raise NotGranted("invalid_client_id", "client identifier invalid")
        if secret != CLIENTS[client][0]:
            raise NotGranted("invalid_client", "invalid client credentials")
        return CLIENTS[client][1]

    def _refreshed(self, token: str) -> tuple[str, dict[str, str]]:
        if token in self.spent:
            self.refresh.clear()  # using a dead one again revokes the live ones
        user = self.refresh.get(token)
        if user is None:
            raise NotGranted("invalid_grant", "expired access/refresh token")
        if not self.state.options.rotate_refresh:
            return user, {}
        del self.refresh[token]
        self.spent.add(token)
        self._count += 1
        fresh = f"{REFRESH}-{self._count}"
        self.refresh[fresh] = user
        return user, {"refresh_token": fresh}

    def _bearer(self, assertion: str) -> str:
        try:
            claims = jwt.decode(
                assertion, self._key.public_key(), algorithms=["RS256"],
                audience=["https://login.salesforce.com", "https://test.salesforce.com", self.url],
                options={"verify_exp": False},
            )  # fmt: skip
        except jwt.InvalidAudienceError as error:
            raise NotGranted("invalid_grant", "audience is invalid") from error
        except jwt.PyJWTError as error:
            raise NotGranted("invalid_grant", "invalid assertion") from error
        if claims.get("iss") not in CLIENTS:
            raise NotGranted("invalid_client_id", "client identifier invalid")
        if not -60 <= int(claims.get("exp", 0)) - time.time() <= 300:
            raise NotGranted("invalid_grant", "expired authorization code")
        names = {name: user for user, name in USERNAMES.items()}
        if claims.get("sub") not in names:
            raise NotGranted("invalid_grant", "user hasn't approved this consumer")
        return names[claims["sub"]]

    def _issued(self, user: str, host: str) -> dict[str, str]:
        self._count += 1
        now = self.state.clock.now()
        token = f"00D5g00000Sim1!{user}.{self._count}"
        self.tokens[token] = (user, (now + timedelta(seconds=self.state.options.token_s)).timestamp())
        return {
            "access_token": token, "signature": "c2lt", "scope": "api", "instance_url": host,
            "id": f"{host}/id/00D5g00000Sim1/{self.state.users[user]}", "token_type": "Bearer",
            "issued_at": str(int(now.timestamp() * 1000)),
        }  # fmt: skip
