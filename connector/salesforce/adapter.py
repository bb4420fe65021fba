"""Salesforce behind the CRM port: picks the road for each call; the roads are modules of their own.

reads (REST queries), bulk (Bulk API 2.0 queries), writes (batches), ingest (bulk jobs), provision (our fields). All of
them go through one `Gateway`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connector.clock import Clock
from connector.crm import (
    Budget,
    Cursor,
    Entity,
    Field,
    History,
    NewField,
    Page,
    Part,
    Piece,
    Provisioned,
    Right,
    Update,
    Written,
)
from connector.errors import Misconfigured
from connector.limiter import RateLimiter
from connector.retry import RetryPolicy
from connector.salesforce import bulk, cursors, history, installation, parts, provision, reads, removal, rights, soql
from connector.salesforce.calls import Call, Rejected
from connector.salesforce.gateway import Gateway
from connector.salesforce.ingest import BulkWriter
from connector.salesforce.objects import fields_of, sobject
from connector.salesforce.options import SalesforceOptions
from connector.salesforce.shape import Shape, read_refusal, records_from_csv
from connector.salesforce.signin import SignIn
from connector.salesforce.tokens import TokenSource
from connector.salesforce.transport import open_session
from connector.salesforce.writes import CollectionsWriter
from connector.vault import MemoryVault, TokenVault

__all__ = ["SalesforceCRM", "SalesforceOptions", "connect"]

DEFAULTS = SalesforceOptions()


def connect(
    sign_in: SignIn,
    *,
    base_url: str | None,
    clock: Clock,
    limiter: RateLimiter,
    jitter: Callable[[], float],
    vault: TokenVault | None = None,
    options: SalesforceOptions = DEFAULTS,
) -> "SalesforceCRM":
    """Make a connection to one org; nothing is sent before the first call.

    `base_url` is the org's https address, or `http://127.0.0.1:port`, where then everything goes. Without a `vault`
    tokens live in memory. Raises Misconfigured for plain http to another machine.
    """
    session = open_session(base_url, client=options.client)
    tokens = TokenSource(sign_in, session=open_session(base_url, client=options.client), vault=vault or MemoryVault())
    retry = RetryPolicy(clock, jitter, attempts=options.attempts)
    gateway = Gateway(tokens, session=session, clock=clock, limiter=limiter, retry=retry, options=options)
    return SalesforceCRM(gateway, jitter=jitter)


class SalesforceCRM:
    """One Salesforce org as one user; fulfils `connector.crm.CRM`."""

    def __init__(self, gateway: Gateway, *, jitter: Callable[[], float]) -> None:
        self._gateway = gateway
        self._jitter = jitter
        self._described: dict[Entity, tuple[Field, ...]] = {}

    def describe(self, entity: Entity) -> tuple[Field, ...]:
        if entity not in self._described:
            self._described[entity] = self._describe(entity)
        return self._described[entity]

    def start(self, entity: Entity) -> Cursor:
        return cursors.write(cursors.resting(self._gateway.recent_time()))

    def changed(self, entity: Entity, fields: Sequence[str], since: Cursor) -> Iterator[Page]:
        return reads.changed(self._gateway, self._planned(entity, fields), since)

    def everything(self, entity: Entity, fields: Sequence[str], part: Part) -> Iterator[Page]:
        """Yield all living records: by queries, or by a bulk query when it is one part of several or so configured."""
        shape = self._shape(entity, fields)
        if part.count == 1 and not self._gateway.options.bulk_reads:
            yield from reads.everything(self._gateway, shape)
            return
        within = self._within(shape, part)
        query = soql.select(shape.sobject, shape.columns(marks=False), where=soql.both(shape.living, within))
        try:
            yield from self._by_bulk(shape, query)
        except bulk.Unavailable:
            yield from reads.everything(self._gateway, shape, within=within)

    def removed(self, entity: Entity, since: datetime) -> Iterator[Page]:
        return reads.removed(self._gateway, self._planned(entity, ()), since)

    def count(self, entity: Entity) -> int | None:
        return reads.count(self._gateway, self._planned(entity, ()))

    def get(self, entity: Entity, fields: Sequence[str], ids: Sequence[str]) -> Page:
        return reads.get(self._gateway, self._shape(entity, fields), ids)

    def history(self, entity: Entity, fields: Sequence[str], since: Cursor | None) -> Iterator[History]:
        return history.history(self._gateway, sobject(entity), self._shape(entity, fields).kinds(), since)

    def write(self, entity: Entity, updates: Iterable[Update], *, expected: int) -> Iterator[Written]:
        if expected < self._gateway.options.bulk_write_from:
            return self._batches(entity).write(updates)
        kinds = {field.name: field.kind for field in self.describe(entity)}
        writer = BulkWriter(self._gateway, sobject(entity), kinds, beside=lambda: self._batches(entity))
        return writer.write(updates)

    def ensure_fields(self, entity: Entity, fields: Sequence[NewField], *, dry_run: bool) -> Provisioned:
        described = self._describe(entity)
        self._described.pop(entity, None)
        return provision.ensure(self._gateway, sobject(entity), fields, described, dry_run=dry_run)

    def ensure_app(
        self, prefix: str, fields: Mapping[Entity, Sequence[NewField]], *, dry_run: bool
    ) -> tuple[Piece, ...]:
        names = {sobject(entity): [field.name for field in own] for entity, own in fields.items()}
        return installation.ensure(self._gateway, prefix, names, dry_run=dry_run)

    def remove_all(
        self, prefix: str, fields: Mapping[Entity, Sequence[NewField]], *, dry_run: bool
    ) -> tuple[Piece, ...]:
        self._described.clear()
        names = {sobject(entity): [field.name for field in own] for entity, own in fields.items()}
        return removal.remove(self._gateway, prefix, names, dry_run=dry_run)

    def rights(self, reads: Sequence[Entity], writes: Sequence[Entity], *, as_admin: bool) -> tuple[Right, ...]:
        return rights.of_user(self._gateway, as_admin=as_admin)

    def budget(self) -> Budget:
        """Tell the daily calls as the latest reply did; before the first one, ask for them."""
        if self._gateway.usage.used is None:
            return self._asked_budget()
        return self._gateway.usage

    @property
    def calls(self) -> int:
        return self._gateway.calls

    def close(self) -> None:
        self._gateway.close()

    def _describe(self, entity: Entity) -> tuple[Field, ...]:
        name = sobject(entity)
        try:
            return fields_of(self._gateway.ask(Call("describe", "GET", f"sobjects/{name}/describe")).value)
        except Rejected as error:
            raise read_refusal(error, name) from None

    def _shape(self, entity: Entity, fields: Sequence[str]) -> Shape:
        """Plan a read. Raises Misconfigured naming the fields that this user does not see."""
        shape = self._planned(entity, fields)
        shape.kinds()
        return shape

    def _planned(self, entity: Entity, fields: Sequence[str]) -> Shape:
        """Plan a read that asks for the describe only when a record comes, so that a quiet poll takes one call."""
        return Shape(entity, tuple(fields), lambda: self.describe(entity))

    def _batches(self, entity: Entity) -> CollectionsWriter:
        return CollectionsWriter(self._gateway, sobject(entity), self._jitter)

    def _within(self, shape: Shape, part: Part) -> str:
        """Write the condition for one part; an empty object has only whole parts."""
        if part.count == 1:
            return ""
        ends = [self._end(shape, order) for order in ("Id", "Id DESC")]
        return parts.within(part, parts.Ends(ends[0], ends[1])) if ends[0] and ends[1] else ""

    def _end(self, shape: Shape, order: str) -> str:
        query = soql.select(shape.sobject, ("Id",), order=(order,), limit=1)
        page = next(reads.statement(self._gateway, query, gone_too=True))
        return str(page.rows[0]["Id"]) if page.rows else ""

    def _by_bulk(self, shape: Shape, query: str) -> Iterator[Page]:
        page = None
        try:
            for chunk in bulk.query(self._gateway, query, gone_too=bool(shape.living)):
                cursor = cursors.write(cursors.resting(chunk.began_at))
                page = Page(shape.entity, shape.fields, records_from_csv(shape, chunk.header, chunk.rows), cursor)
                yield page
        except Rejected as error:
            raise read_refusal(error, shape.sobject) from None
        if page is None:
            yield Page(shape.entity, shape.fields, (), self.start(shape.entity))

    def _asked_budget(self) -> Budget:
        """Ask for the limits. A user without the permission View Setup is told them by the refusal's own header."""
        try:
            daily = self._gateway.ask(Call("limits", "GET", "limits/")).value["DailyApiRequests"]
        except (Rejected, Misconfigured):
            if self._gateway.usage.used is None:
                raise
            return self._gateway.usage
        return replace(self._gateway.usage, used=daily["Max"] - daily["Remaining"], limit=daily["Max"])
