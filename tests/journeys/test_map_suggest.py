"""From nothing to a mapping of an org with sixty custom fields whose names mislead, in a handful of commands."""

from collections import Counter
from pathlib import Path

import pytest

import mappings.words as vocabulary
from connector.clock import SystemClock
from connector.crm import Kind
from connector.simulator.customised import JUNK, LEAK, PLAN, SIGNAL
from connector.simulator.spec import Contents, Spec, build
from tests.journeys.conftest import Installation

README = Path(vocabulary.__file__).parent / "README.md"
KINDS = {
    Kind.OPTIONS: "boolean",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "number",
    Kind.INSTANT: "number",
}
JUNK_ROLES = {"identifier", "free text", "constant", "nearly empty", "too many values"}


@pytest.fixture(scope="module")
def org(tmp_path_factory):
    """An installation on an org of 4,000 leads with all the custom fields."""
    contents = Contents(leads=4_000, custom_fields=60)
    with build(Spec(salesforce=contents, seed=11, at="2026-09-01T12:00:00+00:00"), SystemClock()) as simulator:
        yield Installation(tmp_path_factory.mktemp("org") / "home", simulator, ("salesforce",))


@pytest.fixture(scope="module")
def suggested(org):
    """What the README's first command says on this org, and how many calls it makes."""
    suggest, _ = shown()
    assert org.truegrade("provision", "salesforce").code == 0
    before = org.simulator.log.count("salesforce")
    told = org.truegrade(*suggest, "--json", cwd=org.home)
    assert told.code == 0, told.err
    assert not org.simulator.log.count("salesforce", "write")
    return told.json, org.simulator.log.count("salesforce") - before


def shown():
    """The two commands of the README's section, as they stand there."""
    typed = [line.partition("#")[0].split() for line in README.read_text(encoding="utf-8").splitlines()]
    wanted = [words[1:] for words in typed if words[:2] == ["truegrade", "map"] and words[2] in {"suggest", "check"}]
    return [[word.replace("NAME", "salesforce") for word in words] for words in wanted]


def is_right(planned, told):
    """Whether a suggestion is what somebody who knows the org would have said."""
    if planned.role == LEAK:
        return told["role"] == "leak"
    if planned.role == JUNK:
        return told["role"] in JUNK_ROLES
    kept = told["role"] == "feature" and told["kind"] == KINDS.get(planned.kind, "category")
    return kept if planned.role == SIGNAL else kept or told["role"] in JUNK_ROLES


@pytest.mark.timeout(300)
def test_the_suggestion_is_right_for_nine_fields_in_ten_and_names_every_leak(org, suggested, record_property):
    said_of_all, calls = suggested
    _, check = shown()

    checked = org.truegrade(*check, "--json", cwd=org.home)

    told = {field["field"]: field for field in said_of_all["fields"]}
    verdicts = {one.name: is_right(one, told[f"{one.name}__c"]) for one in PLAN}
    for one in sorted(PLAN, key=lambda one: one.role):
        said = told[f"{one.name}__c"]
        mark = "right" if verdicts[one.name] else "WRONG"
        record_property(
            "shown", f"{mark}  {one.role:7} {one.name:18} {said['role']:15} {said['kind'] or '':9} {said['why']}"
        )
    right = Counter(one.role for one in PLAN if verdicts[one.name])
    record_property("shown", f"right: {sum(verdicts.values())} of {len(PLAN)} {dict(right)}, {calls} calls, 3 commands")
    assert sum(verdicts.values()) >= 54
    assert all(verdicts[one.name] for one in PLAN if one.role == LEAK)
    assert said_of_all["calls_made"] <= calls <= said_of_all["calls"]
    assert checked.code == 0, checked.out
    assert not [one for one in checked.json["findings"] if one["severity"] != "note"]


@pytest.mark.timeout(300)
def test_a_mapping_that_somebody_spoiled_is_told_line_by_line(org, suggested):
    path = org.home / "mappings" / "spoiled.yaml"
    spoilt = [
        "  - {name: why_lost, kind: category, family: fit, from: Misc_7__c}",
        "  - {name: unit, kind: category, family: fit, from: Business_Unit__c}",
    ]
    text = path.with_name("drafted.yaml").read_text(encoding="utf-8")
    text = text.replace("features:\n", "\n".join(["features:", *spoilt, ""]), 1)
    text = text.replace("  rules:\n", "  rules:\n    - {feature: source, is: carrier pigeon, points: 5}\n", 1)
    path.write_text(text, encoding="utf-8")
    connections = org.home / "connections.yaml"
    words = connections.read_text(encoding="utf-8")
    connections.write_text(words.replace("mapping: salesforce", "mapping: mappings/spoiled.yaml"), encoding="utf-8")
    assert org.truegrade("pull", "salesforce").code == 0

    told = org.truegrade("map", "check", "salesforce", "--json")

    lines = path.read_text(encoding="utf-8").splitlines()
    warned = {lines[one["line"] - 1]: one for one in told.json["findings"] if one["severity"] == "warning"}
    assert told.code == 0
    assert set(spoilt) <= set(warned)
    assert any("carrier pigeon" in line for line in warned)
    assert all(one["fix"] for one in told.json["findings"])
    unread = {one["field"] for one in told.json["unread"] if one["why"] == "not asked for"}
    left_out = {f"{one.name}__c" for one in PLAN if one.role == JUNK} - {"Business_Unit__c"}  # the spoilt one reads it
    assert left_out <= unread
    reach = {(one["what"], one["name"]): one["leads"] for one in told.json["reach"]}
    assert reach["points rule", "1 (source)"] == 0 < reach["feature", "source"]


@pytest.mark.timeout(120)
def test_a_field_that_the_org_lacks_is_an_error_and_says_which_may_be_meant(org, tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "version: 1\ncrm: salesforce\noutcome: {milestone: converted, horizon_days: 90, created: CreatedDate, "
        "converted: IsConverted, converted_at: ConvertedDate}\nfeatures:\n"
        "  - {name: misc, kind: category, family: fit, from: Misc_33__c}\n",
        encoding="utf-8",
    )

    told = org.truegrade("map", "check", "salesforce", "--file", path, "--json")
    shown = org.truegrade("map", "check", "salesforce", "--file", path)

    errors = [one for one in told.json["findings"] if one["severity"] == "error" and one["line"] == 5]
    assert told.code == shown.code == 3
    assert [one["fix"] for one in errors] == ["did you mean Misc_3__c?"]
    assert f"{path}:5" in shown.out
    assert "Not ready" in shown.out


def test_a_file_that_is_there_is_not_replaced_without_a_word(org, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")

    told = org.truegrade("map", "suggest", "salesforce", "--out", path)

    assert told.code == 3
    assert "--overwrite" in told.err
    assert path.read_text(encoding="utf-8") == "mine"
