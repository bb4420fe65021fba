"""An org that years of admins have customised: sixty custom fields on the lead, whose names say nothing of their worth.

Twelve decide who buys, beside what `connector.simulator.truth` lists; six are filled at or after the outcome; ten hold
nothing to learn from; the others are drawn without a look at anything. `PLAN` says which is which: it is what a
suggestion of a mapping is measured by.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
import polars as pl

from connector.crm import Kind
from connector.simulator import custom_draws as draws
from connector.simulator.custom_draws import Drawing, Told
from connector.simulator.draw import Floats
from connector.simulator.world import CustomField, World, generate

SIGNAL, LEAK, JUNK, NOISE = "signal", "leak", "junk", "noise"
TEXT, NUMBER, YES_NO, PICKLIST = Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.OPTION
SEVERAL, DATE, TIME = Kind.OPTIONS, Kind.DATE, Kind.INSTANT


@dataclass(frozen=True, slots=True)
class Planned:
    """One field: its name without "__c", what it really is, and how its values are drawn."""

    name: str
    label: str
    kind: Kind
    role: str
    drawn: Callable[[Drawing], Told]


def _words(*words: str, effects: tuple[float, ...] = (), filled: float = 0.9) -> Callable[[Drawing], Told]:
    return partial(draws.words, of=words, effects=effects, filled=filled)


def _number(
    effect: float = 0.0, filled: float = 0.9, *, steps: int = 0, wide: bool = False
) -> Callable[[Drawing], Told]:
    return partial(draws.number, effect=effect, filled=filled, steps=steps, wide=wide)


def _flag(effect: float = 0.0, share: float = 0.4) -> Callable[[Drawing], Told]:
    return partial(draws.flag, effect=effect, share=share)


_SIGNALS = (
    Planned("Misc_3", "Misc 3", PICKLIST, SIGNAL, _words("I", "II", "III", "IV", effects=(-0.6, -0.1, 0.2, 0.7))),
    Planned("Field_17", "Field 17", NUMBER, SIGNAL, _number(0.4, filled=0.8)),
    Planned("Legacy_Code", "Legacy code", TEXT, SIGNAL, _words("A1", "A2", "B1", "B2", effects=(-0.5, 0.5, 0.0, 0.3))),
    Planned("Color", "Colour", PICKLIST, SIGNAL, _words("red", "green", "blue", effects=(0.5, -0.5, 0.0))),
    Planned("X_Temp", "X temp", NUMBER, SIGNAL, _number(-0.4, steps=10)),
    Planned("Old_Segment", "Old segment", TEXT, SIGNAL, draws.segments),
    Planned("Fax_Opt_In", "Fax opt-in", YES_NO, SIGNAL, _flag(0.6)),
    Planned("Team_Notes", "Notes of the team", TEXT, SIGNAL, _words("x", "xx", "xxx", effects=(-0.5, 0.1, 0.5))),
    Planned("Import_Batch", "Import batch", NUMBER, SIGNAL, _number(0.4, wide=True)),
    Planned(
        "Region_Old", "Region (old)", PICKLIST, SIGNAL, _words("N", "E", "S", effects=(0.6, 0.0, -0.6), filled=0.5)
    ),
    Planned("Deprecated_Flag", "Deprecated: do not use", YES_NO, SIGNAL, _flag(-0.6, share=0.3)),
    Planned("Ref_Type", "Reference type", PICKLIST, SIGNAL, _words("10", "20", "30", effects=(-0.4, 0.1, 0.5))),
)
_LEAKS = (
    Planned("Misc_7", "Misc 7", PICKLIST, LEAK, draws.lost_reason),
    Planned("Budget_Range", "Budget range", NUMBER, LEAK, draws.amount),
    Planned("Preferred_Start", "Preferred start", DATE, LEAK, draws.closing_date),
    Planned("Response_Time", "Response time", NUMBER, LEAK, draws.days_to_end),
    Planned("Engagement_Index", "Engagement index", NUMBER, LEAK, draws.later_score),
    Planned("Newsletter", "Newsletter", YES_NO, LEAK, draws.was_converted),
)
_JUNK = (
    Planned("Customer_Tier", "Customer tier", TEXT, JUNK, draws.identifier),
    Planned("Ext_Key", "External key", TEXT, JUNK, draws.identifier),
    Planned("Intent_Summary", "Intent summary", TEXT, JUNK, draws.prose),
    Planned("Sync_Counter", "Sync counter", NUMBER, JUNK, draws.row_number),
    Planned("Hot_Lead", "Hot lead", YES_NO, JUNK, _flag(share=0.0)),
    Planned("Business_Unit", "Business unit", TEXT, JUNK, _words("EMEA", filled=1.0)),
    Planned("Pipeline_Value", "Pipeline value", NUMBER, JUNK, _number(filled=0.008)),
    Planned("Decision_Maker", "Decision maker", PICKLIST, JUNK, _words("Yes", "No", filled=0.006)),
    Planned("Demo_Requested", "Demo requested on", TIME, JUNK, partial(draws.moment, filled=0.004)),
    Planned("Campaign_Key", "Campaign key", TEXT, JUNK, draws.many_codes),
)
_NOISE = (
    Planned("Win_Probability", "Win probability", NUMBER, NOISE, _number(steps=100)),
    Planned("Lead_Score_v2", "Lead score v2", NUMBER, NOISE, _number()),
    Planned("Deal_Amount_USD", "Deal amount (USD)", NUMBER, NOISE, _number(wide=True, filled=0.7)),
    Planned("Close_Date_Guess", "Close date", DATE, NOISE, partial(draws.day, filled=0.6)),
    Planned("Converted_Flag", "Converted", YES_NO, NOISE, _flag()),
    Planned("Lost_Reason_Old", "Lost reason", PICKLIST, NOISE, _words("Price", "Timing", "Rival", filled=0.8)),
    Planned("Customer_Since", "Customer since", DATE, NOISE, partial(draws.day, filled=0.5)),
    Planned("Stage_Guess", "Stage", TEXT, NOISE, _words("alpha", "beta", "gamma", "delta")),
    Planned("Outcome_Code", "Outcome code", TEXT, NOISE, _words("O1", "O2", "O3", "O4", "O5", filled=0.6)),
    Planned("Is_Customer", "Is a customer", YES_NO, NOISE, _flag(share=0.2)),
    Planned("Revenue_2023", "Revenue 2023", NUMBER, NOISE, _number(wide=True, filled=0.4)),
    Planned("Seats", "Seats", NUMBER, NOISE, _number(steps=50, filled=0.5)),
    Planned("Plan_Wish", "Plan", PICKLIST, NOISE, _words("Free", "Team", "Enterprise", filled=0.7)),
    Planned("Interests", "Interests", SEVERAL, NOISE, draws.several),
    Planned("Channels", "Channels", SEVERAL, NOISE, draws.several),
    Planned("Shirt_Size", "Shirt size", PICKLIST, NOISE, _words("S", "M", "L", "XL", filled=0.3)),
    Planned("Favourite_Day", "Favourite day", PICKLIST, NOISE, _words("Mon", "Tue", "Wed", "Thu", "Fri")),
    Planned("Booth", "Booth", TEXT, NOISE, _words("H1", "H2", "H3", "H4", "H5", "H6", filled=0.2)),
    Planned("Badge_Scans", "Badge scans", NUMBER, NOISE, _number(steps=6, filled=0.3)),
    Planned("Consent", "Consent", YES_NO, NOISE, _flag(share=0.8)),
    Planned("Partner_Flag", "Partner", YES_NO, NOISE, _flag(share=0.1)),
    Planned("Beta_User", "Beta user", YES_NO, NOISE, _flag(share=0.05)),
    Planned("Form_Variant", "Form variant", PICKLIST, NOISE, _words("A", "B", "C", "D")),
    Planned("Page_Language", "Page locale", PICKLIST, NOISE, _words("en", "de", "fr", "es", "it", filled=0.95)),
    Planned("Browser", "Browser", TEXT, NOISE, _words("Chrome", "Firefox", "Safari", "Edge", filled=0.9)),
    Planned("Screen_Width", "Screen width", NUMBER, NOISE, _number(steps=40, filled=0.9)),
    Planned("Scroll_Depth", "Scroll depth", NUMBER, NOISE, _number(filled=0.85)),
    Planned("Webinar_At", "Webinar", TIME, NOISE, partial(draws.moment, filled=0.3)),
    Planned("Trial_Ends", "Trial ends", DATE, NOISE, partial(draws.day, filled=0.25)),
    Planned("Budget_Code", "Budget code", NUMBER, NOISE, _number(steps=20, filled=0.35)),
    Planned("Office_Floor", "Office floor", NUMBER, NOISE, _number(steps=12, filled=0.3)),
    Planned("Sector_Guess", "Sector guess", TEXT, NOISE, _words("p", "q", "r", "s", "t", "u", "v", filled=0.75)),
)


def _spread(*groups: tuple[Planned, ...]) -> tuple[Planned, ...]:
    """Order the fields so that any number of the first ones has its share of each group."""
    placed = [((place + 0.5) / len(group), field) for group in groups for place, field in enumerate(group)]
    return tuple(field for _, field in sorted(placed, key=lambda pair: pair[0]))


PLAN = _spread(_SIGNALS, _LEAKS, _JUNK, _NOISE)


def customised(*, leads: int, seed: int, now: datetime, horizon_days: int, years: float, fields: int) -> World:
    """Make up a Salesforce world with the first so many fields of PLAN. Deterministic by its arguments.

    Without their effect on who buys, all else of it would be what `generate` makes of the same arguments.
    Raises ValueError for more fields than are planned.
    """
    if not 0 <= fields <= len(PLAN):
        raise ValueError(f"there are {len(PLAN)} custom fields, and {fields} were asked for")
    plan = PLAN[:fields]
    early = {one.name: _drawn(one, seed, leads, None) for one in plan if one.role == SIGNAL}
    effect: Floats = np.sum([told.effect for told in early.values()], axis=0) if early else np.zeros(leads)
    world = generate(leads=leads, seed=seed, now=now, horizon_days=horizon_days, years=years, beside=effect)
    columns = [(early.get(one.name) or _drawn(one, seed, leads, world)).values.alias(one.name) for one in plan]
    return replace(world, leads=world.leads.with_columns(columns), custom=tuple(map(_described, plan, columns)))


def _drawn(one: Planned, seed: int, leads: int, world: World | None) -> Told:
    """Draw by a generator of the field's own, so that no field moves another."""
    rng = np.random.default_rng([seed, *one.name.encode()])
    return one.drawn(Drawing(rng, leads, world))


def _described(one: Planned, column: pl.Series) -> CustomField:
    if one.kind not in {PICKLIST, SEVERAL}:
        return CustomField(one.name, one.label, one.kind, native=True)
    options = sorted({word for value in column.drop_nulls().unique() for word in value.split(";")})
    return CustomField(one.name, one.label, one.kind, tuple(options), native=True)
