"""The sections outcome, outputs and routes of a mapping file."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from mappings import words
from mappings.file.linking import read_pairs
from mappings.file.reader import MOST_DAYS, Reader, shown
from mappings.file.yamlfile import Block, Items, Word
from mappings.languages import DEFAULT
from mappings.mapping import Mapping
from mappings.outputs import GRADES, LONGEST_PREFIX, NAMED, NAMES, OUTPUTS, PREFIXES, ROUTES, field_name, is_prefix
from mappings.parts import Deal, Outcome

Number = TypeVar("Number", int, float)


def read_scored(reader: Reader, mapping: Block, crm: str) -> str:
    """Read what kind of record is scored."""
    scored = reader.one_of(mapping, "scored", words.SCORED, "the mapping") if "scored" in mapping.values else "lead"
    if scored == "contact" and crm == "hubspot":
        reader.wrong(mapping.lines["scored"], "a contact of HubSpot is its lead", "write scored: lead, or remove it")
    return scored


def read_language(reader: Reader, mapping: Block) -> str:
    """Read which language our texts in the CRM speak."""
    given = "language" in mapping.values
    return reader.one_of(mapping, "language", words.LANGUAGES, "the mapping") if given else DEFAULT


def read_outcome(reader: Reader, mapping: Block, scored: str = "lead") -> Outcome:
    """Read what success is, and how the end of what is scored is told."""
    if "outcome" not in mapping.values:
        reader.wrong(mapping.line, "the mapping has no outcome", "add outcome: a block of keys")
        return Outcome("", 1, "")
    block = reader.block(mapping, "outcome", "the mapping")
    reader.keys(block, words.OUTCOME_KEYS, "outcome")
    looks = _looks(reader, block)
    outcome = Outcome(
        milestone=reader.one_of(block, "milestone", words.MILESTONES, "outcome"),
        horizon_days=reader.days(block, "horizon_days", "outcome"),
        observe_days=max(looks) if looks else _if_given(block, "observe_days", _observed(reader, block)),
        looks=looks,
        min_amount=_if_given(block, "min_amount", lambda key: reader.amount(block, key, "outcome")),
        created=reader.text(block, "created", "outcome"),
        converted=reader.text(block, "converted", "outcome", needed=False),
        converted_values=reader.texts(block, "converted_values", "outcome", needed=False) or ("true",),
        converted_at=reader.text(block, "converted_at", "outcome", needed=False),
        disqualified=reader.text(block, "disqualified", "outcome", needed=False),
        disqualified_values=reader.texts(block, "disqualified_values", "outcome", needed="disqualified" in block.lines),
        priority=reader.text(block, "priority", "outcome", needed=False),
        deal=_deal(reader, block, own=scored == "deal"),
    )
    if scored == "deal":
        outcome = _of_deals(reader, block, outcome)
    _check_milestone(reader, block, outcome)
    _check_amount(reader, block, outcome)
    return outcome


def _observed(reader: Reader, block: Block) -> Callable[[str], int]:
    return lambda key: reader.days(block, key, "outcome", least=0)


def _looks(reader: Reader, block: Block) -> tuple[int, ...]:
    """Read the days on one of which each is looked at, where there are several."""
    given = block.values.get("observe_days")
    if not isinstance(given, Items):
        return ()
    found = [item.value for item in given.items if isinstance(item, Word) and type(item.value) is int]
    is_rising = all(earlier < later for earlier, later in pairwise(found))
    if len(found) < len(given.items) or not found or found[0] < 0 or found[-1] > MOST_DAYS or not is_rising:
        fix = f"write a number of days, or a list of rising ones from 0 to {MOST_DAYS:,}: [7, 30, 60]"
        reader.wrong(block.lines["observe_days"], "outcome has an observe_days that is no list of days", fix)
        return ()
    return tuple(found)


def check_window(reader: Reader, block: Block, mapping: Mapping) -> None:
    """Note it when leads would be looked at only after their outcome is due."""
    horizon, observed = mapping.outcome.horizon_days, mapping.observe_days
    if observed < horizon:
        return
    lines = reader.block(block, "outcome", "the mapping").lines
    message = f"leads are looked at {observed} days after their creation, but the horizon is {horizon} days"
    fix = f"write observe_days: a number below {horizon}, or a longer horizon_days"
    reader.wrong(lines.get("observe_days", lines["horizon_days"]), message, fix)


def read_outputs(reader: Reader, mapping: Block, crm: str) -> tuple[tuple[str, str], ...]:
    """Read which of our fields are written, and their prefix: (role, field) pairs."""
    block = reader.block(mapping, "outputs", "the mapping", needed=False)
    reader.keys(block, ("prefix", *OUTPUTS), "outputs")
    prefix = reader.text(block, "prefix", "outputs", needed=False) or PREFIXES.get(crm, "")
    if crm in NAMES and not is_prefix(crm, prefix):
        fix = f"write up to {LONGEST_PREFIX} {NAMED[crm]}; such as {PREFIXES[crm]}"
        reader.wrong(block.lines["prefix"], f"no field of {crm} can begin with {prefix}", fix)
    roles = [role for role in OUTPUTS if reader.flag(block, role, "outputs", default=True)]
    if not roles:
        reader.wrong(block.line, "every output is switched off", "leave at least score: true")
    return tuple((role, field_name(crm, role, prefix)) for role in roles)


def read_routes(reader: Reader, mapping: Block) -> tuple[tuple[str, str], ...]:
    """Read where leads of each grade go: (grade, route) pairs."""
    block = reader.block(mapping, "routes", "the mapping", needed=False)
    reader.keys(block, GRADES, "routes")
    given = {grade: reader.text(block, grade, "routes", needed=False) for grade in GRADES}
    longest = OUTPUTS["route"].length or 0
    for grade, route in given.items():
        if len(route) > longest or ";" in route:
            reader.wrong(block.lines[grade], f"the route of {grade} is no option", f"write {longest} characters, no ;")
    return tuple((grade, given[grade] or route) for grade, route in ROUTES)


def read_version(reader: Reader, mapping: Block, version: int) -> None:
    """Check that the file is of the version that we read."""
    given = mapping.values.get("version")
    if given is None:
        reader.wrong(mapping.line, "the mapping has no version", f"add version: {version}")
    elif not isinstance(given, Word) or given.value is True or given.value != version:
        message = f"version {shown(given)} of mapping files is not known"
        reader.wrong(mapping.lines["version"], message, f"write version: {version}")


def _of_deals(reader: Reader, block: Block, outcome: Outcome) -> Outcome:
    """Let a deal that has closed be what a converted lead is: neither scored nor written any more."""
    if outcome.milestone != "won":
        reader.wrong(block.lines.get("milestone", block.line), "a deal can only be won", "write milestone: won")
    for key in ("converted", "converted_values", "converted_at", "disqualified", "disqualified_values"):
        if key in block.lines:
            reader.wrong(block.lines[key], f"outcome has {key}, which deals have not", "remove it: see outcome.deal")
    if not outcome.deal.closed:
        reader.wrong(block.line, "outcome.deal cannot tell a closed deal", "add closed: a true/false field")
    return replace(outcome, converted=outcome.deal.closed)


def _deal(reader: Reader, outcome: Block, *, own: bool = False) -> Deal:
    block = reader.block(outcome, "deal", "outcome", needed=False)
    where = "outcome.deal"
    reader.keys(block, words.DEAL_KEYS, where)
    if not block.values:
        return Deal()
    said = [key for key in words.DEAL_KEYS if "stages" not in key and key != "through"]
    texts = {key: reader.text(block, key, where, needed=False) for key in said}
    deal = Deal(
        **texts,
        won_stages=reader.texts(block, "won_stages", where, needed=False),
        lost_stages=reader.texts(block, "lost_stages", where, needed=False),
        through=read_pairs(reader, block),
        own=own,
    )
    ways = [key for key in ("lead_field", "leads_field", "through") if key in block.values]
    if own and ways:
        reader.wrong(block.lines[ways[0]], f"{where} points to deals, but deals are what is scored", "remove it")
    if not own and len(ways) != 1:
        fix = "write lead_field (the lead's field with its deal) or leads_field (the deal's field with its leads)"
        reader.wrong(block.line, f"{where} needs one way from a lead to its deals", fix)
    if not deal.closed_at:
        reader.wrong(block.line, f"{where} has no closed_at", "add closed_at: the deal's closing date")
    if not deal.won and not (deal.stage and deal.won_stages):
        reader.wrong(block.line, f"{where} cannot tell a won deal", "add won: a true/false field, or stage, won_stages")
    if (deal.won_stages or deal.lost_stages) and not deal.stage:
        reader.wrong(block.line, f"{where} lists stages, but no stage field", "add stage, or remove them")
    return deal


def _check_milestone(reader: Reader, block: Block, outcome: Outcome) -> None:
    line = block.lines.get("milestone", block.line)
    if outcome.milestone == "opportunity" and not (outcome.deal.created or outcome.converted_at):
        reader.wrong(line, "milestone opportunity needs the time of a deal", "add created to deal, or converted_at")
    deal = block.values.get("deal", Block(line))
    if outcome.milestone in {"won", "opportunity"} and isinstance(deal, Block) and not deal.values:
        reader.wrong(line, f"milestone {outcome.milestone} needs deals to look at", "add deal, or write converted")
    if outcome.milestone == "converted" and not outcome.converted_at and not outcome.deal.created:
        fix = "add converted_at, or created to deal"
        reader.wrong(line, "milestone converted needs a date of conversion", fix)


def _check_amount(reader: Reader, block: Block, outcome: Outcome) -> None:
    if outcome.min_amount is None:
        return
    line = block.lines["min_amount"]
    if outcome.milestone != "won":
        reader.wrong(line, f"min_amount says nothing of {outcome.milestone}", "remove it, or write milestone: won")
    elif not outcome.deal.amount:
        reader.wrong(line, "min_amount needs the amount of a deal", "add amount to deal: the field that holds it")


def _if_given(block: Block, key: str, read: Callable[[str], Number]) -> Number | None:
    return read(key) if key in block.lines else None
