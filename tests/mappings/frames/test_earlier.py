"""What earlier leads of the same person or company tell: as of a lead's creation, and nothing that came later."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Entity
from mappings.checks.check import against
from mappings.file.load import MappingInvalid, load_preset, parse, preset_text
from mappings.frames.earlier import CIRCLES, ENDS, with_earlier
from mappings.frames.features import feature_frame
from mappings.frames.hashes import input_hashes
from mappings.words import EARLIER
from mappings.words import __file__ as vocabulary

README = Path(vocabulary).parent / "README.md"
START = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING = pl.DataFrame(schema={"id": pl.String, "key": pl.String, "link": pl.String})
HEAD = """
version: 1
crm: hubspot
outcome: {milestone: won, horizon_days: 90, created: createdate, deal: {leads_field: l, won: w, closed_at: c}}
"""
LINKS = "links: {company: {by: domain, lead: website, company: domain, created: createdate}}\n"
SAME = "duplicates: {lead: {email: email}, company: {website: domain}}\n"


def of(*names, links=LINKS, same=SAME):
    rules = "".join(
        f"  - {{name: f{place}, kind: number, family: fit, from: {one}}}\n" for place, one in enumerate(names)
    )
    return parse(f"{HEAD}{links}{same}features:\n{rules}", "a.yaml")


EVERYTHING = of(*EARLIER)


def moment(days):
    return None if days is None else (START + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def told(mapping, leads, circles, ends):
    """The facts of leads ({id: day of creation}), given who belongs where and how leads of a circle ended."""
    made = {"id": list(leads), "createdate": [moment(day) for day in leads.values()]}
    frame = pl.DataFrame(made, schema={"id": pl.String, "createdate": pl.String})
    rows = [(circle, moment(made), outcome, moment(at)) for circle, made, outcome, at in ends]
    circled = pl.DataFrame(circles, schema=CIRCLES, orient="row")
    return with_earlier(mapping, frame, circled, pl.DataFrame(rows, schema=ENDS, orient="row"))


ENDED = [
    ("kim", 0, "won", 20),
    ("kim", 10, "lost", 15),
    ("kim", 40, "disqualified", None),
    ("kim", 50, "open", None),
    ("acme", 5, "disqualified", 6),
]


@pytest.mark.parametrize(
    ("day", "person"),
    [
        (0, ("0", None, "0", "0", "0")),
        (0.9, ("0", None, "0", "0", "0")),  # on the same day: one enquiry
        (10.5, ("1", "10", "0", "0", "0")),
        (16, ("2", "6", "0", "1", "0")),
        (21, ("2", "11", "1", "1", "0")),
        (60, ("4", "10", "1", "1", "0")),  # one that was turned down at an unknown time was not known to be
        (None, (None, None, None, None, None)),
    ],
)
def test_a_person_is_known_as_of_the_creation_of_the_later_lead(day, person):
    found = told(EVERYTHING, {"1": day}, [("1", "person", "kim"), ("1", "company", "acme")], ENDED)

    names = ("leads", "days", "won", "lost", "disqualified")
    assert found.select(f"earlier.{name}" for name in names).row(0) == person
    if day == 60:
        assert found.select(f"earlier.company_{name}" for name in names).row(0) == ("1", "55", "0", "0", "1")


def test_who_is_there_once_has_no_earlier_leads_and_without_a_company_nothing_is_known_of_one():
    found = told(EVERYTHING, {"1": 60}, [], ENDED)

    assert found["earlier.leads"].to_list() == ["0"]
    assert found["earlier.days"].to_list() == [None]
    assert found["earlier.company_leads"].to_list() == [None]


DAYS = st.integers(0, 400).map(lambda half: half / 4)
LEADS = st.dictionaries(st.sampled_from("12345678"), DAYS, max_size=6)
OUTCOMES = st.sampled_from(["won", "lost", "disqualified", "open", "converted"])
HISTORY = st.lists(st.tuples(st.sampled_from("ab"), DAYS, OUTCOMES, st.none() | DAYS), max_size=12)


def circles_of(leads):
    kinds = {lead: ("person", "company")[int(lead) % 2] for lead in leads}
    return [(lead, kind, "ab"[int(lead) // 3 % 2]) for lead, kind in kinds.items()]


@given(leads=LEADS, ends=HISTORY)
def test_a_lead_alone_is_told_what_it_is_told_among_others(leads, ends):
    batch = told(EVERYTHING, leads, circles_of(leads), ends)

    assert batch["id"].to_list() == list(leads)
    for place, lead in enumerate(leads):
        alone = told(EVERYTHING, {lead: leads[lead]}, circles_of([lead]), ends[::-1])
        assert alone.row(0) == batch.row(place)


@given(day=DAYS, ends=HISTORY, later=HISTORY)
def test_nothing_that_happens_later_moves_a_fact(day, ends, later):
    circles = [("1", "person", "a"), ("1", "company", "b")]
    known = [(circle, made, outcome, at) for circle, made, outcome, at in ends if made <= day]
    then = [one if (one[3] or 0) <= day else (*one[:2], "open", None) for one in known]

    as_of_then = told(EVERYTHING, {"1": day}, circles, then)
    today = told(EVERYTHING, {"1": day}, circles, known + [(one[0], day + one[1], *one[2:]) for one in later])

    assert today.row(0) == as_of_then.row(0)


@given(day=DAYS, ends=HISTORY)
def test_the_facts_are_what_counting_by_hand_gives(day, ends):
    found = told(EVERYTHING, {"1": day}, [("1", "person", "a")], ends)
    before = [one for one in ends if one[0] == "a" and one[1] <= day - 1]

    assert found["earlier.leads"].item() == str(len(before))
    for name in ("won", "lost", "disqualified"):
        ended = [one for one in before if one[2] == name and one[3] is not None and one[3] <= day - 1]
        assert found[f"earlier.{name}"].item() == str(len(ended))
    last = max((one[1] for one in before), default=None)
    assert found["earlier.days"].item() == (None if last is None else str(int(day - last)))


def test_features_are_made_of_facts_like_of_any_field():
    rule = "{name: a, kind: boolean, family: fit, from: earlier.won, transforms: [number, {at_least: 1}]}"
    mapping = parse(f"{HEAD}{SAME}features: [{rule}]", "a.yaml")
    leads = told(mapping, {"1": 60, "2": 60}, [("1", "person", "kim")], ENDED)

    made = feature_frame(mapping, leads.with_columns(link=pl.lit(None, pl.String)), NOTHING, NOTHING)

    assert made["a"].to_list() == [True, False]
    assert mapping.features[0].label == "Earlier leads of the person won"


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_the_lines_that_stand_ready_in_the_presets_load(crm):
    ready = re.sub(r"(?m)^  # (- .*earlier\..*)$", r"  \1", preset_text(crm))

    assert len(parse(ready, "preset.yaml").earlier) == 4
    assert load_preset(crm).earlier == ()


def test_the_example_of_the_readme_loads():
    (text,) = re.findall(r"```yaml earlier\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert len(parse(f"{HEAD}{LINKS}{SAME}{text}", "README.md").earlier) == 5


def test_another_history_is_another_input():
    first = told(EVERYTHING, {"1": 60}, [("1", "person", "kim")], ENDED)
    other = told(EVERYTHING, {"1": 60}, [("1", "person", "kim")], ENDED[1:])

    hashes = {input_hashes(EVERYTHING, leads, NOTHING, NOTHING).item() for leads in (first, first, other)}

    assert len(hashes) == 2


def test_no_field_of_the_crm_is_pulled_for_it_but_those_that_tell_the_same():
    mapping = of("earlier.leads", "earlier.company_won")

    assert not [name for name in mapping.source_fields(Entity.LEAD) if name.startswith("earlier")]
    assert mapping.earlier == ("earlier.leads", "earlier.company_won")
    assert all("earlier" not in str(problem) for problem in against(mapping, Entity.LEAD, ()))


def test_what_tells_the_same_moves_scores_only_where_a_feature_is_made_of_it():
    other = SAME.replace("email: email", "email: [email, work_email]")

    assert of("earlier.leads").version != of("earlier.leads", same=other).version
    assert of("website").version == of("website", same=other).version


@pytest.mark.parametrize(
    ("fact", "links", "same", "said"),
    [
        ("earlier.lead", LINKS, SAME, "made of earlier.lead, which nothing tells; did you mean earlier.leads?"),
        ("earlier.won", LINKS, "", "earlier.won needs to know which leads are the same person; add duplicates.lead"),
        ("earlier.company_won", "", SAME, "which leads are not linked to; add links.company"),
    ],
)
def test_what_cannot_be_told_is_refused(fact, links, same, said):
    with pytest.raises(MappingInvalid, match=said.replace("?", r"\?")):
        of(fact, links=links, same=same)


def test_a_link_that_a_conversion_makes_tells_nothing_of_a_company():
    link = "links: {company: {by: id, lead: ConvertedAccountId, company: Id, created: CreatedDate}}\n"
    rule = "{name: a, kind: number, family: fit, from: earlier.company_leads}"

    with pytest.raises(MappingInvalid, match="ConvertedAccountId links them because of the outcome"):
        parse(f"{HEAD.replace('hubspot', 'salesforce')}{link}features: [{rule}]", "a.yaml")
