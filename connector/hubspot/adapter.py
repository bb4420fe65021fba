"""HubSpot as a CRM.

Contacts are leads; companies and deals are what they are called. Activities are counts on the contact itself, so that
they are no records here: they have no fields, and reading them gives nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    Record,
    Right,
    Update,
    Written,
)
from connector.hubspot import batches, history, imports, paths, provision, reads, scopes, search, segments, writes
from connector.hubspot.associations import contacts_of
from connector.hubspot.columns import Columns, columns
from connector.hubspot.cursors import Resting, packed, unpacked
from connector.hubspot.gateway import Gateway
from connector.hubspot.objects import CONTACTS_OF, as_fields, checked, object_type, typed
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.signin import SignIn
from connector.hubspot.values import instant_of, moment
from connector.limiter import RateLimiter
from connector.vault import TokenVault

BASE_URL = "https://api.hubapi.com"


def connect(
    sign_in: SignIn,
    *,
    base_url: str = BASE_URL,
    clock: Clock,
    limiter: RateLimiter,
    jitter: Callable[[], float],
    vault: TokenVault | None = None,
    options: HubSpotOptions | None = None,
) -> "HubSpotCRM":
    """Make a connection; makes no call yet. `vault` keeps a new refresh token, should HubSpot hand one out.

    Raises Misconfigured for plain http to another machine.
    """
    options = options or HubSpotOptions()
    gateway = Gateway(
        sign_in, base_url=base_url, clock=clock, limiter=limiter, jitter=jitter, vault=vault, options=options
    )
    return HubSpotCRM(gateway, options)


class HubSpotCRM:
    """One HubSpot portal: `connector.crm.CRM`."""

    def __init__(self, gateway: Gateway, options: HubSpotOptions) -> None:
        self._gateway = gateway
        self._options = options
        self._fields: dict[Entity, tuple[Field, ...]] = {}

    def describe(self, entity: Entity) -> tuple[Field, ...]:
        if object_type(entity) is None:
            return ()
        if entity not in self._fields:
            reply = self._gateway.get(paths.properties(typed(entity).name), expects="results")
            self._fields[entity] = as_fields(entity, reply.data["results"])
        return self._fields[entity]

    def start(self, entity: Entity) -> Cursor:
        self.describe(entity)  # so that HubSpot's time is known
        return packed(Resting(instant_of(self._gateway.now())))

    def changed(self, entity: Entity, fields: Sequence[str], since: Cursor) -> Iterator[Page]:
        if object_type(entity) is None:
            checked(entity, fields, ())
            yield Page(entity, (), (), since)
            return
        wanted = search.Wanted(entity, tuple(fields), lambda: self._plan(entity, fields))
        yield from search.changed(self._gateway, wanted, unpacked(since), self._options)

    def everything(self, entity: Entity, fields: Sequence[str], part: Part) -> Iterator[Page]:
        plan = self._columns(entity, fields)
        cursor = self.start(entity)
        lanes = self._options.lanes
        ranges = [] if plan is None else reads.ranges_of(self._gateway, plan.kind, part, lanes=lanes)
        if plan is None or not ranges:
            yield Page(entity, tuple(fields), (), cursor)
            return
        yield from reads.everything(self._gateway, plan, ranges, cursor=cursor, options=self._options)

    def removed(self, entity: Entity, since: datetime) -> Iterator[Page]:
        plan = self._columns(entity, ())
        if plan is not None:
            cursor = packed(Resting(instant_of(since)))
            yield from reads.removed(self._gateway, plan, since, cursor=cursor, options=self._options)

    def count(self, entity: Entity) -> int | None:
        """Count by search, which lags behind writes by some moments; None for what HubSpot keeps no records of."""
        return search.count(self._gateway, typed(entity).name) if object_type(entity) else None

    def get(self, entity: Entity, fields: Sequence[str], ids: Sequence[str]) -> Page:
        plan = self._columns(entity, fields)
        cursor = self.start(entity)
        if plan is None:
            gone = tuple(Record(record_id, "", (), "deleted") for record_id in ids)
            return Page(entity, (), gone, cursor)
        results, missing = batches.read(self._gateway, plan, ids, self._options)
        linked = [str(result["id"]) for result in results] if plan.linked else []
        links = contacts_of(self._gateway, plan.kind, linked, self._options)
        return Page(entity, plan.names, (*plan.records(results, links), *missing), cursor)

    def history(self, entity: Entity, fields: Sequence[str], since: Cursor | None) -> Iterator[History]:
        thin = self._columns(entity, ())
        own = [name for name in fields if name != CONTACTS_OF]  # an association, not a property
        if thin is None or not own:
            return iter(())
        return history.history(self._gateway, thin, checked(entity, own, self.describe(entity)), since, self._options)

    def write(self, entity: Entity, updates: Iterable[Update], *, expected: int) -> Iterator[Written]:
        imports_from = self._options.import_from
        if imports_from is not None and expected >= imports_from:
            return imports.write(self._gateway, typed(entity), updates, self._options)
        return writes.write(self._gateway, typed(entity).name, updates, self._options)

    def ensure_fields(self, entity: Entity, fields: Sequence[NewField], *, dry_run: bool) -> Provisioned:
        self._fields.pop(entity, None)
        return provision.ensure(self._gateway, typed(entity).name, fields, dry_run=dry_run)

    def ensure_app(
        self, prefix: str, fields: Mapping[Entity, Sequence[NewField]], *, dry_run: bool
    ) -> tuple[Piece, ...]:
        own = {typed(entity).name: [field.name for field in fields[entity]] for entity in fields}
        return segments.ensure(self._gateway, prefix, own, dry_run=dry_run)

    def remove_all(
        self, prefix: str, fields: Mapping[Entity, Sequence[NewField]], *, dry_run: bool
    ) -> tuple[Piece, ...]:
        self._fields.clear()
        own = {typed(entity).name: fields[entity] for entity in fields}
        return segments.remove(self._gateway, prefix, own, dry_run=dry_run)

    def rights(self, reads: Sequence[Entity], writes: Sequence[Entity], *, as_admin: bool) -> tuple[Right, ...]:
        kinds = [[typed(entity).name for entity in some if object_type(entity)] for some in (reads, writes)]
        return scopes.of_token(self._gateway, *kinds, as_admin=as_admin)

    def budget(self) -> Budget:
        """Tell what the latest reply's headers said; without any (OAuth apps, no call yet) HubSpot is asked."""
        if self._gateway.daily is None:
            return self._asked_budget()
        left, granted = self._gateway.daily
        return Budget(granted - left, granted, self._gateway.day_ends_at)

    @property
    def calls(self) -> int:
        return self._gateway.calls

    def close(self) -> None:
        self._gateway.close()

    def _columns(self, entity: Entity, names: Sequence[str]) -> Columns | None:
        """Plan the reading of these fields; None for what HubSpot does not keep as records."""
        if object_type(entity):
            return self._plan(entity, names)
        checked(entity, names, ())
        return None

    def _plan(self, entity: Entity, names: Sequence[str]) -> Columns:
        known = self.describe(entity)
        return columns(entity, checked(entity, names, known), known)

    def _asked_budget(self) -> Budget:
        reply = self._gateway.get(paths.daily_usage(), allowed=frozenset({403, 404}))
        results = reply.data.get("results")
        if not results:
            return Budget(None, None)  # not told to OAuth apps, which share no daily limit, and to some keys
        usage = results[0]
        resets_at = moment(str(usage["resetsAt"])) if usage.get("resetsAt") else None
        told = Budget(int(usage["currentUsage"]), int(usage["usageLimit"]), resets_at)
        self._gateway.day(told)
        return told
