"""The one place that calls go through: over the client's transport, with our tokens, limits, retries and verdicts.

Addresses come from `paths`; bodies are JSON bytes; each reply is judged by `verdicts`.
"""

import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import urllib3
from urllib3.fields import RequestField

from connector.clock import Clock
from connector.crm import Budget
from connector.errors import Misconfigured, OutOfQuota, Retryable
from connector.hubspot import paths
from connector.hubspot.options import BURST, HubSpotOptions
from connector.hubspot.signin import Access, SignIn
from connector.hubspot.transport import checked_origin, transport
from connector.hubspot.verdicts import Action, Verdict, verdict
from connector.limiter import RateLimiter
from connector.retry import RetryPolicy
from connector.vault import TokenVault

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

# Errors that come before the request is on its way.
NOT_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)

TOO_MANY = 429
PASSING = frozenset({408, 423, TOO_MANY, 477})  # refusals of a token call that say nothing about the credentials


class UnexpectedReply(Exception):
    """HubSpot refused a call that we should not have made so: a bug of ours. Holds no field value."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that was taken, or refused in a way that the caller asked for."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `expects`: a key that the body of a good reply has, so that another's JSON is not taken for it."""

    method: str
    path: str
    body: bytes | None
    bucket: str
    expects: str
    allowed: frozenset[int]
    content_type: str = JSON
    repeatable: bool = True


class Gateway:
    """Makes calls, for any number of threads; made after a fork."""

    def __init__(
        self,
        sign_in: SignIn,
        *,
        base_url: str,
        clock: Clock,
        limiter: RateLimiter,
        jitter: Callable[[], float],
        vault: TokenVault | None,
        options: HubSpotOptions,
    ) -> None:
        self._origin = checked_origin(base_url)
        self._pool = transport(self._origin)
        self._clock = clock
        self._limiter = limiter
        self._policy = RetryPolicy(clock, jitter, attempts=options.attempts)
        self._options = options
        self._access = Access(sign_in, exchange=self._exchange, clock=clock, vault=vault)
        self._timeout = urllib3.Timeout(connect=options.connect_s, read=options.read_s)
        self._ahead = timedelta(0)  # of HubSpot's clock before ours
        self._counting = threading.Lock()
        self.calls = 0  # made so far, repeated ones too
        self.day_ends_at: datetime | None = None  # when the daily calls come back, once HubSpot has told
        self.daily: tuple[int, int] | None = None  # calls left and granted today, of the latest reply that told

    def get(
        self, path: str, query: paths.Query = (), *, expects: str = "", allowed: frozenset[int] = frozenset()
    ) -> Reply:
        """Read. `allowed` are refusals that the caller knows what to do with."""
        return self._make(Call("GET", paths.with_query(path, query), None, BURST, expects, allowed))

    def send(
        self,
        method: str,
        path: str,
        body: object,
        *,
        bucket: str = BURST,
        expects: str = "",
        allowed: frozenset[int] = frozenset(),
    ) -> Reply:
        """Send JSON, again if need be: all that we send reads, sets absolute values, or makes what has a name."""
        return self._make(Call(method, path, orjson.dumps(body), bucket, expects, allowed))

    def delete(self, path: str, *, allowed: frozenset[int] = frozenset()) -> None:
        """Delete; again if need be, for what is gone may be deleted again where a 404 is `allowed`."""
        self._make(Call("DELETE", path, None, BURST, "", allowed))

    def upload(self, path: str, request: object, *, file: tuple[str, bytes], expects: str) -> Reply:
        """Send an import's request and its file (name, content): again only if it surely did not arrive."""
        parts = [
            RequestField.from_tuples("importRequest", orjson.dumps(request)),
            RequestField.from_tuples("files", file),
        ]
        body, content_type = urllib3.encode_multipart_formdata(parts)
        call = Call("POST", path, body, BURST, expects, frozenset(), content_type, repeatable=False)
        return self._make(call)

    def token_info(self) -> Mapping[str, Any]:
        """Ask what our static token may do, as a user of it; empty where HubSpot does not tell (OAuth apps)."""
        token = self._access.static_token
        if token is None:
            return {}
        refused = frozenset({400, 401, 403, 404, 405})
        reply = self.send("POST", paths.token_info(), {"tokenKey": token}, allowed=refused)
        return {} if reply.status in refused else reply.data

    def now(self) -> datetime:
        """Tell HubSpot's time by its last reply: never behind its own clock, and less than a second ahead."""
        return self._clock.now() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Wait on the clock."""
        self._clock.sleep(seconds)

    def day(self, told: Budget) -> None:
        """Remember when the daily calls come back, as HubSpot told when it was asked."""
        self.day_ends_at = told.resets_at
        self._limiter.reported(told)

    def close(self) -> None:
        """Give the sockets back."""
        self._pool.clear()

    def _make(self, call: Call) -> Reply:
        return self._policy.call(lambda: self._attempt(call), repeatable=call.repeatable)

    def _attempt(self, call: Call) -> Reply:
        """Make one attempt, with one more behind a renewed token."""
        token = self._access.token()
        reply, judged = self._judged(call, token)
        if judged.action is Action.SIGN_IN:
            reply, judged = self._judged(call, self._access.renewed(token))
        allowed = reply.status in call.allowed and judged.action in {Action.REFUSED, Action.STOP}
        if judged.action is Action.TAKE or allowed:
            return reply
        raise self._error(call, judged)

    def _judged(self, call: Call, token: str) -> tuple[Reply, Verdict]:
        self._limiter.wait(call.bucket)
        with self._counting:
            self.calls += 1
        headers = {"Authorization": f"Bearer {token}"}
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        status, told, content = self._exchanged(call.method, call.path, call.body, headers)
        body = _object(content) if content or status != 204 else {}
        if body is not None and 200 <= status < 300 and call.expects and call.expects not in body:
            body = None
        judged = verdict(status, told, body)
        if status == TOO_MANY and judged.action is Action.AGAIN and judged.after_s is not None:
            self._limiter.penalize(call.bucket, judged.after_s)
        return Reply(status, told, body or {}), judged

    def _error(self, call: Call, judged: Verdict) -> Exception:
        where = f"{call.method} {call.path.partition('?')[0]}"
        why = f"{judged.why} [{where}]"
        match judged.action:
            case Action.AGAIN:
                return Retryable(why, after_s=judged.after_s, sent=judged.acted)
            case Action.PAUSE:
                return OutOfQuota(judged.why, until=self._until(judged.after_s))
            case Action.REFUSED:
                return UnexpectedReply(why)
            case _:
                return Misconfigured(judged.why, fix=judged.fix)

    def _until(self, after_s: float | None) -> datetime | None:
        now = self._clock.now()
        if after_s is not None:
            return now + timedelta(seconds=after_s)
        return self.day_ends_at if self.day_ends_at and self.day_ends_at > now else None

    def _exchange(self, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        """Post a form to the token address: the reply, or what the call that needs the token should do."""
        self._limiter.wait(BURST)
        body = urllib.parse.urlencode(form).encode()
        status, headers, content = self._exchanged("POST", paths.token(), body, {"Content-Type": FORM})
        data = _object(content)
        if status == 200 and data is not None and data.get("access_token"):
            return status, data
        if 400 <= status < 500 and status not in PASSING:
            return status, data or {}
        judged = verdict(status, headers, None if status == 200 else data)
        if judged.action is Action.AGAIN:
            raise Retryable(judged.why, after_s=judged.after_s, sent=False)
        raise self._error(Call("POST", paths.token(), None, BURST, "", frozenset()), judged)

    def _exchanged(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Put one request on the wire and read its whole reply."""
        sent = {"Accept": JSON, "Accept-Encoding": "gzip", "User-Agent": self._options.client, **headers}
        try:
            response = self._pool.request(
                method, self._origin + path, body=body, headers=sent, timeout=self._timeout, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            cause = getattr(error, "reason", None)
            cause = cause if isinstance(cause, Exception) else error
            if isinstance(cause, NOT_SENT):
                raise Retryable(
                    f"HubSpot cannot be reached at {self._origin} ({type(cause).__name__}). Check whether this machine "
                    "is online, and the connection's url if it has one.",
                    sent=False,
                ) from error
            raise Retryable(f"The connection to HubSpot broke ({type(cause).__name__}).") from error
        told = {name.lower(): value for name, value in response.headers.items()}
        self._learn(told)
        return response.status, told, response.data

    def _learn(self, headers: Mapping[str, str]) -> None:
        """Remember HubSpot's time and what is left of the day's calls."""
        told_at = _moment(headers.get("date", ""))
        if told_at is not None:
            # The header has whole seconds: its second's end is not before HubSpot's now.
            self._ahead = told_at + timedelta(milliseconds=999) - self._clock.now()
        left, granted = headers.get("x-hubspot-ratelimit-daily-remaining"), headers.get("x-hubspot-ratelimit-daily")
        if left and granted and left.isdigit() and granted.isdigit():
            self.daily = int(left), int(granted)
            self._limiter.reported(Budget(int(granted) - int(left), int(granted), self.day_ends_at))


def _object(content: bytes) -> Mapping[str, Any] | None:
    """Read a JSON object; None for anything else."""
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return data if isinstance(data, dict) else None


def _moment(date: str) -> datetime | None:
    """Read a Date header; None for one that is missing or says no moment."""
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return None
    return at if at.tzinfo else None
