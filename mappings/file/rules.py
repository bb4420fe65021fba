"""The section features of a mapping file: how each column of the model is made."""

import re
from dataclasses import replace

from connector.crm import Entity
from mappings import words
from mappings.file.counts import read_count
from mappings.file.problems import nearest
from mappings.file.reader import Reader, shown
from mappings.file.steps import read_steps
from mappings.file.yamlfile import Block, Items, Node, Word
from mappings.forbidden import knows_the_outcome
from mappings.labels import named
from mappings.parts import Links, Rule, Source, Step
from mappings.words import ENDS, MEASURES, TRANSFORMS, Type
from model.features import BESIDE, Feature
from model.visible import visible

Lines = dict[Source, int]

NAME = re.compile(r"[a-z][a-z0-9_]*")
FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
WAYS = ("from", "count", "days_between", "ratio")  # what a feature may be made of


def read_rules(
    reader: Reader, mapping: Block, *, crm: str, links: Links, enriched: tuple[str, ...] = (), scored: str = "lead"
) -> tuple[tuple[Rule, ...], Lines]:
    """Read all features, and on which line each field is named first. `enriched` are the fields of that kind."""
    rules: dict[str, Rule] = {}
    lines: Lines = {}
    items = reader.items(mapping, "features", "the mapping")
    for item in items:
        if not isinstance(item, Block):
            reader.wrong(item.line, f"a feature is {shown(item)}", "write a block of name, kind, family, from")
            continue
        rule = _Feature(reader, item, (crm, scored), links, lines, enriched).rule()
        if rule.feature.name in rules:
            line = item.lines.get("name", item.line)
            reader.wrong(line, f"there are two features named {rule.feature.name}", "give one another name")
        rules[rule.feature.name] = rule
    if "features" in mapping.values and not items:
        reader.wrong(mapping.lines["features"], "there are no features", "list at least one")
    return tuple(rules.values()), lines


class _Feature:
    """Reads one feature; `lines` notes where fields are named."""

    def __init__(
        self, reader: Reader, block: Block, of: tuple[str, str], links: Links, lines: Lines, enriched: tuple[str, ...]
    ) -> None:
        self._reader, self._block, self._links, self._lines = reader, block, links, lines
        self._crm, self._scored = of
        self._enriched = enriched
        name = block.values.get("name")
        self._where = f"feature {name.text}" if isinstance(name, Word) and name.text else "a feature"

    def rule(self) -> Rule:
        reader, block, where = self._reader, self._block, self._where
        reader.keys(block, words.FEATURE_KEYS, where)
        ways = [key for key in WAYS if key in block.values]
        if len(ways) != 1:
            said = f"both {' and '.join(ways)}" if ways else "nothing to be made of"
            reader.wrong(block.line, f"{where} has {said}", "write one of from, count, days_between and ratio")
        count = read_count(reader, block, where, self._links, self._checked) if "count" in ways else None
        begins = Type.RAW if ways == ["from"] else MEASURES[count.measure].gives if count else Type.NUMBER
        steps, ends = read_steps(reader, block, where, begins=begins)
        feature = self._feature()
        if feature.kind in ENDS and ends not in ENDS[feature.kind] and len(ways) == 1:
            line = block.lines.get("transforms", block.lines.get("kind", block.line))
            reader.wrong(line, f"{where} is of kind {feature.kind}, but comes out as {ends}", _mend(feature.kind, ends))
        sources = self._sources("from") if "from" in ways else ()
        rule = Rule(
            feature=self._treated(feature, sources),
            sources=sources,
            count=count,
            days_between=self._pair("days_between", "[EARLIER, LATER]") if "days_between" in ways else (),
            steps=steps,
            optional=reader.flag(block, "optional", where),
            has_label="label" in block.values or "from" not in ways,
            ratio=self._pair("ratio", "[PART, WHOLE]") if "ratio" in ways else (),
            currencies=self._currencies(sources, steps),
        )
        return rule if rule.has_label else named(rule, {})

    def _feature(self) -> Feature:
        reader, block, where = self._reader, self._block, self._where
        name = reader.text(block, "name", "a feature")
        if name and (not NAME.fullmatch(name) or name in BESIDE):
            fix = f"write lower-case letters, digits and underscores; not {', '.join(BESIDE)}"
            reader.wrong(block.lines["name"], f"no feature can be named {name}", fix)
        kind = reader.one_of(block, "kind", words.KINDS, where)
        family = reader.one_of(block, "family", words.FAMILIES, where)
        label = reader.text(block, "label", where, needed="from" not in block.values)
        if label and not visible(label).strip():
            reader.wrong(block.lines["label"], f"nothing of the label of {where} can be seen", "write a word or two")
        feature = Feature(name, label, kind, family)
        monotone = block.values.get("monotone")
        match monotone.value if isinstance(monotone, Word) else monotone:
            case None if "monotone" not in block.values:
                return feature
            case (0 | 1 | -1) as way if not isinstance(way, bool) and kind == "number":
                return Feature(name, label, kind, family, way)
            case _:
                message = f"monotone of {where} cannot be {shown(block.values['monotone'])}"
                reader.wrong(block.lines["monotone"], message, "write 1, 0 or -1, and that for numbers only")
                return feature

    def _treated(self, feature: Feature, sources: tuple[Source, ...]) -> Feature:
        """Note what people know of the feature: whether they vouch for it, whether reps may see it, and its field."""
        reader, block, where = self._reader, self._block, self._where
        vouched = reader.flag(block, "trusted", where) or reader.flag(block, "allow_after_outcome", where)
        return replace(
            feature,
            field=" ".join(f"{source.entity}.{source.field}" for source in sources),
            trusted=vouched,
            told=reader.flag(block, "told", where, default=True),
            learned=reader.flag(block, "learned", where, default=True),
        )

    def _sources(self, key: str) -> tuple[Source, ...]:
        items = self._reader.items(self._block, key, self._where)
        if key in self._block.values and not items:
            self._reader.wrong(self._block.lines[key], f"{key} of {self._where} is empty", "name a field")
        found = (self._source(item, key) for item in items)
        return tuple(source for source in found if source is not None)

    def _source(self, item: Node, key: str) -> Source | None:
        if not isinstance(item, Word) or not isinstance(item.value, str):
            fix = "write a field's name, or company.NAME"
            self._reader.wrong(item.line, f"{key} of {self._where} names {shown(item)}", fix)
            return None
        prefix, dot, rest = item.text.partition(".")
        if dot and prefix == "enriched":
            return self._of_enrichment(item, rest)
        if dot and prefix == "earlier":
            return self._of_earlier(item)
        if dot and prefix != "company":
            fix = "use count" if prefix == "activity" else nearest(prefix, ("company",))
            self._reader.wrong(item.line, f"{key} of {self._where} names {item.text}; nothing is called {prefix}", fix)
            return None
        return self._checked(Entity.COMPANY if dot else Entity.LEAD, rest if dot else prefix, item.line)

    def _of_enrichment(self, item: Word, name: str) -> Source | None:
        """Read a field that enrichment adds; it stands beside the lead's own."""
        if name not in self._enriched:
            fix = nearest(name, self._enriched)
            self._reader.wrong(item.line, f"{self._where} is made of {item.text}, which nothing gives", fix)
            return None
        source = Source(Entity.LEAD, item.text)
        self._lines.setdefault(source, item.line)
        return source

    def _of_earlier(self, item: Word) -> Source | None:
        """Read a fact of earlier leads; it stands beside the lead's own fields."""
        if item.text not in words.EARLIER:
            fix = nearest(item.text, words.EARLIER)
            self._reader.wrong(item.line, f"{self._where} is made of {item.text}, which nothing tells", fix)
            return None
        if words.EARLIER[item.text].of_company:
            self._check_link(item)
        source = Source(Entity.LEAD, item.text)
        self._lines.setdefault(source, item.line)
        return source

    def _check_link(self, item: Word) -> None:
        """Note it when leads are linked to no company, or by a field that is filled because of the outcome."""
        fields = self._links.lead
        if not fields:
            message = f"{self._where} needs the leads of a company, which leads are not linked to"
            self._reader.wrong(item.line, message, "add links.company")
        elif told := [name for name in fields if knows_the_outcome(self._crm, Entity.LEAD, name, self._scored)]:
            message = f"{self._where} needs the leads of a company, but {told[0]} links them because of the outcome"
            self._reader.wrong(item.line, message, "write links.company with by: domain, or use a fact of the person")

    def _checked(self, entity: Entity, name: str, line: int) -> Source | None:
        """Check a field's name, that its records are linked, and that it knows no outcome."""
        reader, where = self._reader, self._where
        if not FIELD.fullmatch(name):
            reader.wrong(line, f"{where} names the field {name!r}", "write its API name: letters, digits, underscores")
            return None
        linked = {Entity.COMPANY: self._links.company, Entity.ACTIVITY: self._links.activity_lead}
        if not linked.get(entity, "linked"):
            reader.wrong(
                line, f"{where} needs {name} of the {entity}, which leads are not linked to", f"add links.{entity}"
            )
        allowed = reader.flag(self._block, "allow_after_outcome", where)
        if not allowed and knows_the_outcome(self._crm, entity, name, self._scored):
            fix = "leave it out, or add allow_after_outcome: true if here it does not"
            reader.wrong(line, f"{where} is made of {name}, which knows the outcome", fix)
        source = Source(entity, name)
        self._lines.setdefault(source, line)
        return source

    def _pair(self, key: str, example: str) -> tuple[Source, ...]:
        pair = self._block.values[key]
        if isinstance(pair, Items) and len(pair.items) == len(("one", "other")):
            return self._sources(key)
        self._reader.wrong(self._block.lines[key], f"{key} of {self._where} needs two fields", f"write {example}")
        return ()

    def _currencies(self, sources: tuple[Source, ...], steps: tuple[Step, ...]) -> tuple[Source, ...]:
        """Read the field that tells the currency; it stands on the record that the value is from."""
        reader, block, where = self._reader, self._block, self._where
        converts = any(step.name == "currency" for step in steps)
        if "in" not in block.values:
            if converts:
                fix = "add in: and the field with the currency, such as CurrencyIsoCode"
                reader.wrong(block.lines["transforms"], f"{where} converts money, but does not know its currency", fix)
            return ()
        name, line = reader.text(block, "in", where), block.lines["in"]
        if not converts or not sources:
            fix = "remove it, or add the transform currency to a feature with from"
            reader.wrong(line, f"{where} names a currency's field, but converts nothing", fix)
        found = [self._checked(source.entity, name, line) for source in sources if name] if converts else []
        return tuple(source for source in found if source is not None)


def _mend(kind: str, ends: Type) -> str:
    if ends is Type.NUMBER:
        return "write kind: number, or add bands"
    if ends is Type.BOOLEAN:
        return "write kind: boolean"
    makes = ", ".join(
        name for name, word in TRANSFORMS.items() if word.gives in ENDS[kind] and word.gives is not Type.RAW
    )
    return f"write kind: category, or use one of {makes}"
