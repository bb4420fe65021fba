"""How the features of a mapping are told to reps: in its language, by the names of their CRM, with words for values.

Only what is rendered depends on it; features, models and scores do not. A learned model's reasons are told by the names
that the mapping has today, so that a field which an admin renames has its new name on every score made from then on.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Dict
from itertools import pairwise

from mappings.enrichment import PREFIX
from mappings.labels import LONGEST, readable
from mappings.languages import Phrases, phrases
from mappings.mapping import Mapping
from mappings.parts import Rule, Source, Step
from mappings.texts import fitted
from mappings.words import EARLIER, TRANSFORMS
from model.sentences import rounded
from model.wording import Shown, Told, Wording

# The lists of words that values are of: by what a transform gives, by the enriched field, or by the CRM's own field.
OF_STEPS = {
    "seniority": "seniority",
    "department": "department",
    "country": "country",
    "month": "month",
    "weekday": "weekday",
    "contains": "mapped",
    "map": "mapped",
}
OF_ENRICHED = {
    "mail_kind": "mail_kind",
    "spam_sign": "spam_sign",
    "phone_line": "phone_line",
    "legal_form": "legal_form",
    "language": "language",
    "region": "continent",
}
OF_FIELDS = {
    "hs_analytics_source": "source",
    "hs_language": "language",
    "dealstage": "deal_stage",
    "dealtype": "deal_type",
}
LEAVES_WORDS = frozenset({"trim", "collapse", "lower", "default"})
YEARS = frozenset({"year", "founded"})  # in the name of a number's field: its digits are not grouped
MOST_WORDS = 3  # of a list of options, in a name


def wording(mapping: Mapping) -> Wording:
    """Tell how a mapping's features are told, in its language."""
    said = phrases(mapping.language)
    told = {rule.feature.name: Told(*_told(rule, said)) for rule in mapping.rules}
    return Wording(said.language, told, frozenset(_silent(mapping)))


def _silent(mapping: Mapping) -> Iterator[str]:
    """Name the features that no text may name: those not to be told, and those of a field declared sensitive."""
    sensitive = {name.lower() for name in (*mapping.privacy.sensitive, *mapping.privacy.never_read)}
    for rule in mapping.rules:
        if not rule.feature.told or sensitive & {_path(source).lower() for source in rule.reads}:
            yield rule.feature.name


def _path(source: Source) -> str:
    """Write a field as the section privacy does: NAME of the lead, company.NAME."""
    return source.field if source.entity == "lead" else f"{source.entity}.{source.field}"


def _told(rule: Rule, said: Phrases) -> tuple[str, Dict[str, str], Shown, float | None]:
    last = rule.steps[-1] if rule.steps else None
    most = last.number if last is not None and last.name == "cap" else None
    return fitted(name(rule, said), LONGEST), _values(rule, said), _shown(rule, last), most


def name(rule: Rule, said: Phrases) -> str:
    """Give a feature's name for people: the file's label, else the CRM's with what the transforms made of it."""
    if rule.has_label:
        return said.labels.get(rule.feature.label, rule.feature.label)
    source = rule.sources[0].field if rule.sources else ""
    called = rule.called or readable(source)
    label = said.earlier.get(source, said.standard.get(called.lower(), called))
    for step in rule.steps if source not in EARLIER else ():
        if step.name != "log1p":  # its values are told without it
            label = _named(step, said).format(label=_safe(label), **_arguments(step, said))
    return label


def _safe(label: str) -> str:
    """Keep braces of a label out of what is formatted."""
    return label.replace("{", "(").replace("}", ")")


def _named(step: Step, said: Phrases) -> str:
    return said.names.get(step.name) or TRANSFORMS[step.name].names.replace("{}", "{label}")


def _arguments(step: Step, said: Phrases) -> dict[str, str]:
    listed = ", ".join(_safe(word) for word in step.listed[:MOST_WORDS])
    more = ", ..." if len(step.listed) > MOST_WORDS else ""
    return {"number": rounded(step.number, said.language), "words": listed + more}


def _values(rule: Rule, said: Phrases) -> Dict[str, str]:
    """Give the words for the values that a category's last telling step, or its field, may give."""
    if rule.feature.kind != "category":
        return {}
    telling = next((step for step in reversed(rule.steps) if step.name not in LEAVES_WORDS), None)
    if telling is not None and telling.name == "bands":
        return _bands(telling.numbers, said)
    known = said.values.get(OF_STEPS.get(telling.name, "") if telling is not None else _list_of(rule), {})
    if any(step.name == "default" for step in rule.steps):
        known = said.values.get("mapped", {}) | known
    return known | {word.lower(): meant for word, meant in known.items()}


def _list_of(rule: Rule) -> str:
    field = rule.sources[0].field if rule.sources else rule.count.field if rule.count else ""
    return OF_ENRICHED.get(field.removeprefix(PREFIX), "") if field.startswith(PREFIX) else OF_FIELDS.get(field, "")


def _bands(edges: tuple[float, ...], said: Phrases) -> dict[str, str]:
    """Say the bands that the transform of this name makes of numbers."""
    shown = [rounded(edge, said.language) for edge in edges]
    first = {f"below {edges[0]:g}": said.bands["below"].format(to=shown[0])}
    between = {
        f"{low:g} to below {high:g}": said.bands["between"].format(start=shown[place], to=shown[place + 1])
        for place, (low, high) in enumerate(pairwise(edges))
    }
    return first | between | {f"{edges[-1]:g} or more": said.bands["above"].format(start=shown[-1])}


def _shown(rule: Rule, last: Step | None) -> Shown:
    if last is not None and last.name == "log1p":
        return "logarithm"
    if rule.count is not None and rule.count.measure == "share" and not rule.steps:
        return "share"
    fields = (source.field for source in rule.sources)
    is_year = any(YEARS & set(readable(field).lower().split()) for field in fields)
    return "year" if is_year or (last is not None and last.name == "year") else "quantity"
