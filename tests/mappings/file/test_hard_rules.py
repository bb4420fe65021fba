"""The section rules: read to plain values, every mistake told once, and what never counts told as a doubt."""

import re
from pathlib import Path

import pytest

import mappings.words as vocabulary
from mappings.file.hard_rules import doubts
from mappings.file.load import MappingInvalid, load_preset, parse, preset_text
from mappings.outputs import DISQUALIFY
from mappings.ruling import NO_RULING, Every, HardRule, Has, Not, Some
from model.scorecard import When
from tests.mappings.given_rules import FEATURES, rule, ruled

README = (Path(vocabulary.__file__).parent / "README.md").read_text()
FIRST = FEATURES.count("\n") + 2  # the line of `apply:`


def test_rules_are_read_in_their_order_with_their_conditions_joined():
    inner = "{any: [{feature: industry, is: [Rival]}, {not: {feature: free_mail, is: true}}]}"
    mapping = ruled(
        rule("big", f"{{all: [{{feature: employees, from: 10}}, {inner}]}}", "grade: A, route: big deals", "large"),
        rule("out", does="score: lowest", because="a competitor"),
        apply="all",
    )
    either = Some((Has("industry", When(values=("rival",))), Not(Has("free_mail", When(values=("true",))))))

    big, out = mapping.ruling.rules
    assert mapping.ruling.apply == "all"
    assert big == HardRule("big", Every((Has("employees", When(low=10)), either)), "large", "A", "big deals")
    assert (out.grade, out.is_lowest, out.code) == ("D", True, "RULE_OUT")


def test_without_the_section_there_are_none_and_the_first_that_holds_counts_unless_said_otherwise():
    assert parse(FEATURES, "x").ruling == NO_RULING
    assert parse(f"{FEATURES}rules: {{list: [{{{rule()}}}]}}", "x").ruling.apply == "first"


def test_rules_move_scores_and_so_the_version():
    versions = {ruled(rule()).version, ruled(rule(because="other")).version, parse(FEATURES, "x").version}

    assert len(versions) == 3


def test_our_route_field_offers_the_routes_of_rules():
    mapping = ruled(rule(does="route: partners"))

    (field,) = [field for field in mapping.output_fields() if field.name == "TG_Route__c"]
    assert [value for value, _ in field.options] == ["sales", "nurture", "partners", DISQUALIFY]


BROKEN = {
    "nothing done": (rule().replace(", grade: D", ""), "does nothing", "add grade"),
    "no reason": ("name: x, when: {feature: employees, from: 1}, grade: D", "has no because", "add because"),
    "no condition": ("name: x, grade: D, because: y", "has no when", "add when"),
    "an empty condition": (rule(when="{}"), "when of the rule one is empty", "feature"),
    "an empty not": (rule(when="{not: {}}"), "not of the rule one is empty", "feature"),
    "no feature": (rule(when="{feature: employes, from: 1}"), "which is no feature", "employees"),
    "no value": (rule(when="{feature: free_mail, is: maybe}"), "lists maybe", "true or false"),
    "a name": (rule(name="Big Ones"), "can be called Big Ones", "small letter"),
    "a grade": (rule(does="grade: E"), "cannot be E", "A"),
    "a route": (rule(does="route: a;b"), "is no option", "no ;"),
    "a lowest A": (rule(does="score: lowest, grade: A"), "lowest score and grade A", "remove one"),
    "a score": (rule(does="score: 5"), "score of the rule one", "write a word"),
    "a key": (rule() + ", owner: me", "no key owner", "there is"),
    "two ways": (rule(when="{all: [{feature: employees, from: 1}], feature: employees}"), "no key feature", "all"),
    "an empty all": (rule(when="{all: []}"), "all of the rule one is a list", "list conditions"),
    "a word in any": (rule(when="{any: [employees]}"), "lists employees", "feature"),
    "too deep": (
        rule(when="{not: " * 9 + "{feature: employees, from: 1}" + "}" * 9),
        "stand in each other too deep",
        "two rules",
    ),
    "long": (rule(because="x" * 201), "too long", "200"),
}


@pytest.mark.parametrize(("text", "message", "fix"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_told_once_with_its_line_and_mend(text, message, fix):
    with pytest.raises(MappingInvalid) as caught:
        ruled(text)

    (problem,) = caught.value.problems
    assert message in problem.message
    assert fix in problem.fix
    assert problem.line == FIRST + 2


def test_two_rules_of_one_name_are_told():
    with pytest.raises(MappingInvalid, match="two rules are called one"):
        ruled(rule(), rule())


BIG, HUGE = rule("big", "{feature: employees, from: 10}"), rule("huge", "{feature: employees, from: 100}")
NONE = "{all: [{feature: employees, from: 10}, {feature: employees, below: 5}]}"
FREE = rule("free", "{feature: free_mail, is: true}", "grade: C")


@pytest.mark.parametrize(
    ("rules", "apply", "told"),
    [
        ([BIG, HUGE], "first", ["huge never counts: big"]),
        ([HUGE, BIG], "first", []),
        ([BIG, FREE], "first", []),
        ([BIG, HUGE], "all", ["huge never counts: big"]),
        ([BIG, HUGE.replace("grade: D", "route: x")], "all", []),
        ([BIG, HUGE.replace("grade: D", "score: lowest")], "all", []),
        ([BIG, FREE], "all", ["big and free can both hold"]),
        ([BIG, rule("small", "{feature: employees, below: 10}", "grade: C")], "all", []),
        ([BIG, FREE.replace("grade: C", "grade: D")], "all", []),
        ([rule("none", NONE)], "first", ["none holds for no lead"]),
        ([BIG, rule("none", NONE)], "first", ["none holds"]),
        ([rule("any", "{any: [{feature: free_mail, is: true}, {not: {feature: free_mail, is: true}}]}"), BIG],
         "first", ["big never counts: any"]),
        ([rule("known", "{feature: free_mail, present: true}"), FREE], "first", ["free never counts: known"]),
    ],
)  # fmt: skip
def test_what_never_counts_or_contradicts_is_doubted(rules, apply, told):
    found = doubts(ruled(*rules, apply=apply))

    assert len(found) == len(told)
    for problem, words in zip(found, told, strict=True):
        assert words in problem.message
        assert problem.line > FIRST
        assert problem.fix


@pytest.mark.parametrize("crm", vocabulary.CRMS)
def test_the_examples_in_a_preset_load_when_they_are_taken_out_of_their_comments(crm):
    lines = preset_text(crm).splitlines()
    start = next(place for place, line in enumerate(lines) if line == "# rules:")
    end = next(place for place in range(start, len(lines)) if not lines[place].startswith("#"))
    told = [re.sub("^# ", "", line) if start <= place < end else line for place, line in enumerate(lines)]
    told = [re.sub("^  # - ", "  - ", line) for line in told]

    mapping = parse("\n".join(told), "preset")

    assert [one.name for one in mapping.ruling.rules] == ["competitor", "employee", "student", "spam", "territory"]
    assert doubts(mapping) == ()
    assert doubts(load_preset(crm)) == ()


def test_the_documented_rules_load():
    (text,) = re.findall(r"```yaml rules\n(.*?)```", README, flags=re.DOTALL)
    more = "  - {name: email_domain, label: D, kind: category, family: fit, from: Email, transforms: [domain]}\n"
    more += "  - {name: country, label: C, kind: category, family: fit, from: Country, transforms: [country]}\n"

    mapping = parse(FEATURES + more + text, "README.md")

    assert len(mapping.ruling.rules) == 3
    assert doubts(mapping) == ()


@pytest.mark.parametrize(
    "name", [*vocabulary.HARD_RULES_KEYS, *vocabulary.APPLY, *vocabulary.HARD_RULE_KEYS[1:], *vocabulary.JUNCTIONS]
)
def test_every_word_is_documented(name):
    assert f"`{name}`" in README
