"""The made-up world that both dialects show: companies, leads, deals, campaign responses, and the hidden truth.

A world is neutral: no CRM's names, no CRM's ids. `generate` makes one up; `connector.simulator.tables` reads one from
a CSV file. What decides who buys is written down in `connector.simulator.truth`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from connector.crm import Kind

Shown = Literal["salesforce", "hubspot"]


@dataclass(frozen=True, slots=True)
class CustomField:
    """A column of `World.leads` beyond the standard ones; `name` is the column's."""

    name: str
    label: str
    kind: Kind
    options: tuple[str, ...] = ()


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
    - deals: key lead_key company_key(i64|null) name amount(f64) stage("open"|"won"|"lost") created_at closed_at|null
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


def generate(
    *, leads: int, seed: int, now: datetime, horizon_days: int = 90, years: float = 2.0, shown: Shown = "salesforce"
) -> World:
    """Make up a world of so many leads, created over the `years` before `now`.

    Deterministic by its arguments. `shown` is the CRM that will show the world: its truth uses only what that CRM
    shows of a lead (Salesforce: campaign responses; HubSpot: visits, forms and e-mail engagement).
    """
    raise NotImplementedError  # being written
