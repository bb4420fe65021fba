"""Made-up moments of e-mails: when they were sent, opened, clicked and answered, by people and by machines."""

import numpy as np
import polars as pl

from connector.simulator.draw import DAY_MS, Bools, Floats, Ints
from connector.simulator.happenings import at, repeated, shuffled

COUNTS = ("emails_delivered", "emails_opened", "emails_clicked", "emails_replied")
_SEND_DAYS = 9.0
_SECOND = 1_000 / DAY_MS
_LEAST_DELAY = 120 * _SECOND  # nobody reads a message sooner


def mails(rng: np.random.Generator, leads: pl.DataFrame, bots: Bools, created_ms: Ints) -> pl.DataFrame:
    """Draw the moments of what `leads` counts: lead_key at_ms kind. `bots` click within seconds of the delivery."""
    delivered, opened, clicked, replied = (leads[name].fill_null(0).to_numpy() for name in COUNTS)
    lead = repeated(delivered)
    rank, is_bot = shuffled(rng, lead), bots[lead]
    sent = _SEND_DAYS * rng.random(len(lead)) ** 1.3
    seen = sent + _delays(rng, is_bot, _LEAST_DELAY, 0.5)
    click = seen + _delays(rng, is_bot, 5 * _SECOND, 60 * _SECOND)
    answer = seen + _LEAST_DELAY + rng.exponential(0.3, len(lead))
    kinds: list[tuple[str, Bools, Floats]] = [
        ("sent", np.ones(len(lead), dtype=np.bool_), sent),
        ("opened", rank < opened[lead], seen),
        ("clicked", rank < clicked[lead], click),
        ("clicked", is_bot, click + _SECOND),  # a machine follows every link
        ("reply", (rank < opened[lead]) & (rank >= opened[lead] - replied[lead]), answer),
    ]
    return pl.concat(_rows(kind, lead[has], at(created_ms, lead[has], days[has])) for kind, has, days in kinds)


def answered(drawn: pl.DataFrame, bots: Bools) -> pl.DataFrame:
    """Give what people, and no machines, did with their e-mails beyond opening them."""
    machines = pl.Series(np.flatnonzero(bots)).implode()
    return drawn.filter(pl.col("kind").is_in(["clicked", "reply"]) & pl.col("lead_key").is_in(machines).not_())


def _delays(rng: np.random.Generator, is_bot: Bools, least: float, mean: float) -> Floats:
    people = least + rng.exponential(mean, len(is_bot))
    return np.where(is_bot, rng.uniform(1, 4, len(is_bot)) * _SECOND, people)


def _rows(kind: str, lead: Ints, at_ms: Ints) -> pl.DataFrame:
    return pl.DataFrame({"lead_key": lead, "at_ms": at_ms, "kind": pl.Series([kind]).new_from_index(0, len(lead))})
