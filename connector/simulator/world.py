"""The made-up world that both dialects show: companies, leads, deals, campaign responses, and the hidden truth.

A world is neutral: no CRM's names, no CRM's ids. `generate` makes one up; `connector.simulator.tables` reads one from
a CSV file. What decides who buys is written down in `connector.simulator.truth`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import polars as pl

from connector.crm import Kind
from connector.simulator.behaviour import engagement, last_visits, responses, shown_responses, touch_counts
from connector.simulator.companies import companies
from connector.simulator.draw import DAY_MS, Bools, Floats, Ints, instants, picked
from connector.simulator.happenings import Happenings
from connector.simulator.leads import Drawn, draw
from connector.simulator.pursuits import Pursuits
from connector.simulator.timeline import Events, Shares, deals, events
from connector.simulator.truth import campaign_engagement, probability, size_band, web_engagement

Shown = Literal["salesforce", "hubspot"]

COMPANY_COLUMNS = (
    "key",
    "name",
    "domain",
    "industry",
    "employees",
    "annual_revenue",
    "country",
    "state",
    "city",
    "type",
    "created_at",
    "updated_at",
)
LEAD_COLUMNS = (
    "key",
    "created_at",
    "updated_at",
    "first_name",
    "last_name",
    "email",
    "title",
    "phone",
    "company_key",
    "company_name",
    "website",
    "country",
    "state",
    "city",
    "industry",
    "employees",
    "annual_revenue",
    "source",
    "rating",
    "status",
    "page_views",
    "visits",
    "form_submissions",
    "emails_delivered",
    "emails_opened",
    "emails_clicked",
    "emails_replied",
    "email_bounced",
    "opted_out",
    "last_visit_at",
    "converted_at",
    "disqualified_at",
    "deal_key",
)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A column of `World.leads` beyond the standard ones; `name` is the column's.

    `native`: the CRM shows it by the type that it has for the kind, picklists included, not as text.
    """

    name: str
    label: str
    kind: Kind
    options: tuple[str, ...] = ()
    native: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """Neutral frames as they stand at `now`; nothing in them but `truth` knows anything later.

    Times are datetime[us, UTC] in whole milliseconds; keys are Int64, rising with creation; leads may share a stamp.

    - companies: key name domain industry employees(i64) annual_revenue(i64) country state city
      type("prospect"|"customer"|"partner"|"other") created_at updated_at
    - leads: key created_at updated_at first_name last_name email title phone company_key(i64|null) company_name website
      country state city industry employees(i64|null) annual_revenue(i64|null) source rating
      status("new"|"working"|"converted"|"disqualified")
      page_views visits form_submissions emails_delivered emails_opened emails_clicked emails_replied (i64|null)
      email_bounced(bool) opted_out(bool) last_visit_at|null converted_at|null disqualified_at|null deal_key(i64|null),
      then one column per custom field. Texts are null where missing; e-mail addresses are distinct; sources and
      industries are Salesforce's standard values.
    - deals: key lead_key(i64; null of pursued deals) company_key(i64|null) name amount(f64)
      stage("open"|"won"|"lost") created_at closed_at|null
    - responses: key lead_key responded(bool) status("Sent"|"Responded") created_at
    - truth: lead_key probability(f64) wins(bool), one row per lead in the order of `leads`
    """

    now: datetime
    seed: int
    horizon_days: int
    companies: pl.DataFrame
    leads: pl.DataFrame
    deals: pl.DataFrame
    responses: pl.DataFrame
    truth: pl.DataFrame
    custom: tuple[CustomField, ...] = ()
    happenings: Happenings | None = None  # of a world of `connector.simulator.families` alone
    pursuits: Pursuits | None = None  # of a world of `connector.simulator.pursued` alone


def generate(
    *,
    leads: int,
    seed: int,
    now: datetime,
    horizon_days: int = 90,
    years: float = 2.0,
    shown: Shown = "salesforce",
    beside: Floats | None = None,
) -> World:
    """Make up a world of so many leads, created over the `years` before `now`.

    Deterministic by its arguments. `shown` is the CRM that will show the world: its truth uses only what that CRM
    shows of a lead (Salesforce: campaign responses; HubSpot: visits, forms and e-mail engagement). `beside` is what
    each lead, in order of creation, has in log-odds beyond that truth: of custom fields, of further families. It moves
    nothing but who buys, and what follows from that.
    """
    rng = np.random.default_rng(seed)
    now_ms = round(now.timestamp() * 1000)
    start_ms = now_ms - round(years * 365.25 * DAY_MS)
    firms = companies(rng, max(1, leads // 5))
    people = draw(rng, leads, firms, start_ms=start_ms, now_ms=now_ms, own_figures=shown == "salesforce")
    bounced, opted_out = rng.random(leads) < 0.05, rng.random(leads) < 0.06
    web = engagement(rng, people.interest, reachable=~bounced)
    touches = responses(rng, people.interest, people.created_ms)
    seen, worth = _seen(people, firms, web, touches, bounced=bounced, opted_out=opted_out, shown=shown)
    chance = probability(seen, worth if beside is None else worth + beside)
    wins = rng.random(leads) < chance
    later = events(rng, people.created_ms, wins, chance, horizon_days=horizon_days, shares=Shares()).by(now_ms)
    visited = last_visits(rng, web["visits"], people.created_ms, now_ms)
    known = pl.concat(
        [people.frame, web, pl.DataFrame({"email_bounced": bounced, "opted_out": opted_out})], how="horizontal"
    )
    frame, sold = lived(rng, known, later, people.created_ms, visited_ms=visited, moves_on_visits=shown == "hubspot")
    return World(
        now,
        seed,
        horizon_days,
        stamped(rng, firms, frame, now_ms=now_ms, start_ms=start_ms),
        frame,
        sold,
        shown_responses(touches, now_ms),
        truth_frame(chance, wins),
    )


def truth_frame(chance: Floats, wins: Bools) -> pl.DataFrame:
    """Give `World.truth` for leads with the keys 0, 1, 2, ..."""
    return pl.DataFrame(
        {"lead_key": pl.Series(np.arange(len(wins)), dtype=pl.Int64), "probability": chance, "wins": wins}
    )


def lived(
    rng: np.random.Generator,
    known: pl.DataFrame,
    later: Events,
    created_ms: Ints,
    *,
    visited_ms: Floats,
    moves_on_visits: bool,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give `World.leads` and `World.deals`: the leads as `known` at first, and what has become of them."""
    leads = known.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("key"))
    sold = deals(rng, later, leads)
    moved = [created_ms.astype(np.float64), later.converted, later.disqualified]
    moved += [visited_ms] if moves_on_visits else []
    whole = leads.with_columns(
        instants(created_ms).alias("created_at"),
        instants(np.fmax.reduce(moved)).alias("updated_at"),
        _status(rng, later),
        instants(visited_ms).alias("last_visit_at"),
        instants(later.converted).alias("converted_at"),
        instants(later.disqualified).alias("disqualified_at"),
    ).join(sold.select(key="lead_key", deal_key="key"), on="key", how="left", maintain_order="left")
    return whole.select(*LEAD_COLUMNS, pl.exclude(LEAD_COLUMNS)), sold


def stamped(
    rng: np.random.Generator, firms: pl.DataFrame, leads: pl.DataFrame, *, now_ms: int, start_ms: int
) -> pl.DataFrame:
    """Give `World.companies`: each created before its first lead, and sometimes edited since."""
    first = leads.group_by("company_key").agg(pl.col("created_at").min().dt.epoch("ms").alias("first_ms"))
    joined = firms.join(first, left_on="key", right_on="company_key", how="left", maintain_order="left")
    alone = start_ms + rng.random(firms.height) * (now_ms - start_ms)
    earliest = np.where(joined["first_ms"].is_null().to_numpy(), alone, joined["first_ms"].fill_null(0).to_numpy())
    made = np.floor(earliest - rng.exponential(20.0, firms.height) * DAY_MS)
    edited = np.where(rng.random(firms.height) < 0.3, made + rng.random(firms.height) * (now_ms - 1 - made), made)
    return firms.with_columns(
        instants(made).alias("created_at"), instants(np.floor(edited)).alias("updated_at")
    ).select(COMPANY_COLUMNS)


def _seen(
    people: Drawn,
    firms: pl.DataFrame,
    web: pl.DataFrame,
    touches: pl.DataFrame,
    *,
    bounced: Bools,
    opted_out: Bools,
    shown: Shown,
) -> tuple[pl.DataFrame, Floats]:
    """Give what the CRM shows of each lead, as `truth.probability` wants it, and the log-odds of its behaviour."""
    sent, answered = touch_counts(touches, len(bounced))
    if shown == "salesforce":
        firm, worth, engaged = people.frame, campaign_engagement(sent, answered), answered > 0
        opted_out = np.zeros_like(opted_out)  # HasOptedOutOfEmail is hidden from most profiles
    else:
        # A contact's firmographics are its company's.
        keyed = people.frame.select("company_key")
        firm = keyed.join(firms, left_on="company_key", right_on="key", how="left", maintain_order="left")
        worth = web_engagement(web)
        engaged = web.select(pl.col("form_submissions", "emails_clicked", "emails_replied").fill_null(0)).to_numpy()
        engaged = engaged.sum(axis=1) > 0
    flags = {"free_email": people.free_email, "bounced": bounced, "opted_out": opted_out, "engaged": engaged}
    seen = people.canonical.with_columns(
        people.frame["source"],
        firm["industry"],
        size_band(firm["employees"]).alias("size"),
        *(pl.Series(name, np.where(flag, "true", "false")) for name, flag in flags.items()),
    )
    return seen, worth


def _status(rng: np.random.Generator, later: Events) -> pl.Series:
    """Tell how far each lead has come; about half of the open ones have been called."""
    stages = ["new", "working", "disqualified", "converted"]
    at = (rng.random(len(later.wins)) < 0.5).astype(np.int64)
    at = np.where(np.isfinite(later.disqualified), 2, at)
    return picked(stages, np.where(np.isfinite(later.converted), 3, at)).alias("status")
