"""A suggestion written down as a mapping file: the preset's text with what was seen beside it, and each field told of.

Strangers' text (labels, names, options) stands in comments of one line, or quoted. Of records' values, nothing but what
many share is written: the values that settle an outcome.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from connector.crm import Entity, Field, Kind
from mappings.drafts.naming import option_names
from mappings.drafts.roles import Role
from mappings.drafts.suggest import LEAST_ENDED, Judged, Suggestion
from mappings.file.rules import FIELD
from mappings.frames.columns import share
from mappings.labels import clean
from mappings.mapping import Mapping
from model.features import BESIDE

ORDER = (
    "leak", "knows the outcome", "identifier", "free text", "constant", "nearly empty", "too many values", "date",
    "personal", "encrypted", "our own", "not asked for",
)  # fmt: skip
BEGUN = re.compile(r"  - (?:\{name: |name: )(\w+)")
SAYS_WHEN = re.compile(  # a label that says itself on which side of the date a number of days stands
    r"^(since|until|till|days|age)\b|\b(since|until|till|from|on|at|by|ends|ended|starts|started|begins|began|expires|"
    r"expired|renews|due)\W*$",
    re.IGNORECASE,
)
TURNED_DOWN = re.compile(
    r"not converted|unqualif|disqualif|junk|dead|reject|not interested|bad.?fit|spam|duplicate|bad.?timing",
    re.IGNORECASE,
)
PLAIN_LEADS = "leads whose horizon has passed"


def written(suggestion: Suggestion, preset_text: str, *, name: str) -> str:
    """Write the draft, valid by the loader. `name` is for people."""
    head, features, tail = _parts(preset_text)
    lines = [
        *_opening(suggestion, name),
        *_turned_down(head, suggestion.mapping.outcome.disqualified_values),
        "features:",
        *_preset_features(suggestion, features),
        *_own_features(suggestion),
        "",
        *tail,
        *_left_out(suggestion),
    ]
    return "\n".join(lines).rstrip() + "\n"


def of_this_org(preset: Mapping, fields: Iterable[Field]) -> Mapping:
    """Let the preset know which statuses say that a lead was turned down; as it is where none of the options does.

    By their words: no data tells them from leads that nobody has looked at.
    """
    options = next((field.options for field in fields if field.name == preset.outcome.disqualified), ())
    chosen = tuple(option for option in options if TURNED_DOWN.search(option))
    return replace(preset, outcome=replace(preset.outcome, disqualified_values=chosen)) if chosen else preset


def _parts(text: str) -> tuple[list[str], list[str], list[str]]:
    """Part a preset's text: links and outcome; the lines of its features; points, routes and what else follows."""
    lines = text.splitlines()
    links, features = lines.index("links:"), lines.index("features:")
    ends = next(place for place in range(features + 1, len(lines)) if lines[place] and not lines[place].startswith(" "))
    head = lines[links:features]
    while head and (not head[-1] or head[-1].startswith("#")):
        head.pop()
    return [*head, ""], [line for line in lines[features + 1 : ends] if line.strip()], lines[ends:]


def _opening(suggestion: Suggestion, name: str) -> Iterator[str]:
    ended = suggestion.ended
    yield "# Drafted by `truegrade map suggest` from what the CRM holds. Every guess says why, and is yours to change;"
    yield "# `truegrade map check` holds it against the CRM and the data. What is left out is listed at the end."
    few = "" if ended >= LEAST_ENDED else ": too few to tell by. Draft it anew when more have"
    yield f"# Looked for fields that know the outcome in {ended:,} {PLAIN_LEADS}{few}."
    crm = suggestion.mapping.crm
    called = json.dumps(clean(name) or crm, ensure_ascii=False)
    yield from ("version: 1", f"crm: {crm}", f"name: {called}", "")


def _turned_down(head: list[str], chosen: tuple[str, ...]) -> Iterator[str]:
    for line in head:
        if line.startswith("  disqualified_values:"):
            words = ", ".join(json.dumps(word, ensure_ascii=False) for word in chosen)
            yield f"  disqualified_values: [{words}]  # chosen by their words: correct it if other statuses do"
        else:
            yield line


def _preset_features(suggestion: Suggestion, lines: list[str]) -> Iterator[str]:
    leaks = suggestion.preset_leaks
    for line in lines:
        begun = BEGUN.match(line)
        feature = begun.group(1) if begun else ""
        if feature in suggestion.fills:
            yield f"  # {suggestion.fills[feature]:.0%} of the leads have a value."
        if feature in leaks:
            yield f"  # It leaks, so no model learns from it: {leaks[feature]}"
        yield _unlearned(line) if feature in leaks else line


def _unlearned(line: str) -> str:
    if line.rstrip().endswith("}"):
        return line.rstrip()[:-1] + ", learned: false}"
    return f"{line}\n    learned: false"


def _own_features(suggestion: Suggestion) -> Iterator[str]:
    created = suggestion.mapping.outcome.created
    taken = {
        *BESIDE,
        *(feature.name for feature in suggestion.mapping.features),
        *(one.name for one in suggestion.kept),
    }
    for one in suggestion.kept:
        if not FIELD.fullmatch(one.column.field.name):
            continue
        yield f"  # {_told(one)}: {_seen(one)}; {one.role.why}."
        for keys in _of_options(one, taken) if one.role.options else [_keys(one, created)]:
            yield "  - {" + ", ".join(f"{key}: {value}" for key, value in keys) + "}"


def _seen(one: Judged) -> str:
    """Say how often a field is filled; of a box, how often it is ticked, for one that is not is no empty field."""
    if one.column.field.kind is not Kind.BOOLEAN:
        return str(one.profile)
    return f"ticked on {share(one.column.values == 'true'):.0%}"


def _of_options(one: Judged, taken: set[str]) -> Iterator[list[tuple[str, str]]]:
    """Yield the keys of a feature for each frequent option."""
    for option, name in option_names(one.name, one.role.options, taken=taken).items():
        label, word = (json.dumps(text, ensure_ascii=False) for text in (f"{one.label}: {clean(option)}", option))
        about = [("name", name), ("label", label), ("kind", one.role.kind), ("family", one.family)]
        yield [*about, ("from", one.column.path), ("transforms", f"[{{has: {word}}}]")]


def _keys(one: Judged, created: str) -> Iterator[tuple[str, str]]:
    role = one.role
    yield "name", one.name
    if role.between:
        yield "label", json.dumps(days_label(one.label, until=bool(role.between[1])), ensure_ascii=False)
    yield "kind", role.kind
    yield "family", one.family
    if role.between:
        pair = [one.column.path if word else created for word in role.between]
        yield "days_between", f"[{', '.join(pair)}]"
    else:
        yield "from", one.column.path
    if role.steps:
        yield "transforms", f"[{', '.join(role.steps)}]"


def days_label(label: str, *, until: bool) -> str:
    """Name a number of days after its date: "Days since Last visit", "Customer since (days)", "Trial ends (days)"."""
    return f"{label} (days)" if SAYS_WHEN.search(label) else f"Days {'until' if until else 'since'} {label}"


def _left_out(suggestion: Suggestion) -> Iterator[str]:
    yield ""
    yield "# Left out, and why. To use one all the same, add it above; the loader says what it thinks of it."
    for role in ORDER:
        found = [one for one in suggestion.left if one.role.name == role]
        if found:
            yield f"# {role}:"
        for one in found:
            yield f"#   {one.column.path} ({_told(one)}): {_reason(one.role, one.column.field)}"


def _reason(role: Role, field: Field) -> str:
    changed = " A formula." if field.calculated else ""
    return f"{role.why}.{changed}".replace("..", ".")


def _told(one: Judged) -> str:
    return one.label if one.column.entity is Entity.LEAD else f"{one.label} of the lead's company"
