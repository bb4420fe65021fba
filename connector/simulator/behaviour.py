"""What leads do in their first days: visits, forms, e-mails, campaign responses. It comes before any outcome."""

import numpy as np
import polars as pl

from connector.simulator.draw import DAY_MS, Bools, Floats, Ints, instants, masked, sigmoid

_UNTRACKED_SHARE = 0.12
_WEB = ("page_views", "visits", "form_submissions")
_EMAIL = ("emails_delivered", "emails_opened", "emails_clicked", "emails_replied")


def engagement(rng: np.random.Generator, interest: Floats, *, reachable: Bools) -> pl.DataFrame:
    """Draw web and e-mail behaviour: Int64 columns, null where the lead was never tracked or mailed.

    `interest` in standard deviations drives all of it; a lead that is not `reachable` gets no e-mail.
    """
    count = len(interest)
    visits = rng.poisson(np.exp(0.2 + 0.7 * interest))
    delivered = rng.poisson(3.0, count) * reachable
    opened = rng.binomial(delivered, sigmoid(-0.5 + 0.8 * interest))
    frame = pl.DataFrame(
        {
            "page_views": visits + rng.poisson(1.8 * visits),
            "visits": visits,
            "form_submissions": np.minimum(rng.poisson(0.35 * np.exp(0.5 * interest)), visits),
            "emails_delivered": delivered,
            "emails_opened": opened,
            "emails_clicked": rng.binomial(opened, sigmoid(-1.2 + 0.5 * interest)),
            "emails_replied": rng.binomial(opened, sigmoid(-3.0 + 0.5 * interest)),
        }
    ).cast(pl.Int64)
    unseen, unmailed = rng.random(count) < _UNTRACKED_SHARE, rng.random(count) < _UNTRACKED_SHARE
    web = [masked(frame[name], unseen) for name in _WEB]
    return frame.with_columns(*web, *(masked(frame[name], unmailed) for name in _EMAIL))


def responses(rng: np.random.Generator, interest: Floats, created_ms: Ints) -> pl.DataFrame:
    """Draw campaign touches, about 0.6 a lead, within five days of its creation, hidden future included.

    Columns lead_key, responded, created_ms; sorted by creation.
    """
    touches = np.minimum(rng.poisson(0.6, len(interest)), 5)
    lead = np.repeat(np.arange(len(interest)), touches)
    at = created_ms[lead] + (rng.random(len(lead)) * 5 * DAY_MS).astype(np.int64)
    responded = rng.random(len(lead)) < sigmoid(-0.7 + 0.9 * interest[lead])
    return pl.DataFrame({"lead_key": lead, "responded": responded, "created_ms": at}).sort("created_ms", "lead_key")


def shown_responses(drawn: pl.DataFrame, now_ms: int) -> pl.DataFrame:
    """Give `World.responses`: the touches before `now_ms`."""
    past = drawn.filter(pl.col("created_ms") < now_ms)
    return past.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("key"),
        pl.col("lead_key").cast(pl.Int64),
        "responded",
        pl.when("responded").then(pl.lit("Responded")).otherwise(pl.lit("Sent")).alias("status"),
        instants(past["created_ms"].to_numpy()).alias("created_at"),
    )


def touch_counts(drawn: pl.DataFrame, leads: int) -> tuple[Floats, Floats]:
    """Count touches and responses per lead key 0..leads-1."""
    lead = drawn["lead_key"].to_numpy()
    answered = lead[drawn["responded"].to_numpy()]
    return np.bincount(lead, minlength=leads).astype(float), np.bincount(answered, minlength=leads).astype(float)


def last_visits(rng: np.random.Generator, visits: pl.Series, created_ms: Ints, now_ms: int) -> Floats:
    """Draw the last visit of each lead that visited, in its first ten days and never after `now_ms`; else NaN."""
    at = np.minimum(created_ms + rng.exponential(2.0, len(created_ms)).clip(0, 10) * DAY_MS, now_ms - 1)
    return np.where(visits.fill_null(0).to_numpy() > 0, np.floor(at), np.nan)
