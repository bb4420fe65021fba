"""What a portal shows of a world with happenings: what HubSpot counts and dates of contacts, and more on companies.

Source of names, labels, types and groups: HubSpot knowledge base, "HubSpot's default contact properties" and "HubSpot's
default company properties", and property lists of live portals. A visit to a page of high value counts as an event
completion ("Number of event completions"), as portals set it up; addresses of pages are assumed.

As the counts of every world, these have one value in their history, which stands since the creation: that of the end
of the first 14 days, after which nothing happens any more. So they are right as of 14 days on, and not before.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from connector.simulator.happenings import Happenings
from connector.simulator.hubspot.catalog import YES_NO
from connector.simulator.hubspot.objecttypes import COMPANIES
from connector.simulator.hubspot.properties import Group, Property, Registry
from connector.simulator.hubspot.rows import record_id
from connector.simulator.hubspot.vocabulary import boolean, instant, number
from connector.simulator.online import HIGH_VALUE
from connector.simulator.social import NETWORKS
from connector.simulator.world import World

_SOCIAL = Group("socialmediainformation", "Social Media Information")
_SITE = "https://www.oursite.example/"
_MOMENTS = {  # name: (label, group)
    "first_conversion_date": ("First Conversion Date", "conversioninformation"),
    "recent_conversion_date": ("Recent Conversion Date", "conversioninformation"),
    "hs_email_first_send_date": ("First marketing email send date", "emailinformation"),
    "hs_email_last_send_date": ("Last marketing email send date", "emailinformation"),
    "hs_email_first_open_date": ("First marketing email open date", "emailinformation"),
    "hs_email_last_open_date": ("Last marketing email open date", "emailinformation"),
    "hs_email_first_click_date": ("First marketing email click date", "emailinformation"),
    "hs_email_last_click_date": ("Last marketing email click date", "emailinformation"),
    "hs_email_last_reply_date": ("Last marketing email reply date", "emailinformation"),
    "hs_social_last_engagement": ("Most Recent Social Click", "socialmediainformation"),
}
_NUMBERS = {
    "hs_analytics_average_page_views": ("Average Pageviews", "analyticsinformation"),
    "hs_social_num_broadcast_clicks": ("Broadcast Clicks", "socialmediainformation"),
    "hs_social_linkedin_clicks": ("LinkedIn Clicks", "socialmediainformation"),
    "hs_social_facebook_clicks": ("Facebook Clicks", "socialmediainformation"),
    "hs_social_twitter_clicks": ("Twitter Clicks", "socialmediainformation"),
}
_TEXTS = {
    "hs_analytics_first_url": ("First Page Seen", "analyticsinformation"),
    "hs_analytics_last_url": ("Last Page Seen", "analyticsinformation"),
    "recent_conversion_event_name": ("Recent Conversion", "conversioninformation"),
}
_STANDARD_NUMBERS = ("num_unique_conversion_events", "hs_analytics_num_event_completions")
_MAIL_DATES = {"send": "sent", "open": "opened", "click": "clicked", "reply": "reply"}


def define(registries: Mapping[str, Registry]) -> None:
    """Add the properties that only such a world fills; every portal has them."""
    registries["contacts"].groups[_SOCIAL.name] = _SOCIAL
    for kind, properties in (("contacts", contact_properties()), ("companies", company_properties())):
        for one in properties:
            registries[kind].put(one)


def contact_properties() -> list[Property]:
    """Define those of contacts. HubSpot keeps all of them itself."""
    kinds = ((_MOMENTS, "datetime", "date"), (_NUMBERS, "number", "number"), (_TEXTS, "string", "text"))
    return [
        Property(name, label, of_type, field_type, group, read_only=True)
        for table, of_type, field_type in kinds
        for name, (label, group) in table.items()
    ]


def company_properties() -> list[Property]:
    """Define those of companies."""
    group = "companyinformation"
    return [
        Property("founded_year", "Year Founded", "string", "text", group),
        Property("is_public", "Is Public", "bool", "booleancheckbox", group, options=YES_NO),
        Property("hs_parent_company_id", "Parent Company", "number", "number", group, read_only=True),
    ]


def contact_columns() -> list[pl.Expr]:
    """Give the properties of a contact from the columns that `with_happenings` added."""
    numbers = [number(name).alias(name) for name in (*_NUMBERS, *_STANDARD_NUMBERS)]
    moments = [instant(name).alias(name) for name in _MOMENTS]
    return [*numbers, *moments, *map(pl.col, _TEXTS), pl.col("language").alias("hs_language")]


def company_columns() -> list[pl.Expr]:
    """Give a company's further properties."""
    return [
        pl.col("founded").cast(pl.String).alias("founded_year"),
        boolean(pl.col("ownership") == "Public").alias("is_public"),
        record_id("parent_key", COMPANIES).cast(pl.String).alias("hs_parent_company_id"),
    ]


def with_happenings(world: World, done: Happenings) -> pl.DataFrame:
    """Add to the leads what their happenings come to, by the names of contact properties."""
    leads = world.leads
    for frame in (_pages(done), _forms(done), _mails(done), _social(done)):
        leads = leads.join(frame, left_on="key", right_on="lead_key", how="left", maintain_order="left")
    is_tracked = pl.col("visits").is_not_null()
    counted = [pl.when(is_tracked).then(pl.col(name).fill_null(0)).alias(name) for name in _STANDARD_NUMBERS]
    average = (pl.col("page_views") / pl.col("visits")).round(2)
    return leads.with_columns(
        *counted,
        *(pl.col(name).fill_null(0) for name in _NUMBERS if name.startswith("hs_social")),
        pl.when(pl.col("visits") > 0).then(average).alias("hs_analytics_average_page_views"),
    )


def _pages(done: Happenings) -> pl.DataFrame:
    url = _SITE + pl.col("page").replace({"home": ""})
    return done.visits.group_by("lead_key").agg(
        url.first().alias("hs_analytics_first_url"),
        url.last().alias("hs_analytics_last_url"),
        pl.col("page").is_in(HIGH_VALUE).sum().alias("hs_analytics_num_event_completions"),
    )


def _forms(done: Happenings) -> pl.DataFrame:
    filled = done.visits.filter(pl.col("form").is_not_null())
    return filled.group_by("lead_key").agg(
        pl.col("at").min().alias("first_conversion_date"),
        pl.col("at").max().alias("recent_conversion_date"),
        pl.col("form").last().alias("recent_conversion_event_name"),
        pl.col("form").n_unique().alias("num_unique_conversion_events"),
    )


def _mails(done: Happenings) -> pl.DataFrame:
    told: list[pl.Expr] = []
    for word, kind in _MAIL_DATES.items():
        own = pl.col("at").filter(pl.col("kind") == kind)
        dates = {f"hs_email_first_{word}_date": own.min(), f"hs_email_last_{word}_date": own.max()}
        told += [date.alias(name) for name, date in dates.items() if name in _MOMENTS]
    return done.mails.group_by("lead_key").agg(told)


def _social(done: Happenings) -> pl.DataFrame:
    clicks: Sequence[pl.Expr] = [
        (pl.col("network") == name).sum().alias(f"hs_social_{name.lower()}_clicks") for name in NETWORKS
    ]
    every = (pl.len().alias("hs_social_num_broadcast_clicks"), pl.col("at").max().alias("hs_social_last_engagement"))
    return done.touches.group_by("lead_key").agg(*every, *clicks)
