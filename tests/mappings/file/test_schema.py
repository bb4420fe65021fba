"""The JSON Schema of a mapping file: it and the loader say the same of a file's shape."""

import copy
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import mappings.words as vocabulary
from mappings.file import yamlfile
from mappings.file.load import PRESETS, MappingInvalid, parse
from mappings.file.schema import schema
from mappings.outputs import OUTPUTS
from tests.mappings import mutants
from tests.mappings.file.test_load import BROKEN

README = Path(vocabulary.__file__).parent / "README.md"

# Mistakes of `test_load.BROKEN` that no schema can see: they need the CRM, another section, an order, or a sum.
NOT_OF_SHAPE = {
    "duplicate feature", "duplicate key", "knows the outcome", "our own output", "company's outcome",
    "text for a number", "number for a category", "wrong order", "bands that fall", "company without link",
    "count without link", "an odd tag", "an alias in itself", "not YAML", "nothing at all", "a comment alone",
    "a list at the top", "a word at the top", "a name that YAML takes for no", "an output that is read",
}  # fmt: skip
# Blocks whose keys people choose; what is wrong with one is not of the file's shape.
OPEN = ("map", "where", "currency", "contains", "groups", "fields", "reads", "roles")
LARGE = yaml.safe_load(mutants.large())


def refuses(text):
    return not mutants.validator().is_valid(mutants.instance(yamlfile.read(text, "x.yaml")))


def is_refused(text):
    try:
        parse(text, "x.yaml")
    except MappingInvalid:
        return True
    return False


def test_it_is_a_schema_of_its_dialect():
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("text", mutants.bases(), ids=[*PRESETS, "large"])
def test_every_preset_is_valid_by_it(text):
    mutants.valid(text)


def test_the_mappings_of_the_readme_are_valid_by_it():
    texts = re.findall(r"```yaml\n(version.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert texts
    for text in texts:
        mutants.valid(text)


@pytest.mark.parametrize("name", [name for name in BROKEN if name not in NOT_OF_SHAPE])
def test_what_the_loader_refuses_for_shape_it_refuses_too(name):
    assert refuses(BROKEN[name][0])


def paths(said, before=()):
    for key in said if isinstance(said, dict) else range(len(said)):
        yield (*before, key)
        if isinstance(said[key], dict | list):
            yield from paths(said[key], (*before, key))


PATHS = [path for path in paths(LARGE) if not any(name in path[:-1] for name in OPEN)]


def changed(path, change):
    said = copy.deepcopy(LARGE)
    inside = said
    for key in path[:-1]:
        inside = inside[key]
    change(inside, path[-1])
    return yaml.dump(said, Dumper=mutants.DUMPER, sort_keys=False)


@settings(max_examples=60)
@given(st.sampled_from([path for path in PATHS if isinstance(path[-1], str)]))
def test_a_key_that_the_loader_does_not_know_it_does_not_know_either(path):
    text = changed(path, lambda inside, key: inside.update({f"{key}x": inside.pop(key)}))

    assert is_refused(text)
    assert refuses(text)


@settings(max_examples=60)
@given(st.sampled_from(PATHS), st.sampled_from(["block", "list"]))
def test_a_value_of_another_kind_that_the_loader_refuses_it_refuses_too(path, kind):
    def change(inside, key):
        inside[key] = {"odd": {"deep": 1}} if kind == "block" else [["odd"], {"deep": 1}]

    text = changed(path, change)

    assert refuses(text) == is_refused(text)


def test_every_key_and_word_of_the_vocabulary_is_in_it():
    text = str(schema())
    names = [name for name in vars(vocabulary) if name.isupper() and name not in {"MONTHS", "WEEKDAYS"}]
    words = {word for name in names for word in words_of(getattr(vocabulary, name))}

    assert len(words) > 100
    assert [word for word in sorted(words | set(OUTPUTS)) if f"'{word}'" not in text] == []


def words_of(words):
    return words if isinstance(words, tuple | dict) and all(isinstance(word, str) for word in words) else ()


def test_every_key_has_a_shape():
    def shapeless(shape, at=""):
        for key, of in shape.get("properties", {}).items():
            if not of:
                yield f"{at}.{key}"
            yield from shapeless(of, f"{at}.{key}")
        items = [shape["items"]] if "items" in shape else []
        for part in (*items, *shape.get("anyOf", ()), *shape.get("$defs", {}).values()):
            yield from shapeless(part, at)

    assert list(shapeless(schema())) == []
