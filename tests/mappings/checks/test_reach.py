"""What a mapping reaches of the leads, and what of it reaches nobody."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.checks.findings import places
from mappings.checks.reach import reach, segmenting, unreached
from mappings.file.load import parse
from mappings.verdicts import decided
from model.points import Points

TEXT = """\
version: 1
crm: salesforce
outcome: {milestone: converted, horizon_days: 90, created: CreatedDate, converted_at: ConvertedDate}
features:
  - {name: source, label: Source, kind: category, family: fit, from: LeadSource}
  - {name: size, label: Size, kind: number, family: fit, from: Size__c}
  - {name: band, label: Band, kind: category, family: fit, from: Size__c, transforms: [number, {bands: [50, 500]}]}
  - {name: bounced, label: Bounced, kind: boolean, family: engagement, from: Bounced__c}
points:
  caps: {fit: 40, engagement: 10}
  rules:
    - {feature: size, from: 10, points: 30}
    - {feature: size, from: 5000, points: 5}
    - {feature: bounced, is: false, points: 10}
routes: {A: sales, B: sales, C: nurture, D: nurture}
rules:
  list:
    - {name: big, when: {feature: size, from: 50}, because: it is big, grade: B}
    - {name: web, when: {feature: source, is: Web}, because: it came by web, grade: C}
    - {name: bigger, when: {feature: size, from: 90}, because: it is bigger, grade: A, route: directors}
"""
MAPPING = parse(TEXT, "acme.yaml")
PLACES = places(TEXT, "acme.yaml")
ROWS = 600
RNG = np.random.default_rng(3)
SOURCES = ["Web" if place % 3 else "List" for place in range(ROWS)]
SIZES = RNG.integers(0, 100, ROWS).astype(float)
FRAME = pl.DataFrame(
    {
        "id": [f"L{place}" for place in range(ROWS)],
        "source": SOURCES,
        "size": SIZES,
        "band": ["below 50" if size < 50 else "50 to below 500" for size in SIZES],
        "bounced": RNG.random(ROWS) < 0.2,
    }
)


def ends(frame=FRAME):
    return decided(MAPPING, Points(MAPPING.points, MAPPING.features).score(frame), frame)


def told(frame=FRAME):
    found = reach(MAPPING, frame, ends(frame))
    return {one.line: one.message for one in unreached(MAPPING, found, frame, PLACES)}


def test_everything_is_counted():
    found = {(one.what, one.name): one for one in reach(MAPPING, FRAME, ends())}

    big = (SIZES >= 50).sum()
    assert found["feature", "size"].leads == ROWS
    assert found["points rule", "1 (size)"].leads == (SIZES >= 10).sum()
    assert found["points rule", "2 (size)"].leads == 0
    assert found["rule", "big"].leads == found["rule", "big"].decided == big
    assert found["rule", "web"].leads == SOURCES.count("Web") > found["rule", "web"].decided
    assert found["rule", "bigger"].leads == (SIZES >= 90).sum()
    assert found["grade", "B"].leads >= big
    assert found["route", "directors"].leads == 0
    assert sum(one.leads for one in found.values() if one.what == "grade") == ROWS


def test_what_reaches_nobody_is_told_with_its_line():
    found = told()

    assert found[7] == "feature band: no lead of 600 is in the band 500 or more"
    assert found[10] == "the cap of fit is 40 points, and the most that a lead has is 30"
    assert found[15] == "no lead of 600 goes to the route directors"
    assert "rules before it do" in found[20]
    assert not found.keys() & {5, 6, 8, 18, 19}


def test_a_feature_that_one_segment_alone_has_is_told():
    by_web = FRAME.with_columns(pl.when(pl.col("source") == "Web").then("size").alias("size"))

    assert segmenting(MAPPING, by_web) == "source"
    assert told(by_web)[6] == (
        "feature size has a value on 100% of the leads whose source is Web, and on 0% where it is List"
    )


def test_of_few_leads_nothing_is_said():
    assert not told(FRAME.head(50))


def test_where_nothing_scores_there_are_no_grades():
    assert {one.what for one in reach(MAPPING, FRAME, None)} == {"feature", "points rule", "rule"}


@pytest.mark.parametrize("words", [1, 40])
def test_leads_of_one_source_or_of_many_are_not_parted(words):
    frame = FRAME.with_columns(source=pl.Series([f"s{place % words}" for place in range(ROWS)]))

    assert segmenting(MAPPING, frame) == ""


def test_leads_are_parted_by_where_they_came_from_however_many_sources_there_are():
    line = "  - {name: source, label: Source, kind: category, family: fit, from: LeadSource}\n"
    both = parse(
        TEXT.replace(line, f"  - {{name: tongue, kind: category, family: fit, from: Page_Language__c}}\n{line}"), "a"
    )
    rare = [f"rare {place}" if place % 10 == 0 else one for place, one in enumerate(SOURCES)]
    frame = FRAME.with_columns(
        tongue=pl.Series([("en", "de", "fr")[place % 3] for place in range(ROWS)]),
        source=pl.Series([None if place % 7 == 0 else one for place, one in enumerate(rare)]),
    )

    assert segmenting(both, frame) == "source"
    assert segmenting(both, frame.with_columns(source=pl.lit("Web"))) == "tongue"
    [size] = [one for one in reach(both, frame, None) if one.name == "size"]
    assert [segment for segment, _ in size.segments] == ["Web", "List"]


VALUES = {
    "source": st.none() | st.sampled_from(["Web", "List", "x"]),
    "size": st.none() | st.floats(0, 6_000),
    "bounced": st.none() | st.booleans(),
}


@given(st.lists(st.fixed_dictionaries(VALUES), max_size=30))
def test_counts_are_those_of_single_leads(rows):
    frame = pl.DataFrame(
        [{"id": str(place), "band": None, **row} for place, row in enumerate(rows)], schema=FRAME.schema
    )
    found = {(one.what, one.name): one for one in reach(MAPPING, frame, ends(frame))}

    sizes = [row["size"] for row in rows if row["size"] is not None]
    assert found["feature", "size"].leads == len(sizes)
    assert found["points rule", "1 (size)"].leads == sum(size >= 10 for size in sizes)
    assert found["points rule", "3 (bounced)"].leads == sum(row["bounced"] is False for row in rows)
    assert found["rule", "bigger"].decided == 0
    assert sum(one.leads for one in found.values() if one.what == "route") == len(rows)
    assert all(0 <= one.share <= 1 for one in found.values())
