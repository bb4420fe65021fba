"""The hidden truth: who buys, as log-odds over what the CRM shows of a lead in its first days.

    log-odds = STRENGTH * (sum of EFFECTS by value + sum of CROSSED + engagement) + intercept
    wins     ~ Bernoulli(probability)

The intercept is found so that the mean probability is `base_rate`. Nothing else decides: whatever is not in the tables
below has no effect, a missing value has the effect written under None, and behaviour comes before the outcome and
never from it. So a model that sees the CRM can come close to the truth, and none can beat it for long.

- Salesforce shows campaign responses of a lead, and firmographics on the lead itself.
- HubSpot shows visits, forms and e-mail engagement of a contact, and firmographics on its company.
"""

import numpy as np
import polars as pl

from connector.simulator.draw import Floats, masked, picked, sigmoid

STRENGTH = 1.1
BASE_RATE = 0.125

EFFECTS: dict[str, dict[str | None, float]] = {
    "seniority": {
        "executive": 0.5,
        "vp": 1.0,
        "director": 0.8,
        "manager": 0.2,
        "specialist": -0.5,
        "junior": -1.5,
        None: -0.3,
    },
    "department": {"sales": 0.4, "marketing": 0.5, "it": 0.2, "finance": -0.1, "hr": -0.5, "operations": 0.0},
    "size": {
        "1-19": -0.7,
        "20-99": 0.0,
        "100-499": 0.6,
        "500-1999": 0.9,
        "2000-9999": 0.3,
        "10000-": -0.3,
        None: -0.2,
    },
    "source": {
        "Partner Referral": 1.1,
        "Phone Inquiry": 0.7,
        "Web": 0.2,
        "Other": -0.1,
        "Purchased List": -1.3,
        None: -0.2,
    },
    "industry": {
        "Technology": 0.7,
        "Telecommunications": 0.5,
        "Electronics": 0.4,
        "Finance": 0.5,
        "Banking": 0.4,
        "Insurance": 0.4,
        "Manufacturing": 0.3,
        "Machinery": 0.3,
        "Healthcare": 0.2,
        "Consulting": 0.2,
        "Retail": -0.2,
        "Hospitality": -0.4,
        "Agriculture": -0.5,
        "Not For Profit": -0.6,
        "Education": -0.7,
        "Government": -0.8,
        None: -0.1,
    },
    "country": {
        "United States": 0.3,
        "United Kingdom": 0.3,
        "Germany": 0.2,
        "Canada": 0.2,
        "Netherlands": 0.2,
        "Spain": -0.2,
        "Brazil": -0.5,
        "India": -0.6,
        "Nigeria": -0.9,
        None: -0.1,
    },
    "free_email": {"true": -0.9},
    "bounced": {"true": -1.6},
    "opted_out": {"true": -0.8},
}

# Two values together: an owner of a tiny firm is no catch, a chief of a giant is; a cold name that answers is warm.
CROSSED: dict[tuple[str, str], dict[tuple[str, str], float]] = {
    ("seniority", "size"): {
        ("executive", "1-19"): -0.7,
        ("executive", "10000-"): 0.8,
        ("vp", "10000-"): 0.6,
        ("director", "2000-9999"): 0.4,
        ("manager", "1-19"): 0.3,
        ("specialist", "10000-"): -0.4,
    },
    ("source", "engaged"): {("Purchased List", "true"): 0.8, ("Partner Referral", "true"): -0.4},
}

SIZES = (20, 100, 500, 2000, 10_000)


def probability(seen: pl.DataFrame, engagement: Floats, *, base_rate: float = BASE_RATE) -> Floats:
    """Give P(closed-won within the horizon) per row of `seen`, with mean `base_rate`.

    `seen`: one String column per key of EFFECTS and an "engaged" ("true" | "false"); `engagement`: log-odds per row.
    """
    log_odds = STRENGTH * (_effects(seen) + engagement)
    return sigmoid(log_odds + _intercept(log_odds, base_rate))


def campaign_engagement(touches: Floats, responses: Floats) -> Floats:
    """Give the log-odds of campaign behaviour (Salesforce): the first response counts most, silence counts a little."""
    answered = 1.3 * (responses > 0) + 0.4 * (responses > 1)
    return np.asarray(answered - 0.3 * ((touches > 0) & (responses == 0)), dtype=np.float64)


def web_engagement(behaviour: pl.DataFrame) -> Floats:
    """Give the log-odds of web and e-mail behaviour (HubSpot): each saturates; an unknown count counts as none."""
    known = behaviour.select(pl.all().fill_null(0).cast(pl.Float64))
    views = 0.35 * np.minimum(np.log1p(known["page_views"].to_numpy()), 3.0)
    forms = 0.9 * -np.expm1(-known["form_submissions"].to_numpy())
    clicks = 0.8 * -np.expm1(-known["emails_clicked"].to_numpy() / 1.5)
    replies = 1.3 * (known["emails_replied"].to_numpy() > 0)
    return np.asarray(views + forms + clicks + replies, dtype=np.float64)


def size_band(employees: pl.Series) -> pl.Series:
    """Give the key of EFFECTS["size"] for a number of employees; null stays null."""
    labels = [key for key in EFFECTS["size"] if key is not None]
    band = np.searchsorted(np.array(SIZES), employees.fill_null(0).to_numpy(), side="right")
    return masked(picked(labels, band), employees.is_null().to_numpy())


def _effects(seen: pl.DataFrame) -> Floats:
    single = [pl.col(name).replace_strict(table, default=0.0, return_dtype=pl.Float64) for name, table in _split()]
    absent = [pl.col(name).is_null() * table[None] for name, table in EFFECTS.items() if None in table]
    crossed = [
        (pl.col(left).eq(one) & pl.col(right).eq(other)).fill_null(value=False) * effect
        for (left, right), table in CROSSED.items()
        for (one, other), effect in table.items()
    ]
    return seen.select(pl.sum_horizontal(*single, *absent, *crossed).alias("effect"))["effect"].to_numpy()


def _split() -> list[tuple[str, dict[str, float]]]:
    """List the effects of present values; Polars' replace gives nulls its default."""
    return [(name, {key: to for key, to in table.items() if key is not None}) for name, table in EFFECTS.items()]


def _intercept(log_odds: Floats, base_rate: float) -> float:
    """Find what to add so that the mean probability is `base_rate`, by halving."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        if sigmoid(log_odds + middle).mean() < base_rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2
