"""The points model: laws of scorecards, words of reasons, calibration, and a scorecard derived from examples."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from model.attainable import attainable
from model.errors import UnsuitableFrame
from model.features import Feature
from model.platt import Line
from model.points import Points, calibrated, default_points
from model.points_kept import as_dict, read
from model.reasons import STRUCT
from model.scorecard import Decay, PointsRule, Scorecard, When, holds
from model.tally import tally
from tests.model.conftest import FEATURES, leads

SENIORITY = Feature("seniority", "Seniority", "category", "fit")
EMPLOYEES = Feature("employees", "Employees", "number", "fit")
FREE = Feature("free_mail", "Free e-mail address", "boolean", "fit")
REPLIES = Feature("replies", "Replies", "number", "engagement")
QUIET = Feature("quiet_days", "Days since the last reply", "number", "engagement")
BOUNCED = Feature("bounced", "E-mail bounced", "boolean", "engagement")
ALL = (SENIORITY, EMPLOYEES, FREE, REPLIES, QUIET, BOUNCED)
TYPES = {"number": pl.Float64, "boolean": pl.Boolean, "category": pl.String}
SCHEMA = {"id": pl.String} | {feature.name: TYPES[feature.kind] for feature in ALL}

BOUNCE = PointsRule("bounced", When(values=("true",)), disqualify=True, because="the e-mail address bounced")
CARD = Scorecard(
    (
        PointsRule("seniority", When(values=("c_level", "vp")), 20),
        PointsRule("employees", When(low=100, below=2_000), 15),
        PointsRule("employees", When(present=False), -5),
        PointsRule("free_mail", When(values=("true",)), -10),
        PointsRule("replies", When(low=1), 12),
        BOUNCE,
    )
)


def frame(*rows):
    made = [dict.fromkeys(SCHEMA) | {"id": f"L{number}"} | row for number, row in enumerate(rows)]
    return pl.DataFrame(made, schema=SCHEMA)


def texts(scored):
    return [[reason["text"] for reason in row] for row in scored["reasons"]]


points_of = st.integers(-20, 20).filter(bool).map(float)
numbers = st.sampled_from([0.0, 1.0, 2.0, 5.0, 10.0])
words = st.sampled_from(["vp", "staff", "intern"])
whens = {
    "category": st.lists(words, min_size=1, max_size=2, unique=True).map(lambda values: When(values=tuple(values))),
    "boolean": st.sampled_from(["true", "false"]).map(lambda value: When(values=(value,))),
    "number": st.one_of(
        numbers.map(lambda low: When(low=low)),
        numbers.map(lambda below: When(below=below)),
        numbers.map(lambda most: When(up_to=most)),
        st.tuples(numbers, st.sampled_from([1.0, 4.0])).map(lambda pair: When(low=pair[0], below=sum(pair))),
        numbers.map(lambda value: When(values=(repr(value),))),
    ),
}
presence = st.booleans().map(lambda is_there: When(present=is_there))
rules = st.sampled_from(ALL).flatmap(
    lambda feature: st.builds(PointsRule, st.just(feature.name), st.one_of(whens[feature.kind], presence), points_of)
)
caps = st.one_of(
    st.just(()),
    st.tuples(st.integers(1, 30), st.integers(1, 30)).map(lambda both: (("fit", both[0]), ("engagement", both[1]))),
)
cards = st.builds(
    Scorecard,
    st.lists(rules, max_size=8).map(tuple),
    caps,
    st.just(()),
    st.one_of(st.none(), st.just(Decay(30, "quiet_days"))),
)
GROUPS = (("fit signs", 12.0), ("interest", 7.0))
apart = st.one_of(
    st.builds(
        PointsRule, st.just("replies"), st.just(When(present=True)), points_of,
        per=st.sampled_from([1.0, 2.5]), at_most=st.sampled_from([3.0, 10.0]),
        group=st.sampled_from(["", "interest"]), half_life_days=st.sampled_from([None, 7.0]), age=st.just("quiet_days"),
    ),
    st.tuples(rules, st.booleans(), st.sampled_from([None, 7.0])).map(
        lambda made: replace(
            made[0],
            group=(GROUPS[made[0].feature in {"replies", "quiet_days", "bounced"}][0] if made[1] else ""),
            half_life_days=made[2],
            age="quiet_days" if made[2] else "",
        )
    ),
)  # fmt: skip
rich_cards = st.builds(
    lambda card, more: replace(card, rules=(*card.rules, *more), groups=GROUPS),
    cards,
    st.lists(apart, min_size=1, max_size=5),
)
rows = st.fixed_dictionaries(
    {
        "seniority": st.sampled_from(["VP", "staff", "intern", "other", None]),
        "free_mail": st.sampled_from([True, False, None]),
        "bounced": st.sampled_from([True, False, None]),
        "employees": st.one_of(st.none(), numbers, st.just(float("nan")), st.just(float("inf"))),
        "replies": st.one_of(st.none(), numbers, st.floats(-5, 20)),
        "quiet_days": st.one_of(st.none(), st.floats(-5, 400)),
    }
)
frames = st.lists(rows, min_size=1, max_size=8).map(lambda given_rows: frame(*given_rows))


def plain(row, feature):
    value = row[feature.name]
    if value is None or (feature.kind == "number" and np.isnan(value)):
        return None
    return value if feature.kind == "number" else str(value).lower()


@given(cards, frames)
def test_points_are_those_of_the_rules_that_hold(card, some):
    counted = tally(replace(card, decay=None), ALL, some)

    for place, feature in enumerate(counted.features):
        own = [rule for rule in card.rules if rule.feature == feature.name]
        for number, row in enumerate(some.iter_rows(named=True)):
            fired = [rule.points for rule in own if holds(rule.when, plain(row, feature), feature.kind)]
            assert counted.parts[place][number] == sum(fired)


@given(rich_cards, frames)
def test_no_lead_is_outside_the_attainable_points_and_caps_hold(card, some):
    counted = tally(card, ALL, some)

    for place, family in enumerate(("fit", "engagement")):
        low, high = attainable(card, ALL, family)
        assert (low <= counted.families[place]).all()
        assert (counted.families[place] <= high).all()
        assert (counted.families[place] <= dict(card.caps).get(family, np.inf)).all()


def test_rules_that_exclude_each_other_do_not_add_up():
    industries = (
        PointsRule("seniority", When(values=("vp",)), 20),
        PointsRule("seniority", When(values=("staff",)), 5),
    )
    sizes = (
        PointsRule("employees", When(low=1), 3),
        PointsRule("employees", When(low=10), 4),
        PointsRule("employees", When(below=1), 6),
    )
    missing = (PointsRule("free_mail", When(present=False), -7), PointsRule("free_mail", When(values=("true",)), -2))

    assert attainable(Scorecard(industries), ALL, "fit") == (0, 20)
    assert attainable(Scorecard(sizes), ALL, "fit") == (0, 7)
    assert attainable(Scorecard(missing), ALL, "fit") == (-7, 0)
    assert attainable(Scorecard(industries, floors=(("fit", -1),), caps=(("fit", 12),)), ALL, "fit") == (0, 12)


@given(cards, frames, rules)
def test_a_further_rule_that_gives_points_never_lowers_the_score(card, some, rule):
    more = replace(rule, points=abs(rule.points))
    fires = [
        holds(more.when, plain(row, feature_of(more)), feature_of(more).kind) for row in some.iter_rows(named=True)
    ]

    before = Points(card, ALL).score(some).filter(fires)["score"]
    after = Points(replace(card, rules=(*card.rules, more)), ALL).score(some).filter(fires)["score"]

    assert (after >= before).all()


def feature_of(rule):
    return next(feature for feature in ALL if feature.name == rule.feature)


@given(cards, frames)
def test_a_disqualified_lead_is_at_the_bottom(card, some):
    points = Points(replace(card, rules=(*card.rules, BOUNCE)), ALL)

    scored, bounced = points.score(some), some["bounced"].fill_null(value=False)

    assert set(scored.filter(bounced)["score"]) <= {1}
    assert set(scored.filter(bounced)["grade"]) <= {"D"}
    assert {row[0] for row in texts(scored.filter(bounced))} <= {"Disqualified: the e-mail address bounced"}
    assert (scored.filter(bounced)["margin"] <= scored["margin"].min()).all()


@given(rich_cards, frames, st.randoms())
@settings(max_examples=40)
def test_a_lead_scores_alone_as_it_does_among_others_in_any_order(card, some, shuffle):
    order = list(range(some.height))
    shuffle.shuffle(order)
    points = Points(card, ALL)

    together = points.score(some)

    assert points.score(some[order]).equals(together[order])
    assert pl.concat([points.score(some[row]) for row in range(some.height)]).equals(together)
    assert points.margins(some).tolist() == together["margin"].to_list()


@given(cards, frames)
def test_more_points_are_never_a_lower_score(card, some):
    scored = Points(card, ALL).score(some).sort("margin")

    assert scored["score"].is_sorted()
    assert scored["score"].is_between(1, 99).all()


def test_won_engagement_is_halved_after_one_half_life_and_lost_engagement_stays():
    card = Scorecard(
        (PointsRule("replies", When(low=1), 12), PointsRule("bounced", When(values=("true",)), -8)),
        decay=Decay(30, "quiet_days"),
    )
    active = [{"replies": 3.0, "quiet_days": days} for days in (0.0, 30.0, 60.0, None, -4.0)]

    some = frame(*active, {"bounced": True, "quiet_days": 300.0})

    assert Points(card, ALL).margins(some).tolist() == [12, 6, 3, 12, 12, -8]
    assert texts(Points(card, ALL).score(some))[1] == ["Replies: 3 (+6 points)"]


def test_points_per_unit_are_capped_either_way():
    some = frame({"replies": 3.9}, {"replies": 40.0}, {"replies": -2.0}, {"replies": None})
    won, lost = (PointsRule("replies", When(present=True), points, per=1, at_most=10) for points in (2.0, -2.0))

    assert tally(Scorecard((won,)), ALL, some).parts[0].tolist() == [6, 10, 0, 0]
    assert tally(Scorecard((lost,)), ALL, some).parts[0].tolist() == [-6, -10, 0, 0]
    assert attainable(Scorecard((won,)), ALL, "engagement") == (0, 10)


def test_a_group_wins_no_more_than_its_cap_and_what_is_cut_is_borne_in_proportion():
    rules = (
        PointsRule("replies", When(low=1), 30, group="interest"),
        PointsRule("bounced", When(values=("false",)), 10, group="interest"),
        PointsRule("bounced", When(present=True), -4, group="interest"),
    )
    counted = tally(Scorecard(rules, groups=(("interest", 20.0),)), ALL, frame({"replies": 2.0, "bounced": False}))

    assert [part.tolist() for part in counted.parts] == [[15], [5 - 4]]
    assert attainable(Scorecard(rules, groups=(("interest", 20.0),)), ALL, "engagement") == (-4, 20)


def test_a_half_life_of_a_rule_s_own_takes_the_place_of_the_scorecard_s():
    rules = (
        PointsRule("replies", When(low=1), 8, half_life_days=10, age="quiet_days"),
        PointsRule("seniority", When(values=("vp",)), 8, half_life_days=20),
    )
    card = Scorecard(rules, decay=Decay(1_000, "quiet_days"))

    counted = tally(card, ALL, frame({"replies": 2.0, "seniority": "vp", "quiet_days": 20.0}))

    assert [part.tolist() for part in counted.parts] == [[2], [4]]


def test_fit_never_fades():
    card = Scorecard((PointsRule("seniority", When(values=("vp",)), 10),), decay=Decay(1, "quiet_days"))

    assert Points(card, ALL).margins(frame({"seniority": "vp", "quiet_days": 900.0})).tolist() == [10]


def test_reasons_tell_the_rules_that_fired_strongest_first():
    scored = Points(CARD, ALL).score(
        frame(
            {"seniority": "c_level", "employees": 1_250.0, "free_mail": True, "replies": 2.0},
            {"seniority": "intern", "employees": None, "bounced": True},
            {"seniority": "intern", "employees": 5.0, "free_mail": False},
        )
    )

    assert texts(scored) == [
        [
            "Seniority: c level (+20 points)",
            "Employees: 1,250 (+15 points)",
            "Replies: 2 (+12 points)",
            "Free e-mail address: yes (-10 points)",
        ],
        ["Disqualified: the e-mail address bounced", "Employees: not known (-5 points)"],
        [],
    ]
    first = scored["reasons"][0]
    assert [reason["code"] for reason in first] == ["SENIORITY+", "EMPLOYEES+", "REPLIES+", "FREE_MAIL-"]
    assert [reason["effect"] for reason in first] == [20, 15, 12, -10]
    assert scored["reasons"].dtype == pl.List(STRUCT)


def test_at_most_three_reasons_for_and_two_against_are_told():
    fields = [Feature(f"f{number}", f"F{number}", "boolean", "fit") for number in range(8)]
    signs = [5, 4, 3, 2, -1, -2, -3, 1]
    card = Scorecard(
        tuple(
            PointsRule(field.name, When(values=("true",)), points) for field, points in zip(fields, signs, strict=True)
        )
    )
    some = pl.DataFrame({"id": ["L"], **{field.name: [True] for field in fields}})

    (told,) = texts(Points(card, tuple(fields)).score(some))

    assert told == [
        "F0: yes (+5 points)",
        "F1: yes (+4 points)",
        "F2: yes (+3 points)",
        "F6: yes (-3 points)",
        "F5: yes (-2 points)",
    ]


def test_what_a_rep_may_not_see_counts_but_is_no_reason():
    hidden = (replace(SENIORITY, told=False), *ALL[1:])
    some = frame({"seniority": "vp", "replies": 1.0})

    scored = Points(CARD, hidden).score(some)

    assert texts(scored) == [["Replies: 1 (+12 points)", "Employees: not known (-5 points)"]]
    assert scored["margin"].to_list() == Points(CARD, ALL).score(some)["margin"].to_list()


def test_a_family_gives_no_less_than_its_floor():
    card = replace(CARD, floors=(("fit", -4.0),))
    some = frame({"free_mail": True}, {"free_mail": True, "replies": 1.0}, {"employees": 500.0})

    scored = Points(card, ALL).score(some)

    assert scored["margin"].to_list() == [-4, -4 + 12, 15]
    assert scored["fit"].to_list()[:2] == [1, 1]


def test_without_rules_every_lead_is_in_the_middle():
    scored = Points(Scorecard(), ALL).score(frame({}, {}))

    assert scored.drop("id", "likelihood", "reasons").rows() == [(50, "B", 50, 50, 0.0)] * 2


def test_no_leads_make_no_scores_of_the_same_columns():
    points = Points(CARD, ALL)

    assert points.score(frame()).schema == points.score(frame({})).schema
    assert points.score(frame()).is_empty()


@pytest.mark.parametrize(
    ("some", "words_of_it"),
    [
        (frame({}).drop("replies"), "The column replies is missing"),
        (frame({}).with_columns(pl.lit("12").alias("employees")), "The column employees is String, which is no number"),
    ],
)
def test_a_frame_that_does_not_fit_is_told(some, words_of_it):
    with pytest.raises(UnsuitableFrame, match=words_of_it):
        Points(CARD, ALL).score(some)


def outcomes(rows_of_each=400, seed=4):
    """Make leads whose log-odds are a tenth of their points, and one."""
    draw = np.random.default_rng(seed)
    some = frame(
        *(
            {"replies": float(draw.integers(0, 3)), "seniority": ["vp", "staff"][draw.integers(0, 2)]}
            for _ in range(rows_of_each)
        )
    )
    margin = Points(CARD, ALL).margins(some) / 10 - 1
    return some.with_columns(pl.Series("label", draw.random(rows_of_each) < 1 / (1 + np.exp(-margin))))


def test_no_likelihood_is_promised_before_calibration():
    scored = Points(CARD, ALL).score(outcomes())

    assert scored["likelihood"].null_count() == scored.height
    assert np.isnan(Points(CARD, ALL).likelihood(outcomes())).all()


def test_calibration_finds_the_line_from_points_to_log_odds():
    examples = outcomes(20_000)
    points = Points(CARD, ALL)

    line = calibrated(points, examples).line

    found = LogisticRegression(C=np.inf).fit(points.margins(examples).reshape(-1, 1), examples["label"])
    assert line.slope == pytest.approx(float(found.coef_[0, 0]), rel=0.01)
    assert line.offset == pytest.approx(float(found.intercept_[0]), rel=0.01)


def test_calibrated_scores_keep_their_order_and_turn_points_to_log_odds():
    examples = outcomes()
    before, after = Points(CARD, ALL), calibrated(Points(CARD, ALL), outcomes())

    points, scored = before.score(examples), after.score(examples)

    assert scored["score"].equals(points["score"])
    assert np.allclose(scored["margin"], after.line.slope * points["margin"].to_numpy() + after.line.offset)
    assert np.allclose(scored["likelihood"], 1 / (1 + np.exp(-scored["margin"].to_numpy())))
    assert scored["likelihood"].mean() == pytest.approx(examples["label"].mean(), abs=0.01)
    assert texts(scored) == texts(points)
    assert scored["reasons"][0][0]["effect"] == pytest.approx(after.line.slope * points["reasons"][0][0]["effect"])


@given(rich_cards, st.sampled_from([(), (("fit", -4.0), ("engagement", -2.0))]), frames, st.booleans())
def test_contributions_add_up_whatever_is_capped_faded_or_disqualified(card, floors, some, is_calibrated):
    points = Points(replace(card, floors=floors, rules=(*card.rules, BOUNCE)), ALL)
    if is_calibrated:
        points = replace(points, line=Line(0.08, -1.2), usual=(1.0, -2.0, 0.0, 3.5, 0.0, -0.5))

    told, base = points.contributions(some)

    assert told.shape == (some.height, len(ALL))
    assert np.allclose(told.sum(axis=1) + base, points.log_odds(some), atol=1e-9)
    assert np.allclose(points.score(some)["margin"], points.log_odds(some))


@given(cards, frames)
def test_a_cap_takes_from_what_won_points_alone_and_in_proportion(card, some):
    counted = tally(card, ALL, some)

    told, base = Points(card, ALL).contributions(some)

    assert base == 0
    for place, family in enumerate(("fit", "engagement")):
        own = [number for number, feature in enumerate(counted.features) if feature.family == family]
        for row in range(some.height):
            was = np.array([counted.parts[number][row] for number in own])
            kept = np.array([told[row, ALL.index(counted.features[number])] for number in own])
            share = 1 - counted.cut[place][row] / was[was > 0].sum() if counted.cut[place][row] > 0 else 1.0
            assert np.allclose(kept, np.where(was > 0, share * was, was))


def test_who_is_disqualified_owes_the_whole_way_down_to_the_rule():
    card = replace(CARD, floors=(("fit", -15.0), ("engagement", -9.0)))
    some = frame({"seniority": "vp", "replies": 2.0, "bounced": True, "employees": 3.0})

    [told], base = Points(card, ALL).contributions(some)

    low = sum(attainable(card, ALL, family)[0] for family in ("fit", "engagement"))
    assert base == 0
    assert told.tolist() == [20, 0, 0, 12, 0, low - 32]


def test_contributions_are_told_against_the_usual_lead():
    examples = outcomes(2_000)
    points = calibrated(Points(CARD, ALL), examples)

    told, base = points.contributions(examples)

    assert np.allclose(told.mean(axis=0), 0)
    assert base == pytest.approx(points.log_odds(examples).mean())


def test_rules_are_kept_as_plain_json():
    unit = PointsRule("replies", When(present=True), 2.0, per=1.0, at_most=9.0, group="interest", half_life_days=7.0)
    card = replace(CARD, caps=(("fit", 30),), floors=(("fit", -4.0),), decay=Decay(30, "quiet_days"))
    card = replace(card, rules=(*card.rules, unit), groups=(("interest", 9.0),))
    for points in (Points(card, ALL), calibrated(Points(CARD, ALL), outcomes())):
        told = json.loads(json.dumps(as_dict(points)))

        assert read(told, ALL) == points


@given(cards, frames)
def test_ranks_are_the_scores_of_points(card, some):
    points = Points(card, ALL)

    assert points.ranks(points.margins(some)).tolist() == points.score(some)["score"].to_list()


def test_too_few_outcomes_or_only_one_kind_calibrate_nothing():
    points = Points(CARD, ALL)
    won = outcomes().with_columns(pl.lit(value=True).alias("label"))

    assert calibrated(points, outcomes(49)) is points
    assert calibrated(points, won) is points


def test_disqualified_leads_do_not_bend_the_line():
    examples = outcomes()
    bounced = examples.with_columns(pl.lit(value=True).alias("bounced"), pl.lit(value=True).alias("label"))

    assert calibrated(Points(CARD, ALL), pl.concat([examples, bounced])) == calibrated(Points(CARD, ALL), examples)


def test_points_that_mislead_are_given_no_weight():
    examples = outcomes(2_000).with_columns(~pl.col("label"))

    line = calibrated(Points(CARD, ALL), examples).line

    assert line.slope == 0
    assert 1 / (1 + np.exp(-line.offset)) == pytest.approx(examples["label"].mean(), abs=0.01)


def test_outcomes_that_points_part_without_error_stay_finite():
    examples = frame(*[{"replies": 1.0}] * 40, *[{"replies": 0.0}] * 40)
    likelihood = calibrated(
        Points(CARD, ALL), examples.with_columns(pl.col("replies").cast(pl.Boolean).alias("label"))
    ).likelihood(examples)

    assert 0.9 < likelihood[0] < 1
    assert 0 < likelihood[-1] < 0.1


def test_a_derived_scorecard_gives_ten_times_the_log_odds_of_common_values():
    examples = frame(*[{"seniority": "VP"}] * 40, *[{"seniority": "staff"}] * 60, *[{"seniority": "rare"}] * 29)
    labels = [True] * 30 + [False] * 10 + [True] * 10 + [False] * 50 + [True] * 29
    examples = examples.with_columns(pl.Series("label", labels))

    derived = default_points(examples, (SENIORITY,))

    base = np.log(69.5 / 60.5)
    assert derived.scorecard.rules == (
        PointsRule("seniority", When(values=("staff",)), round(10 * (np.log(10.5 / 50.5) - base))),
        PointsRule("seniority", When(values=("vp",)), round(10 * (np.log(30.5 / 10.5) - base))),
    )


def test_a_derived_scorecard_cuts_numbers_in_quarters_and_counts_what_is_missing():
    examples = frame(*({"employees": float(number)} for number in range(200)), *[{}] * 40)
    examples = examples.with_columns(pl.Series("label", [False] * 100 + [True] * 100 + [True] * 40))

    card = default_points(examples, (EMPLOYEES,)).scorecard

    assert [(rule.when.low, rule.when.below, rule.points) for rule in card.rules] == [
        (None, None, 20), (None, 49.75, -20), (49.75, 99.5, -20), (99.5, 149.25, 20), (149.25, None, 20),
    ]  # fmt: skip
    assert card.rules[0].when == When(present=False)


def test_a_derived_scorecard_finds_the_signal_on_other_leads():
    points = default_points(leads(3_000), FEATURES)
    other = leads(2_000, seed=9)

    assert roc_auc_score(other["label"], points.margins(other)) > 0.7
    assert roc_auc_score(other["label"], default_points(leads(3_000, signal=0), FEATURES).margins(other)) < 0.6


def test_scorecards_are_made_without_a_data_frame_library():
    code = "import sys, model.scorecard; assert not {'polars', 'numpy', 'catboost'} & set(sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
