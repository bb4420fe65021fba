"""What leads did in their first days, one row per event: what a CRM with activities of its own shows of behaviour."""

from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from connector.simulator.draw import DAY_MS, Floats, Ints, instants

WINDOW_DAYS = 14.0  # after its creation, in which a lead does all that is drawn here
LATEST_DAYS = 13.9


@dataclass(frozen=True, slots=True)
class Happenings:
    """Frames of events, each with lead_key(i64) and at; in order of time, none of them later than the world's now.

    - visits: page("home"|"product"|"pricing"|"demo"|"docs"|"blog"|"careers") seconds(f64) form(text|null)
    - mails: kind("sent"|"opened"|"clicked"|"reply")
    - calls: is_inbound(bool) seconds(f64); above `meetings.SPOKE_S` somebody was spoken to
    - meetings: minutes(i64)
    - touches: network("LinkedIn"|"Facebook"|"Twitter") kind("Click"|"Follow"|"Comment"|"Share")
    """

    visits: pl.DataFrame
    mails: pl.DataFrame
    calls: pl.DataFrame
    meetings: pl.DataFrame
    touches: pl.DataFrame

    def by(self, now_ms: int) -> "Happenings":
        """Give the events before `now_ms`, their `at_ms` turned into `at`."""
        return Happenings(*(_past(getattr(self, frame.name), now_ms) for frame in fields(self)))


def _past(drawn: pl.DataFrame, now_ms: int) -> pl.DataFrame:
    past = drawn.filter(pl.col("at_ms") < now_ms).sort("at_ms", "lead_key", maintain_order=True)
    at = instants(past["at_ms"].to_numpy()).alias("at")
    return past.select(pl.col("lead_key").cast(pl.Int64), at, pl.exclude("lead_key", "at_ms"))


def repeated(counts: Ints) -> Ints:
    """Give each lead's place (0, 1, ...) so often as its count says."""
    return np.repeat(np.arange(len(counts)), counts)


def shuffled(rng: np.random.Generator, lead: Ints) -> Ints:
    """Number each lead's rows 0, 1, ... in an order of chance. `lead` is sorted."""
    order = np.lexsort((rng.random(len(lead)), lead))
    starts = np.searchsorted(lead, lead)
    place = np.empty(len(lead), dtype=np.int64)
    place[order] = np.arange(len(lead))
    return np.asarray(place - starts, dtype=np.int64)


def within(days: Floats) -> Floats:
    """Press days after creation below LATEST_DAYS; those of the first days stay nearly as they are."""
    return np.asarray(LATEST_DAYS * -np.expm1(-days / LATEST_DAYS), dtype=np.float64)


def at(created_ms: Ints, lead: Ints, days: Floats) -> Ints:
    """Give the moment so many days after each row's lead was created, in milliseconds."""
    return np.asarray(created_ms[lead] + np.floor(np.minimum(days, LATEST_DAYS) * DAY_MS), dtype=np.int64)


def last_days(drawn: pl.DataFrame, created_ms: Ints) -> Floats:
    """Tell for each lead the days from its creation to its last row; NaN where it has none."""
    last = drawn.group_by("lead_key").agg(pl.col("at_ms").max())
    days = np.full(len(created_ms), np.nan)
    lead = last["lead_key"].to_numpy()
    days[lead] = (last["at_ms"].to_numpy() - created_ms[lead]) / DAY_MS
    return days


def counts(drawn: pl.DataFrame, leads: int) -> Floats:
    """Count each lead's rows."""
    return np.bincount(drawn["lead_key"].to_numpy(), minlength=leads).astype(np.float64)
