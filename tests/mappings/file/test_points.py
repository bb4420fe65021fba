"""The section points: compiled to plain values, and every mistake told with its line and how to mend it."""

import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mappings.words as vocabulary
from mappings.file.conditions import bands, possible
from mappings.file.load import MappingInvalid, load_preset, parse
from mappings.frames import transforms
from mappings.frames.features import feature_frame
from mappings.parts import Step
from model.attainable import attainable
from model.points import Points
from model.scorecard import NO_RULES, Decay, PointsRule, Scorecard, When
from tests.mappings.conftest import MINIMAL, frame

FEATURES = (
    MINIMAL
    + """\
  - {name: seniority, label: Seniority, kind: category, family: fit, from: Title, transforms: [seniority]}
  - {name: employees, label: Employees, kind: number, family: fit, from: NumberOfEmployees}
  - {name: size, label: Size, kind: category, family: fit, from: NumberOfEmployees, transforms: [{bands: [20, 100]}]}
  - {name: free_mail, label: Free e-mail address, kind: boolean, family: fit, from: Email, transforms: [free_mail]}
  - {name: quiet_days, label: Days quiet, kind: number, family: engagement, days_between: [A__c, B__c]}
  - {name: email_bounced, label: E-mail bounced, kind: boolean, family: engagement, from: E__c, transforms: [present]}
  - {name: tier, label: Tier, kind: category, family: fit, from: T__c, transforms: [{map: {a: Gold, "*": other}}]}
"""
)
FIRST = FEATURES.count("\n") + 1  # the line of `points:`


def card(text):
    return parse(FEATURES + "points:\n" + text, "acme.yaml").points


def ruled(rule):
    return f"  rules:\n    - {{{rule}}}\n"


def one(rule):
    (found,) = card(ruled(rule)).rules
    return found


def test_the_section_is_compiled_to_a_scorecard():
    text = """\
  caps: {fit: 60, engagement: 40}
  floors: {fit: -20}
  decay: {half_life_days: 30, age: quiet_days}
  rules:
    - {feature: seniority, is: [c_level, VP], points: 20}
    - {feature: employees, from: 100, below: 2000, points: 15}
    - {feature: free_mail, is: true, points: -10}
    - {feature: email_bounced, is: true, disqualify: true, because: the e-mail address bounced}
"""

    assert card(text) == Scorecard(
        rules=(
            PointsRule("seniority", When(values=("c_level", "vp")), 20.0),
            PointsRule("employees", When(low=100.0, below=2000.0), 15.0),
            PointsRule("free_mail", When(values=("true",)), -10.0),
            PointsRule(
                "email_bounced", When(values=("true",)), 0.0, disqualify=True, because="the e-mail address bounced"
            ),
        ),
        caps=(("fit", 60.0), ("engagement", 40.0)),
        floors=(("fit", -20.0),),
        decay=Decay(30.0, "quiet_days"),
    )


@pytest.mark.parametrize(
    ("condition", "when"),
    [
        ("feature: industry, is: Banking", When(values=("banking",))),
        ("feature: industry, is: [12, no]", When(values=("12", "no"))),
        ("feature: industry, present: false", When(present=False)),
        ("feature: employees, present: true", When(present=True)),
        ("feature: employees, is: [0, 1.5]", When(values=("0.0", "1.5"))),
        ("feature: employees, from: 10, up_to: 20", When(low=10.0, up_to=20.0)),
        ("feature: employees, below: -3", When(below=-3.0)),
        ("feature: free_mail, is: no", When(values=("false",))),
        ("feature: size, is: 20 to below 100", When(values=("20 to below 100",))),
        ("feature: tier, is: [gold, other]", When(values=("gold", "other"))),
    ],
)
def test_a_condition_is_read(condition, when):
    assert one(f"{condition}, points: 5") == PointsRule(condition.split(",")[0].split()[1], when, 5.0)


def test_without_the_section_there_are_no_rules():
    assert parse(MINIMAL, "acme.yaml").points == NO_RULES


def test_the_version_moves_with_the_points():
    first = parse(FEATURES + "points:\n" + ruled("feature: seniority, is: vp, points: 5"), "a.yaml").version

    assert parse(FEATURES + "points:\n" + ruled("feature: seniority, is: vp, points: 6"), "a.yaml").version != first
    assert (
        parse(FEATURES + "points: # ours\n" + ruled("feature: seniority, is: vp, points: 5"), "b.yaml").version == first
    )


RULED = ruled("feature: size, present: true, points: 1")

# what is wrong -> (the section, its line counted from `points:`, words of the message, the fix)
BROKEN = {
    "an unknown key": ("  capz: {fit: 5}\n" + RULED, 1, "there is no key capz in points", "did you mean caps?"),
    "no rules": ("  caps: {fit: 5}\n", 1, "points has no rules", "add rules"),
    "an empty list of rules": ("  rules: []\n", 1, "points has no rules", "list at least one"),
    "a word for a rule": ("  rules: [seniority]\n", 1, "a rule of points is seniority", "write a block of feature"),
    "an unknown key of a rule": (
        ruled("feature: size, present: true, point: 5, points: 4"),
        2,
        "there is no key point in the points rule on size",
        "did you mean points?",
    ),
    "no feature": (ruled("is: vp, points: 5"), 2, "a rule of points has no feature", "add feature"),
    "an unknown feature": (
        ruled("feature: senority, is: vp, points: 5"),
        2,
        "points names senority, which is no feature",
        "did you mean seniority?",
    ),
    "no condition": (
        ruled("feature: seniority, points: 5"),
        2,
        "the points rule on seniority has no condition",
        "write one of is, from, below, up_to and present",
    ),
    "two conditions": (ruled("feature: employees, is: 5, from: 3, points: 5"), 2, "has both is and from", "keep one"),
    "two upper ends": (
        ruled("feature: employees, below: 5, up_to: 3, points: 5"),
        2,
        "has both below and up_to",
        "keep one",
    ),
    "an empty list of values": (
        ruled("feature: industry, is: [], points: 5"),
        2,
        "is of the points rule on industry is empty",
        "list at least one value",
    ),
    "a list among values": (ruled("feature: industry, is: [[a]], points: 5"), 2, "lists a list", "list words"),
    "a value that cannot be": (
        ruled("feature: seniority, is: [vp, c_levl], points: 5"),
        2,
        "asks for c_levl, which seniority never is",
        "did you mean c_level?",
    ),
    "a band that cannot be": (
        ruled("feature: size, is: below 10, points: 5"),
        2,
        "asks for below 10, which size never is",
        "did you mean below 20?",
    ),
    "a mapped word that cannot be": (
        ruled("feature: tier, is: silver, points: 5"),
        2,
        "asks for silver, which tier never is",
        "there is: gold, other",
    ),
    "a word for true or false": (
        ruled("feature: free_mail, is: maybe, points: 5"),
        2,
        "lists maybe",
        "write true or false",
    ),
    "a word for a number": (
        ruled("feature: employees, is: many, points: 5"),
        2,
        "lists many",
        "write numbers, or from",
    ),
    "true for a number": (ruled("feature: employees, is: true, points: 5"), 2, "lists true", "write numbers"),
    "a range of words": (
        ruled("feature: seniority, from: 3, points: 5"),
        2,
        "asks for numbers, but seniority is a category",
        "write is: and a list of its values",
    ),
    "a range of true and false": (
        ruled("feature: free_mail, below: 3, points: 5"),
        2,
        "asks for numbers, but free_mail is a boolean",
        "write is",
    ),
    "a bound that is no number": (
        ruled("feature: employees, from: ten, points: 5"),
        2,
        "from of the points rule on employees is ten",
        "write a number",
    ),
    "an endless bound": (ruled("feature: employees, from: .inf, points: 5"), 2, "is .inf", "write a number"),
    "an empty range": (
        ruled("feature: employees, from: 10, below: 10, points: 5"),
        2,
        "no number is in the range",
        "write the smaller one as from",
    ),
    "present in words": (
        ruled("feature: industry, present: often, points: 5"),
        2,
        "present of the points rule on industry is often",
        "write true or false",
    ),
    "no points": (
        ruled("feature: seniority, is: vp"),
        2,
        "the points rule on seniority gives no points",
        "add points: 10, or disqualify: true",
    ),
    "points of nothing": (
        ruled("feature: seniority, is: vp, points: 0"),
        2,
        "cannot be 0",
        "write a number up to 1,000",
    ),
    "points beyond measure": (
        ruled("feature: seniority, is: vp, points: 5000"),
        2,
        "cannot be 5000",
        "write a number up to 1,000",
    ),
    "points in words": (
        ruled("feature: seniority, is: vp, points: many"),
        2,
        "points of the points rule on seniority is many",
        "write a number",
    ),
    "disqualified with points": (
        ruled("feature: seniority, is: vp, points: 5, disqualify: true"),
        2,
        "both disqualifies and gives points",
        "remove one of them",
    ),
    "a reason for nothing": (
        ruled("feature: seniority, is: vp, points: 5, because: why not"),
        2,
        "disqualifies nobody",
        "add disqualify: true",
    ),
    "a cap of no family": (
        "  caps: {fitt: 5}\n" + RULED,
        1,
        "there is no key fitt in points.caps",
        "did you mean fit?",
    ),
    "a cap below zero": ("  caps: {fit: -5}\n" + RULED, 1, "fit of points.caps is -5", "write a number above 0"),
    "a floor above zero": (
        "  floors: {fit: 5}\n" + RULED,
        1,
        "fit of points.floors is 5",
        "write 0 or a number below it",
    ),
    "decay without age": ("  decay: {half_life_days: 30}\n" + RULED, 1, "points.decay has no age", "add age"),
    "decay by a word": (
        "  decay: {half_life_days: 30, age: size}\n" + RULED,
        1,
        "age of points.decay is size, which is a category",
        "name a number feature",
    ),
    "decay by nothing known": (
        "  decay: {half_life_days: 30, age: quiet}\n" + RULED,
        1,
        "points names quiet, which is no feature",
        "did you mean quiet_days?",
    ),
    "a half-life of nothing": (
        "  decay: {half_life_days: 0, age: quiet_days}\n" + RULED,
        1,
        "half_life_days of points.decay is 0",
        "write a number above 0",
    ),
}


@pytest.mark.parametrize(("text", "line", "message", "fix"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_told_once_with_its_line_and_mend(text, line, message, fix):
    with pytest.raises(MappingInvalid) as caught:
        card(text)

    (problem,) = caught.value.problems
    assert message in problem.message
    assert fix in problem.fix
    assert problem.line == FIRST + line


def test_rules_have_units_groups_and_half_lives_of_their_own():
    text = """\
  groups: {interest: 25}
  rules:
    - {feature: employees, per: 10, points: 2, at_most: 8, half_life_days: 7, age: quiet_days}
    - {feature: quiet_days, from: 1, points: -3, group: interest}
"""
    unit, grouped = card(text).rules

    assert unit == PointsRule("employees", When(present=True), 2, per=10, at_most=8, half_life_days=7, age="quiet_days")
    assert grouped == PointsRule("quiet_days", When(low=1), -3, group="interest")
    assert card(text).groups == (("interest", 25),)


UNITS = {
    "no cap": ("feature: employees, per: 1, points: 2", "has no at_most", "add at_most"),
    "no unit": ("feature: employees, at_most: 1, points: 2", "has no per", "add per"),
    "no number": ("feature: size, per: 1, points: 2, at_most: 4", "counts units of a category", "a number feature"),
    "both": ("feature: employees, per: 1, from: 2, points: 2, at_most: 4", "both per and from", "keep one"),
    "no group": ("feature: employees, from: 1, points: 2, group: x", "group of the points rule", "remove it"),
    "no age": ("feature: employees, from: 1, points: 2, half_life_days: 3", "nothing tells its age", "add age"),
    "ageless": ("feature: employees, from: 1, points: 2, age: quiet_days", "does not fade", "add half_life_days"),
    "a word's age": ("feature: employees, from: 1, points: 2, half_life_days: 3, age: size", "is a category", "days"),
    "out": ("feature: free_mail, is: true, disqualify: true, half_life_days: 3, age: quiet_days", "not counted", "or"),
}


@pytest.mark.parametrize(("rule", "message", "fix"), UNITS.values(), ids=UNITS)
def test_a_mistake_of_units_groups_and_half_lives_is_told(rule, message, fix):
    with pytest.raises(MappingInvalid) as caught:
        card(ruled(rule))

    (problem,) = caught.value.problems
    assert message in problem.message
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (["feature: employees, from: 1, points: 2"], "no rule of points is in the group"),
        (
            ["feature: employees, from: 1, points: 2, group: g", "feature: quiet_days, from: 1, points: 2, group: g"],
            "on fit and on engagement",
        ),
    ],
)
def test_a_group_is_used_and_of_one_family(rules, message):
    lines = "".join(f"    - {{{rule}}}\n" for rule in rules)

    with pytest.raises(MappingInvalid, match=message):
        card("  groups: {g: 5}\n  rules:\n" + lines)


def test_a_mistake_of_a_feature_is_not_told_again_by_its_points():
    broken = FEATURES.replace("kind: number, family: fit, from: NumberOf", "kind: nubmer, family: fit, from: NumberOf")

    with pytest.raises(MappingInvalid) as caught:
        parse(broken + "points:\n" + ruled("feature: employees, from: 3, points: 5"), "acme.yaml")

    assert len(caught.value.problems) == 1


@given(st.lists(st.floats(-1e6, 1e6).map(lambda edge: round(edge, 2)), min_size=1, max_size=4, unique=True).map(sorted))
def test_bands_are_named_as_the_transform_names_them(edges):
    numbers = [edges[0] - 1, *edges]
    made = pl.select(transforms.apply(pl.lit(pl.Series(numbers)), Step("bands", numbers=tuple(edges)))).to_series()

    assert tuple(made) == bands(edges)


@pytest.mark.parametrize("name", ["seniority", "department"])
def test_what_a_title_can_tell_is_documented(name):
    text = (Path(vocabulary.__file__).parent / "README.md").read_text()
    (line,) = re.findall(rf"^\| `{name}` \|.*?the [^|]*?: ([^|]*) \|$", text, flags=re.MULTILINE)
    rule = next(rule for rule in load_preset("salesforce").rules if rule.feature.name == name)

    assert set(line.split(", ")) == set(possible(rule))


@pytest.mark.parametrize(
    "name", [*vocabulary.POINTS_KEYS, *vocabulary.POINTS_RULE_KEYS, *(f"decay.{key}" for key in vocabulary.DECAY_KEYS)]
)
def test_every_key_is_documented(name):
    assert f"`{name}`" in (Path(vocabulary.__file__).parent / "README.md").read_text()


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_preset_has_points_for_and_against_in_both_families(crm):
    mapping = load_preset(crm)

    for family in ("fit", "engagement"):
        low, high = attainable(mapping.points, mapping.features, family)
        assert low < 0 < high


def test_a_preset_scores_leads_from_the_first_day(nothing):
    mapping = load_preset("salesforce")
    leads = frame(
        {"id": "good", "Title": "VP of Sales", "Email": "kim@acme.com", "NumberOfEmployees": "500", "Phone": "1"},
        {"id": "poor", "Title": "Intern", "Email": "kim@gmail.com", "EmailBouncedDate": "2026-01-01T00:00:00Z"},
    )

    scored = Points(mapping.points, mapping.features).score(feature_frame(mapping, leads, nothing, nothing))

    assert scored["score"][0] > 50 > scored["score"][1]
    assert scored["reasons"][0][0]["text"] == "Seniority: vp (+20 points)"
    assert scored["reasons"][1][0]["text"] == "E-mail bounced: yes (-20 points)"
