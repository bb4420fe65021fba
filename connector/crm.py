"""The CRM port: all that the application may ask of a Salesforce or a HubSpot, and in which words.

Two adapters fulfil it, `connector.salesforce.adapter.SalesforceCRM` and `connector.hubspot.adapter.HubSpotCRM`; one
contract suite (tests/contract) holds both to it.

Values are text. Whatever road a record comes by (REST, Bulk CSV, list, search), each value is the same canonical text,
so that equal records have equal hashes:

- absent, empty and null are all None
- numbers without exponent, trailing zeros or plus sign: "12.5", "10000000"
- booleans "true" and "false"; dates "2026-01-02"; instants "2026-01-02T03:04:05.000Z" (UTC, milliseconds)
- several options in one value, sorted, ";" between
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol, Self


class Entity(str):
    """A kind of record that we read: one of the four below, or an object that a mapping names by the CRM's own name.

    Each adapter knows the CRM's name for the four. Equal names are one and the same Entity. Raises ValueError for a
    name that is none.
    """

    __slots__ = ()
    LEAD: ClassVar["Entity"]  # the person scored: Salesforce Lead; HubSpot contact
    COMPANY: ClassVar["Entity"]  # Account / company
    DEAL: ClassVar["Entity"]  # Opportunity / deal
    ACTIVITY: ClassVar["Entity"]  # Salesforce CampaignMember; HubSpot keeps counts on the contact instead
    _known: ClassVar[dict[str, Self]] = {}

    def __new__(cls, name: str) -> Self:
        known = cls._known.get(name)
        if known is None:
            if not NAMED_ENTITY.fullmatch(name):
                raise ValueError(f"There is no entity {name}.")
            known = cls._known[name] = super().__new__(cls, name)
        return known

    def __repr__(self) -> str:
        return f"<Entity.{self.upper()}: {str(self)!r}>"  # versions of mappings are made of it: never to be changed

    @classmethod
    def of_object(cls, name: str) -> "Entity":
        """Name the records of an object by its API name: Task, Site_Visit__c; calls, 2-1234567."""
        return cls(OBJECT + name)

    @property
    def value(self) -> str:
        """The name as plain text, for stores and messages."""
        return str(self)

    @property
    def object_name(self) -> str | None:
        """The CRM's own name of an object that a mapping names; None for the four."""
        return self.removeprefix(OBJECT) if self.startswith(OBJECT) else None


OBJECT = "object:"
NAMED_ENTITY = re.compile(r"lead|company|deal|activity|object:[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
Entity.LEAD, Entity.COMPANY = Entity("lead"), Entity("company")
Entity.DEAL, Entity.ACTIVITY = Entity("deal"), Entity("activity")


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    OPTION = "option"
    OPTIONS = "options"
    REFERENCE = "reference"

    @property
    def noun(self) -> str:
        """Say what a field of this kind holds: "it holds one of several options"."""
        return _NOUNS.get(self, f"a {self}")


_NOUNS = {
    Kind.TEXT: "text",
    Kind.BOOLEAN: "yes or no",
    Kind.INSTANT: "a moment",
    Kind.OPTION: "one of several options",
    Kind.OPTIONS: "several options",
    Kind.REFERENCE: "a link to a record",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One CRM column, as the signed-in user sees it. A field that this user may not see is not listed at all."""

    name: str
    label: str
    kind: Kind
    options: tuple[str, ...] = ()
    writable: bool = True
    length: int | None = None
    custom: bool = False
    calculated: bool = False  # formulas, links held elsewhere: they change without moving the record's stamp
    hidden: bool = False  # the CRM calls it deprecated, or shows it on no page: it may go, and nobody looks after it
    restricted: bool = False  # a picklist of Salesforce that refuses what is none of its options; HubSpot's all do
    whole_digits: int | None = None  # of a number, before its point; a larger one is refused. None: no bound is told
    decimals: int | None = None  # of a number, after its point; the CRM rounds to so many. None: it keeps them all
    masked: bool = False  # kept encrypted: a user without a permission of its own reads asterisks
    part_of: str = ""  # the compound field that it is a part of; that one holds several values, and is not listed


@dataclass(frozen=True, slots=True)
class Record:
    """One record, its values in the order of the page's fields.

    `gone` is None for a living record, "deleted", or "merged" (then `merged_into` names the survivor). Values of a
    record that is gone may all be None.
    """

    id: str
    stamp_at: str
    values: tuple[str | None, ...]
    gone: str | None = None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next `changed` starts: an adapter's own text, stored as it is and never looked into."""

    position: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, with the cursor that is safe to keep once they are stored.

    `reached` is how far the reading of a part has come, where the CRM lists in an order: an id for `Part.after`.
    """

    entity: Entity
    fields: tuple[str, ...]
    records: tuple[Record, ...]
    cursor: Cursor
    reached: str = ""


class Change(NamedTuple):  # read by the million
    """One change of one field of one record: until `at` (canonical instant) it held `old`."""

    id: str
    field: str
    at: str
    old: str | None


@dataclass(frozen=True, slots=True)
class History:
    """Some changes, with the cursor that is safe to keep once they are stored."""

    changes: tuple[Change, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Part:
    """Part `index` of `count` of a whole entity, by record id.

    `after` goes on where an earlier reading broke off; a CRM that lists in no order reads the whole part again.
    """

    index: int = 0
    count: int = 1
    after: str = ""


class Update(NamedTuple):  # made by the ten thousand, and cheaper to make than a frozen dataclass
    """New values for one record: JSON scalars as the CRM wants them; None clears the field."""

    id: str
    values: Mapping[str, str | int | float | None]


class Outcome(StrEnum):
    """What became of an update."""

    WRITTEN = "written"
    REFUSED = "refused"  # the CRM said no to this row; `code` and `message` are its own words
    CONVERTED = "converted"  # left alone: it is no longer a lead
    DELETED = "deleted"
    MERGED = "merged"
    PARKED = "parked"  # not tried: the call budget is spent


class Written(NamedTuple):
    """The outcome of one update."""

    id: str
    outcome: Outcome
    code: str = ""
    message: str = ""
    passing: bool = False  # whether the cause of a refusal can pass by itself (a lock, a time-out)


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls used and granted in the CRM's current day, as the CRM reports them; None where it does not."""

    used: int | None
    limit: int | None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewField:
    """A field of ours that should exist. `kind` OPTION takes `options` as (value, label) pairs."""

    name: str
    label: str
    kind: Kind
    description: str
    length: int | None = None  # text: characters; above 255 a long text
    digits: int = 18  # numbers: all digits, and how many of them after the point
    decimals: int = 0
    percent: bool = False
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What `ensure_fields` did, or with `dry_run` would do.

    `record`: the CRM's own name of the records that have the fields. `needs`: what creating them takes.
    """

    created: tuple[str, ...]
    existing: tuple[str, ...]
    granted: tuple[str, ...]  # fields that the integration user's permission set was given access to
    assigned: bool = False  # whether the integration user was given that permission set
    record: str = field(default="", compare=False)
    needs: str = field(default="", compare=False)


class PieceState(StrEnum):
    """What an installation did with one thing of ours, or with `dry_run` would do."""

    CREATED = "created"
    REPLACED = "replaced"
    LEFT = "is there"
    REMOVED = "removed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing of ours that people look at in a CRM: a list view, a report, the panel, a segment.

    `told`: why it was refused, in the CRM's words, or what goes with it. `needs`: what the admin must be allowed to do.
    """

    kind: str
    name: str
    state: PieceState
    told: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Right:
    """Something that the signed-in user must be allowed to do, in the words of the CRM's own set-up.

    `held` None: the CRM does not tell. `why`: what it is for. `where` an admin gives it. `optional`: most goes on
    without it.
    """

    name: str
    held: bool | None
    why: str
    where: str
    optional: bool = False


class CRM(Protocol):
    """One connection to one CRM.

    Every call may raise Retryable (after the retry policy gave up), OutOfQuota or Misconfigured, and nothing else on
    purpose. Objects are made after a fork, never before it, and are for one thread; once the entity is described, `get`
    and `write` may be called by several at one time.
    """

    def describe(self, entity: Entity) -> tuple[Field, ...]:
        """List the entity's fields as this user sees them. Asks the CRM once and remembers."""
        ...

    def start(self, entity: Entity) -> Cursor:
        """Give the cursor from which `changed` misses nothing that an `everything` begun now does not show."""
        ...

    def changed(self, entity: Entity, fields: Sequence[str], since: Cursor) -> Iterator[Page]:
        """Yield what changed since the cursor: every change at least once, in no promised order.

        Restartable: going on from any page's cursor loses nothing. Includes deletions and merges where the CRM tells
        them cheaply. Fields that the describe does not list are Misconfigured as soon as a record comes, never silently
        empty. Makes one call when nothing changed, also on a new connection (signing in apart), and then yields one
        page without records, whose cursor is to be kept.
        """
        ...

    def everything(self, entity: Entity, fields: Sequence[str], part: Part) -> Iterator[Page]:
        """Yield all living records of the part by the cheapest road; the pages' cursors are all `start`'s.

        The parts of one count together hold every record. Neighbours may overlap: their readers start at different
        times, between which records come and go, and twice is better than never.
        """
        ...

    def removed(self, entity: Entity, since: datetime) -> Iterator[Page]:
        """Yield what was deleted or archived since then and `changed` may not have told. For a daily sweep."""
        ...

    def count(self, entity: Entity) -> int | None:
        """Count the living records that `everything` would yield now, in one call; None where the CRM does not tell.

        A CRM that counts by a search index may lag behind its own records by some moments.
        """
        ...

    def get(self, entity: Entity, fields: Sequence[str], ids: Sequence[str]) -> Page:
        """Fetch these records; ids that do not exist are returned as gone."""
        ...

    def history(self, entity: Entity, fields: Sequence[str], since: Cursor | None) -> Iterator[History]:
        """Yield how these fields changed, all of it or since the cursor: every change that is kept at least once.

        CRMs keep the history of some fields, for some time. Yields nothing at all when this one keeps none of the
        entity, or does not show it to this user; else at least one page. Going on from any page's cursor loses nothing.
        Of two changes of a field at one moment the first comes first. Before the oldest value that a CRM still has, a
        field held nothing that we know (None).
        """
        ...

    def write(self, entity: Entity, updates: Iterable[Update], *, expected: int) -> Iterator[Written]:
        """Write absolute values; yields exactly one outcome per update, in no promised order.

        Idempotent. `expected` (about how many updates will come) picks the road: single batches or a bulk job. Lazy:
        holds one batch, not all updates. Ids must be distinct. Never raises OutOfQuota: what was not tried is PARKED.
        """
        ...

    def ensure_fields(self, entity: Entity, fields: Sequence[NewField], *, dry_run: bool) -> Provisioned:
        """Create the fields that are missing and grant access to them; changes and removes nothing else.

        Runs under the admin's own credential, never the integration user's. Idempotent.
        Raises Misconfigured when this user sees a field of that name with another kind.
        """
        ...

    def ensure_app(
        self, prefix: str, fields: Mapping[Entity, Sequence[NewField]], *, dry_run: bool
    ) -> tuple[Piece, ...]:
        """Create what people look at and is missing: views, reports, the panel. What exists is left to its owners.

        It names our `fields` alone: what shows others is left out, a view without fields altogether. Under the admin's
        credential, after `ensure_fields`. Idempotent. What the CRM refuses is told, and hinders nothing else.
        """
        ...

    def remove_all(
        self, prefix: str, fields: Mapping[Entity, Sequence[NewField]], *, dry_run: bool
    ) -> tuple[Piece, ...]:
        """Take everything of ours out, fields with all their values last; with `dry_run` tell what would be lost.

        Under the admin's credential. Can be repeated. What the CRM holds on to is told, and the rest goes.
        """
        ...

    def rights(self, reads: Sequence[Entity], writes: Sequence[Entity], *, as_admin: bool) -> tuple[Right, ...]:
        """List what this user must be allowed to do: to read and write these, or as the admin who installs.

        Beside what `describe` tells of objects and fields. In one call.
        """
        ...

    def budget(self) -> Budget:
        """Tell the calls used and left, as the CRM reports them."""
        ...

    @property
    def calls(self) -> int:
        """How many calls this object has made, repeated ones too, signing in apart."""
        ...

    def close(self) -> None:
        """Give the sockets back."""
        ...
