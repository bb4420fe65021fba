"""Bulk API 2.0: query and ingest jobs, with states, results in an order of their own, and CSV without a charset."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from connector.simulator.salesforce import ids, rows
from connector.simulator.salesforce.errors import Refused, RowRefused
from connector.simulator.salesforce.query import Queries
from connector.simulator.salesforce.soql import Query
from connector.simulator.salesforce.state import State

Reply = tuple[int, dict[str, str], bytes | Any]
CSV = {"content-type": "text/csv"}  # no charset: a client that guesses one spoils the umlauts


@dataclass
class Job:
    """A job of either kind."""

    id: str
    kind: str
    user: str
    sobject: str
    operation: str
    created: str
    state: str
    polls: int = 0
    through_s: float = 0.0  # when its rows will have been worked through
    rows_s: float = 0.0  # how long that takes
    data: bytes | None = None
    query: Query | None = None
    found: list[Any] = field(default_factory=list)
    done: list[list[str]] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    error: str = ""


@dataclass
class Bulk:
    """All jobs of the org."""

    state: State
    queries: Queries
    jobs: dict[str, Job] = field(default_factory=dict)
    busy_until_s: float = 0.0

    def create_query(self, content: dict[str, Any], user: str) -> dict[str, Any]:
        """Begin a query job."""
        query = self.queries.parse(content["query"], user)
        if query.count or any("(" in column for column in query.columns):
            raise Refused(400, "API_ERROR", "Aggregate Queries not supported in Bulk Query")
        job = self._new("query", user, query.sobject, content.get("operation", "query"), "UploadComplete")
        job.query = query
        job.found = self.queries.rows(query, deleted=job.operation == "queryAll", columns=query.columns)
        if not query.order:
            random.Random(job.id).shuffle(job.found)
        return self.shown(job)

    def create_ingest(self, content: dict[str, Any], user: str) -> dict[str, Any]:
        """Begin an ingest job."""
        if content.get("operation") != "update":
            raise Refused(400, "INVALIDOPERATION", "this simulator's jobs update")
        if content.get("object") not in self.state.objects:
            raise Refused(400, "INVALIDENTITY", f"Entity '{content.get('object')}' is not supported by the Bulk API.")
        return self.shown(self._new("ingest", user, content["object"], "update", "Open"))

    def get(self, kind: str, job_id: str) -> Job:
        """Find a job. Raises Refused when there is none."""
        job = self.jobs.get(ids.long(job_id))
        if job is None or job.kind != kind:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def upload(self, job: Job, body: bytes) -> None:
        """Take an ingest job's rows, once."""
        if job.state != "Open" or job.data is not None:
            raise Refused(400, "INVALIDJOBSTATE", "Found multiple contents for job: " + job.id)
        job.data = body

    def change(self, job: Job, wanted: str) -> dict[str, Any]:
        """Close or abort a job."""
        if wanted == "Aborted":
            job.state = "Aborted"
        elif wanted == "UploadComplete" and job.state == "Open":
            job.state, job.through_s = "UploadComplete", self._through(job)
        else:
            raise Refused(400, "INVALIDJOBSTATE", f"Job is in state {job.state}")
        return self.shown(job)

    def poll(self, job: Job) -> dict[str, Any]:
        """Tell how far a job is; each asking moves it on."""
        if job.state in {"UploadComplete", "InProgress"}:
            job.polls += 1
            job.state = "InProgress"
            if job.polls > self.state.options.bulk_polls and self.state.clock.now().timestamp() >= job.through_s:
                self._finish(job)
        return self.shown(job)

    def _through(self, job: Job) -> float:
        """Tell when an ingest job's rows will be worked through: one job after the other, in order of arrival."""
        rate = self.state.options.ingest_rows_per_s
        if rate is None:
            return 0.0
        job.rows_s = max(0, len(_lines(job)) - 1) / rate
        self.busy_until_s = max(self.busy_until_s, self.state.clock.now().timestamp()) + job.rows_s
        return self.busy_until_s

    def _processed(self, job: Job) -> int:
        """Tell how many rows were worked through; those of a running job by the time that has passed."""
        rate = self.state.options.ingest_rows_per_s
        if rate is None or job.state != "InProgress":
            return len(job.done) + len(job.failed)
        left_s = job.through_s - self.state.clock.now().timestamp()
        return int(rate * max(0.0, job.rows_s - max(0.0, left_s)))

    def _finish(self, job: Job) -> None:
        job.state = "JobComplete"
        if job.kind == "query":
            return
        table = csv.reader(io.StringIO((job.data or b"").decode("utf-8"), newline=""))
        job.header = next(table, [])
        visible = {name.lower() for name in self.state.visible(job.user, job.sobject)}
        for name in job.header:
            if name.lower() not in visible:
                job.state, job.error = "Failed", f"InvalidBatch : Field name not found : {name}"
                return
        for row in table:
            self._ingest(job, row)

    def _ingest(self, job: Job, row: list[str]) -> None:
        values = dict(zip(job.header, row, strict=False))
        record = values.pop("Id", "")
        given = {name: None if value == "#N/A" else value for name, value in values.items() if value != ""}
        try:
            key = rows.update(self.state, job.user, job.sobject, record, given, assign=False)
        except RowRefused as refused:
            job.failed.append([record, refused.text(), *row])
        else:
            job.done.append([key, "false", *row])

    def results(self, job: Job, which: str) -> Reply:
        """Give an ingest job's outcome as CSV."""
        if job.state in {"Open", "UploadComplete", "InProgress"}:
            raise Refused(400, "INVALIDJOBSTATE", "Job is not in a final state")
        match which.lower():
            case "successfulresults":
                head, lines = ["sf__Id", "sf__Created", *job.header], job.done
            case "failedresults":
                head, lines = ["sf__Id", "sf__Error", *job.header], job.failed
            case _:
                head, lines = self._unprocessed(job)
        if not lines and self.state.options.empty_results == 204:
            return 204, {}, b""
        shuffled = random.Random(job.id + which).sample(lines, len(lines))
        return 200, dict(CSV), _csv([head, *shuffled])

    def _unprocessed(self, job: Job) -> tuple[list[str], list[list[str]]]:
        table = _lines(job)
        return (table[0] if table else []), table[1:] if job.state in {"Aborted", "Failed"} else []

    def page(self, job: Job, locator: str, size: int) -> Reply:
        """Give a page of a query job's result."""
        if job.state != "JobComplete" or job.query is None:
            raise Refused(400, "INVALIDJOBSTATE", "Job is not in state JobComplete")
        start = int(locator or 0)
        some = job.found[start : start + size]
        end = start + len(some)
        kinds = self.state.fields(job.sobject)
        instants = {name for name, entry in kinds.items() if entry["type"] == "datetime"}
        flags = {name for name, entry in kinds.items() if entry["type"] == "boolean"}
        lines = _texts(some, job.query.columns, instants, flags)
        more = str(end) if end < len(job.found) else "null"
        headers = CSV | {"Sforce-NumberOfRecords": str(len(some)), "Sforce-Locator": more}
        return 200, headers, _csv([job.query.columns, *lines])

    def shown(self, job: Job) -> dict[str, Any]:
        """Describe a job as the API does."""
        shown: dict[str, Any] = {
            "id": job.id, "operation": job.operation, "object": job.sobject, "createdById": self.state.users[job.user],
            "createdDate": job.created, "systemModstamp": self.state.now(), "state": job.state,
            "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": 59.0, "lineEnding": "LF",
            "columnDelimiter": "COMMA", "jobType": "V2Query" if job.kind == "query" else "V2Ingest", "retries": 0,
            "totalProcessingTime": 0,
        }  # fmt: skip
        if job.kind == "ingest":
            shown["contentUrl"] = f"services/data/v59.0/jobs/ingest/{job.id}/batches"
            shown["numberRecordsProcessed"] = self._processed(job)
            shown["numberRecordsFailed"] = len(job.failed)
            shown |= {"apiActiveProcessingTime": 0, "apexProcessingTime": 0}
        else:
            shown["numberRecordsProcessed"] = len(job.found) if job.state == "JobComplete" else 0
        return shown | ({"errorMessage": job.error} if job.error else {})

    def _new(self, kind: str, user: str, sobject: str, operation: str, state: str) -> Job:
        job = Job(ids.job("750", self.state.next("job")), kind, user, sobject, operation, self.state.now(), state)
        self.jobs[job.id] = job
        return job


def _texts(found: list[Any], columns: list[str], instants: set[str], flags: set[str]) -> Iterator[list[str]]:
    kinds = [1 if column in instants else 2 if column in flags else 0 for column in columns]
    for row in found:
        yield [
            "" if value is None
            else f"{value[:23]}Z" if kind == 1
            else ("true" if value else "false") if kind == 2
            else str(value)
            for value, kind in zip(row, kinds, strict=True)
        ]  # fmt: skip


def _lines(job: Job) -> list[list[str]]:
    """Parse what was uploaded; a value may hold line breaks."""
    return list(csv.reader(io.StringIO((job.data or b"").decode("utf-8"), newline="")))


def _csv(lines: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(lines)
    return text.getvalue().encode("utf-8")
