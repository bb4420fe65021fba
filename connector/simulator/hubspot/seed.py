"""From a neutral world to a portal's rows: contacts, companies, deals and how they are associated.

Record ids rise with the world's keys, so that the list's order is the order of creation. What a neutral word means in
HubSpot's options is written in the tables below.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence

import polars as pl

from connector.crm import Kind
from connector.simulator.hubspot.catalog import STAGES
from connector.simulator.hubspot.database import quoted
from connector.simulator.hubspot.objecttypes import COMPANIES, CONTACTS, DEALS, ObjectType
from connector.simulator.hubspot.properties import Option, Property
from connector.simulator.tables import api_name
from connector.simulator.world import CustomField, World

_SLICE = 50_000

# Salesforce's standard lead sources, which worlds speak, to HubSpot's original traffic sources.
_SOURCES = {
    "Web": "ORGANIC_SEARCH",
    "Phone Inquiry": "DIRECT_TRAFFIC",
    "Partner Referral": "REFERRALS",
    "Purchased List": "OFFLINE",
    "Other": "OTHER_CAMPAIGNS",
    "Advertisement": "PAID_SEARCH",
    "Employee Referral": "REFERRALS",
    "External Referral": "REFERRALS",
    "Public Relations": "REFERRALS",
    "Seminar - Internal": "OFFLINE",
    "Seminar - Partner": "OFFLINE",
    "Trade Show": "OFFLINE",
    "Word of mouth": "DIRECT_TRAFFIC",
    "Email": "EMAIL_MARKETING",
    "Social Media": "SOCIAL_MEDIA",
}
_INDUSTRIES = {
    "Agriculture": "FARMING",
    "Apparel": "APPAREL_FASHION",
    "Communications": "MARKETING_AND_ADVERTISING",
    "Consulting": "MANAGEMENT_CONSULTING",
    "Education": "EDUCATION_MANAGEMENT",
    "Electronics": "CONSUMER_ELECTRONICS",
    "Energy": "OIL_ENERGY",
    "Engineering": "MECHANICAL_OR_INDUSTRIAL_ENGINEERING",
    "Environmental": "ENVIRONMENTAL_SERVICES",
    "Finance": "FINANCIAL_SERVICES",
    "Food & Beverage": "FOOD_BEVERAGES",
    "Government": "GOVERNMENT_ADMINISTRATION",
    "Healthcare": "HOSPITAL_HEALTH_CARE",
    "Manufacturing": "INDUSTRIAL_AUTOMATION",
    "Media": "BROADCAST_MEDIA",
    "Not For Profit": "NON_PROFIT_ORGANIZATION_MANAGEMENT",
    "Recreation": "RECREATIONAL_FACILITIES_AND_SERVICES",
    "Shipping": "MARITIME",
    "Technology": "COMPUTER_SOFTWARE",
    "Transportation": "TRANSPORTATION_TRUCKING_RAILROAD",
}
_KNOWN_INDUSTRIES = ("Banking", "Biotechnology", "Chemicals", "Construction", "Entertainment", "Hospitality",
                     "Insurance", "Machinery", "Retail", "Telecommunications", "Utilities")  # fmt: skip
_STATUSES = {"new": "NEW", "working": "IN_PROGRESS", "disqualified": "UNQUALIFIED"}
_COMPANY_TYPES = {"prospect": "PROSPECT", "partner": "PARTNER", "other": "OTHER"}
_EMPLOYEE_BOUNDS = ((5, "1-5"), (25, "5-25"), (50, "25-50"), (100, "50-100"), (500, "100-500"), (1000, "500-1000"))
_CUSTOM_TYPES = {
    Kind.TEXT: ("string", "text"),
    Kind.NUMBER: ("number", "number"),
    Kind.BOOLEAN: ("bool", "booleancheckbox"),
    Kind.DATE: ("date", "date"),
    Kind.INSTANT: ("datetime", "date"),
    Kind.OPTION: ("enumeration", "select"),
    Kind.OPTIONS: ("enumeration", "checkbox"),
    Kind.REFERENCE: ("string", "text"),
}


def custom_properties(custom: Sequence[CustomField]) -> list[Property]:
    """Define the contact properties of a world's own columns; names as `api_name` makes them, in lower case."""
    return [_custom_property(field) for field in custom]


def load(db: sqlite3.Connection, world: World) -> None:
    """Fill the tables of a new portal. About a minute for 1,000,000 leads."""
    db.execute("BEGIN")
    companies = world.companies.with_columns(id=record_id("key", COMPANIES))
    _insert(db, COMPANIES, _companies(companies))
    deals = _deals(world)
    _insert(db, DEALS, deals.drop("lead_id", "company_id", "closed"))
    _deal_history(db, deals)
    _deal_links(db, deals)
    of_lead = deals.select(
        "lead_id",
        deal_amount="amount",
        deal_closed="closed",
        deal_won=pl.col("dealstage") == "closedwon",
        deal_created="createdate",
    )
    for part in world.leads.iter_slices(_SLICE):
        _load_leads(db, part, of_lead, world.custom)
    truth = world.truth.select(record_id("lead_key", CONTACTS), "probability")
    db.executemany("INSERT INTO truth VALUES (?, ?)", truth.iter_rows())
    db.execute("COMMIT")


def record_id(key: str, kind: ObjectType) -> pl.Expr:
    """Turn a world's key into a record id."""
    return (kind.first_id + pl.col(key) * kind.id_step).alias("id")


def _custom_property(field: CustomField) -> Property:
    of_type, field_type = _CUSTOM_TYPES[field.kind]
    values = field.options if field.kind is not Kind.BOOLEAN else ("true", "false")
    return Property(
        api_name(field.name).lower(),
        field.label,
        of_type,
        field_type,
        "contactinformation",
        options=tuple(Option(value, value) for value in values),
        hubspot_defined=False,
    )


def _insert(db: sqlite3.Connection, kind: ObjectType, frame: pl.DataFrame) -> None:
    """Insert rows; the frame's columns are properties, plus `id`."""
    frame = frame.rename({"id": "hs_object_id"})
    names = ", ".join(quoted(name) for name in frame.columns)
    marks = ", ".join("?" * frame.width)
    for part in frame.iter_slices(_SLICE):
        db.executemany(f'INSERT INTO "{kind.name}" ({names}) VALUES ({marks})', part.rows())


def _companies(companies: pl.DataFrame) -> pl.DataFrame:
    return companies.select(
        "id",
        "name",
        "domain",
        "country",
        "state",
        "city",
        website=pl.concat_str(pl.lit("https://www."), "domain"),
        industry=_industry("industry"),
        numberofemployees=_number("employees"),
        annualrevenue=_number("annual_revenue"),
        type=pl.col("type").replace_strict(_COMPANY_TYPES, default=None, return_dtype=pl.String),
        lifecyclestage=pl.when(pl.col("type") == "customer").then(pl.lit("customer")).otherwise(pl.lit("lead")),
        createdate=_instant("created_at"),
        hs_lastmodifieddate=_instant("updated_at"),
    )


def _deals(world: World) -> pl.DataFrame:
    """List the deals as rows, with the lead, the company and the closing beside the properties."""
    won, lost = pl.col("stage") == "won", pl.col("stage") == "lost"
    open_stages = [stage for stage, _, _, closed in STAGES if not closed]
    probabilities = {stage: probability for stage, _, probability, _ in STAGES}
    open_stage = (pl.col("key") % len(open_stages)).replace_strict(dict(enumerate(open_stages)), return_dtype=pl.String)
    stage = pl.when(won).then(pl.lit("closedwon")).when(lost).then(pl.lit("closedlost")).otherwise(open_stage)
    closed = pl.when(won | lost).then(pl.col("closed_at"))
    expected = pl.coalesce(closed, pl.col("created_at") + pl.duration(days=60))
    return world.deals.select(
        record_id("key", DEALS),
        record_id("lead_key", CONTACTS).alias("lead_id"),
        record_id("company_key", COMPANIES).alias("company_id"),
        _text_instant(closed).alias("closed"),
        dealname=pl.col("name"),
        amount=_number("amount"),
        pipeline=pl.lit("default"),
        dealtype=pl.lit("newbusiness"),
        dealstage=stage,
        closedate=_text_instant(expected),
        createdate=_instant("created_at"),
        hs_lastmodifieddate=_text_instant(pl.coalesce(closed, "created_at")),
        hs_is_closed=_boolean(won | lost),
        hs_is_closed_won=_boolean(won),
        hs_is_closed_lost=_boolean(lost),
        hs_deal_stage_probability=stage.replace_strict(probabilities, return_dtype=pl.String),
        hs_v2_date_entered_closedwon=_text_instant(pl.when(won).then(pl.col("closed_at"))),
        hs_v2_date_entered_closedlost=_text_instant(pl.when(lost).then(pl.col("closed_at"))),
    )


def _deal_history(db: sqlite3.Connection, deals: pl.DataFrame) -> None:
    """Remember for each closed deal the stage it was in before."""
    replaced = json.dumps({"dealstage": STAGES[0][0]})
    closed = deals.filter(pl.col("closed").is_not_null()).select("id", "closed")
    rows = ((deal, at, "CRM_UI", replaced) for deal, at in closed.iter_rows())
    db.executemany('INSERT INTO "deals.history" VALUES (?, ?, ?, ?)', rows)


def _deal_links(db: sqlite3.Connection, deals: pl.DataFrame) -> None:
    contacts = deals.select("lead_id", "id", pl.lit(0))
    db.executemany('INSERT INTO "contacts-deals" VALUES (?, ?, ?)', contacts.iter_rows())
    companies = deals.filter(pl.col("company_id").is_not_null()).select("id", "company_id", pl.lit(1))
    db.executemany('INSERT INTO "deals-companies" VALUES (?, ?, ?)', companies.iter_rows())


def _load_leads(
    db: sqlite3.Connection,
    leads: pl.DataFrame,
    deals: pl.DataFrame,
    custom: Sequence[CustomField],
) -> None:
    joined = leads.with_columns(
        record_id("key", CONTACTS), record_id("company_key", COMPANIES).alias("company_id")
    ).join(deals, left_on="id", right_on="lead_id", how="left", maintain_order="left")
    contacts = joined.select(*_contact_columns(), *(_custom_column(field) for field in custom))
    _insert(db, CONTACTS, contacts)
    linked = joined.filter(pl.col("company_id").is_not_null()).select("id", "company_id", pl.lit(1))
    db.executemany('INSERT INTO "contacts-companies" VALUES (?, ?, ?)', linked.iter_rows())
    _contact_history(db, contacts)


def _contact_columns() -> list[pl.Expr]:
    return [pl.col("id"), *_who(), *_what_they_did(), *_where_they_stand()]


def _who() -> list[pl.Expr]:
    plain = {
        "firstname": "first_name",
        "lastname": "last_name",
        "jobtitle": "title",
        "company": "company_name",
        "phone": "phone",
        "website": "website",
        "country": "country",
        "state": "state",
        "city": "city",
        "industry": "industry",
    }
    return [
        *(pl.col(theirs).alias(name) for name, theirs in plain.items()),
        pl.col("email").str.to_lowercase(),
        pl.col("email").str.to_lowercase().str.split("@").list.last().alias("hs_email_domain"),
        _employees("employees").alias("numemployees"),
        _number("annual_revenue").alias("annualrevenue"),
        _source("source").alias("hs_analytics_source"),
        _source("source").alias("hs_latest_source"),
        _instant("created_at").alias("createdate"),
        _instant("updated_at").alias("lastmodifieddate"),
        pl.col("company_id").cast(pl.String).alias("associatedcompanyid"),
    ]


def _what_they_did() -> list[pl.Expr]:
    counts = {
        "hs_analytics_num_page_views": "page_views",
        "hs_analytics_num_visits": "visits",
        "num_conversion_events": "form_submissions",
        "num_unique_conversion_events": "form_submissions",
        "hs_email_delivered": "emails_delivered",
        "hs_email_open": "emails_opened",
        "hs_email_click": "emails_clicked",
        "hs_email_replied": "emails_replied",
    }
    return [
        *(_number(theirs).alias(name) for name, theirs in counts.items()),
        pl.when(pl.col("email_bounced")).then(pl.lit("1")).alias("hs_email_bounce"),
        pl.when(pl.col("opted_out")).then(pl.lit("true")).alias("hs_email_optout"),
        _instant("last_visit_at").alias("hs_analytics_last_visit_timestamp"),
    ]


def _where_they_stand() -> list[pl.Expr]:
    opportunity = pl.col("converted_at").is_not_null()
    won = pl.col("deal_won").fill_null(value=False)
    status = pl.col("status").replace_strict(_STATUSES, default=None, return_dtype=pl.String)
    deal_open = pl.col("deal_created").is_not_null() & pl.col("deal_closed").is_null()
    customer_at = pl.when(won).then(pl.col("deal_closed"))
    stage = (
        pl.when(won).then(pl.lit("customer")).when(opportunity).then(pl.lit("opportunity")).otherwise(pl.lit("lead"))
    )
    return [
        stage.alias("lifecyclestage"),
        pl.when(deal_open)
        .then(pl.lit("OPEN_DEAL"))
        .when(opportunity)
        .then(pl.lit("CONNECTED"))
        .otherwise(status)
        .alias("hs_lead_status"),
        _instant("disqualified_at").alias("hs_latest_disqualified_lead_date"),
        *(
            expression.alias(name)
            for stage_name, expression in (
                ("lead", _instant("created_at")),
                ("opportunity", _instant("converted_at")),
                ("customer", customer_at),
            )
            for name in (f"hs_lifecyclestage_{stage_name}_date", f"hs_v2_date_entered_{stage_name}")
        ),
        pl.when(pl.col("deal_created").is_not_null()).then(pl.lit("1")).alias("num_associated_deals"),
        *(
            pl.when(won).then(pl.col(theirs)).alias(name)
            for name, theirs in (
                ("recent_deal_amount", "deal_amount"),
                ("total_revenue", "deal_amount"),
                ("recent_deal_close_date", "deal_closed"),
            )
        ),
    ]


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


def _custom_column(field: CustomField) -> pl.Expr:
    name = api_name(field.name).lower()
    match field.kind:
        case Kind.NUMBER:
            return _number(field.name).alias(name)
        case Kind.BOOLEAN:
            return _boolean(pl.col(field.name)).alias(name)
        case Kind.INSTANT:
            return _instant(field.name).alias(name)
        case _:
            return pl.col(field.name).cast(pl.String).alias(name)


def _number(column: str) -> pl.Expr:
    """Write numbers as HubSpot does: no point where there is no fraction."""
    return pl.col(column).cast(pl.String).str.replace(r"\.0$", "")


def _boolean(expression: pl.Expr) -> pl.Expr:
    return pl.when(expression).then(pl.lit("true")).when(expression.not_()).then(pl.lit("false"))


def _instant(column: str) -> pl.Expr:
    return _text_instant(pl.col(column))


def _text_instant(expression: pl.Expr) -> pl.Expr:
    return expression.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")


def _source(column: str) -> pl.Expr:
    source = pl.col(column).replace_strict(_SOURCES, default="OTHER_CAMPAIGNS", return_dtype=pl.String)
    return pl.when(pl.col(column).is_not_null()).then(source)


def _industry(column: str) -> pl.Expr:
    """Map to HubSpot's industries, which have no "other"."""
    known = _INDUSTRIES | {name: name.upper() for name in _KNOWN_INDUSTRIES}
    return pl.col(column).replace_strict(known, default=None, return_dtype=pl.String)


def _employees(column: str) -> pl.Expr:
    """Put head counts into the ranges that contacts have, in which a shared bound belongs to the upper range."""
    expression: pl.Expr = pl.lit("1000+")
    for bound, label in reversed(_EMPLOYEE_BOUNDS):
        expression = pl.when(pl.col(column) < bound).then(pl.lit(label)).otherwise(expression)
    return pl.when(pl.col(column).is_not_null()).then(expression)
