"""The org's state: one SQLite table for each object, a column for each field, and who may see what.

Columns hold what the wire shows: text, numbers, booleans as 0 and 1, instants as "2026-01-02T03:04:05.000+0000" (whole
seconds, so that they sort as text), dates as "2026-01-02".
"""

import sqlite3
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.clock import Clock
from connector.simulator.salesforce import describe, history, ids, opportunities
from connector.simulator.salesforce.opportunities import OPPORTUNITY
from connector.simulator.salesforce.options import SalesforceOptions
from connector.simulator.writes import Writes

REAL = {"double", "currency", "percent"}
WHOLE = {"int", "long", "boolean"}
TEXTS = {"string", "textarea", "picklist", "multipicklist", "email", "phone", "url", "combobox", "encryptedstring"}
INTEGRATION, ADMIN, REP = "integration", "admin", "rep"


def affinity(kind: str) -> str:
    """Name the column type; text compares without case, as Salesforce's does, ids and stamps exactly."""
    if kind in REAL:
        return "REAL"
    if kind in WHOLE:
        return "INTEGER"
    return "TEXT COLLATE NOCASE" if kind in TEXTS else "TEXT"


def stamp(at: datetime) -> str:
    """Write an instant as the API does."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


Access = tuple[dict[str, describe.Entry], frozenset[str]]  # what is seen, by name in lower case; what may be changed


@dataclass
class State:
    """Everything that requests and operations share. `lock` is held during each of them."""

    clock: Clock
    options: SalesforceOptions
    db: sqlite3.Connection
    objects: dict[str, describe.Entry]
    users: dict[str, str] = field(default_factory=dict)  # integration, admin, rep -> user id
    hidden: set[tuple[str, str, str]] = field(default_factory=set)  # (user, object, field)
    read_only: set[tuple[str, str, str]] = field(default_factory=set)
    withheld: set[tuple[str, str]] = field(default_factory=set)  # (user, system permission)
    granted: set[tuple[str, str]] = field(default_factory=set)  # custom fields that everybody sees, as (object, field)
    tracked: dict[str, tuple[str, ...]] = field(default_factory=dict)  # object -> fields whose history is kept
    locks: dict[str, int] = field(default_factory=dict)
    failing: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    components: dict[tuple[str, str], str] = field(default_factory=dict)  # deployed: (type, name) -> digest
    uses: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # who uses which fields (object, field)
    placed: dict[str, str] = field(default_factory=dict)  # components of pages -> the Lightning page they stand on
    mails: int = 0
    writes: Writes = field(default_factory=lambda: Writes({"Lead", "Contact", "Opportunity"}))
    access: dict[tuple[str, str], Access] = field(default_factory=dict)  # remembered until a permission changes
    used: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def now(self) -> str:
        return stamp(self.clock.now())

    def next(self, sobject: str) -> int:
        """Count on; ids of records begin above those that the world brought."""
        self.counters[sobject] = self.counters.get(sobject, 0) + 1
        return self.counters[sobject]

    def fields(self, sobject: str) -> dict[str, describe.Entry]:
        return {entry["name"]: entry for entry in self.objects[sobject]["fields"]}

    def visible(self, user: str, sobject: str) -> dict[str, describe.Entry]:
        """The fields that this user may see. Custom ones need a grant; an admin sees those of a deployment as well."""
        return {name: entry for name, entry in self.fields(sobject).items() if self.sees(user, sobject, name)}

    def allowed(self, user: str, sobject: str) -> Access:
        """What this user may see and change of an object; worked out once for many rows."""
        if (user, sobject) not in self.access:
            seen = self.visible(user, sobject)
            editable = frozenset(name for name in seen if self.edits(user, sobject, name))
            self.access[user, sobject] = {name.lower(): entry for name, entry in seen.items()}, editable
        return self.access[user, sobject]

    def sees(self, user: str, sobject: str, name: str) -> bool:
        if (user, sobject, name) in self.hidden:
            return False
        if not name.endswith("__c") or (sobject, name) in self.granted:
            return True
        return self._permission(user, sobject, name, "PermissionsRead")

    def edits(self, user: str, sobject: str, name: str) -> bool:
        """Whether this user may change the field, by its describe and by permission."""
        if (user, sobject, name) in self.read_only or not self.fields(sobject)[name]["updateable"]:
            return False
        if not name.endswith("__c") or (sobject, name) in self.granted:
            return True
        return self._permission(user, sobject, name, "PermissionsEdit")

    def _permission(self, user: str, sobject: str, name: str, right: str) -> bool:
        row = self.db.execute(
            f'SELECT 1 FROM "FieldPermissions" f JOIN "PermissionSetAssignment" a ON a.PermissionSetId = f.ParentId '
            f"WHERE a.AssigneeId = ? AND f.SobjectType = ? AND f.Field = ? AND f.{right} = 1",
            (self.users[user], sobject, f"{sobject}.{name}"),
        ).fetchone()
        return row is not None

    def insert(self, sobject: str, values: dict[str, Any], *, user: str, at: str | None = None) -> str:
        """Add a record; returns its id."""
        if sobject in describe.SETUP:
            self.access.clear()
        record, now = ids.make(sobject, self.next(sobject)), at or self.now()
        if sobject == OPPORTUNITY:
            values = opportunities.followed({}, values, now)
            self._keep_state(record, {}, values, user)
        system = {
            "Id": record, "IsDeleted": 0, "CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now,
            "CreatedById": self.users.get(user), "LastModifiedById": self.users.get(user),
        }  # fmt: skip
        row = {name: value for name, value in (system | values).items() if name in self.fields(sobject)}
        names = ", ".join(f'"{name}"' for name in row)
        self.db.execute(f'INSERT INTO "{sobject}" ({names}) VALUES ({", ".join("?" * len(row))})', list(row.values()))
        if sobject in self.tracked:
            self._note(sobject, [history.creation(sobject, record)], user)
        return record

    def update(self, sobject: str, record: str, values: dict[str, Any], *, user: str) -> None:
        """Change a record, and its stamps: also when nothing changes."""
        if sobject in describe.SETUP:
            self.access.clear()
        if user == REP:
            self.writes.edited(sobject, record)
        now = self.now()
        if sobject == OPPORTUNITY:
            before = self.get(sobject, record) or {}
            values = opportunities.followed(before, values, now)
            self._keep_state(record, before, values, user)
        if self.tracked.get(sobject):
            made = history.rows(
                sobject, record, self.get(sobject, record) or {}, values, tracked=self.tracked[sobject],
                fields=self.fields(sobject),
            )  # fmt: skip
            self._note(sobject, made, user)
        row = values | {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": self.users.get(user)}
        sets = ", ".join(f'"{name}" = ?' for name in row)
        self.db.execute(f'UPDATE "{sobject}" SET {sets} WHERE Id = ?', [*row.values(), record])

    def _keep_state(self, record: str, before: dict[str, Any], values: dict[str, Any], user: str) -> None:
        """Keep the state that an opportunity has from now on, if it is another."""
        row = opportunities.state_row(record, before, values)
        if row is not None:
            self.insert(opportunities.HISTORY, row, user=user)

    def _note(self, sobject: str, made: list[dict[str, Any]], user: str) -> None:
        """Keep rows of history."""
        for row in made:
            self.insert(history.HISTORIES[sobject][0], row, user=user)

    def get(self, sobject: str, record: str) -> dict[str, Any] | None:
        """Give all columns of a record, deleted ones too; None when it never was or is gone for good."""
        found = self.db.execute(f'SELECT * FROM "{sobject}" WHERE Id = ?', (ids.long(record),)).fetchone()
        # A row looks each name up from its first column on, which takes long in an org with many fields.
        return dict(zip(found.keys(), found, strict=True)) if found else None

    def add_column(self, sobject: str, entry: describe.Entry) -> None:
        """Add a field to an object."""
        self.access.clear()
        self.objects[sobject]["fields"].append(entry)
        self.db.execute(f'ALTER TABLE "{sobject}" ADD COLUMN "{entry["name"]}" {affinity(entry["type"])}')

    def change_column(self, sobject: str, entry: describe.Entry) -> None:
        """Describe a field anew; its values stay."""
        self.access.clear()
        fields = self.objects[sobject]["fields"]
        fields[[one["name"] for one in fields].index(entry["name"])] = entry

    def drop_column(self, sobject: str, name: str) -> None:
        """Take a field away, with its values. Every living record's stamp moves, as after a hard delete of a field."""
        self.access.clear()
        fields = self.objects[sobject]["fields"]
        del fields[[one["name"] for one in fields].index(name)]
        self.db.execute(f'ALTER TABLE "{sobject}" DROP COLUMN "{name}"')

    def add_object(self, described: describe.Entry) -> None:
        """Add an object, without records."""
        self.objects[described["name"]] = described
        columns = ", ".join(f'"{entry["name"]}" {affinity(entry["type"])}' for entry in described["fields"])
        self.db.execute(f'CREATE TABLE "{described["name"]}" ({columns}, PRIMARY KEY (Id)) WITHOUT ROWID')
        if any(entry["name"] == "SystemModstamp" for entry in described["fields"]):
            self.db.execute(f'CREATE INDEX "{described["name"]}.stamp" ON "{described["name"]}" (SystemModstamp, Id)')


def open_state(clock: Clock, options: SalesforceOptions) -> State:
    """Make an org without records."""
    db = sqlite3.connect(options.database, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA synchronous=OFF")
    db.execute("PRAGMA journal_mode=MEMORY")
    state = State(clock, options, db, {})
    for described in describe.objects().values():
        state.add_object(described)
    db.execute('CREATE TABLE "deletions" (sobject TEXT, Id TEXT, at TEXT)')
    return state
