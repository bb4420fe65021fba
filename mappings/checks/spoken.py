"""The language of the labels that a CRM tells, held against the one in which the mapping speaks to reps."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as Dict

from connector.crm import Entity, Field
from mappings.checks.findings import Finding, Severity
from mappings.labels import clean, labelled
from mappings.languages import CODES, DEFAULT, phrases
from mappings.mapping import Mapping
from mappings.parts import Source
from mappings.words import LANGUAGES

LISTED = 5
FIX = {
    "salesforce": "set the integration user's language (Setup, Users, Edit, Language); a full read learns them",
    "hubspot": "a service key has no language of its own, and reads each label as the portal keeps it",
}


def spoken(mapping: Mapping, described: Dict[Entity, tuple[Field, ...]], line: int) -> Iterator[Finding]:
    """Tell which features reps read by a label of the CRM in another language than the mapping's.

    Labels of standard fields tell the CRM's language; in English they are translated, so that those of others remain.
    """
    known = {Source(entity, field.name): clean(field.label) for entity, fields in described.items() for field in fields}
    bare = [rule for rule in labelled(mapping, known).rules if not rule.has_label]
    bare = [rule for rule in bare if any(known.get(source) for source in rule.sources)]
    votes = Counter(code for rule in bare for code in _languages_of(rule.called))
    own = mapping.language
    theirs = max(votes, key=lambda code: (votes[code], code == own, code == DEFAULT), default=own)
    ours = phrases(own).standard
    left = dict.fromkeys(
        rule.called for rule in bare if rule.called.lower() not in ours and own not in _languages_of(rule.called)
    )
    if theirs != own and left:
        names = list(left)
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        message = (
            f"the CRM's labels are {LANGUAGES[theirs].partition(',')[0]} and reasons "
            f"{LANGUAGES[own].partition(',')[0]}; reps read these as they are: {', '.join(names[:LISTED])}{more}"
        )
        fix = f"{FIX[mapping.crm]}; or give these features a label in the mapping"
        yield Finding(Severity.NOTE, mapping.file, line, message, fix)


def _languages_of(label: str) -> Iterator[str]:
    """Tell the languages in which a standard field is called so; none for a field of one's own."""
    said = label.lower()
    for code in CODES:
        words = phrases(code).standard.values() if code != DEFAULT else phrases("de").standard
        if said in {word.lower() for word in words}:
            yield code
