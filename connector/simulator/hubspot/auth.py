"""Tokens: static ones that never expire, and OAuth access tokens that do.

Source: HubSpot developer docs, "Manage OAuth tokens", and error bodies recorded by several connectors.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.replies import ApiError, Json, error, instant

_OBJECTS = ("contacts", "companies", "deals")
READ_SCOPES = frozenset(
    {
        "oauth",
        "crm.objects.owners.read",
        *(f"crm.objects.{name}.read" for name in _OBJECTS),
        *(f"crm.schemas.{name}.read" for name in _OBJECTS),
    }
)
INTEGRATION_SCOPES = (
    READ_SCOPES | {f"crm.objects.{name}.write" for name in ("contacts", "companies", "deals")} | {"crm.import"}
)
ADMIN_SCOPES = (
    INTEGRATION_SCOPES | {"crm.lists.read", "crm.lists.write"} | {f"crm.schemas.{name}.write" for name in _OBJECTS}
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token may do. `app` is who its calls count for; `expires_at` None: never."""

    app: str
    scopes: frozenset[str]
    expires_at: datetime | None = None


@dataclass(slots=True)
class Grants:
    """All tokens of the portal."""

    access: dict[str, Grant] = field(default_factory=dict)
    refresh: dict[str, frozenset[str]] = field(default_factory=dict)
    minted: int = 0

    def mint(self, refresh_token: str, *, at: datetime, life_s: int) -> str:
        """Make an access token; those made before stay valid until they expire."""
        self.minted += 1
        token = "C" + hashlib.sha256(f"{refresh_token} {self.minted}".encode()).hexdigest()
        self.access[token] = Grant("oauth", self.refresh[refresh_token], at + timedelta(seconds=life_s))
        return token

    def expire(self, at: datetime) -> int:
        """Let every OAuth token expire now; static tokens cannot. Tells how many did."""
        ended = 0
        for token, grant in self.access.items():
            if grant.expires_at is not None and grant.expires_at > at:
                self.access[token] = replace(grant, expires_at=at)
                ended += 1
        return ended

    def revoke(self, refresh_token: str) -> None:
        """Forget a refresh token and all access tokens."""
        self.refresh.pop(refresh_token, None)
        self.access = {token: grant for token, grant in self.access.items() if grant.expires_at is None}

    def set_scopes(self, token: str, scopes: frozenset[str]) -> None:
        """Change what a static or a refresh token may do; also for tokens that it minted. Raises KeyError."""
        if token in self.refresh:
            self.refresh[token] = scopes
            minted = {one: grant for one, grant in self.access.items() if grant.expires_at is not None}
            self.access |= {one: replace(grant, scopes=scopes) for one, grant in minted.items()}
        else:
            self.access[token] = replace(self.access[token], scopes=scopes)


def grants(options: HubSpotOptions) -> Grants:
    """Give the tokens of a new portal: integration and admin, and one OAuth installation like the former."""
    integration, admin = options.static_tokens
    scopes = INTEGRATION_SCOPES
    return Grants(
        access={integration: Grant(integration, scopes), admin: Grant(admin, ADMIN_SCOPES)},
        refresh={options.refresh_token: scopes},
    )


def admit(known: Grants, header: str, at: datetime) -> Grant:
    """Find who calls. Raises the 401 of an unknown or an expired token."""
    scheme, _, token = header.partition(" ")
    grant = known.access.get(token.strip()) if scheme.lower() == "bearer" else None
    if grant is None:
        raise error(
            401,
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
            "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            category="INVALID_AUTHENTICATION",
        )
    if grant.expires_at is not None and grant.expires_at <= at:
        raise expired(grant.expires_at, at)
    return grant


def expired(expires_at: datetime, at: datetime) -> ApiError:
    """Build the 401 of a token whose time is over."""
    seconds = int((at - expires_at).total_seconds())
    return error(
        401,
        f"The OAuth token used to make this call expired {seconds} second(s) ago.",
        category="EXPIRED_AUTHENTICATION",
        context={"expire time": [instant(expires_at)]},
    )


def require(grant: Grant, scopes: Iterable[Sequence[str]]) -> None:
    """Raise the 403 of missing scopes unless the token has one of each."""
    missing = [one for any_of in scopes if not grant.scopes.intersection(any_of) for one in any_of]
    if missing:
        raise error(
            403,
            "This app hasn't been granted all required scopes to make this call. Read more about required scopes "
            "here: https://developers.hubspot.com/scopes.",
            category="MISSING_SCOPES",
            errors=[
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": missing},
                }
            ],
            links={"scopes": "https://developers.hubspot.com/scopes"},
        )


def refresh(known: Grants, options: HubSpotOptions, fields: Mapping[str, str], at: datetime) -> Json:
    """Answer the token endpoint. The refresh token does not rotate. Raises its 400s."""
    grant_type = fields.get("grant_type", "")
    if grant_type not in {"refresh_token", "authorization_code"}:
        raise _oauth_error("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type")
    if fields.get("client_id") != options.client_id:
        raise _oauth_error("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id")
    if fields.get("client_secret") != options.client_secret:
        raise _oauth_error("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret")
    if grant_type == "authorization_code":  # nobody can consent here, so that no code is ever handed out
        raise _oauth_error("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
    token = fields.get("refresh_token", "")
    if token not in known.refresh:
        raise _oauth_error("invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
    return {
        "token_type": "bearer",
        "refresh_token": token,
        "access_token": known.mint(token, at=at, life_s=options.token_s),
        "hub_id": options.portal_id,
        "scopes": sorted(known.refresh[token]),
        "expires_in": options.token_s,
    }


def _oauth_error(name: str, status: str, message: str) -> ApiError:
    return ApiError(400, {"error": name, "error_description": message, "status": status, "message": message})
