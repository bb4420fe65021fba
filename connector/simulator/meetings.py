"""Made-up calls and meetings of reps with leads."""

import numpy as np
import polars as pl

from connector.simulator.draw import Bools, Ints
from connector.simulator.happenings import at, repeated

SPOKE_S = 60  # a shorter call reached a mailbox
_MEETING_SHARE = 0.1


def calls(rng: np.random.Generator, reachable: Bools, created_ms: Ints) -> pl.DataFrame:
    """Draw about a call for every second lead: lead_key at_ms is_inbound seconds. The others never pick up or call."""
    lead = repeated(rng.poisson(0.5, len(created_ms)))
    count = len(lead)
    is_inbound = (rng.random(count) < 0.15) & reachable[lead]
    spoke = (is_inbound | (rng.random(count) < 0.45)) & reachable[lead]
    seconds = np.where(spoke, SPOKE_S + 1 + rng.exponential(240.0, count), rng.uniform(0, 40, count))
    days = rng.random(count) * 11
    return pl.DataFrame(
        {
            "lead_key": lead,
            "at_ms": at(created_ms, lead, days),
            "is_inbound": is_inbound,
            "seconds": np.round(seconds.clip(0, 1500)),
        }
    )


def meetings(rng: np.random.Generator, reachable: Bools, created_ms: Ints) -> pl.DataFrame:
    """Draw a meeting for every tenth lead: lead_key at_ms minutes."""
    lead = np.flatnonzero((rng.random(len(created_ms)) < _MEETING_SHARE) & reachable)
    days = rng.uniform(0.5, 13.0, len(lead))
    minutes = rng.choice(np.array([15, 30, 45, 60]), len(lead))
    return pl.DataFrame({"lead_key": lead, "at_ms": at(created_ms, lead, days), "minutes": minutes})


def spoken(drawn: pl.DataFrame) -> pl.DataFrame:
    """Give the calls in which somebody was spoken to."""
    return drawn.filter(pl.col("seconds") > SPOKE_S)
