"""The one retry policy: which calls are made again, how often, and how long we wait.

Adapters turn a reply into a verdict, and a bad verdict into `Retryable`, `OutOfQuota` or `Misconfigured`; only
`Retryable` is tried again here. A call that is not `repeatable` (one that makes something new: a job, a field) is made
again only when it surely never reached the CRM. Our updates are absolute values and so repeatable: after a lost reply
the row gets the same values once more (reference: the vendors send no idempotency key).
"""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from connector.clock import Clock
from connector.errors import Retryable

Result = TypeVar("Result")

ATTEMPTS = 6
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0


class RetryPolicy:
    """Makes a call, again if that can help. `jitter` gives numbers in [0, 1), so that many workers spread out."""

    def __init__(self, clock: Clock, jitter: Callable[[], float], *, attempts: int = ATTEMPTS) -> None:
        self._clock = clock
        self._jitter = jitter
        self._attempts = attempts

    def call(self, make: Callable[[], Result], *, repeatable: bool) -> Result:
        """Return what `make` returns; raise its last error when all attempts failed."""
        retrying = Retrying(
            retry=retry_if_exception(lambda error: _worth_another(error, repeatable=repeatable)),
            stop=stop_after_attempt(self._attempts),
            wait=self._wait_s,
            sleep=self._clock.sleep,
            reraise=True,
        )
        return retrying(make)

    def _wait_s(self, state: RetryCallState) -> float:
        """Wait as long as the CRM asks; else twice as long each time, spread by up to half."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Retryable) and error.after_s is not None:
            return min(error.after_s, LONGEST_WAIT_S) + self._jitter() * FIRST_WAIT_S
        backoff: float = min(FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1), LONGEST_WAIT_S)
        return backoff * (1 + self._jitter() / 2)


def _worth_another(error: BaseException, *, repeatable: bool) -> bool:
    return isinstance(error, Retryable) and (repeatable or not error.sent)
