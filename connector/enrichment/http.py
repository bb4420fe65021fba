"""Any HTTP service as a source: one request for each key, over https, within its rate, its budget and its time.

The service is a stranger: no redirect is followed, replies are bounded (`replies`), and what it says is never logged.
The secret goes into one header of requests to the one host of the mapping's own address.
"""

import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime

import orjson
import urllib3

from connector.clock import Clock
from connector.enrichment import in_time, replies
from connector.enrichment.sources import MARK, ServiceSource, Values
from connector.errors import Misconfigured, Retryable
from connector.limiter import RateLimiter
from connector.retry import RetryPolicy

UNKNOWN = frozenset({204, 400, 404, 410, 422})  # it knows no such key, or takes it for none
PASSING = frozenset({202, 408, 423, 425, 429})
# How long a wait that the service asks for is kept to: where leads go without it, a sync is not held up.
LONGEST_RETRY_AFTER_S = {True: 3_600.0, False: 5.0}
ATTEMPTS = {True: 6, False: 2}  # where leads wait for a service that is down, and where they go without
# Errors that come before the request is on its way.
NOT_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)


class Service:
    """An `Enricher` over HTTP. `pay` is called before each request, and raises OutOfQuota when no more may be paid for.

    `secret` goes into the source's header, if it has one.
    """

    def __init__(
        self,
        source: ServiceSource,
        *,
        secret: str,
        clock: Clock,
        limiter: RateLimiter,
        jitter: Callable[[], float],
        pay: Callable[[], None],
    ) -> None:
        self._source, self._clock, self._limiter, self._pay = source, clock, limiter, pay
        self._policy = RetryPolicy(clock, jitter, attempts=ATTEMPTS[source.waits])
        self._pool = in_time.pool()
        self._headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "truegrade"}
        if source.body is not None:
            self._headers["Content-Type"] = "application/json"
        if source.header:
            self._headers[source.header] = f"{source.scheme} {secret}".strip()

    def told(self, keys: Sequence[str]) -> Iterator[tuple[str, Values | None]]:
        """Ask for each key. Raises OutOfQuota, Retryable, Misconfigured, or Unusable for a reply that is none."""
        for key in keys:
            yield key, self._policy.call(lambda key=key: self._asked(key), repeatable=True)  # type: ignore[misc]  # mypy reads no default of a lambda

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _asked(self, key: str) -> Values | None:
        if key in {".", ".."}:  # would be taken for folders of the address
            return None
        self._limiter.wait(self._source.name)
        self._pay()
        method, body = ("GET", None) if self._source.body is None else ("POST", _filled(self._source.body, key))
        url = self._source.url.replace(MARK, urllib.parse.quote(key, safe=""))
        ends_at = self._clock.now() + timedelta(seconds=self._source.timeout_s)
        timeout = urllib3.Timeout(total=self._source.timeout_s)
        try:
            reply = self._pool.request(
                method, url, body=body, headers=self._headers, timeout=timeout, redirect=False, preload_content=False
            )
            try:
                return self._judged(reply, is_in_time=lambda: self._clock.now() < ends_at)
            finally:
                reply.close()  # unread bytes stay on the wire: it is not used again
        except NOT_SENT:  # not `from` it: its words hold the address, and so the key
            raise Retryable(f"{self._source.name} cannot be reached.", sent=False) from None
        except urllib3.exceptions.HTTPError as error:  # same
            raise Retryable(f"{self._source.name} did not answer in full ({type(error).__name__}).") from None

    def _judged(self, reply: urllib3.BaseHTTPResponse, *, is_in_time: Callable[[], bool]) -> Values | None:
        name, status = self._source.name, reply.status
        if status == 200:
            text = replies.body(reply, is_in_time=is_in_time)
            return replies.values(reply.headers.get("Content-Type", ""), text, self._source.fields)
        if status in UNKNOWN:
            return None
        if status in PASSING or status >= 500:
            raise Retryable(f"{name} answers {status}.", after_s=self._asked_to_wait(reply))
        if 300 <= status < 400:
            fix = "Write the address that it points to into the mapping, if you trust it; no redirect is followed."
            raise Misconfigured(f"{name} sends us to another address ({status}).", fix=fix)
        fix = "Check its address and its secret in the section enrich of the mapping, and your account there."
        raise Misconfigured(f"{name} refuses us ({status}).", fix=fix)

    def _asked_to_wait(self, reply: urllib3.BaseHTTPResponse) -> float | None:
        """Read Retry-After: seconds, or a date (RFC 9110, 10.2.3)."""
        text, most_s = reply.headers.get("Retry-After", ""), LONGEST_RETRY_AFTER_S[self._source.waits]
        if text.isascii() and text.isdigit():
            return min(float(text), most_s)
        try:
            asked_s = (parsedate_to_datetime(text) - self._clock.now()).total_seconds()
            return min(max(0.0, asked_s), most_s)
        except (TypeError, ValueError):
            return None


def _filled(body: str, key: str) -> bytes:
    """Put the key into the JSON to post: inside of its text, whatever the key holds."""
    return orjson.dumps(_replaced(orjson.loads(body), key))


def _replaced(data: object, key: str) -> object:
    match data:
        case dict():
            return {name: _replaced(value, key) for name, value in data.items()}
        case list():
            return [_replaced(value, key) for value in data]
        case str():
            return data.replace(MARK, key)
        case _:
            return data
