"""The hidden truth of the further families of lead data: what they add to the log-odds of `connector.simulator.truth`.

    beside = junk + online + e-mail + social + company + demographic

Nothing else of them decides. Every term is of what the CRM shows at the end of a lead's first 14 days. What happens
late in them counts more: an effect with a half-life is whole for what happened at their end, half for what happened
HALF_LIFE_DAYS before.

- HubSpot shows forms by name and the language; Salesforce shows calls and meetings. The rest both show.
- E-mails that were clicked or answered count by `truth.web_engagement` on HubSpot; on Salesforce by the same figures
  here, for there nothing else shows them. A machine's clicks count as none.
"""

import numpy as np
import polars as pl

from connector.simulator.draw import Floats, Ints
from connector.simulator.happenings import WINDOW_DAYS

HALF_LIFE_DAYS = 4.0

JUNK = (0.0, -0.8, -2.8, -4.0, -4.0, -4.0)  # by the number of signs: one alone is weak

# Online behaviour: the last visit fades; pages; the last form.
LAST_VISIT = 1.6
HIGH_VALUE, MORE_HIGH_VALUE = 0.9, 0.4  # a visit to prices or a demo, and a second one
LAST_PAGE: dict[str | None, float] = {"demo": 0.5, "pricing": 0.3, "docs": 0.1, "blog": -0.2, "careers": -0.9}
LAST_FORM: dict[str | None, float] = {"Demo request": 0.7, "Contact us": 0.3, "Download": -0.1, "Newsletter": -0.5}
VISITS = 0.3  # of Salesforce, by the logarithm: on HubSpot page views count already

# E-mail engagement, and on Salesforce what reps log.
LAST_ANSWER = 1.6  # click or reply; fades
CLICKS, REPLY = 0.8, 1.3
SPOKE, CALLED_US, MEETING = 0.5, 0.7, 1.1

# Social engagement: each network saturates; the last touch fades.
NETWORKS = {"LinkedIn": 1.0, "Facebook": -0.5, "Twitter": 0.3}
LAST_TOUCH = 0.9

# Companies that a lead is linked to, by age in years (from, up to, effect), owner, parent and legal form.
AGES = ((0, 5, -0.7), (5, 15, 0.4), (15, 40, 0.1), (40, 1000, -0.4))
PUBLIC, PARENT = 0.4, 0.6
FORMS: dict[int | None, float] = {0: 0.5, 1: 0.1, 2: -0.5}  # stock company, limited, partnership

LANGUAGES: dict[str | None, float] = {"en": 0.2, "de": 0.3, "nl": 0.4, "fr": -0.4, "es": -0.3, "pt-br": -0.3}


def junk(signs: Ints) -> Floats:
    """Give the log-odds of so many signs."""
    return np.array(JUNK)[signs]


def online(visits: Floats, high: Floats, last_days: Floats, page: pl.Series) -> Floats:
    """Give the log-odds of visits that both CRMs show: how many to pages of high value, the last one, and its page."""
    frequent = HIGH_VALUE * (high > 0) + MORE_HIGH_VALUE * (high > 1)
    return np.asarray(np.where(visits > 0, frequent + LAST_VISIT * fading(last_days) + of(page, LAST_PAGE), 0.0))


def often(visits: Floats) -> Floats:
    """Give the log-odds of how often a lead came (Salesforce)."""
    return np.asarray(VISITS * np.minimum(np.log1p(visits), 3.0))


def answers(clicks: Floats, replies: Floats) -> Floats:
    """Give the log-odds of e-mails that people clicked and answered (Salesforce)."""
    return np.asarray(CLICKS * -np.expm1(-clicks / 1.5) + REPLY * (replies > 0))


def logged(spoken: Floats, inbound: Floats, meetings: Floats) -> Floats:
    """Give the log-odds of what reps log (Salesforce)."""
    return np.asarray(SPOKE * (spoken > 0) + CALLED_US * (inbound > 0) + MEETING * (meetings > 0))


def social(touched: dict[str, Floats], last_days: Floats) -> Floats:
    """Give the log-odds of touches by network, and of the last one."""
    every = sum((effect * -np.expm1(-touched[name]) for name, effect in NETWORKS.items()), start=0.0)
    return np.asarray(every + LAST_TOUCH * fading(last_days))


def company(firms: pl.DataFrame, year: int) -> Floats:
    """Give the log-odds of each row's company: its age, owner, parent and form; what is unknown has none."""
    age = year - pl.col("founded")
    ages = [(age >= least) & (age < most) for least, most, _ in AGES]
    worth = pl.sum_horizontal(
        is_so.fill_null(value=False) * effect for is_so, (_, _, effect) in zip(ages, AGES, strict=True)
    )
    owned = pl.col("ownership").eq("Public").fill_null(value=False) * PUBLIC
    parent = pl.col("parent_key").is_not_null() * PARENT
    return firms.select((worth + owned + parent).alias("worth"))["worth"].to_numpy() + of(firms["form"], FORMS)


def fading(days: Floats) -> Floats:
    """Give what is left at the end of the window of something that happened so many days into it; NaN is nothing."""
    left = 0.5 ** ((WINDOW_DAYS - days) / HALF_LIFE_DAYS)
    return np.asarray(np.where(np.isfinite(days), left, 0.0), dtype=np.float64)


def of(values: pl.Series, effects: dict[str | None, float] | dict[int | None, float]) -> Floats:
    """Give each value's effect; one that is not listed, or missing, has none."""
    return values.replace_strict(effects, default=0.0, return_dtype=pl.Float64).fill_null(0.0).to_numpy()
