"""Writing by Bulk API 2.0: one job for up to 100,000 rows, for runs where batches of 200 would take too many calls.

Rows are spooled to a temporary file (CSV, UTF-8, LF; an empty cell leaves a field as it is, "#N/A" clears it), uploaded
once, and the outcomes are read back as a stream and matched by Id, because they come in no order. Whatever has no
outcome in the end was not processed, and goes again; so it does not matter which of Salesforce's three result files a
job fills when it fails, is aborted or runs out of time ("Bulk API 2.0, Ingest Jobs"). Assignment rules run only for
jobs that name one; ours never do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import chain
from typing import Any

from connector.crm import Kind, Outcome, Update, Written
from connector.errors import Misconfigured, OutOfQuota, Retryable
from connector.salesforce import bulk
from connector.salesforce.calls import Call, Rejected
from connector.salesforce.gateway import Gateway
from connector.salesforce.objects import long_id
from connector.salesforce.spool import Spool
from connector.salesforce.verdicts import RowVerdict, judge_row
from connector.salesforce.writes import (
    PROTECTIVE,
    CollectionsWriter,
    RowError,
    outcome,
    parked,
    write_refusal,
)

JOBS = 3  # for the same rows, before the rest is left to a later run
AGAIN = frozenset({RowVerdict.LOCKED, RowVerdict.CROWDED})
CLOSED_BEFORE = frozenset({"INVALIDJOBSTATE", "INVALID_JOB_STATE"})


class BulkWriter:
    """One run of updates of one object, by jobs. Rows that need small company go by `beside`, batch by batch."""

    def __init__(
        self, gateway: Gateway, sobject: str, kinds: Mapping[str, Kind], *, beside: Callable[[], CollectionsWriter]
    ) -> None:
        self._gateway = gateway
        self._sobject = sobject
        self._kinds = kinds
        self._beside = beside

    def write(self, updates: Iterable[Update]) -> Iterator[Written]:
        """Yield one outcome for each update; see `CRM.write`. Holds the ids of one job, and no values."""
        rest = iter(updates)
        columns: tuple[str, ...] = ()
        while (first := next(rest, None)) is not None:
            columns = tuple(dict.fromkeys((*columns, *first.values)))
            with closing(Spool(columns, self._kinds, self._gateway.options)) as spool:
                other = spool.fill(chain([first], rest))
                rest = chain(other, rest)
                try:
                    yield from self._finish(spool)
                except OutOfQuota as error:
                    yield from parked(spool.waiting.values(), str(error))
                    yield from parked((update.id for update in rest), str(error))

    def _finish(self, spool: Spool) -> Iterator[Written]:
        """Yield the outcomes of all rows of one spool: by jobs as long as that is worth it, then by batches."""
        for _ in range(JOBS):
            if len(spool.waiting) < self._gateway.options.bulk_job_from:
                break
            try:
                path, state = self._job(spool)
            except bulk.Unavailable:
                break
            again: set[str] = set()
            yield from self._outcomes(spool, path, again)
            yield from self._one_by_one(spool, again)
            if state["state"] != "JobComplete":
                raise_if_final(state)
        else:
            if spool.waiting:
                raise Retryable(f"Salesforce left {len(spool.waiting)} rows of bulk jobs unprocessed.")
        yield from self._one_by_one(spool, set(spool.waiting))

    def _one_by_one(self, spool: Spool, ids: set[str]) -> Iterator[Written]:
        if not ids:
            return
        for written in self._beside().write(spool.updates(ids)):
            del spool.waiting[long_id(written.id)]
            yield written

    def _job(self, spool: Spool) -> tuple[str, dict[str, Any]]:
        """Run one job over the rows that wait, and return its path and its end.

        Raises Unavailable when the org takes no job, Retryable when the rows cannot be brought there.
        """
        for attempt in range(JOBS):
            path = self._created()
            if self._uploaded(spool, path):
                self._close(path)
                return path, bulk.finished(self._gateway, path, rows=len(spool.waiting))
            bulk.abort(self._gateway, path)
            self._gateway.clock.sleep(bulk.FIRST_POLL_S * 2**attempt)
        raise Retryable("The upload of a bulk job breaks off again and again.")

    def _created(self) -> str:
        content = {
            "object": self._sobject,
            "operation": "update",
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }
        try:
            return f"jobs/ingest/{bulk.create(self._gateway, 'jobs/ingest', content, headers=PROTECTIVE).value['id']}"
        except Rejected as error:
            raise write_refusal(error, self._sobject) from None

    def _uploaded(self, spool: Spool, path: str) -> bool:
        """Tell whether the rows are surely there, once. A job takes one upload and runs only when it is closed.

        After a lost reply nobody knows, so the job is given up: what was never closed writes nothing.
        """
        headers = {**PROTECTIVE, "Content-Type": "text/csv; charset=UTF-8"}
        call = Call("bulk upload", "PUT", f"{path}/batches", headers=headers, body=spool.rows(), repeatable=False)
        try:
            self._gateway.raw(call)
        except Retryable:
            return False
        return True

    def _close(self, path: str) -> None:
        call = Call("bulk job", "PATCH", path, headers=PROTECTIVE, body=b'{"state":"UploadComplete"}')
        try:
            self._gateway.ask(call)
        except Rejected as error:
            if error.code.upper() not in CLOSED_BEFORE:  # an attempt whose reply was lost has closed it
                raise

    def _outcomes(self, spool: Spool, path: str, again: set[str]) -> Iterator[Written]:
        """Yield what the job says about rows; those that are worth another try are put into `again` instead.

        Rows that were written come in the order in which they were given, whatever the order of the results: a store
        that is kept in that order then saves them side by side.
        """
        written = {record_id for record_id, _ in self._results(spool, f"{path}/successfulResults")}
        for record_id in [record_id for record_id in spool.waiting if record_id in written]:
            yield Written(spool.waiting.pop(record_id), Outcome.WRITTEN)
        for record_id, words in self._results(spool, f"{path}/failedResults"):
            error = parsed_error(words)
            if judge_row(error.code) in AGAIN:
                again.add(record_id)
            else:
                yield outcome(spool.waiting.pop(record_id), error)

    def _results(self, spool: Spool, path: str) -> Iterator[tuple[str, str]]:
        """Yield (long id, error) of rows that still wait; from the start again when the download breaks off."""
        call = Call("bulk results", "GET", path, headers={"Accept": "text/csv"})
        for attempt in range(bulk.BREAKS):
            try:
                with self._gateway.streamed(call) as response:
                    rows = bulk.rows_of(response)
                    header = [name.lower() for name in next(rows, [])]
                    at, words = _position(header, "id"), _position(header, "sf__error")
                    for row in rows:
                        if (record_id := long_id(row[at])) in spool.waiting:
                            yield record_id, row[words] if words >= 0 else ""
            except Retryable:
                if attempt + 1 == bulk.BREAKS:
                    raise
                self._gateway.clock.sleep(bulk.FIRST_POLL_S * 2**attempt)
            else:
                return


def raise_if_final(state: Mapping[str, Any]) -> None:
    """Raise when another job would end like this one: a person aborted it, or it names a field we may not write."""
    if state["state"] == "Aborted":
        raise Retryable("A bulk job of ours was aborted in Salesforce.")
    message = str(state.get("errorMessage", ""))
    if "Field name not found" in message or "InvalidBatch" in message:
        raise Misconfigured(
            "Salesforce does not know a field that we write, or does not show it to this user.",
            fix="Create the field if it does not exist, or give the permission set Truegrade Integration access to it.",
        )


def parsed_error(words: str) -> RowError:
    """Read "CODE:message:fields", where "--" stands for no fields, and the message may hold colons itself."""
    code, _, rest = words.partition(":")
    message, _, fields = rest.rpartition(":")
    if not message:
        return RowError(code, rest)
    named = () if fields.strip() in {"", "--"} else tuple(fields.replace(",", " ").split())
    return RowError(code, message, named)


def _position(header: list[str], name: str) -> int:
    return header.index(name) if name in header else -1
