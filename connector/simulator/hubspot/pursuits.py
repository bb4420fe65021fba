"""What a portal shows of a world with pursuits: deals with the history of their properties, and counts of activities.

Source of names, labels and types: HubSpot knowledge base, "HubSpot's default deal properties", and property lists of
live portals.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from connector.simulator.hubspot.catalog import SOURCES, STAGES
from connector.simulator.hubspot.objecttypes import COMPANIES, DEALS
from connector.simulator.hubspot.properties import Property, Registry
from connector.simulator.hubspot.rows import record_id
from connector.simulator.hubspot.vocabulary import boolean, instant, number, source, text_instant
from connector.simulator.pursuits import Pursuits
from connector.simulator.world import World

NAMES = [stage for stage, _, _, _ in STAGES]  # five open ones, won, lost: as `Pursuits.moves` numbers them
TYPES = {"new": "newbusiness", "upgrade": "existingbusiness", "replacement": "existingbusiness"}
_GROUP = "dealinformation"
_NUMBERS = {
    "hs_primary_associated_company": "Primary Associated Company",
    "num_notes": "Number of Sales Activities",
    "num_contacted_notes": "Number of times contacted",
    "num_associated_contacts": "Number of Associated Contacts",
}
_MOMENTS = {
    "hs_v2_date_entered_current_stage": "Date entered current stage",
    "notes_last_contacted": "Last Contacted",
}
Row = Mapping[str, Any]
Held = dict[str, str | None]


def define(registries: Mapping[str, Registry]) -> None:
    """Add the properties that only such a world fills; every portal has them, and HubSpot keeps them itself."""
    numbers = [Property(name, label, "number", "number", _GROUP, read_only=True) for name, label in _NUMBERS.items()]
    moments = [Property(name, label, "datetime", "date", _GROUP, read_only=True) for name, label in _MOMENTS.items()]
    name, label = "hs_analytics_source", "Original Traffic Source"
    origin = Property(name, label, "enumeration", "select", _GROUP, options=SOURCES, read_only=True)
    for one in (*numbers, *moments, origin):
        registries["deals"].put(one)


def told_deals(world: World, told: Pursuits) -> pl.DataFrame:
    """List what deals hold now beyond the rows of every world, or otherwise: one row a deal, in the world's order."""
    states = held(told)
    last = states.group_by("deal_key", maintain_order=True).last()
    frame = world.deals.select("key", "company_key", "created_at").join(
        last.join(told.deals, on="deal_key"), left_on="key", right_on="deal_key", how="left", maintain_order="left"
    )
    won, lost = pl.col("dealstage") == "closedwon", pl.col("dealstage") == "closedlost"
    return frame.select(
        "dealstage",
        "closedate",
        "amount",
        "num_notes",
        "num_contacted_notes",
        "notes_last_contacted",
        "hs_v2_date_entered_current_stage",
        num_associated_contacts=(1 + pl.col("key") % 3).cast(pl.String),  # moves nothing
        dealtype=pl.col("type").replace_strict(TYPES),
        hs_analytics_source=source("source"),
        hs_primary_associated_company=record_id("company_key", COMPANIES).cast(pl.String),
        hs_is_closed=boolean(won | lost),
        hs_is_closed_won=boolean(won),
        hs_is_closed_lost=boolean(lost),
        hs_deal_stage_probability=pl.col("dealstage").replace_strict({stage: of for stage, _, of, _ in STAGES}),
        hs_v2_date_entered_closedwon=pl.when(won).then("hs_v2_date_entered_current_stage"),
        hs_v2_date_entered_closedlost=pl.when(lost).then("hs_v2_date_entered_current_stage"),
        hs_lastmodifieddate=instant("at"),
    )


HELD = (
    "dealstage", "closedate", "amount", "num_notes", "num_contacted_notes", "notes_last_contacted",
    "hs_v2_date_entered_current_stage",
)  # fmt: skip


def held(told: Pursuits) -> pl.DataFrame:
    """List what deals held from each of their moments on: deal_key, at, then the properties of `HELD` as text.

    Whom one has spoken to at a meeting counts as contacted, too.
    """
    called = told.actions.with_columns(pl.lit(1).alias("acted"), pl.col("at").alias("contacted"))
    every = pl.concat([told.moves, called.drop("kind")], how="diagonal").sort("deal_key", "at", maintain_order=True)
    before = pl.col("stage").forward_fill().shift(1).over("deal_key").fill_null(-1)
    since = pl.when(pl.col("stage") != before).then("at")
    carried = every.with_columns(since.alias("since")).with_columns(
        pl.col("stage", "amount", "closes_on", "since", "contacted").forward_fill().over("deal_key"),
        pl.col("acted").fill_null(0).cum_sum().over("deal_key"),
    )
    count = pl.when(pl.col("acted") > 0).then(pl.col("acted").cast(pl.String))
    return carried.select(
        "deal_key",
        "at",
        dealstage=pl.col("stage").replace_strict(dict(enumerate(NAMES)), return_dtype=pl.String),
        closedate=text_instant(pl.col("closes_on").cast(pl.Datetime("us"))),
        amount=number("amount"),
        num_notes=count,
        num_contacted_notes=count,
        notes_last_contacted=instant("contacted"),
        hs_v2_date_entered_current_stage=instant("since"),
    )


def history(told: Pursuits) -> Iterator[tuple[int, str, str, str]]:
    """Yield the rows of the deals' history: id, when, by whom, and what the properties held before, as JSON."""
    states = held(told).with_columns(record_id("deal_key", DEALS), text_instant(pl.col("at")).alias("at"))
    before: Row = {"id": None}
    for row in states.iter_rows(named=True):
        if row["id"] == before["id"]:
            replaced: Held = {name: before[name] for name in HELD if before[name] != row[name]}
            if replaced:
                yield row["id"], row["at"], "CRM_UI", json.dumps(replaced)
        before = row
