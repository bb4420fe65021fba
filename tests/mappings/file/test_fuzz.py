"""Whatever stands in a mapping file: it loads and behaves, or is refused with file, line, reason and fix."""

from itertools import pairwise

import pytest
from hypothesis import given, settings

from mappings.file.load import PRESETS, MappingInvalid, parse, preset_text
from tests.mappings import mutants


@settings(max_examples=200)
@given(mutants.SEEDS)
def test_any_file_loads_and_behaves_or_is_refused_in_words(seed):
    assert mutants.fared(mutants.mutant(seed), seed) in ("loaded", "refused")


@pytest.mark.parametrize("text", mutants.bases(), ids=[*PRESETS, "large"])
def test_the_files_that_are_changed_load_and_behave_themselves(text):
    assert mutants.fared(text) == "loaded"


def test_a_refusal_leaves_nothing_behind():
    before = parse(mutants.large(), "a.yaml")

    refused = sum(_is_refused(mutants.mutant(seed)) for seed in range(20))

    assert refused > 5
    assert parse(mutants.large(), "a.yaml") == before


def _is_refused(text):
    try:
        parse(text, "b.yaml")
    except MappingInvalid:
        return True
    return False


ALIASES = "a: &a [x, x]\n" + "".join(
    f"{two}: &{two} [*{one}, *{one}]\n" for one, two in pairwise("abcdefghijklmnopqrstuvwxyz")
)
START = preset_text("salesforce")

# what is odd -> (text, words of the message, its line; None: of no importance)
ODD = {
    "a few aliases that stand for millions": (ALIASES, "more than 200,000 values", None),
    "lists in lists": ("a: " + "[" * 5_000 + "]" * 5_000, "blocks stand in blocks", 0),
    "a number beyond all floats": ("version: " + "9" * 400, "larger than can be counted with", 1),
    "a number in base 60 beyond all floats": ("version: " + "1:" * 400 + "1.5", "YAML cannot read the value", 1),
    "a tag that its value is not": ("name: !!timestamp soon", "YAML cannot read the value soon", 1),
    "a tag on nothing": ("name: !!int ''", "YAML cannot read the value", 1),
    "a NUL": ('name: "a\\0b"', "the value holds a control character", 1),
    "an escape that commands a terminal": ('name: "\\e[2J"', "the value holds a control character", 1),
    "half a character as a key": ('"\\ud800": x', "the value holds half a character", 1),
    "deals, but none of their fields": ("outcome: {milestone: won, deal: {}}", "milestone won needs deals", 1),
}


@pytest.mark.parametrize(("text", "message", "line"), ODD.values(), ids=ODD)
def test_odd_yaml_is_refused_in_words(text, message, line):
    with pytest.raises(MappingInvalid) as caught:
        parse(text, mutants.FILE)

    mutants.told(caught.value, text)
    (problem,) = [problem for problem in caught.value.problems if message in problem.message]
    assert line is None or problem.line == line


@pytest.mark.parametrize("name", ["id", "key", "link", "entity", "__row", "Lead Source"])
def test_a_field_that_frames_cannot_hold_is_refused_where_it_is_named(name):
    text = START.replace("converted_at: ConvertedDate", f"converted_at: {name}")

    with pytest.raises(MappingInvalid, match=f"salesforce.yaml:{_line(text, 'converted_at')}: ") as caught:
        parse(text, "salesforce.yaml")

    (problem,) = caught.value.problems
    assert name in problem.message


def _line(text, word):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if word in line)


def test_a_message_is_one_line_that_can_be_seen_whatever_the_file_says():
    text = START.replace("crm: salesforce", f'crm: "\u202esap\\n{"x" * 5_000}"')

    with pytest.raises(MappingInvalid) as caught:
        parse(text, mutants.FILE)

    mutants.told(caught.value, text)
