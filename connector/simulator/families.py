"""A world in which all six families of lead data say something: demographic, company, online, e-mail, social, junk.

What `connector.simulator.world.generate` makes of the same arguments stays as it is, but for who buys, what junk leads
typed and machines clicked, and the companies' names. What decides is written down in `family_truth`. Everything here
is drawn from generators of its own, before it is known who buys.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl

from connector.simulator import family_truth as truth
from connector.simulator import firmographics, junk, mails, meetings, online, social
from connector.simulator.draw import Floats, Ints, holed, picked
from connector.simulator.happenings import Happenings, counts, last_days
from connector.simulator.junk import Junk
from connector.simulator.truth import EFFECTS, web_engagement
from connector.simulator.words import COUNTRIES
from connector.simulator.world import Shown, World, generate

_TONGUES = {
    "United States": "en", "United Kingdom": "en", "Canada": "en", "Australia": "en", "India": "en", "Nigeria": "en",
    "Germany": "de", "France": "fr", "Netherlands": "nl", "Spain": "es", "Sweden": "sv", "Brazil": "pt-br",
}  # fmt: skip
_SPELLED = {name: tongue for country, tongue in _TONGUES.items() for name in (country, *COUNTRIES[country][3])}
_ABROAD_SHARE = 0.2  # of leads, whose language is not their country's
_UNTOLD_SHARE = 0.2
_TYPED = ("first_name", "last_name", "email", "phone", "company_name", "page_views", "visits", "form_submissions")
_COUNTED = ("page_views", "form_submissions", "emails_clicked", "emails_replied")

Rng = Callable[[str], np.random.Generator]


@dataclass(frozen=True, slots=True)
class Early:
    """What is there before it is known who buys; `done` with its at_ms, what is still to come included."""

    leads: pl.DataFrame
    companies: pl.DataFrame
    done: Happenings
    junk: Junk
    created_ms: Ints


def alive(*, leads: int, seed: int, now: datetime, horizon_days: int, years: float, shown: Shown) -> World:
    """Make up a world with happenings, leads with a language, and companies of which more is known.

    Deterministic by its arguments. Beyond the columns of `World`: leads have language; companies have founded(i64),
    ownership and parent_key(i64|null), and legal forms in their names.
    """
    bare = generate(leads=leads, seed=seed, now=now, horizon_days=horizon_days, years=years, shown=shown)
    drawn = early(bare, shown)
    worth = np.sum(list(log_odds(bare, drawn, shown).values()), axis=0)
    world = generate(leads=leads, seed=seed, now=now, horizon_days=horizon_days, years=years, shown=shown, beside=worth)
    done = drawn.done.by(round(now.timestamp() * 1000))
    theirs = world.leads.with_columns(drawn.leads.select(*_TYPED, *mails.COUNTS, "language"))
    return replace(
        world,
        leads=_moved(_visited(theirs, done), done) if shown == "hubspot" else _visited(theirs, done),
        companies=drawn.companies.drop("form"),
        happenings=done,
    )


def early(bare: World, shown: Shown) -> Early:
    """Draw what the leads of a bare world typed and did, and what their companies are."""

    def rng(name: str) -> np.random.Generator:
        return np.random.default_rng([bare.seed, *name.encode()])

    created_ms = bare.leads["created_at"].dt.epoch("ms").to_numpy()
    found = junk.draw(rng("junk"), bare.leads)
    companies = firmographics.told(rng("companies"), bare.companies, bare.now.year)
    leads = junk.typed(rng("typed"), _named(bare.leads, companies), found)
    leads = junk.clicked(rng("clicked"), leads, found).with_columns(_language(rng("language"), bare.leads))
    return Early(leads, companies, _done(rng, leads, found, created_ms, shown), found, created_ms)


def log_odds(bare: World, drawn: Early, shown: Shown) -> dict[str, Floats]:
    """Give what each family adds to each lead's log-odds, by the family's name."""
    done, count = drawn.done, drawn.leads.height
    told = {
        "junk": truth.junk(drawn.junk.how_many),
        "online": _online(drawn, shown),
        "e-mail": _mail(drawn, shown),
        "social": truth.social(
            {of: counts(done.touches.filter(pl.col("network") == of), count) for of in truth.NETWORKS},
            last_days(done.touches, drawn.created_ms),
        ),
        "company": truth.company(_linked(drawn, shown), bare.now.year),
    }
    if shown == "hubspot":
        told["demographic"] = truth.of(drawn.leads["language"], truth.LANGUAGES)
        # A machine has no visits; those that it was drawn with count no more, nor do its clicks.
        told["junk"] = told["junk"] - np.where(drawn.junk.bots, web_engagement(bare.leads.select(_COUNTED)), 0.0)
    return told


def _done(rng: Rng, leads: pl.DataFrame, found: Junk, created_ms: Ints, shown: Shown) -> Happenings:
    visited, forms = (leads[name].fill_null(0).to_numpy() for name in ("visits", "form_submissions"))
    real = found.how_many < 2  # two signs: nobody to speak to
    calls, met = meetings.calls(rng("calls"), real, created_ms), meetings.meetings(rng("meetings"), real, created_ms)
    is_logged = shown == "salesforce"  # HubSpot's engagements are objects that this portal has not
    return Happenings(
        visits=online.visits(rng("visits"), visited, forms, created_ms),
        mails=mails.mails(rng("mails"), leads, found.bots, created_ms),
        calls=calls if is_logged else calls.clear(),
        meetings=met if is_logged else met.clear(),
        touches=social.touches(rng("touches"), created_ms),
    )


def _online(drawn: Early, shown: Shown) -> Floats:
    visits, count = drawn.done.visits, drawn.leads.height
    often, high = counts(visits, count), counts(online.high_value(visits), count)
    page, form = (online.last_values(visits, column, count) for column in ("page", "form"))
    worth = truth.online(often, high, last_days(visits, drawn.created_ms), page)
    return worth + (truth.often(often) if shown == "salesforce" else truth.of(form, truth.LAST_FORM))


def _mail(drawn: Early, shown: Shown) -> Floats:
    done, count = drawn.done, drawn.leads.height
    answers = mails.answered(done.mails, drawn.junk.bots)
    worth: Floats = truth.LAST_ANSWER * truth.fading(last_days(answers, drawn.created_ms))
    if shown == "hubspot":
        return worth
    clicks, replies = (counts(answers.filter(pl.col("kind") == kind), count) for kind in ("clicked", "reply"))
    spoken = meetings.spoken(done.calls)
    inbound = counts(spoken.filter(pl.col("is_inbound")), count)
    opted_out: Floats = drawn.leads["opted_out"].to_numpy() * EFFECTS["opted_out"]["true"]
    return (
        worth
        + truth.answers(clicks, replies)
        + truth.logged(counts(spoken, count), inbound, counts(done.meetings, count))
        + opted_out
    )


def _linked(drawn: Early, shown: Shown) -> pl.DataFrame:
    """Give each lead's company as the CRM links it, null where it has none: Salesforce by domain, HubSpot by id."""
    firms = drawn.companies.select("key", "domain", "founded", "ownership", "parent_key", "form")
    own = drawn.leads.select("company_key", "website", "email").join(
        firms, left_on="company_key", right_on="key", how="left", maintain_order="left"
    )
    if shown == "hubspot":
        return own
    by_domain = pl.col("website").is_not_null() | pl.col("email").str.split("@").list.last().eq(pl.col("domain"))
    return own.with_columns(pl.when(by_domain).then(pl.col(name)) for name in firms.columns if name in own.columns)


def _named(leads: pl.DataFrame, companies: pl.DataFrame) -> pl.DataFrame:
    """Give the leads of known companies those companies' names."""
    names = companies.select(company_key="key", full="name")
    joined = leads.join(names, on="company_key", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("full", "company_name").alias("company_name")).drop("full")


def _language(rng: np.random.Generator, leads: pl.DataFrame) -> pl.Series:
    own = leads["country"].replace_strict(_SPELLED, default="en", return_dtype=pl.String).fill_null("en")
    tongues = sorted(set(_TONGUES.values()))
    other = picked(tongues, rng.integers(0, len(tongues), leads.height))
    told = other.zip_with(pl.Series(rng.random(leads.height) < _ABROAD_SHARE), own)
    return holed(rng, told, _UNTOLD_SHARE).alias("language")


def _visited(leads: pl.DataFrame, done: Happenings) -> pl.DataFrame:
    last = done.visits.group_by("lead_key").agg(pl.col("at").max().alias("last_visit_at"))
    at = leads.select("key").join(last, left_on="key", right_on="lead_key", how="left", maintain_order="left")
    return leads.with_columns(at["last_visit_at"])


def _moved(leads: pl.DataFrame, done: Happenings) -> pl.DataFrame:
    """Let each happening move the record's stamp, as it does where the record itself shows it."""
    every = pl.concat(frame.select("lead_key", "at") for frame in (done.visits, done.mails, done.touches))
    last = every.group_by("lead_key").agg(pl.col("at").max())
    at = leads.select("key").join(last, left_on="key", right_on="lead_key", how="left", maintain_order="left")["at"]
    stamps = pl.max_horizontal("created_at", "converted_at", "disqualified_at", at)
    return leads.with_columns(stamps.alias("updated_at"))
