"""The frames of a neutral world as rows of a portal: one column per property, values as text, `id` beside them.

Record ids rise with the world's keys, so that the list's order is the order of creation.
"""

from collections.abc import Sequence

import polars as pl

from connector.crm import Kind
from connector.simulator.hubspot.catalog import STAGES
from connector.simulator.hubspot.objecttypes import COMPANIES, CONTACTS, DEALS, ObjectType
from connector.simulator.hubspot.properties import Option, Property
from connector.simulator.hubspot.vocabulary import (
    COMPANY_TYPES,
    STATUSES,
    boolean,
    employees,
    industry,
    instant,
    number,
    source,
    text_instant,
)
from connector.simulator.tables import api_name
from connector.simulator.world import CustomField, World

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


def record_id(key: str, kind: ObjectType) -> pl.Expr:
    """Turn a world's key into a record id."""
    return (kind.first_id + pl.col(key) * kind.id_step).alias("id")


def company_rows(companies: pl.DataFrame) -> pl.DataFrame:
    """List the companies, which carry their `id` already."""
    return companies.select(
        "id",
        "name",
        "domain",
        "country",
        "state",
        "city",
        website=pl.concat_str(pl.lit("https://www."), "domain"),
        industry=industry("industry"),
        numberofemployees=number("employees"),
        annualrevenue=number("annual_revenue"),
        type=pl.col("type").replace_strict(COMPANY_TYPES, default=None, return_dtype=pl.String),
        lifecyclestage=pl.when(pl.col("type") == "customer").then(pl.lit("customer")).otherwise(pl.lit("lead")),
        createdate=instant("created_at"),
        hs_lastmodifieddate=instant("updated_at"),
    )


def deal_rows(world: World) -> pl.DataFrame:
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
        text_instant(closed).alias("closed"),
        dealname=pl.col("name"),
        amount=number("amount"),
        pipeline=pl.lit("default"),
        dealtype=pl.lit("newbusiness"),
        dealstage=stage,
        closedate=text_instant(expected),
        createdate=instant("created_at"),
        hs_lastmodifieddate=text_instant(pl.coalesce(closed, "created_at")),
        hs_is_closed=boolean(won | lost),
        hs_is_closed_won=boolean(won),
        hs_is_closed_lost=boolean(lost),
        hs_deal_stage_probability=stage.replace_strict(probabilities, return_dtype=pl.String),
        hs_v2_date_entered_closedwon=text_instant(pl.when(won).then(pl.col("closed_at"))),
        hs_v2_date_entered_closedlost=text_instant(pl.when(lost).then(pl.col("closed_at"))),
    )


def contact_columns(custom: Sequence[CustomField]) -> list[pl.Expr]:
    """Give the properties of a contact, from the columns of a lead, its `company_id` and its deal (`deal_...`)."""
    standard = [pl.col("id"), *_who(), *_what_they_did(), *_where_they_stand()]
    return standard + [_custom_column(field) for field in custom]


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
        employees("employees").alias("numemployees"),
        number("annual_revenue").alias("annualrevenue"),
        source("source").alias("hs_analytics_source"),
        source("source").alias("hs_latest_source"),
        instant("created_at").alias("createdate"),
        instant("updated_at").alias("lastmodifieddate"),
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
        *(number(theirs).alias(name) for name, theirs in counts.items()),
        pl.when(pl.col("email_bounced")).then(pl.lit("1")).alias("hs_email_bounce"),
        pl.when(pl.col("opted_out")).then(pl.lit("true")).alias("hs_email_optout"),
        instant("last_visit_at").alias("hs_analytics_last_visit_timestamp"),
    ]


def _where_they_stand() -> list[pl.Expr]:
    opportunity = pl.col("converted_at").is_not_null()
    won = pl.col("deal_won").fill_null(value=False)
    status = pl.col("status").replace_strict(STATUSES, default=None, return_dtype=pl.String)
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
        instant("disqualified_at").alias("hs_latest_disqualified_lead_date"),
        *(
            expression.alias(name)
            for stage_name, expression in (
                ("lead", instant("created_at")),
                ("opportunity", instant("converted_at")),
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


def _custom_column(field: CustomField) -> pl.Expr:
    name = api_name(field.name).lower()
    match field.kind:
        case Kind.NUMBER:
            return number(field.name).alias(name)
        case Kind.BOOLEAN:
            return boolean(pl.col(field.name)).alias(name)
        case Kind.INSTANT:
            return instant(field.name).alias(name)
        case _:
            return pl.col(field.name).cast(pl.String).alias(name)


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
