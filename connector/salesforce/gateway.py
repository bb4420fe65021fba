"""The one place that speaks to Salesforce through simple-salesforce.

Of the library it uses a `Salesforce` object made from a session id and an address, and of that only `session` and
`base_url`: its own calls drop headers when they retry, lose the reply's status and headers, and never time out. Here
each attempt carries the same headers, bodies are parsed once and raw, an expired token is renewed once, and each reply
goes through `verdicts.judge`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlencode, urljoin

import orjson
import requests
import urllib3
from simple_salesforce.api import Salesforce

from connector.clock import Clock
from connector.crm import Budget
from connector.errors import Misconfigured, OutOfQuota, Retryable
from connector.limiter import RateLimiter
from connector.retry import RetryPolicy
from connector.salesforce.calls import LOST_LOCATOR, Answer, Call, Rejected, Stumbled, usage_of
from connector.salesforce.options import BURST, SalesforceOptions
from connector.salesforce.tokens import AccessToken, TokenSource
from connector.salesforce.transport import UNREACHED, unreached
from connector.salesforce.verdicts import CROWDED, RECONNECT, Judgement, Verdict, judge

BORROWED_TOKENS = 3  # how often a token that another process got may turn out dead before we stop believing in it
RECENT = timedelta(minutes=1)  # so old may be what Salesforce last said of its time, where earlier does no harm

# Salesforce does not say when the calls of its rolling day come back, so we look again after a while.
LOOK_AGAIN = timedelta(minutes=15)

Result = TypeVar("Result")


class Gateway:
    """Makes calls for one user of one org, for any number of threads; made after a fork."""

    def __init__(
        self,
        tokens: TokenSource,
        *,
        session: requests.Session,
        clock: Clock,
        limiter: RateLimiter,
        retry: RetryPolicy,
        options: SalesforceOptions,
    ) -> None:
        self.clock = clock
        self.options = options
        self._tokens = tokens
        self._session = session
        self._limiter = limiter
        self._retry = retry
        self._signed: tuple[AccessToken, Salesforce] | None = None
        self._usage = Budget(used=None, limit=None)
        self.calls = 0  # made so far, repeated ones too
        self._counting = threading.Lock()
        self._told_time: tuple[datetime, datetime] | None = None  # Salesforce's by its latest reply, and ours then

    @property
    def usage(self) -> Budget:
        """The daily calls as the latest reply told them."""
        return self._usage

    def ask(self, call: Call) -> Answer:
        """Make the call and parse its JSON; an empty body is None. Raises ConnectorErrors, and Rejected."""
        return self._persist(call, lambda attempt: _parsed(call, attempt(stream=False), self.clock))

    def ask_inside(self, call: Call) -> Answer:
        """Make a read whose address would be too long, as the only part of a composite call."""
        url = f"/services/data/v{self.options.api_version}/{call.path}?{urlencode(call.params)}"
        part = {"method": call.method, "url": url, "referenceId": "only", "httpHeaders": dict(call.headers)}
        body = orjson.dumps({"compositeRequest": [part]})
        outer = Call(call.what, "POST", "composite", headers=call.headers, body=body)
        return self._persist(outer, lambda attempt: _only_part(outer, attempt(stream=False), self.clock))

    def raw(self, call: Call) -> bytes:
        """Make the call and return the body as it came."""
        return self._persist(call, lambda attempt: bytes(attempt(stream=False).content))

    @contextmanager
    def streamed(self, call: Call) -> Iterator[requests.Response]:
        """Make the call and give the reply unread. Opening it is tried again; a break while reading is Retryable."""
        response = self._persist(call, lambda attempt: attempt(stream=True))
        try:
            yield response
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Retryable(f"The reply to {call.what!r} broke off ({type(error).__name__}).") from None
        finally:
            response.close()

    def server_time(self) -> datetime:
        """Ask for Salesforce's time, by a call that does not count: the list of API versions."""
        return self.ask(Call("versions", "GET", "/services/data/")).server_at

    def recent_time(self) -> datetime:
        """Tell a moment that has passed on Salesforce's clock, by about a minute at most; asks only if it must.

        It is the latest reply's own Date. Nothing is added for the time since: our clock may run ahead of Salesforce's.
        """
        if self._told_time is not None:
            told, at = self._told_time
            if timedelta(0) <= self.clock.now() - at <= RECENT:
                return told
        return self.server_time()

    def close(self) -> None:
        """Give the sockets back."""
        self._session.close()
        self._tokens.close()

    def _persist(self, call: Call, use: Callable[[Callable[..., requests.Response]], Result]) -> Result:
        """Make one call under the retry policy; all attempts together may renew the token once."""
        renewals = _Renewals()

        def once() -> Result:
            if call.body is not None and not isinstance(call.body, bytes):
                call.body.seek(0)
            return use(lambda *, stream: self._accepted(call, renewals, stream=stream))

        return self._retry.call(once, repeatable=call.repeatable)

    def _accepted(self, call: Call, renewals: "_Renewals", *, stream: bool) -> requests.Response:
        """Send the call, with a new token if the first has expired, and return a reply that is fine."""
        while True:
            token, salesforce = self._sign()
            response = self._send(call, salesforce, token, stream=stream)
            judgement = _judgement(response, stream=stream)
            if judgement.verdict is Verdict.FINE:
                if "Date" in response.headers:
                    self._told_time = _server_time(response, self.clock), self.clock.now()
                return response
            response.close()
            if judgement.verdict is Verdict.AGAIN and judgement.code == CROWDED and judgement.after_s is not None:
                self._limiter.penalize(BURST, judgement.after_s)
            if judgement.verdict is not Verdict.EXPIRED:
                raise _error(call, judgement, self.clock)
            renewals.allow()
            self._signed = None
            renewals.count(self._tokens.renew(token))
            if call.session_bound:
                raise Rejected(call.what, LOST_LOCATOR)
            if call.body is not None and not isinstance(call.body, bytes):
                call.body.seek(0)

    def _sign(self) -> tuple[AccessToken, Salesforce]:
        """Give the library's object for the current token, made anew when the token has changed."""
        token = self._tokens.token()
        signed = self._signed  # another thread may be told meanwhile that the token has expired
        if signed is None or signed[0].value != token.value:
            salesforce = Salesforce(
                session_id=token.value,
                instance_url=token.instance_url,
                session=self._session,
                version=self.options.api_version,
            )
            self._signed = signed = (token, salesforce)
        return signed

    def _send(self, call: Call, salesforce: Salesforce, token: AccessToken, *, stream: bool) -> requests.Response:
        self._limiter.wait(BURST)
        with self._counting:
            self.calls += 1
        headers = {
            "Authorization": f"Bearer {token.value}",
            "Content-Type": "application/json",
            "Sforce-Call-Options": f"client={self.options.client}",
            **call.headers,
        }
        try:
            with self._limiter.place(call.bucket):
                response: requests.Response = salesforce.session.request(
                    call.method,
                    urljoin(salesforce.base_url, call.path),
                    params=call.params,
                    headers=headers,
                    data=call.body,
                    stream=stream,
                    allow_redirects=False,
                )
        except UNREACHED as error:
            raise unreached(error) from None
        if (usage := usage_of(response.headers.get("Sforce-Limit-Info", ""))) is not None:
            self._usage = usage
            self._limiter.reported(usage)
        return response


class _Renewals:
    """Counts how often one call has got another token."""

    def __init__(self) -> None:
        self._issued = 0
        self._borrowed = 0

    def allow(self) -> None:
        """Raise Misconfigured when Salesforce has already refused a token that it had just issued."""
        if self._issued or self._borrowed >= BORROWED_TOKENS:
            raise Misconfigured("Salesforce does not accept the token that it just gave.", fix=RECONNECT)

    def count(self, token: AccessToken) -> None:
        if token.issued:
            self._issued += 1
        else:
            self._borrowed += 1


def _judgement(response: requests.Response, *, stream: bool) -> Judgement:
    """Judge a reply; of one that is read as a stream, only a failure's body is looked at."""
    if not stream:
        return judge(response.status_code, response.content)
    if "html" in response.headers.get("Content-Type", ""):
        return judge(response.status_code, b"<")
    if response.status_code < 300:
        return judge(response.status_code, b"")
    try:
        return judge(response.status_code, response.content)
    except UNREACHED as error:
        raise unreached(error) from None


def _error(call: Call, judgement: Judgement, clock: Clock) -> Exception:
    match judgement.verdict:
        case Verdict.AGAIN:
            kind = Stumbled if judgement.code == "UNKNOWN_EXCEPTION" else Retryable
            what = judgement.code or judgement.message
            return kind(
                f"Salesforce could not answer {call.what!r} ({what}).", after_s=judgement.after_s, sent=judgement.acted
            )
        case Verdict.SPENT:
            told = "The Salesforce org has used up its API calls of the last 24 hours."
            return OutOfQuota(told, until=clock.now() + LOOK_AGAIN)
        case Verdict.STOP:
            return Misconfigured(judgement.message, fix=judgement.fix)
        case _:
            return Rejected(call.what, judgement.code, judgement.message)


def _parsed(call: Call, response: requests.Response, clock: Clock) -> Answer:
    """Parse a body; what cannot be parsed was cut off or never came from Salesforce itself."""
    body = bytes(response.content)
    try:
        value = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        raise Retryable(f"The reply to {call.what!r} is no JSON.") from None
    return Answer(value, _server_time(response, clock), body)


def _only_part(call: Call, response: requests.Response, clock: Clock) -> Answer:
    """Take the one reply out of a composite one, judged as if it had come alone."""
    outer = _parsed(call, response, clock)
    part = outer.value["compositeResponse"][0]
    judgement = judge(part["httpStatusCode"], orjson.dumps(part["body"]))
    if judgement.verdict is not Verdict.FINE:
        raise _error(call, judgement, clock)
    return Answer(part["body"], outer.server_at, outer.raw)


def _server_time(response: requests.Response, clock: Clock) -> datetime:
    """Read the Date header: the stamps of records are made by that clock, not by ours."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return clock.now()
