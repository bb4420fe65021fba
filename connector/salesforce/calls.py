"""What goes over the wire as values: a call, its answer, and the two ways in which Salesforce itself fails one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from connector.crm import Budget
from connector.errors import Retryable
from connector.salesforce.options import BURST

LOST_LOCATOR = "INVALID_QUERY_LOCATOR"


class Rejected(Exception):
    """Salesforce rejected a whole call with a code that the caller may know; if not, this is a bug of ours.

    `detail` holds Salesforce's words, which may quote values: it is for deciding, never for a message.
    """

    def __init__(self, what: str, code: str, detail: str = "") -> None:
        super().__init__(f"Salesforce rejected the call {what!r} with {code}.")
        self.code = code
        self.detail = detail


class Stumbled(Retryable):
    """An unexpected error inside Salesforce, which one record of a batch may have caused."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` is relative to the versioned root, or absolute on the same host.

    `what` names it in messages, which never show the address. `session_bound` marks what belongs to one token, and is
    lost with it: query locators. `bucket` is where it takes a place while it runs.
    """

    what: str
    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | BinaryIO | None = None
    repeatable: bool = True
    session_bound: bool = False
    bucket: str = BURST


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed reply, and the server's time when it was made."""

    value: Any
    server_at: datetime
    raw: bytes


def usage_of(header: str) -> Budget | None:
    """Read the org's daily calls out of Sforce-Limit-Info: "api-usage=18/5000; per-app-api-usage=17/250(appName=x)"."""
    for part in header.replace(",", ";").split(";"):
        name, _, counts = part.strip().partition("=")
        used, _, limit = counts.partition("/")
        if name == "api-usage" and used.isdigit() and limit.isdigit():
            return Budget(used=int(used), limit=int(limit))
    return None
