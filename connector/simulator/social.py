"""Made-up social engagement: who follows, shares and clicks what we publish, on which network."""

import numpy as np
import polars as pl

from connector.simulator.draw import Ints, indexes, picked
from connector.simulator.happenings import at, repeated, within

NETWORKS = ("LinkedIn", "Facebook", "Twitter")
KINDS = ("Click", "Follow", "Comment", "Share")
_ACTIVE_SHARE = 0.35
_WEIGHTS = (60, 22, 18)
_KIND_WEIGHTS = (65, 15, 12, 8)


def touches(rng: np.random.Generator, created_ms: Ints) -> pl.DataFrame:
    """Draw the touches of about a third of all leads: lead_key at_ms network kind. Most keep to one network."""
    leads = len(created_ms)
    lead = repeated((rng.random(leads) < _ACTIVE_SHARE) * (1 + rng.poisson(1.2, leads)))
    home = indexes(rng, leads, _WEIGHTS)
    network = np.where(rng.random(len(lead)) < 0.8, home[lead], indexes(rng, len(lead), _WEIGHTS))
    days = within(rng.exponential(4.0, len(lead)))
    return pl.DataFrame(
        {
            "lead_key": lead,
            "at_ms": at(created_ms, lead, days),
            "network": picked(NETWORKS, network),
            "kind": picked(KINDS, indexes(rng, len(lead), _KIND_WEIGHTS)),
        }
    )
