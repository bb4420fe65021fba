"""What HubSpot's replies mean for us: literal tables for whole calls and for single rows, and two pure functions.

Sources: HubSpot developer docs "Error handling" and "API usage guidelines"; bodies of 429s as recorded in public
issues of HubSpot's clients. Every part of an error body is optional by contract, so each is read with a default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import orjson

from connector.crm import Outcome


class Action(StrEnum):
    """What to do about a call."""

    TAKE = "take"
    AGAIN = "again"  # make it again, after `after_s` if that is given
    PAUSE = "pause"  # the portal answers no calls for now: `after_s` until it does, None: until its next day
    SIGN_IN = "sign in"  # get a new token, once, and make it again
    STOP = "stop"  # a person has to change something
    REFUSED = "refused"  # the caller may know why; otherwise it is a bug


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a call, and why, in words that hold no field value."""

    action: Action
    why: str = ""
    after_s: float | None = None
    acted: bool = True  # whether HubSpot may have acted on the call
    fix: str = ""


LONGEST_RETRY_AFTER_S = 60.0
RECONNECT = "Connect HubSpot again: give a valid access token, or consent once more."

# 429s: by policyName, else by the words of the message. Waits are those of HubSpot's own Node client.
POLICIES: dict[str, float | None] = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0, "DAILY": None}
POLICY_WORDS = (("ten_secondly", "TEN_SECONDLY_ROLLING"), ("secondly", "SECONDLY"), ("daily", "DAILY"))
UNKNOWN_POLICY_S = 10.0

LOCK_S = 2.0  # a 423's lock lasts two seconds
MOVING_S = 3_600.0  # a 477 without Retry-After

STATUSES: dict[int, Verdict] = {
    401: Verdict(Action.SIGN_IN, "HubSpot does not accept the access token.", acted=False, fix=RECONNECT),
    407: Verdict(Action.STOP, "A proxy wants a password.", acted=False, fix="Set the proxy's address and password."),
    408: Verdict(Action.AGAIN, "HubSpot waited too long for the request."),
    423: Verdict(Action.AGAIN, "HubSpot has locked the records for a moment.", after_s=LOCK_S, acted=False),
    477: Verdict(Action.PAUSE, "HubSpot is moving this portal to another data centre.", after_s=MOVING_S, acted=False),
    500: Verdict(Action.AGAIN, "HubSpot failed (500)."),
    502: Verdict(Action.AGAIN, "HubSpot hit a processing limit (502)."),
    503: Verdict(Action.AGAIN, "HubSpot is unavailable (503)."),
    504: Verdict(Action.AGAIN, "HubSpot timed out (504)."),
    521: Verdict(Action.AGAIN, "HubSpot's server is down (521)."),
    522: Verdict(Action.AGAIN, "HubSpot's edge cannot connect (522)."),
    523: Verdict(Action.AGAIN, "HubSpot's server cannot be reached (523)."),
    524: Verdict(Action.AGAIN, "HubSpot took more than 100 s (524)."),
    525: Verdict(Action.AGAIN, "HubSpot's edge failed to shake hands (525)."),
    526: Verdict(Action.AGAIN, "HubSpot's edge got a bad certificate (526)."),
    530: Verdict(Action.STOP, "HubSpot finds no such portal (530).", fix=RECONNECT),
}

# Rows. Whatever is not here is a refusal for good.
ROWS: dict[str, tuple[Outcome, bool]] = {  # category: (outcome, whether its cause can pass)
    "OBJECT_NOT_FOUND": (Outcome.DELETED, False),
    "RATE_LIMITS": (Outcome.REFUSED, True),
    "RATE_LIMIT": (Outcome.REFUSED, True),
    "LOCKED": (Outcome.REFUSED, True),
    "CONFLICT": (Outcome.REFUSED, True),
    "INTERNAL_ERROR": (Outcome.REFUSED, True),
}
INVALID_VALUES = "Property values were not valid: "  # before a JSON list of what is wrong with each

_CODE = re.compile(r'"error":"([A-Z_]+)"')


def verdict(status: int, headers: Mapping[str, str], body: Mapping[str, Any] | None) -> Verdict:
    """Judge a reply. `headers` have lower-case names; `body` is None when it is not a JSON object."""
    if 200 <= status < 300:
        if body is None:
            return Verdict(Action.AGAIN, f"HubSpot's reply cannot be read ({status}).")
        return Verdict(Action.TAKE)
    return _waiting(_judged(status, body), status, _retry_after_s(headers))


def row(entry: Mapping[str, Any]) -> tuple[Outcome, str, str, bool]:
    """Judge one entry of a batch's `errors`: outcome, code, HubSpot's words, whether its cause can pass."""
    category = str(entry.get("category") or "")
    outcome, passing = ROWS.get(category, (Outcome.REFUSED, False))
    return outcome, code(entry) or category or "UNKNOWN", _words(str(entry.get("message") or "")), passing


def code(entry: Mapping[str, Any]) -> str:
    """Find the first validation code of an error body, such as INVALID_OPTION; "" when it has none."""
    for cause in entry.get("errors") or ():
        if isinstance(cause, dict) and cause.get("code"):
            return str(cause["code"])
    found = _CODE.search(str(entry.get("message") or ""))
    return found.group(1) if found else ""


def _words(message: str) -> str:
    """Take the sentences out of a list of invalid values; any other message is one already."""
    try:
        causes = orjson.loads(message.removeprefix(INVALID_VALUES))
    except orjson.JSONDecodeError:
        return message
    if not isinstance(causes, list):
        return message
    said = [str(cause["message"]) for cause in causes if isinstance(cause, dict) and cause.get("message")]
    return "; ".join(said) or message


def _judged(status: int, body: Mapping[str, Any] | None) -> Verdict:
    if status == 429:
        return _limited(body or {})
    if status == 403:
        return _forbidden(body)
    if status in STATUSES:
        return STATUSES[status]
    if status >= 500 or (status == 404 and body is None):  # a 404 that is not HubSpot's own says nothing of a record
        return Verdict(Action.AGAIN, f"HubSpot failed ({status}).")
    return _moved(status) if status < 400 else _refused(status, body)


def _waiting(known: Verdict, status: int, asked: float | None) -> Verdict:
    """Wait as long as the reply asks, where its wait is to be believed."""
    if asked is None:
        return known
    if status == 477:
        return replace(known, after_s=asked)
    if known.action is not Action.AGAIN or asked > LONGEST_RETRY_AFTER_S:
        return known
    return replace(known, after_s=max(asked, LOCK_S) if status == 423 else asked)


def _moved(status: int) -> Verdict:
    return Verdict(Action.STOP, f"HubSpot's address leads elsewhere ({status}).", fix="Correct the address.")


def _limited(body: Mapping[str, Any]) -> Verdict:
    policy = _policy(body)
    wait = POLICIES.get(policy, UNKNOWN_POLICY_S)
    if wait is None:
        return Verdict(Action.PAUSE, "HubSpot's calls of this day are spent.", acted=False)
    return Verdict(Action.AGAIN, f"HubSpot limits the calls ({policy or 429}).", after_s=wait, acted=False)


def _policy(body: Mapping[str, Any]) -> str:
    named = str(body.get("policyName") or "").upper()
    if named in POLICIES:
        return named
    message = str(body.get("message") or "").lower()
    return next((policy for word, policy in POLICY_WORDS if word in message), named)


def _forbidden(body: Mapping[str, Any] | None) -> Verdict:
    """Tell missing scopes; a 403 without JSON comes from HubSpot's edge and passes."""
    if body is None:
        return Verdict(Action.AGAIN, "HubSpot's edge turned the call away (403).", acted=False)
    scopes = _scopes(body)
    if not scopes:
        fix = "Check what the connected user and app may do in HubSpot."
        return Verdict(Action.STOP, "HubSpot forbids this call.", acted=False, fix=fix)
    fix = f"Give the app or service key one of these scopes: {', '.join(scopes)}."
    return Verdict(Action.STOP, "HubSpot misses a scope for this call.", acted=False, fix=fix)


def _scopes(body: Mapping[str, Any]) -> tuple[str, ...]:
    contexts = [cause.get("context") for cause in body.get("errors") or () if isinstance(cause, dict)]
    contexts.append(body.get("context"))
    named = [
        scope
        for context in contexts
        if isinstance(context, dict)
        for scope in context.get("requiredGranularScopes") or ()
    ]
    return tuple(dict.fromkeys(map(str, named)))


def _refused(status: int, body: Mapping[str, Any] | None) -> Verdict:
    """Say why without HubSpot's own sentence, which may quote a value."""
    entry = body or {}
    words = [str(entry.get("category") or ""), code(entry), str(entry.get("correlationId") or "")]
    return Verdict(Action.REFUSED, " ".join([f"HubSpot refused the call: {status}", *filter(None, words)]))


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
