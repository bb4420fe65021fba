"""A suggestion judges by values, names every leak, and what it writes is always a mapping."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connector.crm import Entity, Field, Kind
from mappings.drafts.draft import days_label, of_this_org, written
from mappings.drafts.suggest import suggest
from mappings.drafts.survey import Survey
from mappings.file.load import load_preset, parse, preset_text
from mappings.frames.as_of import CHANGES

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PRESET = load_preset("salesforce")
LEADS = 1_200
STRUCTURE = [
    Field("CreatedDate", "Created", Kind.INSTANT),
    Field("IsConverted", "Converted", Kind.BOOLEAN),
    Field("ConvertedDate", "Converted on", Kind.DATE),
    Field("ConvertedOpportunityId", "Opportunity", Kind.REFERENCE),
    Field("Status", "Status", Kind.OPTION, options=("Open", "Rejected by sales")),
]
RNG = np.random.default_rng(5)
WON = RNG.random(LEADS) < 0.3
CREATED = [NOW - timedelta(days=400 - 0.2 * place) for place in range(LEADS)]
ENDED_AT = [at + timedelta(days=30) for at in CREATED]
OPEN = ~WON & (RNG.random(LEADS) < 0.5)


def survey(*customs, changes=(), leads=LEADS):
    """A CRM whose first leads won a third of the time; `customs` are (field, values)."""
    won = WON[:leads]
    frame = {
        "id": [f"L{place}" for place in range(leads)],
        "link": pl.Series([None] * leads, dtype=pl.String),
        "key": pl.Series([None] * leads, dtype=pl.String),
        "CreatedDate": [f"{at:%Y-%m-%dT%H:%M:%S}.000Z" for at in CREATED[:leads]],
        "IsConverted": ["true" if one else "false" for one in won],
        "ConvertedDate": [f"{at:%Y-%m-%d}" if one else None for at, one in zip(ENDED_AT, won, strict=False)],
        "ConvertedOpportunityId": [f"D{place}" if one else None for place, one in enumerate(won)],
        "Status": ["Open" if one else "Rejected by sales" for one in OPEN[:leads]],
    }
    frame |= {field.name: pl.Series(values[:leads], dtype=pl.String) for field, values in customs}
    numbers = np.flatnonzero(won)
    deals = {
        "id": [f"D{place}" for place in numbers],
        "link": pl.Series([None] * len(numbers), dtype=pl.String),
        "key": pl.Series([None] * len(numbers), dtype=pl.String),
        "IsWon": ["true"] * len(numbers),
        "IsClosed": ["true"] * len(numbers),
        "CloseDate": [f"{ENDED_AT[place]:%Y-%m-%d}" for place in numbers],
        "Amount": ["100"] * len(numbers),
    }
    companies = pl.DataFrame(schema={"id": pl.String, "key": pl.String, "link": pl.String})
    fields = {Entity.LEAD: (*STRUCTURE, *(field for field, _ in customs))}
    history = pl.DataFrame(changes, schema=CHANGES, orient="row")
    return Survey("salesforce", NOW, fields, pl.DataFrame(frame), companies, pl.DataFrame(deals), history)


def judged(*customs, **how):
    seen = survey(*customs, **how)
    found = suggest(seen, of_this_org(PRESET, seen.fields[Entity.LEAD]))
    return {one.column.field.name: one for one in found.judged}, found


def custom(name, kind, **more):
    return Field(f"{name}__c", name.replace("_", " "), kind, custom=True, **more)


def draws(*values, seed=1):
    return [values[at] for at in np.random.default_rng(seed).integers(0, len(values), LEADS)]


@pytest.mark.parametrize(
    ("kind", "values", "role", "as_kind"),
    [
        (Kind.TEXT, draws("a", "b", "c"), "feature", "category"),
        (Kind.OPTION, draws("a", "b", None), "feature", "category"),
        (Kind.BOOLEAN, draws("true", "false"), "feature", "boolean"),
        (Kind.NUMBER, draws(*map(str, range(40))), "feature", "number"),
        (Kind.TEXT, draws(*(f"{number} seats" for number in range(40))), "feature", "category"),
        (Kind.TEXT, draws(*(f"${number},000" for number in range(40))), "feature", "number"),
        (Kind.TEXT, draws("x", None), "feature", "boolean"),
        (Kind.TEXT, [f"k{place}" for place in range(LEADS)], "identifier", ""),
        (Kind.NUMBER, [str(place) for place in range(LEADS)], "identifier", ""),
        (Kind.TEXT, [f"called about offer {place} twice" for place in range(LEADS)], "free text", ""),
        (Kind.TEXT, draws(*(f"code {number}" for number in range(400))), "too many values", ""),
        (Kind.TEXT, ["same"] * LEADS, "constant", ""),
        (Kind.NUMBER, ["1"] * 10 + [None] * (LEADS - 10), "nearly empty", ""),
        (Kind.TEXT, [f"p{place}@acme.example" for place in range(LEADS)], "identifier", ""),
        (Kind.DATE, draws("2024-01-02", "2024-03-04"), "feature", "number"),
    ],
)
def test_a_field_is_judged_by_its_values(kind, values, role, as_kind):
    told, _ = judged((custom("Win_Probability", kind), values))

    assert (told["Win_Probability__c"].role.name, told["Win_Probability__c"].role.kind) == (role, as_kind)


def test_what_is_filled_on_ended_leads_alone_is_a_leak_whatever_it_is_called():
    ended = [None if is_open else draws("x", "y")[place] for place, is_open in enumerate(OPEN)]

    told, _ = judged((custom("Shirt_Size", Kind.OPTION), ended), (custom("Closed_Won", Kind.OPTION), draws("x", "y")))

    assert told["Shirt_Size__c"].role.name == "leak"
    assert told["Closed_Won__c"].role.name == "feature"


def test_what_history_shows_filled_after_the_end_is_a_leak():
    late = [(f"L{place}", "Size__c", f"{ENDED_AT[place]:%Y-%m-%dT%H:%M:%S}.000Z", None) for place in range(LEADS)]
    early = [(f"L{place}", "Plan__c", f"{CREATED[place]:%Y-%m-%dT%H:%M:%S}.000Z", None) for place in range(LEADS)]
    fields = ((custom("Size", Kind.OPTION), draws("x", "y")), (custom("Plan", Kind.OPTION), draws("x", "y")))

    told, _ = judged(*fields, changes=late + early)

    assert told["Size__c"].role.name == "leak"
    assert "history" in told["Size__c"].role.why
    assert told["Plan__c"].role.name == "feature"


def test_what_is_too_good_is_a_leak_even_where_it_is_always_filled():
    rng = np.random.default_rng(9)
    score = [f"{50 + 20 * won + rng.normal(0, 4):.2f}" for won in WON]

    told, _ = judged(
        (custom("Fit_Index", Kind.NUMBER), score), (custom("Noise", Kind.NUMBER), draws(*map(str, range(9))))
    )

    assert told["Fit_Index__c"].role.name == "leak"


def test_what_the_records_themselves_tell_counts_as_filled():
    _, found = judged((Field("Email", "Email", Kind.TEXT), ["kim@acme.example"] * LEADS))

    assert found.fills["mail_kind"] == 1
    assert "100% of the leads have a value.\n  - {name: mail_kind" in written(
        found, preset_text("salesforce"), name="acme"
    )


def test_with_too_few_ended_leads_it_says_so_and_keeps_what_it_cannot_judge():
    ended = [None if is_open else "x" for is_open in OPEN]
    told, found = judged((custom("Reason", Kind.OPTION), ended), leads=200)

    assert told["Reason__c"].role.kept
    assert "too few to tell" in written(found, preset_text("salesforce"), name="acme")


def test_fields_that_know_the_outcome_by_their_name_stay_out():
    told, _ = judged((Field("Rating", "Rating", Kind.OPTION), draws("Hot", "Cold")))

    assert told["Rating"].role.name == "knows the outcome"


def test_the_draft_takes_the_org_s_own_words_for_a_lead_that_was_turned_down():
    _, found = judged()

    mapping = parse(written(found, preset_text("salesforce"), name="acme"), "draft.yaml")

    assert mapping.outcome.disqualified_values == ("Rejected by sales",)
    assert set(PRESET.features) <= set(mapping.features)


LABELS = st.text(max_size=60) | st.sampled_from(
    ["a\n  - {name: evil}", "# x: y", '"', "\u2028{", "'}, told: false", ""]
)


@settings(max_examples=40, phases=(Phase.explicit, Phase.generate))
@given(
    label=LABELS, name=st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,30}", fullmatch=True), kind=st.sampled_from(list(Kind))
)
def test_whatever_a_stranger_calls_a_field_the_draft_is_a_mapping(label, name, kind):
    field = Field(f"{name}__c", label, kind, custom=True)
    values = draws("2024-01-02", "2024-03-04") if kind in {Kind.DATE, Kind.INSTANT} else draws("1", "2", "3")
    _, found = judged((field, values), leads=250)

    mapping = parse(written(found, preset_text("salesforce"), name=label or "x"), "draft.yaml")

    extra = [rule for rule in mapping.rules if rule.feature not in PRESET.features]
    assert len(extra) == len(found.kept)
    assert all(source.field == field.name for rule in extra for source in rule.sources)


def test_each_frequent_option_of_a_field_of_several_gets_a_feature_of_its_own():
    values = draws("Tea;Coffee", "Tea", "Coffee (black);Tea", None)
    interests = custom("Interests", Kind.OPTIONS, options=("Tea", "Coffee", "Coffee (black)", "Water"))
    by_field, found = judged((interests, values))

    text = written(found, preset_text("salesforce"), name="ours")

    mapping = parse(text, "drafted.yaml")
    drafted = {rule.feature.name: rule for rule in mapping.rules if rule.feature.name.startswith("interests")}
    assert set(drafted) == {"interests_tea", "interests_coffee", "interests_coffee_black"}
    assert drafted["interests_coffee_black"].feature.label == "Interests: Coffee (black)"
    assert drafted["interests_coffee_black"].steps[0].listed == ("Coffee (black)",)
    assert {rule.feature.kind for rule in drafted.values()} == {"boolean"}
    assert set(by_field["Interests__c"].role.options) == {"Tea", "Coffee", "Coffee (black)"}


def test_of_a_box_it_is_told_how_often_it_is_ticked():
    _, found = judged((custom("Consent", Kind.BOOLEAN), draws("true", "false", "false", "false")))

    assert re.search(r"# Consent: ticked on 2\d%; yes or no\.", written(found, preset_text("salesforce"), name="ours"))


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Last visit", "Days since Last visit"),
        ("Customer since", "Customer since (days)"),
        ("Trial ends", "Trial ends (days)"),
        ("Since", "Since (days)"),
        ("Friends", "Days since Friends"),
    ],
)
def test_a_number_of_days_is_named_after_its_date(label, told):
    assert days_label(label, until=False) == told
