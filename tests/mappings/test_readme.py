import doctest
import re
from pathlib import Path

import pytest

import mappings.words as vocabulary
from mappings.file.load import parse
from mappings.outputs import OUTPUTS

README = Path(vocabulary.__file__).parent / "README.md"
KEYS = {
    "": vocabulary.MAPPING_KEYS + vocabulary.LINKS_KEYS + vocabulary.OUTCOME_KEYS + vocabulary.FEATURE_KEYS,
    "company.": vocabulary.COMPANY_KEYS,
    "activity.": vocabulary.ACTIVITY_KEYS,
    "activities.": vocabulary.OBJECT_KEYS,
    "through.": vocabulary.THROUGH_KEYS,
    "deal.": vocabulary.DEAL_KEYS,
}


def quoted():
    return set(re.findall(r"`\{?([\w.]+)[^`]*`", README.read_text()))


@pytest.mark.parametrize("name", [prefix + key for prefix, keys in KEYS.items() for key in keys])
def test_every_key_is_documented(name):
    assert f"`{name}`" in README.read_text()


@pytest.mark.parametrize(
    "name",
    [
        *vocabulary.COUNT_KEYS, *vocabulary.TRANSFORMS, *vocabulary.KINDS, *vocabulary.FAMILIES,
        *vocabulary.MILESTONES, *vocabulary.GRADES_KEYS, *vocabulary.GRADES_BY,
        *vocabulary.CRMS, *vocabulary.COMPANY_BY, *OUTPUTS,
    ],
)  # fmt: skip
def test_every_word_is_documented(name):
    assert name in quoted()


def test_the_documented_mapping_loads():
    (text,) = re.findall(r"```yaml\n(.*?)```", README.read_text(), flags=re.DOTALL)

    assert len(parse(text, "README.md").features) == 4


def test_the_documented_examples_run():
    failures, tried = doctest.testfile(str(README), module_relative=False)

    assert tried >= 6
    assert failures == 0
