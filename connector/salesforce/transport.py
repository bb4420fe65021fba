"""The HTTP session under everything that speaks to Salesforce: time-outs, TLS only, and loopback for a local server.

simple-salesforce sets no time-outs, and builds https addresses whatever it is given (its issues 148 and 611). Both
are cured here, in the adapter that its session uses. A plain-http address is accepted for this machine only; then every
request of the session goes there, also those to a login host.
"""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from connector.errors import ConnectorError, Misconfigured, Retryable

TIMEOUT_S = (5.0, 120.0)  # to connect, and between two bytes; a query may run for two minutes before its first byte
POOL = 4

NEVER_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
UNREACHED = (
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


def open_session(base_url: str | None, *, client: str) -> requests.Session:
    """Open a session. `base_url` is the org's https address (or None), or `http://127.0.0.1:port` for a local server.

    Raises Misconfigured for plain http to anywhere else.
    """
    loopback = _loopback(base_url)
    session = requests.Session()
    session.headers.update({"User-Agent": client, "Accept-Encoding": "gzip", "Accept": "application/json"})
    session.auth = _as_it_is
    session.mount("https://", _Adapter(loopback))
    session.mount("http://", _Adapter(loopback) if loopback else _Closed())
    session.trust_env = loopback is None  # a proxy of the machine must not catch calls to the machine itself
    return session


def unreached(error: requests.RequestException) -> ConnectorError:
    """Turn a failure below HTTP into an error of ours. Its words are dropped: they hold addresses with queries."""
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Misconfigured(
            "The certificate of the Salesforce address is not trusted here.",
            fix="Check the connection's url, or install the certificate of your company's proxy.",
        )
    reason = getattr(error.args[0] if error.args else None, "reason", error)  # urllib3's, inside that of requests
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, NEVER_SENT):
        where = urlsplit(error.request.url or "").netloc if error.request is not None else "its address"
        return Retryable(
            f"Salesforce cannot be reached at {where} ({type(reason).__name__}). Check the connection's url, and "
            "whether this machine is online.",
            sent=False,
        )
    return Retryable(f"The connection to Salesforce broke ({type(reason).__name__}).")


class _Adapter(HTTPAdapter):
    """Fills in the time-outs, and sends everything to `loopback` if there is one."""

    def __init__(self, loopback: str | None) -> None:
        self._loopback = urlsplit(loopback) if loopback else None
        super().__init__(pool_connections=POOL, pool_maxsize=POOL)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self._loopback is not None:
            to = urlsplit(request.url or "")
            request.url = urlunsplit((self._loopback.scheme, self._loopback.netloc, str(to.path), str(to.query), ""))
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT_S
        return super().send(request, *args, **kwargs)


class _Closed(HTTPAdapter):
    """Sends nothing: a token must never travel in the clear."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        raise _plain_http()


def _loopback(base_url: str | None) -> str | None:
    """Return the address when it is of this machine, None when it is https elsewhere."""
    if base_url is None:
        return None
    url = urlsplit(base_url)
    if not url.hostname or url.scheme not in {"http", "https"}:
        raise Misconfigured(
            "The connection's url is not a web address.",
            fix="Set it to the org's My Domain address, https://YOUR-DOMAIN.my.salesforce.com.",
        )
    if url.scheme == "https":
        return None
    if not _is_this_machine(url.hostname):
        raise _plain_http()
    return base_url


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _plain_http() -> Misconfigured:
    return Misconfigured(
        "Plain http is accepted for this machine only.",
        fix="Use an https address for the connection's url.",
    )


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the request alone. Being there keeps requests from putting a password of ~/.netrc over our token."""
    return request
