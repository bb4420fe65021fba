"""What the data says of a mapping: empty and constant features, leaks, drift, untracked changes, dead rules."""

import numpy as np
import polars as pl

from mappings.checks.check_data import (
    against_drift,
    against_features,
    against_history,
    against_outcomes,
    against_points,
    against_rules,
)
from mappings.checks.findings import Severity, places
from mappings.file.load import parse

TEXT = """\
version: 1
crm: salesforce
outcome: {milestone: converted, horizon_days: 90, created: CreatedDate, converted_at: ConvertedDate}
features:
  - {name: source, label: Source, kind: category, family: fit, from: LeadSource}
  - {name: size, label: Size, kind: number, family: fit, from: Size__c}
  - {name: bounced, label: Bounced, kind: boolean, family: fit, from: Bounced__c}
points:
  rules:
    - {feature: size, from: 10, points: 5}
    - {feature: size, from: 50, points: 5}
    - {feature: size, from: 5000, points: 5}
    - {feature: bounced, is: true, disqualify: true}
    - {feature: bounced, is: true, points: -5}
    - {feature: size, from: 10, points: 7}
    - {feature: source, present: false, points: -1}
rules:
  list:
    - {name: whale, when: {feature: size, from: 5000}, because: it is huge, grade: A}
    - {name: minnow, when: {feature: size, below: 10}, because: it is tiny, grade: D}
"""
MAPPING = parse(TEXT, "acme.yaml")
PLACES = places(TEXT, "acme.yaml")
ROWS = 600
RNG = np.random.default_rng(3)
FRAME = pl.DataFrame(
    {
        "source": [None if place % 7 == 0 else f"s{place % 5}" for place in range(ROWS)],
        "size": RNG.integers(0, 100, ROWS).astype(float),
        "bounced": RNG.random(ROWS) < 0.2,
    }
)


def lines(findings, severity=Severity.WARNING):
    return [one.line for one in findings if one.severity is severity]


def test_features_that_cost_nothing_and_are_empty_are_told_in_one_line():
    free = "".join(
        f"  - {{name: {name}, kind: category, family: fit, from: {name}__c, optional: true}}\n" for name in ("aa", "bb")
    )
    mapping = parse(TEXT.replace("points:\n", f"{free}points:\n", 1), "acme.yaml")
    frame = FRAME.with_columns(aa=pl.lit(None, pl.String), bb=pl.lit(None, pl.String))

    [one] = against_features(mapping, frame, PLACES)

    assert one.message == "2 features have a value on none of 600 leads: aa, bb"
    assert one.severity is Severity.NOTE


def test_rules_that_say_nothing_are_told_and_rules_that_add_up_are_not():
    assert lines(against_points(MAPPING, FRAME, PLACES)) == [12, 14, 15]


def test_a_rule_for_what_is_missing_is_alive_where_something_is():
    filled = FRAME.with_columns(pl.col("source").fill_null("s0"))

    assert 16 in lines(against_points(MAPPING, filled, PLACES))


def test_hard_rules_that_hold_for_no_lead_are_told():
    assert lines(against_rules(MAPPING, FRAME)) == [19]


def test_features_without_values_or_with_one_are_told():
    frame = FRAME.with_columns(pl.lit(None, dtype=pl.String).alias("source"), pl.lit(4.0).alias("size"))

    assert lines(against_features(MAPPING, frame, PLACES)) == [5, 6]
    assert not lines(against_features(MAPPING, FRAME, PLACES))


def test_of_few_leads_nothing_is_said():
    empty = FRAME.head(50).with_columns(pl.lit(None, dtype=pl.String).alias("source"))

    assert not [*against_features(MAPPING, empty, PLACES), *against_points(MAPPING, empty, PLACES)]


def test_a_feature_that_leaks_is_told():
    label = RNG.random(ROWS) < 0.3
    examples = FRAME.with_columns(
        pl.Series("label", label), pl.Series("size", [5.0 if won else None for won in label], dtype=pl.Float64)
    )

    assert lines(against_outcomes(MAPPING, examples, PLACES)) == [6]


def test_a_feature_that_moved_since_training_is_told():
    assert lines(against_drift(MAPPING, {"source": 0.6, "size": 0.1, "gone": 2.0}, PLACES)) == [5]


def test_a_field_that_changes_without_history_is_told_and_one_with_history_is_not():
    met = {"LeadSource": 4, "Size__c": 9, "Other": 3}

    assert lines(against_history(MAPPING, met, {"Size__c": 2}), Severity.NOTE) == [5]
