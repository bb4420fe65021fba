"""How the deals of each lead ended, told from the fields and stages that a mapping names."""

from datetime import timedelta

import polars as pl

from mappings.columns import among, completed, instant
from mappings.mapping import Deal

DAY = timedelta(days=1)  # closing dates are days, and an org's day may begin before UTC's


def deal_ends(rule: Deal, leads: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Give each lead's deals' ends: id, dealt_at (the first deal was made), is_won, won_at, is_lost, lost_at.

    `leads` has "id", "created_at" and the lead's field with its deal, if there is one. A lead with several deals has
    won when any was won; the first won since its creation counts, else the last before. It has lost when no deal of it
    is open and none was won. One row for each lead that has deals.
    """
    by_lead = _of_leads(rule, leads, _told(rule, deals))
    since = pl.col("won") & (pl.col("at") >= pl.col("created_at") - DAY).fill_null(value=True)
    return by_lead.group_by("id").agg(
        pl.col("made_at").min().alias("dealt_at"),
        pl.col("won").any().alias("is_won"),
        pl.coalesce(pl.col("at").filter(since).min(), pl.col("at").filter("won").max()).alias("won_at"),
        (pl.col("lost").all()).alias("is_lost"),
        pl.col("at").filter("lost").max().alias("lost_at"),
    )


def _told(rule: Deal, deals: pl.DataFrame) -> pl.DataFrame:
    """Read each deal's end. Where a flag is empty, as HubSpot's calculated ones may be, the stage decides."""
    names = (rule.won, rule.closed, rule.closed_at, rule.stage, rule.leads_field, rule.created)
    frame = completed(deals, names)
    won = pl.coalesce(_flag(rule.won), among(rule.stage, rule.won_stages))
    closed = pl.coalesce(_flag(rule.closed), among(rule.stage, (*rule.won_stages, *rule.lost_stages)))
    return frame.select(
        pl.col("id").alias("deal"),
        (pl.col(rule.leads_field) if rule.leads_field else pl.lit(None, dtype=pl.String)).alias("leads"),
        instant(rule.created).alias("made_at"),
        won.alias("won"),
        (closed & ~won).alias("lost"),
        instant(rule.closed_at).alias("at"),
    )


def _flag(name: str) -> pl.Expr:
    if not name:
        return pl.lit(None, dtype=pl.Boolean)
    return pl.when(pl.col(name).is_not_null()).then(pl.col(name).str.to_lowercase() == "true")


def _of_leads(rule: Deal, leads: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    if rule.leads_field:
        named = deals.filter(pl.col("leads").is_not_null()).with_columns(pl.col("leads").str.split(";").alias("id"))
        return named.explode("id").unique(["id", "deal"]).join(leads.select("id", "created_at"), on="id", how="inner")
    if not rule.lead_field:
        return leads.clear().select("id", "created_at").join(deals, how="cross")
    return leads.rename({rule.lead_field: "deal"}).join(deals, on="deal", how="inner")
