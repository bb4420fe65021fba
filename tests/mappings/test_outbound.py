from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.file.load import load_preset, parse
from mappings.moved import Moved
from mappings.outbound import outbound
from mappings.outputs import PERISHABLE
from tests.mappings.conftest import MINIMAL

PRESETS = {crm: load_preset(crm) for crm in ("salesforce", "hubspot")}
NOW = datetime(2026, 11, 3, 14, 30, tzinfo=timezone(timedelta(hours=2)))
REASONS = [
    {"code": "seniority:vp", "feature": "seniority", "text": "Seniority is vp", "effect": 0.8},
    {"code": "free_mail:true", "feature": "free_mail", "text": "Writes from a\nfree e-mail address", "effect": -0.4},
]


def scored(**values):
    row = {
        "id": "1",
        "likelihood": 0.12344,
        "score": 87,
        "grade": "A",
        "fit": 80,
        "engagement": 60,
        "margin": 0.0,
        "reasons": REASONS,
    }
    return pl.DataFrame([row | values])


def written(crm, moved=None, **values):
    ((lead, fields),) = outbound(PRESETS[crm], scored(**values), model="m-1", moved=moved, now=NOW)
    assert lead == "1"
    return fields


def test_a_score_becomes_the_values_of_salesforce():
    assert written("salesforce", {"1": Moved(75, date(2026, 9, 3))}) == {
        "TG_Score__c": 87,
        "TG_Grade__c": "A",
        "TG_Likelihood__c": 12.34,
        "TG_Fit__c": 80,
        "TG_Engagement__c": 60,
        "TG_Top_Reason__c": "Seniority is vp",
        "TG_Reasons__c": "+ Seniority is vp\n- Writes from a free e-mail address",
        "TG_Reason_Codes__c": "seniority:vp;free_mail:true",
        "TG_Change__c": "+12 since 3 Sep 2026; model m-1",
        "TG_Route__c": "sales",
        "TG_Model__c": "m-1",
        "TG_Scored_At__c": "2026-11-03T12:30:00.000Z",
    }


def test_a_likelihood_is_a_share_on_hubspot():
    values = written("hubspot")

    assert values["tg_likelihood"] == 0.1234
    assert values["tg_change"] is None


@pytest.mark.parametrize(("crm", "field"), [("salesforce", "TG_Likelihood__c"), ("hubspot", "tg_likelihood")])
def test_a_score_without_a_likelihood_leaves_that_field_alone_but_where_one_of_ours_stands(crm, field):
    some = scored(likelihood=None).with_columns(pl.col("likelihood").cast(pl.Float64))
    left, cleared = (
        outbound(PRESETS[crm], some, model="points", now=NOW, promised=promised)[0][1] for promised in ((), {"1"})
    )

    assert field not in left
    assert cleared[field] is None
    assert {**left, field: None} == cleared
    assert len(left) == len(PRESETS[crm].outputs) - 1


@pytest.mark.parametrize(
    ("grade", "route"), [("A", "sales"), ("B", "sales"), ("C", "nurture"), ("D", "nurture"), (None, None)]
)
def test_a_grade_has_its_route(grade, route):
    assert written("hubspot", grade=grade)["tg_route"] == route


def test_routes_are_the_customers_to_name():
    mapping = parse(MINIMAL + "routes: {B: inside sales}\n", "x")

    ((_, values),) = outbound(mapping, scored(grade="B"), model="m", now=NOW)

    assert values["TG_Route__c"] == "inside sales"
    (route,) = [field for field in mapping.output_fields() if field.name == "TG_Route__c"]
    assert route.options[1] == ("inside sales", "Inside sales")


@pytest.mark.parametrize(("was", "said"), [(87, None), (90, "-3 since 2 Jan 2026; model m-1")])
def test_a_change_is_told_when_there_is_one(was, said):
    assert written("hubspot", {"1": Moved(was, date(2026, 1, 2))})["tg_change"] == said


def test_a_lead_without_reasons_has_none():
    values = written("hubspot", reasons=[])

    assert (values["tg_top_reason"], values["tg_reasons"], values["tg_reason_codes"]) == (None, None, None)


words = st.text(alphabet="ab ", max_size=20).map(lambda text: text * 20)


@given(st.lists(st.tuples(words, st.floats(-2, 2)), min_size=1, max_size=20))
def test_texts_fit_their_fields_and_cut_no_word(parts):
    reasons = [
        {"code": f"c{n}", "feature": "f", "text": text, "effect": effect} for n, (text, effect) in enumerate(parts)
    ]
    fields = {field.name: field for field in PRESETS["hubspot"].output_fields()}

    values = written("hubspot", reasons=reasons)

    for name in ("tg_top_reason", "tg_reasons", "tg_reason_codes"):
        assert len(values[name] or "") <= fields[name].length
    whole = [f"{'+' if effect > 0 else '-'} {' '.join(text.split())}".rstrip() for text, effect in parts]
    lines = values["tg_reasons"].split("\n")
    assert lines == whole[: len(lines)]


@pytest.mark.parametrize(
    ("code", "top"), [("RULE_OF_THUMB", "Against"), ("RULE_OF_THUMB-", "For"), ("OVERRIDE_X-", "For")]
)
def test_a_feature_whose_name_begins_as_rules_do_has_decided_nothing(code, top):
    both = [{"code": code, "text": "Against", "effect": -0.9}, {"code": "X+", "text": "For", "effect": 0.1}]

    assert written("hubspot", reasons=both)["tg_top_reason"] == top


def test_nothing_hidden_is_written():
    seen = written("hubspot", reasons=[{"code": "X+", "text": "City: \u202egnp.\u2066a\u200b\ufeff", "effect": 0.8}])

    assert (seen["tg_top_reason"], seen["tg_reasons"]) == ("City: gnp.a", "+ City: gnp.a")


def test_only_where_the_values_came_from_is_perishable():
    assert {"scored_at", "model"} == PERISHABLE


def test_now_is_written_in_utc():
    ((_, values),) = outbound(PRESETS["hubspot"], scored(), model="m", now=datetime(2026, 1, 1, tzinfo=UTC))

    assert values["tg_scored_at"] == "2026-01-01T00:00:00.000Z"
