"""The org's endpoints: each takes one request, understood, and answers status, headers and content."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from connector.simulator.salesforce import collections, components, describe, ids, metadata, permissions
from connector.simulator.salesforce.auth import Auth, NotGranted
from connector.simulator.salesforce.bulk import Bulk
from connector.simulator.salesforce.changes import deleted, updated
from connector.simulator.salesforce.errors import Refused
from connector.simulator.salesforce.query import Queries
from connector.simulator.salesforce.state import INTEGRATION, State

Reply = tuple[int, dict[str, str], Any]


@dataclass(frozen=True)
class Asked:
    """One request: `path` below /services/data/vNN.0/, `query` decoded, header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    user: str = ""
    token: str = ""

    @property
    def json(self) -> Any:
        try:
            return orjson.loads(self.body or b"{}")
        except orjson.JSONDecodeError:
            raise Refused(400, "JSON_PARSER_ERROR", "Unexpected character in the request body") from None

    @property
    def assigns(self) -> bool:
        """Whether assignment rules run: they do unless the header says not to."""
        return self.headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE"

    @property
    def page_rows(self) -> int:
        found = re.search(r"batchSize=(\d+)", self.headers.get("sforce-query-options", ""))
        return min(max(int(found.group(1)), 200), 2_000) if found else 2_000


@dataclass
class Endpoints:
    """Routes requests. One lock is held by the caller."""

    state: State
    auth: Auth
    queries: Queries
    bulk: Bulk
    deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    host: str = ""

    def __post_init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Reply]]] = [
            (method, re.compile(pattern), handle)
            for method, pattern, handle in (
                ("GET", r"sobjects/?", self._sobjects),
                ("GET", r"sobjects/(\w+)/describe/?", self._describe),
                ("GET", r"sobjects/(\w+)/(updated|deleted)/?", self._changes),
                ("GET", r"limits/?", self._limits),
                ("GET", r"query/?", self._query),
                ("GET", r"queryAll/?", self._query_all),
                ("GET", r"tooling/query/?", self._query_tooling),
                ("GET", r"query/(01g[\w-]+)", self._more),
                ("PATCH", r"composite/sobjects/?", self._update_many),
                ("POST", r"composite/sobjects/(\w+)/?", self._get_many),
                ("POST", r"composite/?", self._composite),
                ("POST", r"composite/batch/?", self._batch),
                ("POST", r"jobs/query/?", self._query_job),
                ("GET", r"jobs/query/(\w+)/results/?", self._query_results),
                ("POST", r"jobs/ingest/?", self._ingest_job),
                ("PUT", r"jobs/ingest/(\w+)/batches/?", self._upload),
                (
                    "GET",
                    r"jobs/ingest/(\w+)/(successfulResults|failedResults|unprocessed[rR]ecords)/?",
                    self._ingest_results,
                ),
                ("PATCH", r"jobs/(ingest|query)/(\w+)/?", self._change_job),
                ("GET", r"jobs/(ingest|query)/(\w+)/?", self._poll_job),
                ("DELETE", r"jobs/(ingest|query)/(\w+)/?", self._delete_job),
                ("POST", r"metadata/deployRequest/?", self._deploy),
                ("GET", r"metadata/deployRequest/(\w+)/?", self._deployment),
                ("POST", r"tooling/sobjects/CustomField/?", self._custom_field),
                ("POST", r"sobjects/(\w+)/?", self._create),
                ("GET", r"sobjects/(\w+)/(\w{15,18})/?", self._get_one),
                ("PATCH", r"sobjects/(\w+)/(\w{15,18})/?", self._update_one),
                ("DELETE", r"sobjects/(\w+)/(\w{15,18})/?", self._delete_one),
            )
        ]

    def token(self, body: bytes, headers: dict[str, str]) -> Reply:
        """Answer the OAuth token endpoint."""
        try:
            return 200, {}, self.auth.grant(body, headers.get("authorization", ""), self.host)
        except NotGranted as refused:
            return refused.status, {}, {"error": refused.error, "error_description": refused.description}

    def answer(self, asked: Asked) -> Reply:
        """Answer a request of a signed-in user. Raises Refused."""
        for method, pattern, handle in self._routes:
            found = pattern.fullmatch(asked.path)
            if found and method == asked.method:
                return handle(asked, *found.groups())
        if any(pattern.fullmatch(asked.path) for _, pattern, _ in self._routes):
            raise Refused(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{asked.method}' not allowed.")
        raise Refused(404, "NOT_FOUND", "The requested resource does not exist")

    def _known(self, sobject: str) -> str:
        for name in self.state.objects:
            if name.lower() == sobject.lower():
                return name
        raise Refused(404, "NOT_FOUND", "The requested resource does not exist")

    def _sobjects(self, asked: Asked) -> Reply:
        keys = ("name", "label", "keyPrefix", "custom", "queryable", "createable", "updateable", "deletable", "urls")
        listed = [{key: entry.get(key) for key in keys} for entry in self.state.objects.values()]
        return 200, {}, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed}

    def _describe(self, asked: Asked, sobject: str) -> Reply:
        name = self._known(sobject)
        fields = []
        for entry in self.state.visible(asked.user, name).values():
            edits = entry["updateable"] and self.state.edits(asked.user, name, entry["name"])
            fields.append(entry | {"updateable": edits})
        shown = describe.copy_of({**self.state.objects[name], "fields": []}) | {"fields": fields}
        return 200, {}, shown

    def _changes(self, asked: Asked, sobject: str, which: str) -> Reply:
        answer = updated if which == "updated" else deleted
        return 200, {}, answer(self.state, self._known(sobject), asked.query)

    def _limits(self, asked: Asked) -> Reply:
        most = self.state.options.daily or 115_000
        return 200, {}, {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - self.state.used)}}

    def _query(self, asked: Asked, *, gone_too: bool = False, tooling: bool = False) -> Reply:
        size = min(asked.page_rows, self.state.options.page_rows)
        text = asked.query.get("q", "")
        if not tooling and (own := permissions.access(self.state, asked.user, text)):
            return 200, {}, own
        permissions.require_setup(self.state, asked.user, text)
        if tooling is not any(f"FROM {name}" in text for name in describe.TOOLING):
            raise Refused(
                400,
                "INVALID_TYPE",
                "sObject type is not supported. If you are attempting to use a custom "
                "object, be sure to append the '__c' after the entity name.",
            )
        return 200, {}, self.queries.first(text, user=asked.user, token=asked.token, deleted=gone_too, size=size)

    def _query_tooling(self, asked: Asked) -> Reply:
        return self._query(asked, tooling=True)

    def _query_all(self, asked: Asked) -> Reply:
        return self._query(asked, gone_too=True)

    def _more(self, asked: Asked, locator: str) -> Reply:
        return 200, {}, self.queries.more(locator, token=asked.token)

    def _update_many(self, asked: Asked) -> Reply:
        return 200, {}, collections.update(self.state, asked.user, asked.json, assign=asked.assigns)

    def _get_many(self, asked: Asked, sobject: str) -> Reply:
        return 200, {}, collections.get(self.state, asked.user, self._known(sobject), asked.json)

    def _composite(self, asked: Asked) -> Reply:
        parts = asked.json.get("compositeRequest", [])
        if len(parts) > 25:
            raise Refused(400, "LIMIT_EXCEEDED", "the number of subrequests is greater than 25")
        replies = []
        for part in parts:
            status, headers, content = self._inner(
                asked, part["method"], part["url"], part.get("body"), part.get("httpHeaders")
            )
            replies.append(
                {"body": content, "httpHeaders": headers, "httpStatusCode": status, "referenceId": part["referenceId"]}
            )
        return 200, {}, {"compositeResponse": replies}

    def _batch(self, asked: Asked) -> Reply:
        results = []
        for part in asked.json.get("batchRequests", []):
            status, _, content = self._inner(
                asked, part["method"], "/services/data/" + part["url"], part.get("richInput"), None
            )
            results.append({"statusCode": status, "result": content})
        self.state.used += max(0, len(results) - 1)
        return 200, {}, {"hasErrors": any(result["statusCode"] >= 400 for result in results), "results": results}

    def _inner(self, asked: Asked, method: str, url: str, body: Any, headers: dict[str, str] | None) -> Reply:
        split = urlsplit(url)
        path = re.sub(r"^/services/data/v\d+\.0/", "", split.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        given = asked.headers | {name.lower(): value for name, value in (headers or {}).items()}
        content = orjson.dumps(body) if body is not None else b""
        try:
            return self.answer(Asked(method, path, query, given, content, asked.user, asked.token))
        except Refused as refused:
            return refused.status, {}, refused.body()

    def _query_job(self, asked: Asked) -> Reply:
        return 200, {}, self.bulk.create_query(asked.json, asked.user)

    def _query_results(self, asked: Asked, job: str) -> Reply:
        size = min(int(asked.query.get("maxRecords", 50_000)), 250_000)
        return self.bulk.page(self.bulk.get("query", job), asked.query.get("locator", ""), size)

    def _ingest_job(self, asked: Asked) -> Reply:
        return 200, {}, self.bulk.create_ingest(asked.json, asked.user)

    def _upload(self, asked: Asked, job: str) -> Reply:
        self.bulk.upload(self.bulk.get("ingest", job), asked.body)
        return 201, {}, b""

    def _ingest_results(self, asked: Asked, job: str, which: str) -> Reply:
        return self.bulk.results(self.bulk.get("ingest", job), which)

    def _change_job(self, asked: Asked, kind: str, job: str) -> Reply:
        return 200, {}, self.bulk.change(self.bulk.get(kind, job), asked.json.get("state", ""))

    def _poll_job(self, asked: Asked, kind: str, job: str) -> Reply:
        return 200, {}, self.bulk.poll(self.bulk.get(kind, job))

    def _delete_job(self, asked: Asked, kind: str, job: str) -> Reply:
        del self.bulk.jobs[self.bulk.get(kind, job).id]
        return 204, {}, b""

    def _deploy(self, asked: Asked) -> Reply:
        options, packed = metadata.parts(asked.headers.get("content-type", ""), asked.body)
        told = metadata.deploy(self.state, asked.user, options, packed)
        job = ids.job("0Af", self.state.next("deployment"))
        self.deployments[job] = metadata.result(job, told)
        pending = {"id": job, "status": "Pending", "done": False, "success": False}
        return 201, {}, {"id": job, "validatedDeployRequestId": None, "deployOptions": options, "deployResult": pending}

    def _deployment(self, asked: Asked, job: str) -> Reply:
        if ids.long(job) not in self.deployments:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        return 200, {}, self.deployments[ids.long(job)]

    def _custom_field(self, asked: Asked) -> Reply:
        sobject, _, name = asked.json["FullName"].partition(".")
        if name in self.state.fields(self._known(sobject)):
            raise Refused(400, "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {name} on {sobject}.")
        told = asked.json["Metadata"]
        sizes = {key: told[key] for key in ("length", "precision", "scale", "label") if key in told}
        self.state.add_column(sobject, describe.field(name, components.TYPES[told["type"]], **sizes))
        return 201, {}, {"id": ids.job("00N", self.state.next("field")), "success": True, "errors": []}

    def _create(self, asked: Asked, sobject: str) -> Reply:
        return collections.create(self.state, asked.user, self._known(sobject), asked.json, assign=asked.assigns)

    def _get_one(self, asked: Asked, sobject: str, record: str) -> Reply:
        name = self._known(sobject)
        fields = asked.query.get("fields", "")
        columns = fields.split(",") if fields else list(self.state.visible(asked.user, name))
        [found] = collections.get(self.state, asked.user, name, {"ids": [record], "fields": columns})
        if found is None:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        return 200, {}, found

    def _update_one(self, asked: Asked, sobject: str, record: str) -> Reply:
        permissions.require_for(self.state, asked.user, self._known(sobject))
        collections.update_one(self.state, asked.user, self._known(sobject), record, asked.json, assign=asked.assigns)
        return 204, {}, b""

    def _delete_one(self, asked: Asked, sobject: str, record: str) -> Reply:
        permissions.require_for(self.state, asked.user, self._known(sobject))
        collections.delete(self.state, self._known(sobject), record)
        if asked.user == INTEGRATION:
            self.state.writes.touched(sobject, record, "deleted")
        return 204, {}, b""


__all__ = ["INTEGRATION", "Asked", "Endpoints", "Reply"]
