"""The simulated Salesforce org: its endpoints, and what tests and the demo may do to it behind the API's back.

One lock around one SQLite database: requests and operations take turns. A subset of API 59.0: sign-in, describe,
query and queryAll, collections, composite, updated and deleted, Bulk API 2.0, metadata deployment, permissions.
"""

# ruff: noqa: A002  # callers give arguments by name, over the wire too: "object" and "id" are Salesforce's

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from connector.clock import Clock
from connector.simulator.digests import digests
from connector.simulator.latency import Latency
from connector.simulator.salesforce import collections, history, ids, permissions, seed, state
from connector.simulator.salesforce.auth import Auth
from connector.simulator.salesforce.bulk import Bulk
from connector.simulator.salesforce.endpoints import Asked, Endpoints
from connector.simulator.salesforce.errors import Refused
from connector.simulator.salesforce.options import SalesforceOptions, changed
from connector.simulator.salesforce.query import Queries
from connector.simulator.world import World

_OPERATIONS = (
    "edit", "touch", "create", "delete", "hard_delete", "undelete", "merge", "convert", "late_commit", "formula",
    "recalculate", "same_stamp",
    "hide_field", "show_field", "read_only_field", "withhold", "expire_tokens", "lock", "fail_row", "set_option",
    "snapshot", "read", "pick", "leads_with_parent", "place", "use", "mails", "track", "writes", "digest", "spend",
)  # fmt: skip
_RELEASES = ("Spring", "Summer", "Winter")  # API 60 is Spring '24's; three come each year
_HTML = b"<html><head><title>Maintenance</title></head><body>We are down for maintenance.</body></html>"
_LIMITS = "/services/data/"


class SalesforceOrg:
    """The dialect: a router for the API, and operations beside it. Safe to share between threads."""

    def __init__(self, world: World, *, clock: Clock, options: SalesforceOptions | None = None) -> None:
        self._state = state.open_state(clock, options or SalesforceOptions())
        records = seed.load(self._state, world)
        of_deals = [] if world.pursuits is None else world.pursuits.truth["probability"].to_list()
        self._truth = dict(zip(records, world.truth["probability"].to_list() + of_deals, strict=True))
        self._latency = Latency()
        queries = Queries(self._state)
        self._auth = Auth(self._state)
        self._endpoints = Endpoints(self._state, self._auth, queries, Bulk(self._state, queries))
        self.router = self._router()
        self.operations: dict[str, Callable[..., object]] = {name: getattr(self, name) for name in _OPERATIONS}

    @property
    def options(self) -> SalesforceOptions:
        return self._state.options

    @property
    def private_key_pem(self) -> str:
        """The key of the certificate that the JWT flow accepts."""
        return self._auth.private_key_pem

    @property
    def refresh_token(self) -> str:
        """The refresh token that is live now."""
        return next(iter(self._auth.refresh), "")

    def close(self) -> None:
        """Forget everything."""
        self._state.db.close()

    # What the server asks

    def classify(self, method: str, path: str) -> str:
        """Tell what a request is for."""
        rest = path.partition("/v59.0/")[2] or path
        if path.startswith("/services/oauth2"):
            return "sign-in"
        if "describe" in rest or rest.rstrip("/") == "sobjects":
            return "describe"
        if rest.startswith(("metadata/", "tooling/", "sobjects/PermissionSet", "sobjects/FieldPermissions")):
            return "admin"
        if rest.startswith("jobs/") and method == "GET" and rest.rstrip("/").count("/") == 2:
            return "poll"
        if (
            method == "GET"
            or rest.startswith("jobs/query")
            or (method == "POST" and rest.startswith("composite/sobjects/"))
        ):
            return "read"
        return "write"

    def fault_reply(self, fault: str) -> tuple[int, Mapping[str, str], bytes]:
        """Refuse in Salesforce's words. Raises KeyError for an unknown fault."""
        if fault == "expired":
            self.expire_tokens()
        status, code, message = _FAULTS[fault]
        if code == "html":
            return status, {"content-type": "text/html"}, _HTML
        body = orjson.dumps([{"message": message, "errorCode": code}])
        return status, {"content-type": "application/json;charset=UTF-8"}, body

    def truth(self, ids: Sequence[str]) -> dict[str, float]:
        """Give the hidden probability by the id of a lead or a pursued deal; unknown ids are absent."""
        return {record: self._truth[record] for record in ids if record in self._truth}

    # What a test may do

    def edit(self, object: str, id: str, values: Mapping[str, Any]) -> None:
        """Change a record as a rep would."""
        with self._state.lock:
            self._state.update(
                object, ids.long(id), {name: _stored(value) for name, value in values.items()}, user="rep"
            )

    def touch(self, object: str, id: str) -> None:
        """Move only the system's stamp, as roll-ups and archiving do."""
        with self._state.lock:
            self._state.db.execute(
                f'UPDATE "{object}" SET SystemModstamp = ? WHERE Id = ?', (self._state.now(), ids.long(id))
            )

    def create(self, object: str, values: Mapping[str, Any]) -> str:
        """Create a record as a rep would; returns its id."""
        with self._state.lock:
            more = {"IsConverted": 0, "OwnerId": self._state.users["rep"]} if object == "Lead" else {}
            return self._state.insert(
                object, more | {name: _stored(value) for name, value in values.items()}, user="rep"
            )

    def delete(self, object: str, id: str) -> None:
        """Put a record into the recycle bin."""
        with self._state.lock:
            collections.delete(self._state, object, id)

    def hard_delete(self, object: str, id: str) -> None:
        """Remove a record for good; only the log of deletions knows."""
        with self._state.lock:
            collections.delete(self._state, object, id, hard=True)

    def undelete(self, object: str, id: str) -> None:
        """Take a record back from the recycle bin."""
        with self._state.lock:
            self._state.update(object, ids.long(id), {"IsDeleted": 0, "MasterRecordId": None}, user="rep")

    def merge(self, winner: str, losers: Sequence[str], object: str = "Lead") -> None:
        """Merge records: the losers are deleted and name the winner; only the winner is updated.

        What belonged to the losers is the winner's then, and keeps its stamps.
        """
        with self._state.lock:
            for loser in losers:
                collections.delete(self._state, object, loser)
                self._state.update(object, ids.long(loser), {"MasterRecordId": ids.long(winner)}, user="rep")
                if object == "Lead":
                    moved = (ids.long(winner), ids.long(loser))
                    self._state.db.execute('UPDATE "CampaignMember" SET LeadId = ? WHERE LeadId = ?', moved)
            self._state.update(object, ids.long(winner), {}, user="rep")

    def convert(self, id: str, won: bool | None = None) -> dict[str, str]:
        """Convert a lead: an account and an opportunity, then the lead. `won` closes the deal."""
        with self._state.lock:
            lead = self._state.get("Lead", id) or {}
            now = self._state.clock.now()
            account = self._state.insert(
                "Account", {"Name": lead.get("Company"), "Website": lead.get("Website")}, user="rep"
            )
            stage, closed, is_won = seed.STAGES["open" if won is None else "won" if won else "lost"]
            deal = {
                "Name": lead.get("Company"),
                "AccountId": account,
                "StageName": stage,
                "IsClosed": closed,
                "IsWon": is_won,
            }
            deal_id = self._state.insert("Opportunity", deal | {"CloseDate": f"{now:%Y-%m-%d}"}, user="rep")
            person = {"LastName": lead.get("LastName"), "AccountId": account}
            contact = self._state.insert("Contact", person, user="rep")
            values = {
                "IsConverted": 1, "ConvertedDate": f"{now:%Y-%m-%d}", "ConvertedAccountId": account,
                "ConvertedOpportunityId": deal_id, "ConvertedContactId": contact, "Status": "Closed - Converted",
            }  # fmt: skip
            self._state.update("Lead", ids.long(id), values, user="rep")
            self._give_activities(ids.long(id), contact)
            return {"account": account, "opportunity": deal_id}

    def _give_activities(self, lead: str, contact: str) -> None:
        """Let the contact of a conversion have the lead's tasks and events (assumed: no document says so)."""
        for sobject, field in (("Task", "WhoId"), ("Event", "WhoId"), ("EventRelation", "RelationId")):
            found = self._state.db.execute(f'SELECT Id FROM "{sobject}" WHERE {field} = ?', (lead,)).fetchall()
            for row in found:
                self._state.update(sobject, row["Id"], {field: contact}, user="rep")

    def late_commit(self, object: str, id: str, values: Mapping[str, Any], stamp_age_s: float) -> None:
        """Let a change show now that was stamped earlier, as a long transaction's does."""
        with self._state.lock:
            self.edit(object, id, values)
            at = state.stamp(self._state.clock.now() - timedelta(seconds=stamp_age_s))
            self._state.db.execute(
                f'UPDATE "{object}" SET SystemModstamp = ?, LastModifiedDate = ? WHERE Id = ?', (at, at, ids.long(id))
            )

    def formula(self, object: str, field: str) -> None:
        """Make a field one that Salesforce calculates."""
        with self._state.lock:
            self._state.fields(object)[field].update({"calculated": True, "updateable": False})
            self._state.access.clear()

    def recalculate(self, object: str, id: str, values: Mapping[str, Any]) -> None:
        """Let formulas come to other values: no stamp moves."""
        with self._state.lock:
            sets = ", ".join(f'"{name}" = ?' for name in values)
            self._state.db.execute(f'UPDATE "{object}" SET {sets} WHERE Id = ?', [*values.values(), ids.long(id)])

    def same_stamp(self, object: str, ids: Sequence[str] | None = None) -> str:
        """Give these records, or all, the stamp of this second."""
        with self._state.lock:
            now = self._state.now()
            if ids is None:
                self._state.db.execute(f'UPDATE "{object}" SET SystemModstamp = ?', (now,))
            else:
                self._state.db.executemany(
                    f'UPDATE "{object}" SET SystemModstamp = ? WHERE Id = ?', [(now, one) for one in ids]
                )
            return now

    def place(self, component: str, page: str) -> None:
        """Put a component on a Lightning page, as an admin does in the Lightning App Builder; "" takes it off."""
        with self._state.lock:
            self._state.placed = {component: page} if page else {}

    def use(self, object: str, field: str, by: str) -> None:
        """Let something of the customer's own use a field: a report, a flow."""
        with self._state.lock:
            self._state.uses.setdefault(by, set()).add((object, field))

    def hide_field(self, user: str, object: str, field: str) -> None:
        """Take away a user's sight of a field."""
        self._state.hidden.add((user, object, field))
        self._state.access.clear()

    def show_field(self, user: str, object: str, field: str) -> None:
        """Give it back."""
        self._state.hidden.discard((user, object, field))
        self._state.access.clear()

    def read_only_field(self, user: str, object: str, field: str) -> None:
        """Let a user see but not change a field."""
        self._state.read_only.add((user, object, field))
        self._state.access.clear()

    def withhold(self, user: str, permission: str) -> None:
        """Take a system permission from a user, by its name in Setup."""
        self._state.withheld.add((user, permission))

    def expire_tokens(self) -> int:
        """Let all tokens expire now; returns how many."""
        with self._state.lock:
            return self._auth.expire()

    def track(self, object: str, fields: Sequence[str]) -> None:
        """Keep the history of these fields from now on, as an admin may ask for."""
        with self._state.lock:
            history.check(object, fields, self._state.fields(object))
            self._state.tracked[object] = tuple(fields)

    def lock(self, id: str, times: int = 1) -> None:
        """Let the next writes of a row meet another's lock."""
        self._state.locks[ids.long(id)] = times

    def fail_row(self, id: str, code: str, message: str = "refused", times: int = 1) -> None:
        """Let the next writes of a row be refused."""
        self._state.failing[ids.long(id)] = (code, message, times)

    def spend(self, calls: int) -> int:
        """Let others make so many calls, or let so many fall out of the day; returns how many are used."""
        with self._state.lock:
            self._state.used = max(0, self._state.used + calls)
            return self._state.used

    def set_option(self, name: str, value: object) -> None:
        """Change an option."""
        self._state.options = changed(self._state.options, name, value)

    def snapshot(self, object: str) -> dict[str, dict[str, Any]]:
        """Give all values of all living records, by id."""
        with self._state.lock:
            return {
                row["Id"]: dict(row) for row in self._state.db.execute(f'SELECT * FROM "{object}" WHERE IsDeleted = 0')
            }

    def read(self, object: str, id: str) -> dict[str, Any]:
        """Give all values of a record; booleans as such."""
        with self._state.lock:
            row = self._state.get(object, id) or {}
            kinds = self._state.fields(object)
            return {
                name: bool(value) if value is not None and kinds[name]["type"] == "boolean" else value
                for name, value in row.items()
            }

    def pick(self, object: str, where: Mapping[str, Any] | None = None, limit: int = 1, seed: int = 0) -> list[str]:
        """Choose living records whose fields have these values, at random under the seed."""
        with self._state.lock:
            conditions = ["IsDeleted = 0", *(f'"{name}" IS ?' for name in where or {})]
            values = [_stored(value) for value in (where or {}).values()]
            found = [
                row[0]
                for row in self._state.db.execute(
                    f'SELECT Id FROM "{object}" WHERE {" AND ".join(conditions)} ORDER BY Id', values
                )
            ]
            return random.Random(seed).sample(found, min(limit, len(found)))

    def leads_with_parent(self, account_id: str) -> list[str]:
        """List the leads whose website, else e-mail address, is on the account's domain, which existed before them.

        An account counts when it is at most a day younger than the lead.
        """
        with self._state.lock:
            account = self._state.get("Account", account_id) or {}
            domain = _domain(account.get("Website"))
            if not domain:
                return []
            rows = self._state.db.execute(
                'SELECT Id, Website, Email FROM "Lead" WHERE IsDeleted = 0 AND (Website LIKE ? OR Email LIKE ?) '
                "AND datetime(substr(CreatedDate, 1, 19), '+1 day') >= datetime(substr(?, 1, 19))",
                (f"%{domain}%", f"%{domain}%", account["CreatedDate"]),
            )
            return [row["Id"] for row in rows if (_domain(row["Website"]) or _domain(row["Email"])) == domain]

    def mails(self) -> int:
        """How many alert mails the assignment rule has sent."""
        return self._state.mails

    def writes(self) -> dict[str, Any]:
        """Report what the integration user wrote (`connector.simulator.writes.Writes.report`)."""
        with self._state.lock:
            return self._state.writes.report()

    def digest(self, object: str) -> dict[str, list[str | None]]:
        """Give two hashes for each living record: of our fields, and of all others (`connector.simulator.digests`)."""
        return digests(self.snapshot(object))

    # How requests are answered

    def _router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route(
            "/services/{rest:path}", self._handle, methods=["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]
        )
        return router

    async def _handle(self, request: Request) -> Response:
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        path = request.url.path.replace("//", "/")
        with self._state.lock:
            self._endpoints.host = f"http://{headers.get('host', '')}"
            self._auth.url = self._endpoints.host
            status, more, content = self._answer(request, path, headers, body)
        await self._latency.travel(self.options.latency_ms, self.options.jitter_ms)
        raw = content if isinstance(content, bytes) else orjson.dumps(content)
        more = {"content-type": "application/json;charset=UTF-8"} | more if raw else more
        return Response(raw, status, headers=more)

    def _answer(
        self, request: Request, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], Any]:
        if path == "/services/oauth2/token":
            return self._endpoints.token(body, headers)
        if path.rstrip("/") == "/services/data":
            return 200, {}, _versions(self.options.newest_api)
        try:
            if len(str(request.url)) > self._state.options.longest_address:
                raise Refused(431, "REQUEST_HEADER_TOO_LARGE", "Request Header Fields Too Large")
            user = self._auth.user(headers.get("authorization", ""))
            self._count()
            permissions.require_api(self._state, user)
            version, _, rest = path.removeprefix("/services/data/").partition("/")
            if not version.startswith("v"):
                raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
            token = headers.get("authorization", "")
            asked = Asked(request.method, rest, dict(request.query_params), headers, body, user, token)
            status, more, content = self._endpoints.answer(asked)
        except Refused as refused:
            status, more, content = refused.status, {}, refused.body()
        return status, more | self._usage(), content

    def _count(self) -> None:
        """Count the call. Raises Refused when the day is spent."""
        daily = self._state.options.daily
        if daily is not None and self._state.used >= daily:
            raise Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self._state.used += 1

    def _usage(self) -> dict[str, str]:
        info = f"api-usage={self._state.used}/{self._state.options.daily or 115_000}"
        match self._state.options.limit_info:
            case "app":
                info += f"; per-app-api-usage={self._state.used}/250(appName=truegrade)"
            case "bursts":
                info += "; api-bursts=1/750"
        return {"Sforce-Limit-Info": info}


_FAULTS = {
    "503": (503, "SERVER_UNAVAILABLE", "Server is currently unavailable, please try again later."),
    "429": (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    "daily": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "500": (
        500,
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support: 1234",
    ),
    "expired": (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "html": (200, "html", ""),
    "html-503": (503, "html", ""),
    "timeout": (400, "QUERY_TIMEOUT", "Your query request was running for too long."),
}


def _versions(newest: int) -> list[dict[str, str]]:
    """List the API versions of an org, from the one that everything here is like."""
    return [
        {
            "label": f"{_RELEASES[number % 3]} '{(number + 12) // 3 + (number % 3 == 2)}",
            "url": f"/services/data/v{number}.0",
            "version": f"{number}.0",
        }
        for number in range(59, newest + 1)
    ]


def _stored(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _domain(text: str | None) -> str:
    """The host of a web or e-mail address, without www; the simulator's own reading of it."""
    host = (text or "").lower().strip()
    for mark in ("://", "@"):
        host = host.rpartition(mark)[2]
    return host.partition("/")[0].removeprefix("www.")
