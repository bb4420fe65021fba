"""What holds for any text that reps read, in any language."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mappings.companies import Role, RollUp
from mappings.company_words import Before, OpenLead, company_values
from mappings.file.load import parse
from mappings.languages import CODES, phrases
from mappings.moved import Moved
from mappings.outbound import outbound
from mappings.outputs import OUTPUTS
from mappings.ruling import ByHand
from mappings.verdicts import decided
from mappings.wording import wording
from model.features import Feature
from model.languages import language
from model.moves import Cause
from model.points import Points
from model.reasons import reasons
from model.scorecard import PointsRule, Scorecard, When
from model.visible import visible
from model.wording import Told, Wording

NOW = datetime(2026, 11, 26, tzinfo=UTC)
MAPPING = parse(
    """\
version: 1
crm: salesforce
outcome:
  milestone: won
  horizon_days: 90
  created: CreatedDate
  deal: {lead_field: ConvertedOpportunityId, won: IsWon, closed: IsClosed, closed_at: CloseDate}
features:
  - {name: city, label: City, kind: category, family: fit, from: City}
  - {name: level, label: Seniority, kind: category, family: fit, from: Title, transforms: [seniority]}
  - {name: size, kind: number, family: fit, from: NumberOfEmployees}
  - {name: mail, label: Free e-mail address, kind: boolean, family: fit, from: Email, transforms: [free_mail]}
  - {name: secret, label: Undisclosed, kind: category, family: fit, from: Secret__c, told: false}
  - {name: born, label: Birthday, kind: category, family: fit, from: Birthdate__c, trusted: true}
points:
  rules:
    - {feature: city, present: true, points: 12.5}
    - {feature: level, present: true, points: -1}
    - {feature: size, from: 10, points: 3}
    - {feature: size, below: 10, points: -3}
    - {feature: mail, present: true, points: 1}
    - {feature: secret, present: true, points: 40}
    - {feature: born, present: true, points: 50}
privacy: {sensitive: [Birthdate__c]}
rules: {list: [{name: big, when: {feature: size, from: 100000}, score: lowest, because: a giant}]}
""",
    "x",
)
LINE = re.compile(r"[+-] [^ ].*?\u00a0?: [^ ].* \((?P<effect>[^()]+)\)")

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), max_size=30)
texts = st.none() | st.lists(words, max_size=60).map(" ".join)
leads = st.fixed_dictionaries(
    {
        "city": texts,
        "level": st.none() | st.sampled_from(["c_level", "vp", "unknown", "staff"]),
        "size": st.none() | st.floats(-1e12, 1e12),
        "mail": st.none() | st.booleans(),
        "secret": st.none() | st.just("hush"),
        "born": st.none() | st.just("5 May 1980"),
    }
)


KINDS = {
    feature.name: {"category": pl.String, "boolean": pl.Boolean, "number": pl.Float64}[feature.kind]
    for feature in MAPPING.features
}


names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40)


@given(code=st.sampled_from(CODES), lead=leads, scores=st.integers(1, 99), by_hand=st.booleans())
def test_any_text_fits_is_whole_and_names_only_what_it_may(code, lead, scores, by_hand):
    mapping = replace(MAPPING, language=code)
    hand = {"1": ByHand("Kim", grade="B")} if by_hand else {}

    values = values_of(mapping, lead, scores, hand)

    for role, field in mapping.outputs:
        text = values.get(field)
        if isinstance(text, str):
            assert len(text) <= (OUTPUTS[role].length or 99)
            assert "{" not in text
            assert "  " not in text
            assert all(visible(line) == line for line in text.split("\n"))
            assert text == text.strip()
            assert not {"Undisclosed", "hush", "Birthday", "May"} & set(re.findall(r"\w+", text))
    for line, one in zip((values["TG_Reasons__c"] or "").split("\n"), codes(values), strict=False):
        if one and not one.startswith(("RULE_", "OVERRIDE")):
            assert re.search(r"\d", LINE.fullmatch(line)["effect"])
            assert values["TG_Top_Reason__c"].endswith(")") or by_hand or lead["size"] is not None


def test_the_language_moves_words_and_nothing_else():
    lead = {"city": "Bern", "level": "vp", "size": 12.0, "mail": True, "secret": None, "born": None}

    english, german = (values_of(replace(MAPPING, language=code), lead, 2, {}) for code in ("en", "de"))

    told = {"TG_Reasons__c", "TG_Top_Reason__c", "TG_Change__c"}
    assert {field for field, value in english.items() if german[field] != value} == told
    assert "- Hierarchieebene: Bereichsleitung (-1 Punkt)" in german["TG_Reasons__c"].splitlines()


def test_a_learned_reason_is_told_as_the_mapping_of_today_tells_its_feature():
    feature = Feature("trade", "Old name", "category", "fit")
    told = Wording(language("de"), {"trade": Told("Branche", {"it": "IT"})})
    frame, parts = pl.DataFrame({"trade": ["it"]}), np.array([[1.0]])

    [[reason]] = reasons(frame, [feature], parts, np.array([0.5]), wording=told).to_list()
    silent = reasons(frame, [feature], parts, np.array([0.5]), wording=replace(told, silent=frozenset({"trade"})))

    assert reason["text"] == "Branche: IT (1,6-mal so wahrscheinlich)"
    assert silent.to_list() == [[]]


def test_no_code_names_what_may_not_be_named():
    rule = PointsRule("born", When(present=True), disqualify=True)
    born = Feature("born", "Birthday", "category", "fit")
    frame = pl.DataFrame({"id": ["1"], "born": ["5 May"]})

    made = Points(Scorecard((rule,)), (born,)).score(frame, Wording(silent=frozenset({"born"})))

    assert [one["code"] for one in made["reasons"][0]] == ["SCORECARD-"]


@given(
    code=st.sampled_from(CODES),
    group=st.lists(names, max_size=12, unique=True),
    counts=st.tuples(st.integers(0, 2_000), st.integers(0, 2_000)),
    score=st.integers(1, 99),
    data=st.data(),
)
def test_any_text_on_a_company_fits_and_is_whole(code, group, counts, score, data):
    rolled = RollUp((("top_reason", "a"), ("roles", "b"), ("change", "c")), tuple(Role(one, ()) for one in group))
    mapping = replace(MAPPING, language=code, companies=rolled)
    held = data.draw(st.frozensets(st.sampled_from(range(len(group))))) if group else frozenset()
    now, before = counts
    leads = [OpenLead(str(n), score, "B", roles=held) for n in range(min(now, 3))]

    values = company_values(
        mapping, leads, likelihood=None, before=Before(50, before, date(2026, 11, 1)), model="m", now=NOW
    )

    for text in filter(None, values.values()):
        assert len(text) <= 255
        assert "{" not in text
        assert "  " not in text
        assert text == text.strip()
    assert values["a"].endswith((".", "..."))


def values_of(mapping, lead, score, hand):
    frame = pl.DataFrame([{"id": "1"} | lead], schema={"id": pl.String} | KINDS)
    model = Points(mapping.points, mapping.features)
    made = decided(mapping, model.score(frame, wording(mapping)), frame, hand)
    label = phrases(mapping.language).labels.get("Calls", "Calls")
    moved = {"1": Moved(50, date(2026, 11, 3), tuple(Cause(f"{label} {n}", n, "0", str(n)) for n in range(1, score)))}
    ((_, values),) = outbound(mapping, made, model="points", now=NOW, moved=moved)
    return values


def codes(values):
    return (values["TG_Reason_Codes__c"] or "").split(";")
