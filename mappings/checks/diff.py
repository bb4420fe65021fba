"""What a new version of a mapping changes, in plain words, and what each change needs before it counts.

Pure: two mappings in, changes out. Whatever moves `Mapping.version` lets every lead be scored anew, so all of that
needs a rescore; what a model learns from needs a new model beside; what is read for the first time has to be pulled
first, for which the CRM's records of that kind are read whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from connector.crm import Entity
from mappings.checks import entries
from mappings.checks.wording import buying_role, made_of, points_rule, told
from mappings.duplicates import Telling
from mappings.enrichment import Enrichment
from mappings.mapping import Mapping
from mappings.outputs import DISQUALIFY
from mappings.parts import Links, Outcome, Privacy, Rule
from mappings.words import LANGUAGES
from model.features import Feature
from model.scorecard import Scorecard


class Need(StrEnum):
    """What has to be done, in the order in which it is done."""

    FIELDS = "new CRM fields"
    PULL = "a pull of new fields"
    RETRAIN = "retraining"
    RESCORE = "a rescore"
    BACKFILL = "a backfill"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is another in the new mapping. No needs: it counts at once."""

    section: str
    what: str
    needs: tuple[Need, ...] = ()


Parts = Links | Outcome | Scorecard | Telling | Privacy  # the blocks that are compared part by part

LEARNED = (Need.RETRAIN, Need.RESCORE)
SCORED = (Need.RESCORE,)
WRITTEN = (Need.FIELDS, Need.RESCORE, Need.BACKFILL)
EVERYTHING = (Need.FIELDS, Need.PULL, Need.RETRAIN, Need.RESCORE, Need.BACKFILL)

# What a change of a feature's parts needs; all other parts are learned from.
_OF_FEATURES = {"label": SCORED, "told": SCORED, "has_label": SCORED, "optional": SCORED}
_WORDS = {
    "sources": "from", "steps": "transforms", "currencies": "in", "converted_at": "converted_at",
    "company_created": "company.created", "activity_lead": "activity.lead", "objects": "activities",
}  # fmt: skip
# The sections that are compared whole, by the names of `Mapping`: what the file calls them, and what they need.
_WHOLE = {
    "handover": ("handover", ()),
    "name": ("name", ()),
}
# Compared part by part below.
_APART = (
    "crm", "scored", "version", "rules", "outcome", "links", "outputs", "routes", "points", "enrich", "duplicates",
    "companies", "grades", "ruling", "privacy", "language",
)  # fmt: skip


def changes(old: Mapping, new: Mapping) -> tuple[Change, ...]:
    """Tell all changes, section by section in the order of the file. None: both say the same."""
    is_same = old.version == new.version  # then no score moves, whatever reads otherwise
    return tuple(_without_scores(change) if is_same else change for change in _changes(old, new))


def needs(found: Iterable[Change]) -> tuple[Need, ...]:
    """Tell all that has to be done, in the order in which it is done."""
    wanted = {need for change in found for need in change.needs}
    return tuple(need for need in Need if need in wanted)


def _without_scores(change: Change) -> Change:
    return replace(change, needs=tuple(need for need in change.needs if need not in {Need.RESCORE, Need.BACKFILL}))


def _changes(old: Mapping, new: Mapping) -> Iterator[Change]:
    if old.crm != new.crm:
        yield Change("crm", f"it is for {new.crm} instead of {old.crm}", EVERYTHING)
    if old.scored != new.scored:
        yield Change("scored", f"it is for {new.scored}s instead of {old.scored}s: for another connection", EVERYTHING)
    if old.language != new.language:
        what = f"what goes to the CRM is told in {LANGUAGES[new.language]} instead of {LANGUAGES[old.language]}"
        yield Change("language", what, SCORED)
    yield from _parts("links", old.links, new.links, LEARNED)
    yield from _parts("outcome", old.outcome, new.outcome, LEARNED)
    if old.observe_days != new.observe_days:
        what = f"leads are learned from {new.observe_days} days after their creation instead of {old.observe_days}"
        yield Change("outcome", what, (Need.RETRAIN,))
    yield from _features(old, new)
    yield from _read(old, new)
    yield from _outputs(old, new)
    yield from _routes(old, new)
    yield from _points(old.points, new.points)
    yield from _enrich(old.enrich, new.enrich)
    yield from _companies(old, new)
    uses_it = old.earlier or new.earlier  # else who is the same moves no score
    for entity in (Entity.LEAD, Entity.COMPANY):
        before, after = old.duplicates.of(entity), new.duplicates.of(entity)
        yield from _parts("duplicates", before, after, LEARNED if uses_it else (), of=f"{entity}.")
    yield from (Change("grades", what, (Need.RETRAIN,)) for what in entries.of_grades(old.grades, new.grades))
    yield from (Change("rules", what, SCORED) for what in entries.of_rules(old.ruling, new.ruling))
    yield from _parts("privacy", old.privacy, new.privacy, ())
    for field in fields(Mapping):
        section, need = _WHOLE.get(field.name, (field.name, SCORED))
        if field.compare and field.name not in _APART:
            yield from _one(section, "", getattr(old, field.name), getattr(new, field.name), need)


def _features(old: Mapping, new: Mapping) -> Iterator[Change]:
    before, after = ({rule.feature.name: rule for rule in mapping.rules} for mapping in (old, new))
    for name, rule in after.items():
        if name not in before:
            what = f"{name} is new: a {rule.feature.kind} of {rule.feature.family}, made of {made_of(rule)}"
            yield Change("features", what, LEARNED if rule.feature.learned else SCORED)
        else:
            yield from _feature(name, before[name], rule)
    for name, rule in before.items():
        if name not in after:
            yield Change("features", f"{name} is gone", LEARNED if rule.feature.learned else SCORED)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change("features", "they stand in another order", LEARNED)


def _feature(name: str, old: Rule, new: Rule) -> Iterator[Change]:
    """Compare two rules part by part. What the CRM calls a field is no change of the file's."""
    learned = LEARNED if old.feature.learned or new.feature.learned else SCORED
    for part in fields(Feature):
        is_derived = part.name == "field" or (part.name == "label" and not (old.has_label and new.has_label))
        if not is_derived:
            need = _OF_FEATURES.get(part.name, learned)
            yield from _one("features", f"{name}: {part.name}", *_both(part.name, old.feature, new.feature), need)
    for part in fields(Rule):
        if part.name == "has_label" and old.has_label != new.has_label:
            label = f"its own label, {new.feature.label}" if new.has_label else "the CRM's label of its field"
            yield Change("features", f"{name} is called by {label}", SCORED)
        elif part.name not in {"feature", "has_label", "called"}:
            need, word = _OF_FEATURES.get(part.name, learned), _WORDS.get(part.name, part.name)
            yield from _one("features", f"{name}: {word}", *_both(part.name, old, new), need)


def _both(name: str, old: object, new: object) -> tuple[object, object]:
    return getattr(old, name), getattr(new, name)


def _read(old: Mapping, new: Mapping) -> Iterator[Change]:
    """Tell the fields that are read for the first time, and those that are read no more."""
    for entity in dict.fromkeys((*old.entities, *new.entities)):
        before, after = old.source_fields(entity), new.source_fields(entity)
        added = [name for name in after if name not in before]
        gone = [name for name in before if name not in after]
        if added:
            yield Change("fields", f"of each {entity}, {told(tuple(added))} is read for the first time", (Need.PULL,))
        if gone:
            yield Change("fields", f"of each {entity}, {told(tuple(gone))} is read no more")


def _outputs(old: Mapping, new: Mapping) -> Iterator[Change]:
    before, after = dict(old.outputs), dict(new.outputs)
    for role, name in after.items():
        if before.get(role) != name:
            instead = f" instead of {before[role]}" if role in before else ""
            yield Change("outputs", f"{role} is written to {name}{instead}", WRITTEN)
    for role, name in before.items():
        if role not in after:
            yield Change("outputs", f"{role} is written no more; what stands in {name} stays", SCORED)


def _companies(old: Mapping, new: Mapping) -> Iterator[Change]:
    """Compare what companies get: the next sync reckons their values anew, whatever changed."""
    before, after = dict(old.companies.outputs), dict(new.companies.outputs)
    for role, name in after.items():
        if before.get(role) != name:
            yield Change("companies", f"{role} is written to {name} of companies", (Need.FIELDS,))
    for role, name in before.items():
        if role not in after:
            yield Change("companies", f"{role} is written no more; what stands in {name} of companies stays")
    groups = [tuple(buying_role(one) for one in mapping.companies.group) for mapping in (old, new)]
    yield from _one("companies", "roles", groups[0], groups[1], ())
    if new.companies and not old.companies:
        what = "training tells how likely any lead of a company wins; the model that scores stays if none is better"
        yield Change("companies", what, (Need.RETRAIN,))


def _routes(old: Mapping, new: Mapping) -> Iterator[Change]:
    before = dict(old.routes)
    for grade, route in new.routes:
        yield from _one("routes", f"leads of grade {grade} go", before.get(grade), route, SCORED)
    options = [route for route in new.every_route if route not in {*old.every_route, DISQUALIFY}]  # always there
    if options and "route" in dict(new.outputs) and new.crm == "hubspot":  # elsewhere the field takes any text
        yield Change("routes", f"{told(tuple(options))} is a new option of our field", (Need.FIELDS,))


def _enrich(old: Enrichment, new: Enrichment) -> Iterator[Change]:
    """Compare what is asked, which is learned from, and what is written back, which is not."""
    moves = repr(replace(old, write_back=())) != repr(replace(new, write_back=()))  # as `Mapping.version` is made
    yield from (Change("enrich", what, LEARNED if moves else ()) for what in entries.of_sources(old, new))
    before, after = set(old.write_back), set(new.write_back)
    for one in new.write_back:
        if one not in before:
            what = f"{one.name} of {one.source} is written back to {one.field}"
            yield Change("enrich", what, (*SCORED, Need.BACKFILL))
    for one in old.write_back:
        if one not in after:
            yield Change("enrich", f"{one.name} of {one.source} is not written back to {one.field} any more", SCORED)


def _points(old: Scorecard, new: Scorecard) -> Iterator[Change]:
    yield from (Change("points", f"new: {points_rule(one)}", SCORED) for one in new.rules if one not in old.rules)
    yield from (Change("points", f"gone: {points_rule(one)}", SCORED) for one in old.rules if one not in new.rules)
    same = [one for one in old.rules if one in new.rules], [one for one in new.rules if one in old.rules]
    if same[0] != same[1]:
        yield Change("points", "the rules stand in another order, or other rules are there twice", SCORED)
    yield from _parts("points", old, new, SCORED, apart=("rules",))


def _parts(
    section: str, old: Parts, new: Parts, need: tuple[Need, ...], *, apart: tuple[str, ...] = (), of: str = ""
) -> Iterator[Change]:
    """Compare two blocks part by part; `of` stands before their names."""
    for part in fields(new):
        if part.name not in apart:
            yield from _one(section, of + _WORDS.get(part.name, part.name), *_both(part.name, old, new), need)


def _one(section: str, name: str, old: object, new: object, need: tuple[Need, ...]) -> Iterator[Change]:
    if old != new:
        yield Change(section, f"{name} {told(new)} instead of {told(old)}".strip(), need)
