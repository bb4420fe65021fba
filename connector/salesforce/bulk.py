"""What both bulk roads share, and the road that reads: Bulk API 2.0 query jobs.

Results come as CSV pages that may be large, so they are read as a stream and never held: rows leave in small chunks.
Facts: "Bulk API 2.0, Query Jobs": results are unordered, ORDER BY and LIMIT are to be avoided, text/csv comes without a
charset (it is UTF-8), NUL bytes occur, the next page's locator is a header that says "null" at the end.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any

import orjson
import requests

from connector.errors import Retryable
from connector.salesforce.calls import LOST_LOCATOR, Answer, Call, Rejected
from connector.salesforce.gateway import Gateway

CHUNK = 2_000  # rows
BLOCK = 65_536  # bytes of a reply that are read at a time
FIRST_POLL_S, LONGEST_POLL_S, POLL_GROWTH = 1.0, 10.0, 1.5
JOBS = 3  # for one query, when its results get lost
BREAKS = 5  # of one download before the job is given up for now
FEATURE_OFF = frozenset({"FEATURENOTENABLED", "FEATURE_NOT_ENABLED", "INVALIDENTITY", "API_DISABLED"})
CSV_CELL = 200_000  # characters; long text areas hold up to 131,072, and csv stops at 131,072 by itself

csv.field_size_limit(CSV_CELL)


class Unavailable(Exception):
    """The org's edition or the object has no Bulk API, or no more jobs today: take the other road."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a result, with the header of its page."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    began_at: datetime  # the server's time when the job was made


def query(gateway: Gateway, soql: str, *, gone_too: bool = False) -> Iterator[Chunk]:
    """Yield the rows of a query in no order, each at least once: a page that breaks off is read again from its start.

    Results may be lost with the token that asked for them; then a new job is made. Raises Unavailable before the first
    row where the org has no Bulk API.
    """
    for _ in range(JOBS):
        try:
            yield from _rows(gateway, soql, "queryAll" if gone_too else "query")
        except Rejected as error:
            if error.code != LOST_LOCATOR:
                raise
        else:
            return
    raise Retryable("Salesforce loses the results of a bulk query again and again.")


def create(
    gateway: Gateway, path: str, content: Mapping[str, Any], *, headers: Mapping[str, str] | None = None
) -> Answer:
    """Make a job. Raises Unavailable when the org cannot take it.

    Tried again even when the reply was lost: an unknown job without data, or with nobody to read it, harms nobody.
    """
    try:
        return gateway.ask(Call("bulk job", "POST", path, headers=headers or {}, body=orjson.dumps(content)))
    except Rejected as error:
        if error.code.upper() in FEATURE_OFF or error.code == "LIMIT_EXCEEDED" or "not enabled" in error.detail:
            raise Unavailable from error
        raise


def finished(gateway: Gateway, path: str, *, rows: int | None = None) -> dict[str, Any]:
    """Wait until the job has ended, and return its last state. Raises Retryable when that takes too long.

    Of a job of so many `rows` its progress tells when to ask again ("Bulk API 2.0, Get Job Info":
    numberRecordsProcessed); any other is asked ever more seldom.
    """
    waited, pause, through = 0.0, FIRST_POLL_S, 0
    while True:
        state: dict[str, Any] = gateway.ask(Call("bulk job", "GET", path)).value
        if state["state"] in {"JobComplete", "Failed", "Aborted"}:
            return state
        if waited >= gateway.options.bulk_wait_s:
            abort(gateway, path)
            raise Retryable("A bulk job takes longer than we wait for one.")
        now_through = int(state.get("numberRecordsProcessed") or 0)
        if waited:
            left = (rows or 0) - now_through
            pause = _pause(pause, gained=now_through - through, left=left)
        gateway.clock.sleep(pause)
        waited, through = waited + pause, now_through


def _pause(last_s: float, *, gained: int, left: int) -> float:
    """Tell how long to wait after `last_s` in which so many rows were worked through, and so many are left."""
    wait_s = last_s * left / gained if gained > 0 and left > 0 else last_s * POLL_GROWTH
    return max(FIRST_POLL_S, min(wait_s, LONGEST_POLL_S))


def abort(gateway: Gateway, path: str) -> None:
    """Stop a job that we no longer want. A job that has ended meanwhile is as good."""
    try:
        gateway.ask(Call("bulk job", "PATCH", path, body=b'{"state":"Aborted"}'))
    except Rejected as error:
        if error.code not in {"INVALIDJOBSTATE", "NOT_FOUND", "404"}:
            raise


def rows_of(response: requests.Response) -> Iterator[list[str]]:
    """Yield the rows of a CSV reply, header first, as they arrive; an empty reply has none."""
    return csv.reader(chain.from_iterable(io.StringIO(lines, newline="\n") for lines in _lines(response)))


def _lines(response: requests.Response) -> Iterator[str]:
    """Yield the reply's text as it arrives, many whole lines at a time, as `values.cleaned` leaves texts."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")(), translate=True)
    begun = ""
    for block in response.raw.stream(BLOCK, decode_content=True):
        whole, end, begun = (begun + decoder.decode(block.replace(b"\0", b""))).rpartition("\n")
        yield whole + end
    yield begun + decoder.decode(b"", final=True)


def _rows(gateway: Gateway, soql: str, operation: str) -> Iterator[Chunk]:
    """Make one job, wait for it, and yield its rows page by page."""
    job = create(gateway, "jobs/query", {"operation": operation, "query": soql})
    state = finished(gateway, f"jobs/query/{job.value['id']}")
    if state["state"] != "JobComplete":
        raise Retryable(f"Salesforce ended the bulk query as {state['state']}.")
    locator: str | None = ""
    while locator is not None:
        for found in _page(gateway, job.value["id"], locator):
            if isinstance(found, _Next):
                locator = found.locator
            else:
                yield Chunk(*found, job.server_at)


@dataclass(frozen=True, slots=True)
class _Next:
    """The end of a page: where the next one begins, None after the last."""

    locator: str | None


def _page(gateway: Gateway, job_id: str, locator: str) -> Iterator[tuple[list[str], list[list[str]]] | _Next]:
    """Yield one page in chunks, then where to go on; from its start again when it breaks off."""
    params = {"maxRecords": str(gateway.options.bulk_page_rows), **({"locator": locator} if locator else {})}
    call = Call(
        "bulk results",
        "GET",
        f"jobs/query/{job_id}/results",
        params=params,
        headers={"Accept": "text/csv"},
        session_bound=True,
    )
    for attempt in range(BREAKS):
        try:
            with gateway.streamed(call) as response:
                yield from _chunks(response)
                following = response.headers.get("Sforce-Locator", "null")
            yield _Next(None if following == "null" else following)
        except (Retryable, Rejected) as error:
            if attempt + 1 == BREAKS or (isinstance(error, Rejected) and attempt > 0):
                raise
            gateway.clock.sleep(FIRST_POLL_S * 2**attempt)
        else:
            return


def _chunks(response: requests.Response) -> Iterator[tuple[list[str], list[list[str]]]]:
    rows = rows_of(response)
    header = next(rows, [])
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        count += len(chunk)
        yield header, chunk
    told = response.headers.get("Sforce-NumberOfRecords", "")
    if told.isdigit() and int(told) != count:
        raise Retryable("A page of bulk results came short.")
