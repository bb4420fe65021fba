"""Which fields of a survey know how a lead ended: by when they are filled, by the CRM's history, by the leak detector.

Needs leads whose outcome is told. The two signs of its own look at leads that nobody has decided yet, which the leak
detector, learning from decided ones, never sees: what is filled on hardly any of them, and on many that ended, was
filled by the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from connector.crm import Entity
from mappings.drafts.survey import Column, Survey
from mappings.frames.columns import instant, share
from model.features import Feature
from model.screening import Screened, screened

EXPECTED = 15  # open leads that would have a value if it came before the end; fewer may be chance
LEFT = 0.02  # of those expected that may have one nevertheless
CHANGES = 20  # in the history, below which it tells nothing
AFTERWARDS = 0.8  # of the first fillings that came with the outcome or later
SOON = timedelta(days=1)  # outcomes are days without a time
SEED = 1


@dataclass(frozen=True, slots=True)
class Told:
    """Leads with their outcomes (`mappings.frames.outcomes.outcomes`), in the order of the sampled leads."""

    frame: pl.DataFrame

    @property
    def is_mature(self) -> pl.Series:
        return self.frame["mature"]

    @property
    def is_open(self) -> pl.Series:
        return self.frame["outcome"] == "open"

    @property
    def is_example(self) -> pl.Series:
        """Whether the lead's horizon has passed, and it had not won before it became a lead."""
        return self.frame["mature"] & self.frame["place"].is_in(["example", "decided"])


def told_by_end(column: Column, told: Told) -> str:
    """Tell whether the field is filled on leads that ended alone; "" for no. A box that is not ticked is empty."""
    if column.entity is not Entity.LEAD:
        return ""
    values = column.values
    filled = (values == "true").fill_null(value=False) if _is_box(column) else values.is_not_null()
    undecided, ended = told.is_mature & told.is_open, told.is_mature & ~told.is_open
    had = share(filled.filter(ended))
    seen, expected = int(filled.filter(undecided).sum()), had * int(undecided.sum())
    if expected < EXPECTED or seen > LEFT * expected:
        return ""
    done = "ticked" if _is_box(column) else "filled"
    return f"{done} on leads that ended ({had:.0%}), and on {seen:,} of {undecided.sum():,} that have not"


def told_by_history(column: Column, told: Told, survey: Survey) -> str:
    """Tell whether the CRM's history shows the field filled at the outcome or after it; "" for no, or no history."""
    if column.entity is not Entity.LEAD:
        return ""
    first = survey.changes.filter((pl.col("field") == column.field.name) & pl.col("old").is_null())
    ends = told.frame.select("id", "outcome_at").drop_nulls()
    dated = first.join(ends, on="id").select((instant("at") + SOON >= pl.col("outcome_at")).alias("late"))["late"]
    late = share(dated)
    if len(dated) < CHANGES or late < AFTERWARDS:
        return ""
    return f"its history shows {late:.0%} of {len(dated):,} values filled when the lead ended, or later"


def found_by_detector(features: Sequence[Feature], frame: pl.DataFrame, told: Told) -> dict[str, str]:
    """Tell by feature why the leak detector drops it. `frame` has the features of all sampled leads, in their order."""
    some = frame.with_columns(told.frame["reached"].alias("label")).filter(told.is_example)
    result: Screened = screened(some, features, seed=SEED)
    return {one.feature: one.reason for one in result.findings if one.verdict == "dropped"}


def _is_box(column: Column) -> bool:
    return bool(column.values.drop_nulls().is_in(["true", "false"]).all())
