"""What rules and decisions by hand make of scores."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.file.covering import meets
from mappings.file.load import parse
from mappings.outbound import outbound
from mappings.outputs import GRADES
from mappings.ruling import ByHand
from mappings.verdicts import REASON, decided, grades_by_rule, holding
from tests.mappings.given_rules import FEATURES, rule, ruled

NOW = datetime(2026, 11, 3, tzinfo=UTC)
OUT = rule("out", "{feature: industry, is: rival}", "score: lowest, route: disqualify", "a competitor")
BIG = rule("big", "{feature: employees, from: 100}", "grade: A", "large")
ABROAD = rule("abroad", "{feature: free_mail, present: false}", "route: partners", "abroad")
PLAIN = parse(FEATURES, "plain.yaml")
SCHEMA = {"id": pl.String, "industry": pl.String, "employees": pl.Float64, "free_mail": pl.Boolean}
OWN = {"code": "X+", "feature": "x", "text": "own", "effect": 0.5}


def features(*rows):
    return pl.DataFrame([{"id": str(n)} | row for n, row in enumerate(rows)], schema=SCHEMA)


def scores(count, *, score=60, grade="B", likelihood=0.4):
    row = {"score": score, "grade": grade, "likelihood": likelihood, "fit": 50, "engagement": 50, "margin": 0.1}
    whole = pl.DataFrame([{"id": str(n)} | row | {"reasons": [OWN]} for n in range(count)])
    return whole.with_columns(pl.col("score").cast(pl.Int16), pl.col("reasons").cast(pl.List(REASON)))


def told(mapping, some, by_hand=None, **how):
    return decided(mapping, scores(some.height, **how), some, by_hand).to_dicts()


def test_the_first_rule_that_holds_counts_and_the_rest_is_as_it_was():
    some = features({"industry": "Rival", "employees": 500.0}, {"employees": 500.0}, {"employees": 5.0})

    out, big, none = told(ruled(OUT, BIG), some)

    assert (out["score"], out["grade"], out["route"], out["likelihood"]) == (1, "D", "disqualify", None)
    assert [reason["code"] for reason in out["reasons"]] == ["RULE_OUT", "X+"]
    assert (big["score"], big["grade"], big["route"], big["likelihood"]) == (60, "A", "sales", 0.4)
    assert (none["grade"], none["route"], none["reasons"]) == ("B", "sales", [OWN])


def test_rules_tell_whose_grade_they_decide():
    some = features(
        {"industry": "Rival", "employees": 500.0}, {"employees": 500.0}, {"employees": 5.0, "free_mail": None}
    )

    assert grades_by_rule(ruled(OUT, BIG, ABROAD), some) == {"0": "D", "1": "A"}
    assert grades_by_rule(ruled(BIG, OUT), some) == {"0": "A", "1": "A"}
    assert grades_by_rule(PLAIN, some) == {}


def test_where_all_apply_the_earlier_one_wins_and_every_reason_is_told():
    some = features({"industry": "rival", "employees": 500.0})

    (first,) = told(ruled(BIG, ABROAD, OUT, apply="all"), some)

    assert (first["score"], first["grade"], first["route"]) == (1, "D", "partners")
    assert [reason["text"] for reason in first["reasons"]] == ["large", "abroad", "Disqualified: a competitor", "own"]


@pytest.mark.parametrize(("before", "asked", "effect"), [("A", "D", -1), ("D", "D", -1), ("C", "B", 1), ("A", "A", 1)])
def test_a_rule_speaks_for_or_against_by_the_grade_that_it_asks_for(before, asked, effect):
    (one,) = told(ruled(rule(does=f"grade: {asked}")), features({"employees": 500.0}), grade=before)

    assert (one["grade"], one["reasons"][0]["effect"]) == (asked, effect)


def test_a_grade_by_hand_goes_before_every_rule():
    hand = {"0": ByHand("key account", grade="C", until=datetime(2027, 1, 1, tzinfo=UTC))}

    (one,) = told(ruled(OUT), features({"industry": "rival"}), hand)

    assert (one["score"], one["grade"], one["route"], one["likelihood"]) == (60, "C", "nurture", 0.4)
    assert [reason["text"] for reason in one["reasons"]] == ["Set by hand until 31 Dec 2026: key account", "own"]
    assert [reason["effect"] for reason in one["reasons"]] == [-1.0, 0.5]


def test_a_route_by_hand_leaves_the_grade_to_rules():
    (one,) = told(ruled(BIG), features({"employees": 100.0}), {"0": ByHand("mine", route="partners")})

    assert (one["grade"], one["route"]) == ("A", "partners")
    assert [reason["code"] for reason in one["reasons"]] == ["OVERRIDE", "RULE_BIG", "X+"]


@pytest.mark.parametrize("mapping", [PLAIN, ruled(OUT, BIG)], ids=["without rules", "with rules"])
def test_no_leads_make_no_verdicts_of_the_same_columns(mapping):
    none = decided(mapping, scores(1).head(0), features({}).head(0))

    assert none.height == 0
    assert none.schema == decided(mapping, scores(1), features({}), {"0": ByHand("x", grade="A")}).schema


def test_what_was_decided_is_the_top_reason_whatever_the_score():
    low = decided(ruled(BIG), scores(1, score=10, grade="D"), features({"employees": 100.0}))
    high = decided(ruled(rule(does="route: disqualify", because="spam")), scores(1), features({"employees": 100.0}))

    for made, text, sign, code in ((low, "large", "+", "RULE_BIG"), (high, "spam", "-", "RULE_ONE")):
        ((_, values),) = outbound(PLAIN, made, model="m", now=NOW)
        assert values["TG_Top_Reason__c"] == text
        assert values["TG_Reasons__c"].startswith(f"{sign} {text}")
        assert values["TG_Reason_Codes__c"] == f"{code};X+"


def test_a_route_of_a_rule_is_what_is_written():
    made = decided(ruled(ABROAD), scores(1), features({}))

    ((_, values),) = outbound(PLAIN, made, model="m", now=NOW)

    assert values["TG_Route__c"] == "partners"


numbers = st.sampled_from([0.0, 5.0, 10.0, 50.0])
tests = st.one_of(
    numbers.map(lambda low: f"{{feature: employees, from: {low}}}"),
    numbers.map(lambda low: f"{{feature: employees, below: {low}}}"),
    st.sampled_from(["rival", "Banking"]).map(lambda value: f"{{feature: industry, is: [{value}]}}"),
    st.booleans().map(lambda value: f"{{feature: free_mail, is: {str(value).lower()}}}"),
    st.tuples(st.sampled_from(["employees", "industry"]), st.booleans()).map(
        lambda made: f"{{feature: {made[0]}, present: {str(made[1]).lower()}}}"
    ),
)
conditions = st.recursive(
    tests,
    lambda parts: st.one_of(
        st.tuples(st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3)).map(
            lambda made: f"{{{made[0]}: [{', '.join(made[1])}]}}"
        ),
        parts.map(lambda part: f"{{not: {part}}}"),
    ),
    max_leaves=6,
)
leads = st.fixed_dictionaries(
    {
        "industry": st.sampled_from(["Rival", "banking", "other", None]),
        "employees": st.one_of(st.none(), numbers, st.just(float("nan"))),
        "free_mail": st.sampled_from([True, False, None]),
    }
)


def plain(value):
    if value is None or value != value:  # noqa: PLR0124  not a number
        return None
    return value if isinstance(value, float) else str(value).lower()


@given(conditions, st.lists(leads, min_size=1, max_size=6))
def test_a_condition_holds_in_a_frame_where_it_does_for_each_lead(when, some):
    mapping = ruled(rule(when=when))
    condition, known = mapping.ruling.rules[0].when, {one.feature.name: one for one in mapping.rules}

    found = features(*some).select(holding(condition, {f.name: f for f in mapping.features}).alias("holds"))["holds"]

    assert found.to_list() == [
        meets(condition, {name: plain(value) for name, value in lead.items()}, known) for lead in some
    ]


@given(
    st.lists(st.tuples(conditions, st.sampled_from(["grade: A", "route: x", "score: lowest"])), max_size=3),
    st.sampled_from(["first", "all"]),
    st.lists(st.tuples(leads, st.none() | st.sampled_from(GRADES)), min_size=1, max_size=5),
)
def test_a_lead_is_decided_alone_as_it_is_among_others(rules, apply, some):
    made = [rule(f"r{place}", when, does) for place, (when, does) in enumerate(rules)]
    mapping = ruled(*made, apply=apply) if made else PLAIN
    frame = features(*(lead for lead, _ in some))
    hand = {str(n): ByHand("x", grade=grade) for n, (_, grade) in enumerate(some) if grade}

    together = decided(mapping, scores(frame.height), frame, hand)

    alone = [decided(mapping, scores(frame.height)[n], frame[n], hand) for n in range(frame.height)]
    assert pl.concat(alone).equals(together)
