"""What Salesforce's answers mean for us: a literal table for whole calls, one for single rows, and two pure functions.

Salesforce puts its code into the body, and the status with the same code differs between resources, so the code decides
("REST guide, Status Codes and Error Responses"; "SOAP guide, Core Data Types: StatusCode").
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson


class Verdict(StrEnum):
    """What to do about a call."""

    FINE = "fine"
    AGAIN = "again"  # make the call again later
    EXPIRED = "expired"  # get a new token, once, and make the call again
    SPENT = "spent"  # the org's daily calls are used up
    STOP = "stop"  # a person has to change something
    REJECTED = "rejected"  # the caller may know the code; otherwise it is a bug


class RowVerdict(StrEnum):
    """What to do about one row of an update."""

    CONVERTED = "converted"
    DELETED = "deleted"
    LOCKED = "locked"  # again soon, in smaller company
    CROWDED = "crowded"  # one row of the batch, or the size of the batch, spoils it: split it
    FIELD = "field"  # every row would be refused: a field is missing or read-only for this user
    PASSING = "passing"  # refused, but a later run may succeed
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with Salesforce's own code and words; `message` and `fix` are ours when the verdict is STOP."""

    verdict: Verdict
    code: str = ""
    message: str = ""
    fix: str = ""
    after_s: float | None = None
    acted: bool = True  # whether Salesforce may have acted on the call


RECONNECT = "Reconnect: sign in to Salesforce again, and see that the integration user is active."

# code -> (what happened, what to do about it)
STOPS = {
    "API_CURRENTLY_DISABLED": (
        "Salesforce does not let this user call its API.",
        "Give the integration user the permission API Enabled; the org's edition must include API access.",
    ),
    "API_DISABLED_FOR_ORG": (
        "The API is switched off for this Salesforce org.",
        "Use an edition with API access, or have Salesforce switch it on.",
    ),
    "INSUFFICIENT_ACCESS": (
        "Salesforce does not let this user do that.",
        "Give the user the permissions that the set-up page lists.",
    ),
    "TXN_SECURITY_NO_ACCESS": (
        "A transaction security policy of the org stops our calls.",
        "Give the integration user the permission Exempt from Transaction Security.",
    ),
    "TXN_SECURITY_METERING_ERROR": (
        "A transaction security policy of the org stops our calls.",
        "Give the integration user the permission Exempt from Transaction Security.",
    ),
    "UNSUPPORTED_API_VERSION": (
        "Salesforce has retired the API version that this release uses.",
        "Upgrade Truegrade, or set a newer api_version for the connection.",
    ),
    "INVALID_VERSION_ID": (
        "Salesforce does not know the API version that this connection uses.",
        "Upgrade Truegrade, or set another api_version for the connection.",
    ),
    "PASSWORD_CHANGE_REQUIRED": (
        "Salesforce asks this user to change the password first.",
        "Sign in to Salesforce as the integration user once and set a new password.",
    ),
}

AGAIN_CODES = frozenset(
    {"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "UNABLE_TO_LOCK_ROW", "CustomNotAcceptable", "SERVICE_UNAVAILABLE"}
)
MOVED = frozenset({301, 302, 303, 307, 308})
AGAIN_STATUSES = frozenset({406, 408, 420, 429, 500, 502, 503, 504})

# 401s that a new token does not cure, by a part of their words.
INCURABLE = {
    "not valid for use with the REST API": (
        "Salesforce gave a token that its REST API does not take.",
        "Give the app the OAuth scope api, and reconnect.",
    ),
    "not attached to Agent": (
        "Salesforce says that the connected app is not attached to an agent.",
        "Use an external client app made for this connection, and reconnect.",
    ),
}

CROWDED = "REQUEST_LIMIT_EXCEEDED"  # too many calls: at one time, or on one day
CONCURRENT_WAIT_S = 15.0

ROWS = {
    "CANNOT_UPDATE_CONVERTED_LEAD": RowVerdict.CONVERTED,
    "ENTITY_IS_DELETED": RowVerdict.DELETED,
    "INVALID_CROSS_REFERENCE_KEY": RowVerdict.DELETED,  # our fields refer to nothing, so it is the record that is gone
    "NOT_FOUND": RowVerdict.DELETED,
    "UNABLE_TO_LOCK_ROW": RowVerdict.LOCKED,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": RowVerdict.CROWDED,
    "CANNOT_EXECUTE_FLOW_TRIGGER": RowVerdict.CROWDED,
    "APEX_ERROR": RowVerdict.CROWDED,
    "INVALID_FIELD": RowVerdict.FIELD,
    "INVALID_FIELD_FOR_INSERT_UPDATE": RowVerdict.FIELD,
    "UNKNOWN_EXCEPTION": RowVerdict.PASSING,
    "SERVER_UNAVAILABLE": RowVerdict.PASSING,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": RowVerdict.PASSING,
    "PROCESSING_HALTED": RowVerdict.PASSING,
}


def judge(status: int, body: bytes) -> Judgement:
    """Tell what a reply means. A page of HTML is never an answer, whatever its status: it comes from the edge."""
    page = body.lstrip()[:1] == b"<"
    if status < 300 and not page:
        return Judgement(Verdict.FINE)
    if status in MOVED:
        return Judgement(
            Verdict.STOP,
            message="Salesforce answers from another address now.",
            fix="Set the connection's url to the org's current My Domain address, and reconnect.",
        )
    if page:
        return Judgement(Verdict.AGAIN, str(status), "a web page instead of an answer")
    return _failure(status, *_error_of(body))


def judge_row(code: str) -> RowVerdict:
    """Tell what a row's error code means; a code that we do not know is the customer's to read."""
    return ROWS.get(code, RowVerdict.REFUSED)


def _failure(status: int, code: str, message: str) -> Judgement:
    if status == 401:
        return _unauthorised(code, message)
    if code == CROWDED:
        return _limited(code, message)
    if code in STOPS or status == 410:
        what, fix = STOPS.get(code, STOPS["UNSUPPORTED_API_VERSION"])
        return Judgement(Verdict.STOP, code, what, fix)
    if code in AGAIN_CODES or status in AGAIN_STATUSES or status > 500:
        return Judgement(Verdict.AGAIN, code or str(status), message)
    return Judgement(Verdict.REJECTED, code or str(status), message)


def _error_of(body: bytes) -> tuple[str, str]:
    """Read code and words out of any of the error forms: an array of objects, an object, or neither."""
    try:
        error: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    if isinstance(error, list):
        error = error[0] if error else {}
    if not isinstance(error, dict):
        return "", ""
    code = error.get("errorCode") or error.get("exceptionCode") or error.get("error") or ""
    return str(code), str(error.get("message") or error.get("exceptionMessage") or error.get("error_description") or "")


def _unauthorised(code: str, message: str) -> Judgement:
    for words, (what, fix) in INCURABLE.items():
        if words in message:
            return Judgement(Verdict.STOP, code, what, fix)
    return Judgement(Verdict.EXPIRED, code, message)


def _limited(code: str, message: str) -> Judgement:
    """Tell the day's limit from the limit of calls at one time: Salesforce gives both the same code."""
    if "Concurrent" in message:
        return Judgement(Verdict.AGAIN, code, message, after_s=CONCURRENT_WAIT_S, acted=False)
    return Judgement(Verdict.SPENT, code, message, acted=False)
