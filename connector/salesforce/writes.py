"""Writing by REST: batches of records by sObject Collections ("REST guide, Update Multiple Records").

One call takes 200 rows and answers 200 outcomes, in order. Rows that may succeed in smaller company go again: locked
ones after a wait, and those of a batch that the customer's own automation threw out, in halves down to single rows.
Assignment rules are switched off with every call: a score must never move a lead to another owner.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from connector.crm import Outcome, Update, Written
from connector.errors import Misconfigured, OutOfQuota
from connector.salesforce.calls import Call, Rejected, Stumbled
from connector.salesforce.gateway import Gateway
from connector.salesforce.objects import long_id
from connector.salesforce.options import WRITES
from connector.salesforce.shape import hidden_fields
from connector.salesforce.values import checked
from connector.salesforce.verdicts import RowVerdict, judge_row

PROTECTIVE = {
    "Sforce-Auto-Assign": "FALSE",
    "Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true",
    "Sforce-Mru": "updateMru=false",
}
LOCK_TRIES = 6  # the server itself waits ten seconds for a lock each time
LOCK_WAIT_S, LONGEST_LOCK_WAIT_S = 1.0, 30.0
LOCK_SPLIT = 5  # locked rows go again in batches so many times smaller
HALVINGS = 120  # calls that one write may spend on finding the rows that spoil their batches

LEFT_ALONE = {RowVerdict.CONVERTED: Outcome.CONVERTED, RowVerdict.DELETED: Outcome.DELETED}


@dataclass(frozen=True, slots=True)
class RowError:
    """What Salesforce says against one row."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


class CollectionsWriter:
    """One run of updates of one object. It learns how large a batch the customer's automation bears."""

    def __init__(self, gateway: Gateway, sobject: str, jitter: Callable[[], float]) -> None:
        self._gateway = gateway
        self._sobject = sobject
        self._jitter = jitter
        self._size = gateway.options.batch_rows
        self._halvings = HALVINGS

    def write(self, updates: Iterable[Update]) -> Iterator[Written]:
        """Yield one outcome for each update; see `CRM.write`. Once the org's calls are spent, all others are parked."""
        rest = iter(updates)
        while batch := list(islice(rest, self._size)):
            waiting = {update.id: update for update in batch}
            if len({long_id(record_id) for record_id in waiting}) < len(batch):
                raise ValueError("Two updates are for the same record.")
            try:
                for written in self._deliver(batch, tries=0):
                    del waiting[written.id]
                    yield written
            except OutOfQuota as error:
                yield from parked(waiting, str(error))
                yield from parked((update.id for update in rest), str(error))

    def _deliver(self, batch: Sequence[Update], *, tries: int) -> Generator[Written, None, bool]:
        """Send a batch, and parts of it again where that helps. Returns whether it was too large, or held a spoiler."""
        locked: list[Update] = []
        crowded: list[Update] = []
        spoiled = False
        for update, error in zip(batch, self._send(batch), strict=True):
            verdict = judge_row(error.code) if error else None
            spoiled = spoiled or verdict is RowVerdict.CROWDED
            if verdict is RowVerdict.LOCKED and tries < LOCK_TRIES:
                locked.append(update)
            elif verdict is RowVerdict.CROWDED and len(batch) > 1 and self._halvings > 0:
                crowded.append(update)
            else:
                yield outcome(update.id, error)
        if locked:
            yield from self._later(locked, tries=tries + 1, size=max(1, len(batch) // LOCK_SPLIT))
        if crowded:
            yield from self._by_halves(crowded, tries=tries, whole=len(crowded) == len(batch))
        return spoiled

    def _later(self, locked: Sequence[Update], *, tries: int, size: int) -> Iterator[Written]:
        """Send locked rows again in smaller batches, after a wait that spreads the workers out."""
        wait_s = min(LOCK_WAIT_S * 2 ** (tries - 1), LONGEST_LOCK_WAIT_S)
        self._gateway.clock.sleep(wait_s * (0.5 + self._jitter()))
        for start in range(0, len(locked), size):
            yield from self._deliver(locked[start : start + size], tries=tries)

    def _by_halves(self, crowded: Sequence[Update], *, tries: int, whole: bool) -> Iterator[Written]:
        """Send the two halves. Where a whole batch fails and both its halves pass, later batches are halves too."""
        middle = (len(crowded) + 1) // 2
        self._halvings -= 2
        first = yield from self._deliver(crowded[:middle], tries=tries)
        second = (yield from self._deliver(crowded[middle:], tries=tries)) if crowded[middle:] else False
        if whole and not (first or second):
            self._size = min(self._size, middle)

    def _send(self, batch: Sequence[Update]) -> list[RowError | None]:
        """Make the call; gives each row's error in the order of the batch, None where the row was written."""
        content = body(self._sobject, batch)
        call = Call("update", "PATCH", "composite/sobjects", headers=PROTECTIVE, body=content, bucket=WRITES)
        try:
            replies = self._gateway.ask(call).value
        except Stumbled as error:
            if len(batch) > 1 and self._halvings <= 0:
                raise
            code = "APEX_ERROR" if len(batch) > 1 else "UNKNOWN_EXCEPTION"
            return [RowError(code, str(error))] * len(batch)
        except Rejected as error:
            raise write_refusal(error, self._sobject) from None
        return [row_error(reply) for reply in replies]


def body(sobject: str, batch: Sequence[Update]) -> bytes:
    """Write the body of one collections call."""
    kind = {"type": sobject}
    records = [
        {"attributes": kind, "id": update.id, **{name: checked(value) for name, value in update.values.items()}}
        for update in batch
    ]
    return orjson.dumps({"allOrNone": False, "records": records})


def row_error(reply: dict[str, Any]) -> RowError | None:
    """Read one row of the reply; its code is called statusCode, in some accounts errorCode."""
    if reply["success"]:
        return None
    error = reply["errors"][0]
    code = error.get("statusCode") or error.get("errorCode") or "UNKNOWN_EXCEPTION"
    return RowError(str(code), str(error.get("message", "")), tuple(error.get("fields") or ()))


def outcome(record_id: str, error: RowError | None) -> Written:
    """Give a row's outcome. Raises Misconfigured for an error that every row would meet: a field that is not ours."""
    if error is None:
        return Written(record_id, Outcome.WRITTEN)
    verdict = judge_row(error.code)
    if verdict is RowVerdict.FIELD:
        raise field_refusal(error.code, error.message, error.fields)
    if verdict in LEFT_ALONE:
        return Written(record_id, LEFT_ALONE[verdict], error.code, error.message)
    passing = verdict in {RowVerdict.PASSING, RowVerdict.LOCKED}
    return Written(record_id, Outcome.REFUSED, error.code, error.message, passing=passing)


def parked(ids: Iterable[str], why: str) -> Iterator[Written]:
    """Give the outcome of updates that were not tried."""
    for record_id in ids:
        yield Written(record_id, Outcome.PARKED, "REQUEST_LIMIT_EXCEEDED", why)


def write_refusal(error: Rejected, sobject: str) -> Exception:
    """Turn a rejected write into Misconfigured where a field or the object is out of reach; else give it back."""
    if judge_row(error.code) is RowVerdict.FIELD or "No such column" in error.detail:
        return field_refusal(error.code, error.detail, ())
    if error.code == "INSUFFICIENT_ACCESS_OR_READONLY":
        return Misconfigured(
            f"Salesforce does not let this user change {sobject} records.",
            fix=f"Give the integration user edit access to {sobject}.",
        )
    return error


def field_refusal(code: str, message: str, fields: Sequence[str]) -> Misconfigured:
    """Say which fields this user may not write."""
    named = list(fields) or re.findall(r"No such column '([\w.]+)'|fields: ([\w., ]+?)\.", message)
    names = [name if isinstance(name, str) else name[0] or name[1] for name in named] or ["a field of ours"]
    if code == "INVALID_FIELD_FOR_INSERT_UPDATE":
        return Misconfigured(
            f"Salesforce does not let this user write {', '.join(names)}.",
            fix="Give the integration user the permission set Truegrade Integration, with edit access to our fields.",
        )
    return hidden_fields(names)
