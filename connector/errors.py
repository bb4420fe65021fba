"""What can go wrong between us and a CRM, named by what to do next.

ConnectorError
├── Retryable(after_s)      try again later; nothing to tell anyone yet
├── OutOfQuota(until)       the CRM's call budget is spent: park the work, say when it goes on
└── Misconfigured(fix)      pause this connection and show `fix`; trying again changes nothing

A row that the CRM refuses is no exception but a value: `connector.crm.Written`.
Messages carry no secret, no address with a query, and no field value.
"""

from datetime import datetime


class ConnectorError(Exception):
    """Base of all errors that the connector raises on purpose."""


class Retryable(ConnectorError):
    """The call may succeed when it is made again.

    `after_s`: how long the CRM asks us to wait; None leaves it to the policy.
    `sent`: whether the CRM may have acted on it, so that only repeatable calls are made again.
    """

    def __init__(self, message: str, *, after_s: float | None = None, sent: bool = True) -> None:
        super().__init__(message)
        self.after_s = after_s
        self.sent = sent


class OutOfQuota(ConnectorError):
    """The budget of calls is spent until `until` (None: the CRM does not say when it returns)."""

    def __init__(self, message: str, *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class Misconfigured(ConnectorError):
    """A person has to change something; `fix` says what, in one sentence."""

    def __init__(self, message: str, *, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message} {self.fix}"

    def __reduce__(self) -> tuple[object, ...]:
        return _misconfigured, (self.message, self.fix)


def unreadable_cursor(crm: str) -> Misconfigured:
    """Tell that a stored cursor is none of this CRM's, and what mends it."""
    return Misconfigured(
        f"What is kept of the last pull is no cursor of {crm}.",
        fix="Run `truegrade pull --reload`, which reads everything once more.",
    )


def _misconfigured(message: str, fix: str) -> Misconfigured:
    """Rebuild the error in another process (exceptions with keyword arguments do not pickle by themselves)."""
    return Misconfigured(message, fix=fix)
