"""Loading a mapping: strictly, with every mistake told at once by file, line, reason and the nearest right name.

Needs no Polars: a pull loads a mapping to know which fields to read.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from connector.crm import Entity, NewField
from mappings.forbidden import KNOWS_THE_OUTCOME
from mappings.links import Key, domain_key, exact_key
from mappings.outputs import OUTPUTS, new_field
from mappings.problems import MappingInvalid, Problem, nearest
from mappings.reader import Reader
from mappings.words import CRMS, FAMILIES, KINDS, MILESTONES, TRANSFORMS
from mappings.yamlfile import Block, read
from model.features import Feature

PRESETS = ("salesforce", "hubspot")
VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A field that a feature's value may come from."""

    entity: Entity
    field: str


@dataclass(frozen=True, slots=True)
class Count:
    """Counts the lead's activities of its first days: all, or those whose `where` field has the value."""

    at: str
    window_days: int
    where: str = ""
    equals: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a feature is made: the first source with a value through the transforms, or a count."""

    feature: Feature
    sources: tuple[Source, ...] = ()
    transforms: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    count: Count | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a lead's end is read. Names are fields; an empty one is not there on this CRM."""

    milestone: str
    horizon_days: int
    created: str
    converted: str = ""
    converted_values: tuple[str, ...] = ("true",)
    converted_at: str = ""
    disqualified: str = ""
    disqualified_values: tuple[str, ...] = ()
    lead_deal: str = ""
    deal_leads: str = ""
    won: str = ""
    closed: str = ""
    closed_at: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One connection's dictionary: which fields are read, what they mean, where scores go."""

    crm: str
    name: str
    version: str
    rules: tuple[Rule, ...]
    outcome: Outcome
    link_by: str
    lead_link: tuple[str, ...]
    company_key: str
    company_created: str
    activity_lead: str
    outputs: tuple[str, ...]
    routes: tuple[tuple[str, str], ...]

    @property
    def features(self) -> tuple[Feature, ...]:
        return tuple(rule.feature for rule in self.rules)

    def inputs(self, entity: Entity) -> tuple[str, ...]:
        """Name the fields of the entity that features are made of."""
        names = [source.field for rule in self.rules for source in rule.sources if source.entity is entity]
        if entity is Entity.ACTIVITY:
            counts = [rule.count for rule in self.rules if rule.count]
            names = [name for count in counts for name in (count.at, count.where) if name]
        return tuple(dict.fromkeys(names))

    def source_fields(self, entity: Entity) -> tuple[str, ...]:
        """Name the fields to pull: no more than the mapping uses. Empty: the entity is not read at all."""
        rule = self.outcome
        match entity:
            case Entity.LEAD:
                names = [*self.inputs(entity), *self.lead_link, rule.created, rule.converted, rule.converted_at]
                names += [rule.disqualified, rule.lead_deal]
            case Entity.COMPANY:
                names = [*self.inputs(entity), self.company_key, self.company_created] if self.inputs(entity) else []
            case Entity.ACTIVITY:
                names = [*self.inputs(entity), self.activity_lead] if self.inputs(entity) else []
            case Entity.DEAL:
                names = [rule.deal_leads, rule.won, rule.closed, rule.closed_at]
        return tuple(dict.fromkeys(name for name in names if name and name != "id"))

    def optional_fields(self, entity: Entity) -> frozenset[str]:
        """Name the fields that a CRM may lack: those that only optional features use."""
        optional = {source.field for rule in self.rules if rule.optional for source in rule.sources}
        needed = {source.field for rule in self.rules if not rule.optional for source in rule.sources}
        return frozenset(optional - needed) & frozenset(self.inputs(entity))

    def output_fields(self) -> tuple[NewField, ...]:
        """Describe our fields, as they should exist on the lead."""
        return tuple(
            new_field(self.crm, role, routes=tuple(route for _, route in self.routes)) for role in self.outputs
        )

    def linker(self, entity: Entity, fields: Sequence[str]) -> Callable[[Sequence[str | None]], Key]:
        """Tell (key, link) of a record from its values in the order of `fields`; see `Link`."""
        how = domain_key if self.link_by == "domain" else exact_key
        places = {name: place for place, name in enumerate(fields)}
        match entity:
            case Entity.LEAD:
                lead = [places[name] for name in self.lead_link if name in places]
                return lambda values: (None, next((link for place in lead if (link := how(values[place]))), None))
            case Entity.COMPANY if self.company_key != "id":
                company = places[self.company_key]
                return lambda values: (how(values[company]), None)
            case Entity.ACTIVITY:
                activity = places[self.activity_lead]
                return lambda values: (None, values[activity])
            case Entity.DEAL if self.outcome.deal_leads:
                deal = places[self.outcome.deal_leads]
                return lambda values: (None, values[deal])
            case _:
                return lambda _values: (None, None)


def load(path: Path) -> Mapping:
    """Load a mapping from a file. Raises MappingInvalid with all that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise MappingInvalid(
            [Problem(str(path), 0, f"it cannot be read ({error.strerror})", "check the path")]
        ) from error
    except UnicodeDecodeError as error:
        raise MappingInvalid([Problem(str(path), 0, "it is not text in UTF-8", "save it as UTF-8")]) from error
    return parse(text, str(path))


def preset_text(crm: str) -> str:
    """Give the text of a CRM's preset."""
    return (resources.files("mappings") / "presets" / f"{crm}.yaml").read_text(encoding="utf-8")


def load_preset(crm: str) -> Mapping:
    """Load the preset that works on a standard org or portal of this CRM untouched."""
    return parse(preset_text(crm), f"preset {crm}")


def parse(text: str, file: str) -> Mapping:
    """Make a mapping of a file's text. Raises MappingInvalid with all that is wrong."""
    block, reader = read(text, file), Reader(file)
    reader.keys(block, ("version", "crm", "name", "links", "outcome", "features", "outputs", "routes"), "a mapping")
    if block.values.get("version") != VERSION:
        reader.wrong(
            block.lines.get("version", block.line), "this version of the file is not known", f"write version: {VERSION}"
        )
    crm = reader.one_of(block, "crm", CRMS, "a mapping")
    links = _links(reader, block)
    outcome = _outcome(reader, reader.block(block, "outcome", "a mapping"))
    rules = tuple(_rules(reader, block, crm))
    outputs = _outputs(reader, block)
    routes = _routes(reader, block)
    if reader.problems:
        raise MappingInvalid(sorted(reader.problems, key=lambda problem: problem.line))
    return Mapping(
        crm=crm,
        name=str(block.values.get("name") or crm),
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        rules=rules,
        outcome=outcome,
        outputs=outputs,
        routes=routes,
        **links,
    )


def _links(reader: Reader, block: Block) -> dict[str, Any]:
    links = reader.block(block, "links", "a mapping", needed=False)
    reader.keys(links, ("company", "activity"), "links")
    company = reader.block(links, "company", "links", needed=False)
    reader.keys(company, ("by", "lead", "company", "created"), "links.company")
    given = bool(company.values)
    activity = reader.block(links, "activity", "links", needed=False)
    reader.keys(activity, ("lead",), "links.activity")
    return {
        "link_by": reader.one_of(company, "by", ("domain", "id"), "links.company") if given else "id",
        "lead_link": reader.texts(company, "lead", "links.company", needed=given),
        "company_key": reader.text(company, "company", "links.company", needed=given),
        "company_created": reader.text(company, "created", "links.company", needed=given),
        "activity_lead": reader.text(activity, "lead", "links.activity", needed=bool(activity.values)),
    }


OUTCOME_KEYS = (
    "milestone", "horizon_days", "created", "converted", "converted_values", "converted_at", "disqualified", "disqualified_values",
    "lead_deal", "deal_leads", "won", "closed", "closed_at",
)  # fmt: skip


OUTCOME_TEXTS = ("converted", "converted_at", "disqualified", "lead_deal", "deal_leads", "won", "closed", "closed_at")


def _outcome(reader: Reader, block: Block) -> Outcome:
    where = "outcome"
    reader.keys(block, OUTCOME_KEYS, where)
    texts = {key: reader.text(block, key, where, needed=False) for key in OUTCOME_TEXTS}
    return Outcome(
        milestone=reader.one_of(block, "milestone", MILESTONES, where),
        horizon_days=reader.number(block, "horizon_days", where, least=1),
        created=reader.text(block, "created", where),
        converted_values=reader.texts(block, "converted_values", where, needed=False) or ("true",),
        disqualified_values=reader.texts(block, "disqualified_values", where, needed=False),
        **texts,
    )


FEATURE_KEYS = (
    "name",
    "label",
    "kind",
    "family",
    "from",
    "transforms",
    "values",
    "count",
    "optional",
    "monotone",
    "allow_after_outcome",
)


def _rules(reader: Reader, block: Block, crm: str) -> list[Rule]:
    rules: dict[str, Rule] = {}
    for line, item in reader.items(block, "features", "a mapping"):
        if not isinstance(item, Block):
            reader.wrong(line, "a feature is a block of keys", "write name, label, kind, family and from")
            continue
        rule = _rule(reader, item, crm)
        if rule.feature.name in rules:
            reader.wrong(item.line, f"there are two features {rule.feature.name}", "give one of them another name")
        rules[rule.feature.name] = rule
    if "features" in block.values and not rules:
        reader.wrong(block.lines["features"], "there are no features", "list at least one")
    return list(rules.values())


def _rule(reader: Reader, block: Block, crm: str) -> Rule:
    name = reader.text(block, "name", "a feature")
    where = f"feature {name}" if name else "a feature"
    reader.keys(block, FEATURE_KEYS, where)
    feature = Feature(
        name=name,
        label=reader.text(block, "label", where),
        kind=reader.one_of(block, "kind", KINDS, where),  # type: ignore[arg-type]  # one_of has checked the word
        family=reader.one_of(block, "family", FAMILIES, where),  # type: ignore[arg-type]  # one_of has checked the word
        monotone=_monotone(reader, block, where),
    )
    count = _count(reader, block, where)
    sources = () if count else _sources(reader, block, where, crm)
    transforms = reader.texts(block, "transforms", where, needed=False)
    for transform in transforms:
        if transform not in TRANSFORMS:
            reader.wrong(
                block.lines["transforms"], f"there is no transform {transform}", nearest(transform, TRANSFORMS)
            )
    values = reader.block(block, "values", where, needed=False)
    return Rule(
        feature=feature,
        sources=sources,
        transforms=transforms,
        values=tuple((str(key).lower(), str(value)) for key, value in values.values.items()),
        count=count,
        optional=_flag(reader, block, "optional", where),
    )


def _monotone(reader: Reader, block: Block, where: str) -> int:
    value = block.values.get("monotone", 0)
    if value not in (-1, 0, 1):
        reader.wrong(block.lines["monotone"], f"monotone of {where} is {value!r}", "write 1, 0 or -1")
        return 0
    return int(value)


def _flag(reader: Reader, block: Block, key: str, where: str) -> bool:
    value = block.values.get(key, False)
    if not isinstance(value, bool):
        reader.wrong(block.lines[key], f"{key} of {where} is {value!r}", "write true or false")
    return bool(value)


def _sources(reader: Reader, block: Block, where: str, crm: str) -> tuple[Source, ...]:
    sources = []
    for line, item in reader.items(block, "from", where):
        if not isinstance(item, str):
            reader.wrong(line, f"from of {where} lists something that is no field", "write FIELD or company.FIELD")
            continue
        first, dot, rest = item.partition(".")
        entity = Entity.COMPANY if dot and first == "company" else Entity.LEAD
        field = rest if entity is Entity.COMPANY else item
        if field in KNOWS_THE_OUTCOME[crm] and not _flag(reader, block, "allow_after_outcome", where):
            reader.wrong(
                line,
                f"{where} is made of {field}, which knows the outcome",
                "leave it out, or say allow_after_outcome: true",
            )
        sources.append(Source(entity, field))
    return tuple(sources)


def _count(reader: Reader, block: Block, where: str) -> Count | None:
    if "count" not in block.values:
        return None
    count = reader.block(block, "count", where)
    reader.keys(count, ("at", "window_days", "where", "equals"), f"count of {where}")
    return Count(
        at=reader.text(count, "at", f"count of {where}"),
        window_days=reader.number(count, "window_days", f"count of {where}", least=1),
        where=reader.text(count, "where", f"count of {where}", needed=False),
        equals=str(count.values.get("equals", "true")).lower(),
    )


def _outputs(reader: Reader, block: Block) -> tuple[str, ...]:
    if "outputs" not in block.values:
        return tuple(OUTPUTS)
    outputs = reader.texts(block, "outputs", "a mapping")
    for role in outputs:
        if role not in OUTPUTS:
            reader.wrong(block.lines["outputs"], f"there is no output {role}", nearest(role, OUTPUTS))
    return outputs


def _routes(reader: Reader, block: Block) -> tuple[tuple[str, str], ...]:
    routes = reader.block(block, "routes", "a mapping", needed=False)
    for grade, line in routes.lines.items():
        if grade not in ("A", "B", "C", "D"):
            reader.wrong(line, f"there is no grade {grade}", "write A, B, C or D")
    given = {"A": "sales", "B": "sales", "C": "nurture", "D": "nurture"} | {
        key: str(value) for key, value in routes.values.items()
    }
    return tuple(given.items())
