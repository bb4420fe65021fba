"""Mappings changed at random, and how each of them must fare: it is refused in words, or it behaves."""

import copy
import math
import random
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl
import yaml
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from connector.crm import Entity, Field, Kind
from mappings.checks.check import against_crm
from mappings.checks.diff import changes
from mappings.checks.findings import places
from mappings.checks.reach import reach
from mappings.checks.unread import unread
from mappings.file import yamlfile
from mappings.file.load import PRESETS, MappingInvalid, parse, preset_text
from mappings.file.schema import schema
from mappings.frames.features import feature_frame
from mappings.frames.hashes import input_hashes, outputs_hash
from mappings.frames.rolling_up import open_leads
from mappings.labels import labelled
from mappings.outbound import outbound
from mappings.outputs import OUTPUTS
from mappings.verdicts import decided, grades_by_rule
from mappings.words import EARLIER, MEASURES, TRANSFORMS, Argument, Type
from model.points import Points

FILE = "mutant.yaml"
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the one in C is ten times as quick
NOW = datetime(2026, 11, 3, tzinfo=UTC)
KINDS = {"number": pl.Float64, "boolean": pl.Boolean, "category": pl.String}
STARTS = {Type.TEXT: "", Type.RAW: "", Type.NUMBER: "number, ", Type.BOOLEAN: "boolean, "}
KIND_OF = {Type.RAW: "category", Type.TEXT: "category", Type.NUMBER: "number", Type.BOOLEAN: "boolean"}

ODD = [
    None, True, False, 0, 1, -1, 2, 3.5, 1e308, -1e-308, 10**400, math.inf, math.nan, "", " ", "no", "yes", "Off", "~",
    "null", "2026-01-02", "12", "0x1F", "1_000", "x" * 5_000, "käse", "北京", "\U0001f600", "a\nb", "a\tb", "\x00",
    "\x1b[31m", "\u202e", "*", "id", "key", "link", "label", "entity", "__row", "company.Industry", "activity.Status",
    "company.", ".", "Lead Source", "Status", "TG_Score__c", "{}", "[bold]", "a;b", "c_level", "1e5", [], {}, [[]],
    ["a"], {"a": "b"}, [1, 2], {"*": "x"}, list(range(300)), {str(n): n for n in range(200)}, date(2026, 1, 2),
    "salesforce", "hubspot", "lead", "deal", "contact", "de", "tlh", "won", "converted",
    "opportunity", "category", "number", "boolean", "fit", "engagement",
]  # fmt: skip
SNIPPETS = [
    "<<: *nowhere", "name: &a x", "name: *a", "<<: {crm: hubspot}", "name: !!python/object:os.system x", "\tname: x",
    "name: !!binary aGk=", "name: !!set {a, b}", "name: !!timestamp soon", "name: !!int ''", "name: !!float ''",
    "name: !!bool perhaps", "name: !!map x", "name: !!null x", "name: !!int 0x", "name: 1:60:60", "name: 0o7",
    "name: " + "1:" * 400 + "1.5", "name: " + "9" * 5_000, "name: 2026-13-45", "name: 2001-12-14t21:59:43.1-99:99",
    "? [a, b]\n: x", "? {a: b}\n: x", "---", "...", "%YAML 1.2\n---", "@", "`", "{", "[", "]", "'", '"', "# a",
    "x: " + "[" * 60 + "]" * 60, "x: " + "{a: " * 60 + "}" * 60, "\x00", "\ufeff", "\u2028", "\x85", 'name: "\\ud800"',
    'name: "\\0"', 'name: "\\e[2J"', '"\\ud800": x', '"\\0": x', "name: |\n  a\n  b", "name: >-\n  a\n  b", "name: ''",
    "outputs: &o {score: true}", "routes: &r {A: *r}", "? ", ": x", "name: !custom x", "crm: !!str hubspot",
    "version: 1.0", "version: !!str 1", "version: 01", "version: +1",
]  # fmt: skip
TEXTS = [
    None, "", " ", "CEO", "VP Sales", "Geschäftsführer", "Software", "250", "-3", "1e400", "NaN", "inf", "true", "No",
    "a@acme.com", "a@gmail.com", "https://www.acme.co.uk/x", "not a domain", "USA", "Deutschland", "2026-03-01",
    "2026-03-01T12:00:00.000Z", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59.999Z", "0001-01-01", "x" * 3_000, "\x00",
    "\u202e", "北京", "1,234.5", "25-50", "Gold;Silver", "größer", "[bold]", "a\nb",
]  # fmt: skip


@cache
def bases():
    """The texts that mutants are made of."""
    return (*map(preset_text, PRESETS), large())


@cache
def large():
    """The large mapping, with a feature for each transform, each measure and each fact of earlier leads."""
    head, tail = (Path(__file__).parent / "large.yaml").read_text(encoding="utf-8").split("\noutputs:", 1)
    return f"{head}\n{''.join(_transforming())}{''.join(_measuring())}{''.join(_remembering())}\noutputs:{tail}"


def _transforming():
    for name, word in TRANSFORMS.items():
        step = name if word.argument is Argument.NOTHING else f"{{{name}: {word.example}}}"
        begins = STARTS[word.takes]
        kind = KIND_OF[word.gives or (Type.TEXT if not begins else word.takes)]
        more = ", in: CurrencyIsoCode" if word.argument is Argument.RATES else ""
        yield f"  - {{name: t_{name}, kind: {kind}, family: fit, from: T__c, transforms: [{begins}{step}]{more}}}\n"


def _measuring():
    for name, word in MEASURES.items():
        more = ", field: Status" * word.needs_field + ", where: {Status: Done}" * word.needs_where
        kind = KIND_OF[word.gives]
        count = f"{{object: Task, measure: {name}, at: CreatedDate, window_days: 14{more}}}"
        yield f"  - {{name: m_{name}, label: M {name}, kind: {kind}, family: engagement, count: {count}}}\n"


def _remembering():
    for place, name in enumerate(EARLIER):
        yield f"  - {{name: e_{place}, kind: number, family: fit, from: {name}}}\n"


SEEDS = st.integers(0, 2**32 - 1)


def mutant(seed):
    """A base, changed in one to four places, in what it says or as text; the same number makes the same text."""
    by = random.Random(seed)
    text = by.choice(bases())
    if by.random() < 0.7:
        said = copy.deepcopy(_said(text))
        for _ in range(by.choice((1, 1, 1, 2, 4))):
            _change(said, by)
        text = yaml.dump(said, Dumper=DUMPER, allow_unicode=by.random() < 0.5, sort_keys=False, width=10_000)
    if by.random() < 0.4:
        lines = text.split("\n")
        for _ in range(by.choice((1, 1, 2))):
            _edit(lines, by)
        text = "\n".join(lines)
    return text


@cache
def _said(text):
    return yaml.safe_load(text)


def _change(said, by):
    """Change one thing within blocks and lists."""
    filled = [one for one in _within(said) if one]
    if not filled:  # all blocks were dropped
        return
    inside = by.choice(filled)
    keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
    key, other = by.choice(keys), by.choice(keys)
    match by.choice(("drop", "odd", "odd", "swap", "double", "misspell", "another")):
        case "drop":
            del inside[key]
        case "odd":
            inside[key] = by.choice(ODD)
        case "swap":
            inside[key], inside[other] = inside[other], inside[key]
        case "double" if isinstance(inside, list):
            inside.insert(other, inside[key])
        case "misspell" if isinstance(inside, dict) and isinstance(key, str):
            inside[_misspelled(key, by)] = inside.pop(key)
        case "misspell" if isinstance(inside[key], str):
            inside[key] = _misspelled(inside[key], by)
        case _:
            inside[key] = copy.deepcopy(by.choice(list(_within(_said(by.choice(bases()))))))


def _within(said):
    if isinstance(said, dict | list):
        yield said
        for one in said.values() if isinstance(said, dict) else said:
            yield from _within(one)


def _misspelled(word, by):
    place = by.randrange(len(word) + 1)
    return by.choice(
        (word[:place] + word[place + 1 :], word[:place] + "x" + word[place:], word.upper(), word + " ", "")
    )


def _edit(lines, by):
    place = by.randrange(len(lines))
    match by.choice(("drop", "double", "snippet", "snippet", "indent", "cut", "sign")):
        case "drop":
            del lines[place]
            lines.append("")
        case "double":
            lines.insert(place, lines[place])
        case "snippet":
            lines.insert(place, " " * by.choice((0, 0, 2, 4)) + by.choice(SNIPPETS))
        case "indent":
            lines[place] = by.choice(("  ", "\t")) + lines[place]
        case "cut":
            lines[place] = lines[place][: by.randrange(len(lines[place]) + 1)]
        case "sign":
            at = by.randrange(len(lines[place]) + 1)
            lines[place] = lines[place][:at] + by.choice("{}[]:,&*!|>'\"%@`#-?\x07\x00\u200b") + lines[place][at:]


def fared(text, seed=0):
    """Say how the text fares, "loaded" or "refused"; raises AssertionError, or what the code raised, if neither."""
    try:
        mapping = parse(text, FILE)
    except MappingInvalid as invalid:
        told(invalid, text)
        return "refused"
    behaves(mapping, random.Random(seed))
    valid(text)
    return "loaded"


def told(invalid, text):
    """Each problem names the file and a line of it, and says what is wrong and what to do, in one line of text."""
    assert invalid.problems
    lines = len(text.splitlines()) + 1
    for problem in invalid.problems:
        assert problem.file == FILE
        assert 0 <= problem.line <= lines
        assert problem.message
        assert problem.fix
        assert str(problem).isprintable(), ascii(str(problem))
        assert len(str(problem)) < 2_000
        str(problem).encode()


def instance(node):
    """What an editor sees of a node: values as YAML's own, words that are none of them as text, without blanks."""
    match node:
        case yamlfile.Block():
            return {name: instance(value) for name, value in node.values.items()}
        case yamlfile.Items():
            return [instance(item) for item in node.items]
        case _ if isinstance(node.value, bool | int | float) or (node.value is None and node.text in ("", "~", "null")):
            return node.value
        case _:
            return node.text.strip() or node.text


@cache
def validator():
    return Draft202012Validator(schema())


def valid(text):
    """What loads is valid by the schema that editors check it by."""
    found = list(validator().iter_errors(instance(yamlfile.read(text, FILE))))
    assert not found, [(list(error.path), error.message[:300]) for error in found]


def behaves(mapping, by):
    """What is made of a mapping is whole: features of the right kinds, the same alone and in a batch, and outputs."""
    leads = _frame(mapping, Entity.LEAD, by, size=by.choice((0, 1, 5)))
    companies = _frame(mapping, Entity.COMPANY, by, size=by.choice((0, 1, 5)))
    activities = pl.concat(
        [_frame(mapping, entity, by, size=3, leads=leads["id"]) for entity in mapping.activities], how="diagonal"
    )
    batch = feature_frame(mapping, leads, companies, activities)
    hashes = input_hashes(mapping, leads, companies, activities)
    _whole(mapping, leads, batch, hashes)
    for place in by.sample(range(leads.height), min(1, leads.height)):
        alone = feature_frame(mapping, leads[place : place + 1], companies, activities)
        assert alone.equals(batch[place : place + 1]), (alone, batch[place : place + 1])
        assert input_hashes(mapping, leads[place : place + 1], companies, activities).to_list() == [hashes[place]]
    _scored(mapping, batch)
    _held_against_a_crm(mapping, batch, by)
    assert changes(mapping, mapping) == ()
    assert labelled(mapping, {}).version == mapping.version
    assert mapping.output_fields()
    _rolled_up(mapping, leads, companies)


def _rolled_up(mapping, leads, companies):
    """Of leads whose companies get values, the open ones are told with their roles, each once."""
    found = open_leads(mapping, leads, companies, day=NOW.date())
    assert set(found["id"]) <= set(leads["id"])
    assert found.width == len(("id", "link", "weeks")) + len(mapping.companies.group)
    assert bool(mapping.company_fields()) == bool(mapping.companies)


def _frame(mapping, entity, by, *, size, leads=()):
    names = dict.fromkeys(mapping.source_fields(entity))
    rows = [{name: by.choice(TEXTS) for name in names} for _ in range(size)]
    kept = dict.fromkeys(("id", "key", "link", "entity"), pl.String)
    keys, links = ("acme.com", None), [*leads, "acme.com", None]
    made = [(f"{entity.value}{place}", by.choice(keys), by.choice(links), entity.value) for place in range(size)]
    # As the store makes frames: a field that is called like one of ours cannot stand beside it.
    return pl.DataFrame(made, schema=kept, orient="row").hstack(
        pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
    )


def _whole(mapping, leads, batch, hashes):
    assert batch.columns == ["id", *(feature.name for feature in mapping.features)]
    assert batch.height == leads.height == len(hashes)
    for feature in mapping.features:
        assert batch.schema[feature.name] == KINDS[feature.kind], feature
        if feature.kind == "number":
            assert batch[feature.name].drop_nulls().is_finite().all(), feature


def _held_against_a_crm(mapping, batch, by):
    """Whatever a CRM has of the fields, each thing told has a fix; and counts are counts of leads."""
    described = {entity: tuple(_fields(mapping, entity, by)) for entity in mapping.entities}
    for found in against_crm(mapping, described, places("", FILE)):
        assert found.message
        assert found.fix
    for entity, fields in described.items():
        assert len(list(unread(mapping, entity, fields))) <= len(fields)
    assert all(0 <= one.leads <= one.of == batch.height for one in reach(mapping, batch, None))


def _fields(mapping, entity, by):
    for name in (*mapping.source_fields(entity), *(name for _, name in mapping.outputs), "Other__c"):
        sizes = {"length": by.choice((None, 10, 40_000)), "whole_digits": by.choice((None, 1, 18))}
        said = {word: by.random() < 0.2 for word in ("custom", "calculated", "hidden", "masked", "restricted")}
        if by.random() < 0.8:
            yield Field(name, by.choice(("", name)), by.choice(list(Kind)), options=("a",), **sizes, **said)


def _scored(mapping, batch):
    scores = decided(mapping, Points(mapping.points, mapping.features).score(batch), batch)
    given = grades_by_rule(mapping, batch)
    assert all(grade == given.get(lead, grade) for lead, grade in scores.select("id", "grade").iter_rows())
    written = outbound(mapping, scores, model="points", now=NOW)
    assert [lead for lead, _ in written] == batch["id"].to_list()
    names = {name for _, name in mapping.outputs}
    roles = {name: role for role, name in mapping.outputs}
    for _, values in written:
        assert set(values) <= names
        assert outputs_hash(mapping, values)
        for name, value in values.items():
            length = OUTPUTS[roles[name]].length
            assert length is None or value is None or len(value) <= length
