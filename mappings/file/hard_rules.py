"""The section rules of a mapping file: hard rules that go before any score, and what is doubtful about them.

What a condition can be is checked as for points rules (`conditions`); whether it can be met at all, or is never asked
because an earlier rule takes all of its leads, is told as a doubt, which stops nobody.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from typing import Any

from mappings import words
from mappings.file.covering import covers, is_met_by_none, may_both_hold
from mappings.file.junctions import read_inner
from mappings.file.problems import Problem
from mappings.file.reader import Reader, shown
from mappings.file.yamlfile import Block, Node
from mappings.mapping import Mapping
from mappings.outputs import GRADES, OUTPUTS
from mappings.parts import Rule
from mappings.ruling import LOWEST_GRADE, NO_RULING, HardRule, Ruling

WHERE = "rules"
NAMES = re.compile(r"[a-z][a-z0-9_]{0,49}")
LONGEST_REASON = 200

Known = Dict[str, Rule]


def read_hard_rules(reader: Reader, mapping: Block, features: Sequence[Rule]) -> Ruling:
    """Read the hard rules; without the section, none."""
    if "rules" not in mapping.values:
        return NO_RULING
    block = reader.block(mapping, "rules", "the mapping")
    reader.keys(block, words.HARD_RULES_KEYS, WHERE)
    apply = reader.one_of(block, "apply", words.APPLY, WHERE) if "apply" in block.values else NO_RULING.apply
    known = {rule.feature.name: rule for rule in features if rule.feature.name}
    found: list[HardRule] = []
    for item in reader.items(block, "list", WHERE):
        rule = _rule(reader, item, known)
        if rule and rule.name and rule.name in {other.name for other in found}:
            reader.wrong(rule.line, f"two rules are called {rule.name}", "give one of them another name")
        found += [rule] if rule else []
    return Ruling(apply, tuple(found))


def doubts(mapping: Mapping) -> tuple[Problem, ...]:
    """Tell which rules can never count, and which contradict each other, in the order of the rules."""
    return tuple(_doubts(mapping))


def _rule(reader: Reader, item: Node, known: Known) -> HardRule | None:
    if not isinstance(item, Block):
        reader.wrong(item.line, f"rules lists {shown(item)}", "write a block of name, when, because and what it does")
        return None
    name = reader.text(item, "name", "a rule")
    where = f"the rule {name}" if name else "a rule"
    reader.keys(item, words.HARD_RULE_KEYS, where)
    if name and not NAMES.fullmatch(name):
        fix = "write a small letter, then small letters, digits and underscores"
        reader.wrong(item.lines["name"], f"no rule can be called {name}", fix)
    because = reader.text(item, "because", where)
    if len(because) > LONGEST_REASON:
        reader.wrong(item.lines["because"], f"because of {where} is too long", f"write {LONGEST_REASON} characters")
    return HardRule(
        name=name,
        when=read_inner(reader, item, "when", where, known),
        because=because,
        line=item.line,
        **_verdict(reader, item, where),
    )


def _verdict(reader: Reader, block: Block, where: str) -> dict[str, Any]:
    """Read what a rule does."""
    is_lowest = "score" in block.values and reader.one_of(block, "score", words.RULED_SCORES, where) == "lowest"
    grade = reader.one_of(block, "grade", GRADES, where) if "grade" in block.values else None
    route = reader.text(block, "route", where) if "route" in block.values else None
    check_route(reader, route, block.lines.get("route", block.line), where)
    if "score" not in block.values and grade is None and route is None:
        reader.wrong(block.line, f"{where} does nothing", "add grade: D, route: nurture, or score: lowest")
    if is_lowest and grade not in {None, LOWEST_GRADE}:
        reader.wrong(block.lines["grade"], f"{where} gives the lowest score and grade {grade}", "remove one of them")
    return {"grade": LOWEST_GRADE if is_lowest else grade, "route": route, "is_lowest": is_lowest}


def check_route(reader: Reader, route: str | None, line: int, where: str) -> None:
    """Note a route that no field of ours can hold."""
    longest = OUTPUTS["route"].length or 0
    if route and (len(route) > longest or ";" in route):
        reader.wrong(line, f"the route of {where} is no option", f"write {longest} characters, no ;")


def _doubts(mapping: Mapping) -> Iterator[Problem]:
    ruling, kinds = mapping.ruling, {rule.feature.name: rule for rule in mapping.rules}
    for place, rule in enumerate(ruling.rules):
        if is_met_by_none(rule.when, kinds):
            message = f"the rule {rule.name} holds for no lead: its conditions exclude each other"
            yield Problem(mapping.file, rule.line, message, "correct the conditions, or remove the rule")
            continue
        yield from _beside(mapping, rule, ruling.rules[:place], kinds)


def _beside(mapping: Mapping, rule: HardRule, earlier: Sequence[HardRule], kinds: Known) -> Iterator[Problem]:
    """Tell what the rules before one leave of it."""
    first = mapping.ruling.apply == "first"
    for other in earlier:
        if covers(other.when, rule.when, kinds) and (first or _says_as_much(other, rule)):
            message = f"the rule {rule.name} never counts: {other.name}, before it, takes all of its leads"
            yield Problem(mapping.file, rule.line, message, f"put it before {other.name}, or remove it")
            return
        if not first and _differ(rule, other) and may_both_hold(other.when, rule.when, kinds):
            message = f"the rules {other.name} and {rule.name} can both hold and say different things"
            yield Problem(mapping.file, rule.line, message, f"{other.name} wins; write `not` into one of them")


def _says_as_much(earlier: HardRule, later: HardRule) -> bool:
    """Whether, with all rules that hold, the later one can decide nothing more."""
    grade, route = later.grade is None or earlier.grade is not None, later.route is None or earlier.route is not None
    return grade and route and (earlier.is_lowest or not later.is_lowest)


def _differ(one: HardRule, other: HardRule) -> bool:
    grades = one.grade is not None and other.grade is not None and one.grade != other.grade
    return grades or (one.route is not None and other.route is not None and one.route != other.route)
