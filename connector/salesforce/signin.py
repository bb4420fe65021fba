"""Signing in to Salesforce.

Three ways, each an OAuth flow of an external client app: client credentials (a run-as user), JWT bearer (a certificate)
and a refresh token from "Log in with Salesforce". Forms and replies: "Salesforce help, OAuth Authorization Flows".
simple-salesforce makes the first two where the address is one that it can build.
"""

import base64
import warnings
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connector.errors import Misconfigured
from connector.salesforce.refusals import refusal
from connector.salesforce.transport import UNREACHED, unreached

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105  an address, no secret
SALESFORCE = ".salesforce.com"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The app itself, as its run-as user. `url` is the org's My Domain address."""

    client_id: str
    client_secret: str
    url: str


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """A certificate of ours. `audience` is https://login.salesforce.com, or https://test... for a sandbox."""

    client_id: str
    username: str
    private_key_pem: str
    audience: str
    url: str


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a person granted with "Log in with Salesforce"."""

    client_id: str
    client_secret: str
    refresh_token: str
    url: str


SignIn = ClientCredentials | JwtBearer | RefreshToken


def by_client_credentials(app: ClientCredentials, session: requests.Session) -> dict[str, str]:
    """Sign in as the app; returns access_token and instance_url."""
    domain = _domain(app.url)
    if domain is None:
        basic = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
        return _post(
            session, app.url, {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
        )
    return _through_library(session, consumer_key=app.client_id, consumer_secret=app.client_secret, domain=domain)


def by_jwt(certificate: JwtBearer, session: requests.Session) -> dict[str, str]:
    """Sign in with a signed assertion; returns access_token and instance_url."""
    audience = _domain(certificate.audience)
    if audience is None:
        raise Misconfigured(
            "The audience of the sign-in is no Salesforce login address.",
            fix="Use https://login.salesforce.com, or https://test.salesforce.com for a sandbox.",
        )
    _require_key(certificate.private_key_pem)
    return _through_library(
        session,
        username=certificate.username,
        consumer_key=certificate.client_id,
        privatekey=certificate.private_key_pem,
        domain=audience,
        instance_url=_domain(certificate.url) or audience,
    )


def by_refresh_token(granted: RefreshToken, refresh_token: str, session: requests.Session) -> dict[str, str]:
    """Use a refresh token; returns access_token, instance_url and, where tokens rotate, the next refresh_token."""
    form = {
        "grant_type": "refresh_token",
        "client_id": granted.client_id,
        "client_secret": granted.client_secret,
        "refresh_token": refresh_token,
    }
    return _post(session, granted.url, form)


def _domain(url: str) -> str | None:
    """Give the part of the host that simple-salesforce wants, "acme.my"; None for hosts that it cannot build."""
    host = urlsplit(url).hostname or ""
    return host.removesuffix(SALESFORCE) if host.endswith(SALESFORCE) else None


def _require_key(pem: str) -> None:
    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: it is encrypted
        raise Misconfigured(
            "The private key of the sign-in cannot be read.",
            fix="Give an unencrypted RSA key in PEM form, the one whose certificate the app has.",
        ) from error


def _through_library(session: requests.Session, **how: Any) -> dict[str, str]:
    """Let simple-salesforce sign in, and judge by the reply itself: its errors lose the status and the JSON form."""
    heard: list[requests.Response] = []

    def overhear(response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        heard.append(response)

    session.hooks["response"].append(overhear)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns with a log-in address of its own; our error says what to do
            token, host = SalesforceLogin(session=session, **how)
    except UNREACHED as error:
        raise unreached(error) from None
    except (SalesforceAuthenticationFailed, AttributeError, requests.exceptions.JSONDecodeError):
        if not heard:
            raise
        raise refusal(heard[-1].status_code, heard[-1].content) from None
    finally:
        session.hooks["response"].remove(overhear)
    if not token or not host:
        raise refusal(heard[-1].status_code, b"")
    return {"access_token": token, "instance_url": f"https://{host.rstrip('/')}"}


def _post(
    session: requests.Session, url: str, form: dict[str, str], *, headers: dict[str, str] | None = None
) -> dict[str, str]:
    try:
        response = session.post(url.rstrip("/") + TOKEN_PATH, data=form, headers=headers, allow_redirects=False)
    except UNREACHED as error:
        raise unreached(error) from None
    try:
        grant: Any = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        grant = {}
    if response.status_code != 200 or not isinstance(grant, dict) or "access_token" not in grant:
        raise refusal(response.status_code, response.content)
    return {key: grant[key] for key in ("access_token", "instance_url", "refresh_token") if key in grant}
