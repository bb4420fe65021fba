"""The standard features as somebody who knows Polars would write them by hand, for these frames alone."""

from datetime import timedelta

import polars as pl

from mappings import lexicon
from mappings.links import HOST, free_mail_domains

COMPANY = ("Industry", "NumberOfEmployees", "AnnualRevenue", "BillingCountry")
STAMP = pl.col("CreatedDate").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC")


def features(leads, companies, activities):
    """Make the same frame as `feature_frame` with the mapping `plain`; lazily, so that Polars may do what it can."""
    leads = leads.lazy().with_row_index("row").with_columns(STAMP.alias("created"))
    titles = read_titles(leads.select("Title").unique().drop_nulls())
    joined = leads.join(own_company(leads, companies.lazy()), on="row", how="left")
    joined = joined.join(met(leads, activities.lazy()), on="id", how="left").join(titles, on="Title", how="left")
    country = pl.coalesce("Country", "firm_BillingCountry")
    mail = pl.col("Email").str.strip_chars().str.to_lowercase().str.extract(HOST, 1)
    return (
        joined.sort("row")
        .select(
            "id",
            "seniority",
            "department",
            pl.col("Title").is_not_null().alias("has_title"),
            trimmed(pl.coalesce("Industry", "firm_Industry")).alias("industry"),
            pl.coalesce("NumberOfEmployees", "firm_NumberOfEmployees").cast(pl.Float64).alias("employees"),
            pl.coalesce("AnnualRevenue", "firm_AnnualRevenue").cast(pl.Float64).alias("annual_revenue"),
            plain(country)
            .replace_strict(lexicon.countries(), default=trimmed(country).str.to_titlecase())
            .alias("country"),
            trimmed(pl.col("LeadSource")).alias("source"),
            mail.is_in(sorted(free_mail_domains())).alias("free_mail"),
            pl.col("Phone").is_not_null().alias("has_phone"),
            pl.col("Website").is_not_null().alias("has_website"),
            pl.col("EmailBouncedDate").is_not_null().alias("email_bounced"),
            pl.col("touches").fill_null(0.0).alias("campaign_touches"),
            pl.col("responses").fill_null(0.0).alias("campaign_responses"),
        )
        .collect()
    )


def own_company(leads, companies):
    names = (pl.col(name).alias(f"firm_{name}") for name in COMPANY)
    firms = companies.select(pl.col("key").alias("link"), pl.col("id").alias("firm"), STAMP.alias("made"), *names)
    found = leads.select("row", "link", "created").join(firms, on="link")
    in_time = found.filter(pl.col("made") <= pl.col("created") + timedelta(days=1))
    one = in_time.sort("firm").unique("row", keep="first", maintain_order=True)
    return one.drop("link", "created", "firm", "made")


def met(leads, activities):
    own = activities.select(pl.col("link").alias("id"), "HasResponded", STAMP.alias("at"))
    found = own.join(leads.select("id", "created"), on="id")
    early = found.filter(pl.col("at") <= pl.col("created") + timedelta(days=14))
    return early.group_by("id").agg(
        pl.len().cast(pl.Float64).alias("touches"),
        (pl.col("HasResponded") == "true").sum().cast(pl.Float64).alias("responses"),
    )


def read_titles(titles):
    made = titles.with_columns(plain(pl.col("Title")).alias("text"))
    return made.select(
        "Title", level("seniority", "staff").alias("seniority"), level("department", "other").alias("department")
    )


def level(name, rest):
    found = pl.when(pl.col("text").str.contains(r"\p{L}")).then(pl.lit(rest)).otherwise(pl.lit("unknown"))
    for meant, pattern in reversed(lexicon.patterns(name)):
        found = pl.when(pl.col("text").str.contains(pattern)).then(pl.lit(meant)).otherwise(found)
    return found


def trimmed(text):
    stripped = text.str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def plain(text):
    text = text.str.replace_all(".", "", literal=True).str.strip_chars().str.to_lowercase()
    return text.str.normalize("NFKD").str.replace_all(r"[\x{0300}-\x{036f}]", "")
