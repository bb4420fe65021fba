"""How the deals of each lead ended, told from the fields and stages that a mapping names."""

from datetime import timedelta

import polars as pl

from mappings.frames.columns import among, completed, instant
from mappings.parts import Deal, Outcome

DAY = timedelta(days=1)  # closing dates are days, and an org's day may begin before UTC's


def deal_ends(rule: Outcome, leads: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Give each lead's deals' ends, one row for each lead that has deals.

    Columns: id; dealt_at (a deal was made); is_won, won_at; is_lost, lost_at; success_at (one was won for no less than
    the outcome's amount); amount (Float64: what was won within the horizon, null for nothing).

    `leads` has "id", "created_at" and the lead's field with its deal, if there is one; where the leads are deals
    themselves, what tells their end is in `leads`, and `deals` is not looked at. A lead with several deals has
    won when any was won; the first since its creation counts, else the last before. It has lost when no deal of it is
    open and none was won.
    """
    by_lead = _of_leads(rule.deal, leads, _told(rule.deal, leads if rule.deal.own else deals))
    in_horizon = pl.col("at") <= pl.col("created_at") + timedelta(days=rule.horizon_days)
    earned = pl.col("amount").filter(pl.col("won") & _since("at") & in_horizon.fill_null(value=True))
    enough = pl.col("won") & (
        pl.col("amount") >= rule.min_amount if rule.min_amount is not None else pl.lit(value=True)
    )
    return by_lead.group_by("id").agg(
        _first("made_at", pl.lit(value=True)).alias("dealt_at"),
        pl.col("won").any().alias("is_won"),
        _first("at", pl.col("won")).alias("won_at"),
        (pl.col("lost").all()).alias("is_lost"),
        pl.col("at").filter("lost").max().alias("lost_at"),
        _first("at", enough.fill_null(value=False)).alias("success_at"),
        pl.when(earned.count() > 0).then(earned.sum()).alias("amount"),
    )


def _since(moment: str) -> pl.Expr:
    """Tell what came after the lead; what is of unknown time did."""
    return (pl.col(moment) >= pl.col("created_at") - DAY).fill_null(value=True)


def _first(moment: str, counts: pl.Expr) -> pl.Expr:
    """Take the first moment since the lead's creation of the deals that count, else the last one before."""
    return pl.coalesce(pl.col(moment).filter(counts & _since(moment)).min(), pl.col(moment).filter(counts).max())


def _told(rule: Deal, deals: pl.DataFrame) -> pl.DataFrame:
    """Read each deal's end. Where a flag is empty, as HubSpot's calculated ones may be, the stage decides."""
    names = (rule.won, rule.closed, rule.closed_at, rule.stage, rule.leads_field, rule.created, rule.amount)
    frame = completed(deals, names)
    won = pl.coalesce(_flag(rule.won), among(rule.stage, rule.won_stages))
    closed = pl.coalesce(_flag(rule.closed), among(rule.stage, (*rule.won_stages, *rule.lost_stages)))
    amount = pl.col(rule.amount).cast(pl.Float64, strict=False) if rule.amount else pl.lit(None, dtype=pl.Float64)
    return frame.select(
        pl.col("id").alias("deal"),
        _leads(rule).alias("leads"),
        instant(rule.created).alias("made_at"),
        won.alias("won"),
        (closed & ~won).alias("lost"),
        instant(rule.closed_at).alias("at"),
        pl.when(amount.is_finite()).then(amount).alias("amount"),
    )


def _leads(rule: Deal) -> pl.Expr:
    """Tell the ids of a deal's leads, ";" between; null where the leads name their deal."""
    if rule.through:
        return pl.col("link")
    return pl.col(rule.leads_field) if rule.leads_field else pl.lit(None, dtype=pl.String)


def _flag(name: str) -> pl.Expr:
    if not name:
        return pl.lit(None, dtype=pl.Boolean)
    return pl.when(pl.col(name).is_not_null()).then(pl.col(name).str.to_lowercase() == "true")


def _of_leads(rule: Deal, leads: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    if rule.own:
        return deals.with_columns(id="deal").join(leads.select("id", "created_at"), on="id", how="inner")
    if rule.leads_field or rule.through:
        named = deals.filter(pl.col("leads").is_not_null()).with_columns(pl.col("leads").str.split(";").alias("id"))
        return named.explode("id").unique(["id", "deal"]).join(leads.select("id", "created_at"), on="id", how="inner")
    if not rule.lead_field:
        return leads.clear().select("id", "created_at").join(deals, how="cross")
    return leads.rename({rule.lead_field: "deal"}).join(deals, on="deal", how="inner")
