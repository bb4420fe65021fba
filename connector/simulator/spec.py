"""A simulator written down: what the command line, the demo and a benchmark start, also in a process of its own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from connector.clock import Clock, ShiftedClock, SystemClock
from connector.simulator import tables
from connector.simulator.customised import customised
from connector.simulator.families import alive
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.pursued import pursued
from connector.simulator.salesforce.options import SalesforceOptions
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import Shown, World, generate


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file in the words of `connector.simulator.tables.load`."""

    path: str
    outcome: str
    positive: str
    name: str
    time: str | None = None
    sep: str = ","
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What one CRM holds: so many made-up leads, or a table's rows; and those of its options that are not default.

    `custom_fields` is how many of `connector.simulator.customised.PLAN` a Salesforce's made-up leads have. `families`:
    the leads are those of `connector.simulator.families`, without custom fields. `deals` is how many of
    `connector.simulator.pursued` it holds beside the leads' own.
    """

    leads: int = 5000
    custom_fields: int = 0
    families: bool = False
    deals: int = 0
    table: Table | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A simulator to start. Port 0 takes a free one.

    `at`, with its offset from UTC, is when the worlds are told; empty: when they are made. Worlds of one seed told at
    one moment are equal. `clock_file` moves the time of a simulator in its own process (see
    `connector.clock.ShiftedClock`).
    """

    salesforce: Contents | None = None
    hubspot: Contents | None = None
    seed: int = 1
    horizon_days: int = 90
    years: float = 2.0
    port: int = 0
    at: str = ""
    clock_file: str = ""

    def to_json(self) -> str:
        """Write it on one line."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> "Spec":
        """Read what `to_json` wrote."""
        values: dict[str, Any] = orjson.loads(text)
        values |= {crm: _contents(values[crm]) for crm in ("salesforce", "hubspot")}
        return cls(**values)


def clock_of(spec: Spec) -> Clock:
    """Give the clock of a simulator that has a process to itself."""
    return ShiftedClock(Path(spec.clock_file)) if spec.clock_file else SystemClock()


def build(spec: Spec, clock: Clock) -> Simulator[SalesforceOrg, HubSpotPortal]:
    """Make the simulator's worlds as of `spec.at` or the clock's now, and the simulator. It serves nothing yet."""
    now = datetime.fromisoformat(spec.at) if spec.at else clock.now()
    org = portal = None
    if spec.salesforce is not None:
        options = SalesforceOptions(**spec.salesforce.options)
        org = SalesforceOrg(_world(spec, spec.salesforce, now, "salesforce"), clock=clock, options=options)
    if spec.hubspot is not None:
        limits = HubSpotOptions(**spec.hubspot.options)
        portal = HubSpotPortal(_world(spec, spec.hubspot, now, "hubspot"), clock=clock, options=limits)
    return Simulator(salesforce=org, hubspot=portal, clock=clock, port=spec.port)


def _world(spec: Spec, contents: Contents, now: datetime, shown: Shown) -> World:
    world = _without_pursuits(spec, contents, now, shown)
    return pursued(world, deals=contents.deals, years=spec.years) if contents.deals else world


def _without_pursuits(spec: Spec, contents: Contents, now: datetime, shown: Shown) -> World:
    if contents.table is not None:
        return tables.load(now=now, horizon_days=spec.horizon_days, **asdict(contents.table))
    if contents.families:
        return alive(
            leads=contents.leads,
            seed=spec.seed,
            now=now,
            horizon_days=spec.horizon_days,
            years=spec.years,
            shown=shown,
        )
    if contents.custom_fields and shown == "salesforce":
        return customised(
            leads=contents.leads,
            seed=spec.seed,
            now=now,
            horizon_days=spec.horizon_days,
            years=spec.years,
            fields=contents.custom_fields,
        )
    return generate(
        leads=contents.leads,
        seed=spec.seed,
        now=now,
        horizon_days=spec.horizon_days,
        years=spec.years,
        shown=shown,
    )


def _contents(values: dict[str, Any] | None) -> Contents | None:
    if values is None:
        return None
    table = values["table"]
    read = None if table is None else Table(**{**table, "drop": tuple(table["drop"])})
    return Contents(**{**values, "table": read})
