"""Filling a new portal from a neutral world: records, what they were before, how they are associated, and the truth."""

import json
import sqlite3
from collections.abc import Mapping, Sequence

import polars as pl

from connector.simulator.hubspot import families, pursuits
from connector.simulator.hubspot.catalog import STAGES
from connector.simulator.hubspot.database import quoted
from connector.simulator.hubspot.objecttypes import COMPANIES, CONTACTS, DEALS, ObjectType
from connector.simulator.hubspot.rows import company_rows, contact_columns, deal_rows, record_id
from connector.simulator.world import CustomField, World

_SLICE = 50_000


def load(db: sqlite3.Connection, world: World) -> None:
    """Fill the tables of a new portal. About a minute for 1,000,000 leads."""
    db.execute("BEGIN")
    companies = world.companies.with_columns(id=record_id("key", COMPANIES))
    done = world.happenings
    rows = company_rows(companies)
    _insert(db, COMPANIES, rows if done is None else rows.with_columns(companies.select(families.company_columns())))
    deals = _load_deals(db, world)
    of_lead = deals.select(
        "lead_id",
        deal_amount="amount",
        deal_closed="closed",
        deal_won=pl.col("dealstage") == "closedwon",
        deal_created="createdate",
    )
    leads = world.leads if done is None else families.with_happenings(world, done)
    for part in leads.iter_slices(_SLICE):
        _load_leads(db, part, of_lead, world.custom, more=[] if done is None else families.contact_columns())
    truth = world.truth.select(record_id("lead_key", CONTACTS), "probability")
    db.executemany("INSERT INTO truth VALUES (?, ?)", truth.iter_rows())
    if world.pursuits is not None:
        of_deals = world.pursuits.truth.select(record_id("deal_key", DEALS), "probability")
        db.executemany("INSERT INTO truth VALUES (?, ?)", of_deals.iter_rows())
    db.execute("COMMIT")


def _load_deals(db: sqlite3.Connection, world: World) -> pl.DataFrame:
    """Fill in the deals with their history and links; gives their rows."""
    deals, told = deal_rows(world), world.pursuits
    if told is not None:
        deals = deals.with_columns(pursuits.told_deals(world, told))
        db.executemany('INSERT INTO "deals.history" VALUES (?, ?, ?, ?)', pursuits.history(told))
    _insert(db, DEALS, deals.drop("lead_id", "company_id", "closed"))
    if told is None:
        _deal_history(db, deals)
    _deal_links(db, deals)
    return deals.filter(pl.col("lead_id").is_not_null())


def _insert(db: sqlite3.Connection, kind: ObjectType, frame: pl.DataFrame) -> None:
    """Insert rows; the frame's columns are properties, plus `id`."""
    frame = frame.rename({"id": "hs_object_id"})
    names = ", ".join(quoted(name) for name in frame.columns)
    marks = ", ".join("?" * frame.width)
    for part in frame.iter_slices(_SLICE):
        db.executemany(f'INSERT INTO "{kind.name}" ({names}) VALUES ({marks})', part.rows())


def _deal_history(db: sqlite3.Connection, deals: pl.DataFrame) -> None:
    """Remember for each closed deal the stage it was in before."""
    replaced = json.dumps({"dealstage": STAGES[0][0]})
    closed = deals.filter(pl.col("closed").is_not_null()).select("id", "closed")
    rows = ((deal, at, "CRM_UI", replaced) for deal, at in closed.iter_rows())
    db.executemany('INSERT INTO "deals.history" VALUES (?, ?, ?, ?)', rows)


def _deal_links(db: sqlite3.Connection, deals: pl.DataFrame) -> None:
    contacts = deals.filter(pl.col("lead_id").is_not_null()).select("lead_id", "id", pl.lit(0))
    db.executemany('INSERT INTO "contacts-deals" VALUES (?, ?, ?)', contacts.iter_rows())
    companies = deals.filter(pl.col("company_id").is_not_null()).select("id", "company_id", pl.lit(1))
    db.executemany('INSERT INTO "deals-companies" VALUES (?, ?, ?)', companies.iter_rows())


def _load_leads(
    db: sqlite3.Connection,
    leads: pl.DataFrame,
    deals: pl.DataFrame,
    custom: Sequence[CustomField],
    *,
    more: Sequence[pl.Expr],
) -> None:
    joined = leads.with_columns(
        record_id("key", CONTACTS), record_id("company_key", COMPANIES).alias("company_id")
    ).join(deals, left_on="id", right_on="lead_id", how="left", maintain_order="left")
    contacts = joined.select(contact_columns(custom)).with_columns(joined.select(more))
    _insert(db, CONTACTS, contacts)
    linked = joined.filter(pl.col("company_id").is_not_null()).select("id", "company_id", pl.lit(1))
    db.executemany('INSERT INTO "contacts-companies" VALUES (?, ?, ?)', linked.iter_rows())
    _contact_history(db, contacts)


def _contact_history(db: sqlite3.Connection, contacts: pl.DataFrame) -> None:
    """Remember the lifecycle stages and lead statuses that contacts had before those they have now."""
    moves: tuple[tuple[str, Mapping[str, str | None]], ...] = (
        ("hs_v2_date_entered_opportunity", {"lifecyclestage": "lead"}),
        ("hs_v2_date_entered_customer", {"lifecyclestage": "opportunity"}),
        ("hs_latest_disqualified_lead_date", {"hs_lead_status": "IN_PROGRESS"}),
    )
    for at, replaced in moves:
        text = json.dumps(replaced)
        moved = contacts.filter(pl.col(at).is_not_null()).select("id", at)
        rows = ((contact, when, "CRM_UI", text) for contact, when in moved.iter_rows())
        db.executemany('INSERT INTO "contacts.history" VALUES (?, ?, ?, ?)', rows)
