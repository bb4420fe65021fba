"""The JSON Schema of a mapping file (draft 2020-12), for editors: what they complete, and what they underline.

Made from the words and bounds that the loader itself reads by, so that the two cannot drift: a key that the loader
takes is one here too, if perhaps of any shape. All that the loader takes is valid by it. The other way round it holds
for shape alone: what one section says of another, what lies in a CRM, and the order of numbers only the loader knows.
"""

import json

from mappings import words
from mappings.file.load import VERSION
from mappings.file.rolling_up import LONGEST_ROLE, MOST_ROLES, ROLE
from mappings.file.schema_enrich import enrich
from mappings.file.schema_features import features
from mappings.file.schema_rules import definitions, hard_rules, points
from mappings.file.shapes import (
    AMOUNT,
    FLAG,
    SOME_TEXTS,
    TEXTS,
    WORD,
    Shape,
    block,
    days,
    exactly_one,
    listed,
    matching,
    one_of,
)  # fmt: skip
from mappings.outputs import COMPANY_OUTPUTS, GRADES, LONGEST_PREFIX, NAMES, OUTPUTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
HEAD = {
    "$schema": DIALECT,
    "title": "Truegrade mapping",
    "description": "mappings/README.md tells what each key means.",
}
SCHEMA_FILE = "mapping.schema.json"
# The comment by which the YAML language server finds the schema of a file, relative to it. Source: its README,
# "Using inlined schema".
FOR_EDITORS = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"


def schema_text() -> str:
    """Give the schema as the text of a JSON file."""
    return json.dumps(schema(), indent=2) + "\n"


def schema() -> Shape:
    """Make the schema, as plain values."""
    shapes = {
        "version": {"const": VERSION},
        "crm": one_of(words.CRMS),
        "scored": one_of(words.SCORED),
        "language": one_of(words.LANGUAGES),
        "name": WORD,
        "links": _links(),
        "outcome": _outcome(),
        "features": listed(features(), fewest=1),
        "outputs": _outputs(),
        "routes": block(GRADES, dict.fromkeys(GRADES, route())),
        "grades": _grades(),
        "points": points(),
        "rules": hard_rules(route()),
        "handover": _handover(),
        "enrich": enrich(),
        "duplicates": _duplicates(),
        "companies": _companies(),
        "privacy": block(words.PRIVACY_KEYS, dict.fromkeys(words.PRIVACY_KEYS, TEXTS)),
    }
    needed = ("version", "crm", "outcome", "features")
    every = [*(_prefix_of(crm) for crm in words.CRMS), _deals_way()]
    return HEAD | block(words.MAPPING_KEYS, shapes, needed=needed, allOf=every) | {"$defs": definitions()}


def route() -> Shape:
    """Shape a route: an option of our field."""
    return {"type": "string", "pattern": r"^[^;]*[^;\s][^;]*$", "maxLength": OUTPUTS["route"].length}


def _links() -> Shape:
    company = {"by": one_of(words.COMPANY_BY), "lead": TEXTS, "company": WORD, "created": WORD}
    through = block(words.THROUGH_KEYS, dict.fromkeys(words.THROUGH_KEYS, WORD), needed=words.THROUGH_KEYS)
    activity = dict.fromkeys(words.OBJECT_KEYS, WORD) | {"through": through}
    of_object = block(words.OBJECT_KEYS, activity, needed=("object", "lead"))
    shapes = {
        "company": block(words.COMPANY_KEYS, company, needed=words.COMPANY_KEYS),
        "activity": block(words.ACTIVITY_KEYS, {"lead": WORD}, needed=("lead",)),
        "activities": listed(of_object),
    }
    return block(words.LINKS_KEYS, shapes)


def _outcome() -> Shape:
    shapes = dict.fromkeys(words.OUTCOME_KEYS, WORD) | {
        "milestone": one_of(words.MILESTONES),
        "horizon_days": days(),
        "observe_days": {"anyOf": [days(least=0), listed(days(least=0), fewest=1)]},
        "min_amount": AMOUNT,
        "converted_values": TEXTS,
        "disqualified_values": TEXTS,
        "deal": _deal(),
    }
    needs_won = {"if": {"required": ["min_amount"]}, "then": {"properties": {"milestone": {"const": "won"}}}}
    return block(
        words.OUTCOME_KEYS,
        shapes,
        needed=("milestone", "horizon_days", "created"),
        dependentRequired={"disqualified": ["disqualified_values"]},
        allOf=[needs_won, _milestone("won", {}), _milestone("opportunity", {}), _milestone("converted", _MADE)],
    )


_MADE: Shape = {
    "anyOf": [{"required": ["converted_at"]}, {"required": ["deal"], "properties": {"deal": {"required": ["created"]}}}]
}


def _milestone(name: str, needs: Shape) -> Shape:
    """Ask for what a milestone needs: deals, or the time of a conversion."""
    then = needs or {"required": ["deal"], "properties": {"deal": {"minProperties": 1}}}
    return {"if": {"properties": {"milestone": {"const": name}}}, "then": then}


def _deal() -> Shape:
    pairs = words.DEAL_THROUGH_KEYS
    shapes = dict.fromkeys(words.DEAL_KEYS, WORD) | {
        "won_stages": TEXTS,
        "lost_stages": TEXTS,
        "through": block(pairs, dict.fromkeys(pairs, WORD), needed=pairs),
    }
    tells = {"anyOf": [{"required": ["won"]}, {"required": ["stage", "won_stages"]}]}
    whole = {"required": ["closed_at"], "allOf": [tells]}
    return block(words.DEAL_KEYS, shapes, anyOf=[whole, {"maxProperties": 0}])


def _deals_way() -> Shape:
    """Ask for one way from a lead to its deals, unless deals are what is scored."""
    ways = exactly_one(("lead_field", "leads_field", "through"))
    deal = {"properties": {"deal": {"anyOf": [ways, {"maxProperties": 0}]}}}
    scores_deals = {"properties": {"scored": {"const": "deal"}}, "required": ["scored"]}
    return {"if": {"not": scores_deals}, "then": {"properties": {"outcome": deal}}}


def _outputs() -> Shape:
    off: Shape = {"properties": {role: {"const": False} for role in OUTPUTS}, "required": list(OUTPUTS)}
    prefix = {"type": "string", "pattern": r"\S", "maxLength": LONGEST_PREFIX}
    return block(("prefix", *OUTPUTS), {"prefix": prefix} | dict.fromkeys(OUTPUTS, FLAG), **{"not": off})


def _prefix_of(crm: str) -> Shape:
    """Bind the prefix of our fields to what this CRM lets a field's name begin with."""
    named = {"properties": {"prefix": matching(NAMES[crm].pattern)}}
    return {"if": {"properties": {"crm": {"const": crm}}}, "then": {"properties": {"outputs": named}}}


def _grades() -> Shape:
    likely = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
    below_one = {"properties": dict.fromkeys("ABC", likely)}
    return block(
        words.GRADES_KEYS,
        {"by": one_of(words.GRADES_BY), **dict.fromkeys("ABC", AMOUNT)},
        needed=words.GRADES_KEYS,
        **{"if": {"properties": {"by": {"const": "likelihood"}}}, "then": below_one},
    )


def _duplicates() -> Shape:
    lead, company = (
        block(keys, dict.fromkeys(keys, TEXTS)) for keys in (words.SAME_LEAD_KEYS, words.SAME_COMPANY_KEYS)
    )
    return block(words.DUPLICATES_KEYS, {"lead": lead, "company": company})


def _companies() -> Shape:
    outputs = block(tuple(COMPANY_OUTPUTS), dict.fromkeys(COMPANY_OUTPUTS, FLAG))
    role = {"type": "object", "additionalProperties": SOME_TEXTS, "minProperties": 1}
    name = matching(ROLE, longest=LONGEST_ROLE)
    roles = {"type": "object", "propertyNames": name, "additionalProperties": role, "maxProperties": MOST_ROLES}
    return block(words.COMPANIES_KEYS, {"outputs": outputs, "roles": roles})


def _handover() -> Shape:
    shapes = {
        "url": WORD,
        "secret": matching(r"\s*(env|file):.+"),
        "grades": {"anyOf": [one_of(GRADES), listed(one_of(GRADES))]},
        "fields": TEXTS,
        "new_within_days": days(),
    }
    return block(words.HANDOVER_KEYS, {"webhook": block(words.WEBHOOK_KEYS, shapes, needed=("url", "secret"))})
