"""Compares our fields in the CRM with what was written there: a person, a workflow or a restore may have changed them.

Only our own fields are read, and nothing but what was written is written again: the leads that differ wait for the next
push. The moment of scoring and the model's version alone are never a reason (`mappings.outputs.PERISHABLE`).
"""

import math
from collections import Counter
from collections.abc import Mapping as Values
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from connector.crm import CRM, Entity, Page
from mappings.file.load import Mapping
from mappings.outputs import PERISHABLE
from tasks.store import own_fields
from tasks.store.engine import Store
from tasks.store.own_fields import Written

# A value that was written while we read may be newer than what we read; the machines' clocks may differ.
AT_REST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Compared:
    """What our fields hold: `looked_at` leads with a score of ours = `same` + `queued` again + `superseded` meanwhile.

    `fields` counts the differences by field. `hidden` are fields of ours that the CRM does not show to this user. With
    `dry_run` nothing was queued yet.
    """

    looked_at: int = 0
    same: int = 0
    queued: int = 0
    superseded: int = 0
    fields: Values[str, int] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    dry_run: bool = False

    def reconciles(self) -> bool:
        """Whether every lead that was looked at ended somewhere."""
        return self.looked_at == self.same + self.queued + self.superseded


def comparing(
    crm: CRM, store: Store, mapping: Mapping, *, connection: str, now: datetime, dry_run: bool = False
) -> "Comparing":
    """Begin to compare our fields with what was written before `now`; with `dry_run`, nothing is queued."""
    ours = [name for role, name in mapping.outputs if role not in PERISHABLE]
    shown = {one.name.lower(): one.name for one in crm.describe(Entity.LEAD)}
    names = {name: shown[name.lower()] for name in ours if name.lower() in shown}
    hidden = tuple(name for name in ours if name not in names)
    return Comparing(store, connection, now - AT_REST, names, hidden, dry_run)


def equal(held: str | None, written: object) -> bool:
    """Whether a field holds what was written. CRMs trim texts and fold blanks and line ends, which is no change."""
    if written is None or written == "":
        return not held
    if held is None:
        return False
    if isinstance(written, str):
        return held.split() == written.split()
    try:
        return math.isclose(float(held), float(str(written)), rel_tol=1e-9)
    except ValueError:
        return False


@dataclass(slots=True)
class Comparing:
    """A comparison while it runs. `names` gives the CRM's spelling of each of our fields that it shows."""

    store: Store
    connection: str
    before: datetime
    names: dict[str, str]
    hidden: tuple[str, ...]
    dry_run: bool
    _looked_at: int = 0
    _queued: int = 0
    _differing: int = 0
    _fields: Counter[str] = field(default_factory=Counter)

    @property
    def fields(self) -> tuple[str, ...]:
        """Name what has to be read, as the CRM spells it."""
        return tuple(self.names.values())

    def take(self, page: Page) -> None:
        """Compare one page; the store is asked after the CRM, so that what it calls written was so when we read."""
        read = {record.id: record.values for record in page.records if record.gone is None}
        rows = own_fields.written(self.store, self.connection, list(read), before=self.before)
        other = [row for row in rows if self._differs(row, dict(zip(page.fields, read[row.lead_id], strict=True)))]
        self._looked_at += len(rows)
        self._differing += len(other)
        self._queued += len(other) if self.dry_run else own_fields.requeue(self.store, self.connection, other)

    def _differs(self, row: Written, values: Values[str, str | None]) -> bool:
        written = orjson.loads(row.outputs)
        differ = [
            name
            for name, shown in self.names.items()
            if name in written and not equal(values.get(shown), written[name])
        ]
        self._fields.update(differ)
        return bool(differ)

    def compared(self) -> Compared:
        """Tell what was found."""
        return Compared(
            looked_at=self._looked_at,
            same=self._looked_at - self._differing,
            queued=self._queued,
            superseded=self._differing - self._queued,
            fields=dict(self._fields.most_common()),
            hidden=self.hidden,
            dry_run=self.dry_run,
        )
