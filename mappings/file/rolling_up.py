"""The section companies of a mapping file: which of our fields a company gets, and who belongs to its buying group."""

import re
from collections.abc import Sequence

from mappings import words
from mappings.companies import NO_ROLL_UP, Role, RollUp
from mappings.file.conditions import possible
from mappings.file.problems import nearest
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block
from mappings.outputs import COMPANY_OUTPUTS, field_name, prefix_of
from mappings.parts import Links, Rule
from model.visible import visible

WHERE = "companies"
MOST_ROLES = 12
LONGEST_ROLE = 40
ROLE = r"[^;:,\s]([^;:,\n\r]*[^;:,\s])?"
GROUP_OUTPUTS = ("coverage", "roles")


def read_roll_up(
    reader: Reader, mapping: Block, *, crm: str, links: Links, rules: Sequence[Rule], ours: tuple[tuple[str, str], ...]
) -> RollUp:
    """Read the section; without it, companies get nothing. `ours` are the lead's outputs, whose prefix is taken."""
    if WHERE not in mapping.values:
        return NO_ROLL_UP
    block = reader.block(mapping, WHERE, "the mapping")
    reader.keys(block, words.COMPANIES_KEYS, WHERE)
    if not (links.lead and links.company):
        fix = "add company to links: how leads find their company"
        reader.wrong(mapping.lines[WHERE], "companies get values of their leads, but no lead links to one", fix)
    group = _group(reader, block, {rule.feature.name: rule for rule in rules})
    outputs = reader.block(block, "outputs", WHERE, needed=False)
    reader.keys(outputs, COMPANY_OUTPUTS, f"{WHERE}.outputs")
    roles = [
        role
        for role in COMPANY_OUTPUTS
        if reader.flag(outputs, role, f"{WHERE}.outputs", default=True) and (group or role not in GROUP_OUTPUTS)
    ]
    if not roles:
        reader.wrong(outputs.line, "every output of companies is switched off", "leave at least score: true")
    prefix = prefix_of(crm, *ours[0]) if ours else ""
    return RollUp(tuple((role, field_name(crm, role, prefix)) for role in roles), group)


def _group(reader: Reader, companies: Block, rules: dict[str, Rule]) -> tuple[Role, ...]:
    block = reader.block(companies, "roles", WHERE, needed=False)
    if len(block.values) > MOST_ROLES:
        reader.wrong(block.line, f"a buying group of {len(block.values)} roles", f"name {MOST_ROLES} at most")
    found: list[Role] = []
    for name in block.values:
        if len(name) > LONGEST_ROLE or not re.fullmatch(ROLE, name) or name != visible(name):
            fix = f"write up to {LONGEST_ROLE} characters on one line, without ; : and ,"
            reader.wrong(block.lines[name], f"no role can be called {name.strip() or 'a blank'}", fix)
        if twin := next((role.name for role in found if role.name.casefold() == name.casefold()), ""):
            reader.wrong(block.lines[name], f"the roles {twin} and {name} read alike", "call one of them otherwise")
        found.append(_role(reader, block, name, rules))
    return tuple(found)


def _role(reader: Reader, block: Block, name: str, rules: dict[str, Rule]) -> Role:
    where = f"{WHERE}.roles.{name}"
    asked = reader.block(block, name, f"{WHERE}.roles")
    if not asked.values:
        reader.wrong(block.lines[name], f"{where} asks for nothing", "write such as {seniority: [c_level, vp]}")
    pairs = [(feature, _values(reader, asked, feature, where, rules)) for feature in asked.values]
    return Role(name, tuple(pairs))


def _values(reader: Reader, asked: Block, feature: str, where: str, rules: dict[str, Rule]) -> tuple[str, ...]:
    rule, line = rules.get(feature), asked.lines[feature]
    if rule is None:
        reader.wrong(line, f"{where} asks for {feature}, which is no feature", nearest(feature, rules))
        return ()
    if rule.feature.kind != "category" or not (rule.sources and not rule.count):
        reader.wrong(line, f"{where} asks for {feature}, which is no category of a field", "name such a feature")
    values = tuple(value.lower() for value in reader.texts(asked, feature, where))
    if not values:
        reader.wrong(line, f"{where} asks {feature} for no value", "list at least one, such as [c_level, vp]")
    known = {value.lower() for value in possible(rule)}
    for value in values:
        if known and value not in known:
            reader.wrong(line, f"{where} asks for {value}, which {feature} never is", nearest(value, known))
    return values
