from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.crm import Entity
from mappings.frames.as_of import CHANGES, Past, no_changes, unchanged
from mappings.frames.features import feature_frame
from mappings.frames.hashes import input_hashes
from mappings.frames.measures import measured
from mappings.parts import Count
from mappings.words import MEASURES
from tests.mappings.conftest import frame, mapped

CREATED = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAPPING = mapped("{name: n, label: N, kind: number, family: engagement, count: {at: CreatedDate, window_days: 10}}")
WHERE = (("Status", ("responded",)),)
RULES = {
    "count": Count("CreatedDate", 10, WHERE),
    "share": Count("CreatedDate", 10, WHERE, measure="share"),
    "first_days": Count("CreatedDate", 10, WHERE, measure="first_days"),
    "last_days": Count("CreatedDate", 10, measure="last_days"),
    "distinct": Count("CreatedDate", 10, measure="distinct", field="Status"),
    "sum": Count("CreatedDate", 10, measure="sum", field="Minutes"),
    "first": Count("CreatedDate", 10, measure="first", field="Status"),
    "last": Count("CreatedDate", 5, measure="last", field="Status"),
}
FADING = Count("CreatedDate", 10, half_life_days=2.0)


def text(days):
    return (CREATED + timedelta(days=days)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def activity(days, lead="1", number=0, **values):
    return {"id": f"a{number}", "link": lead, "CreatedDate": text(days)} | values


def leads(*ids):
    return frame(*({"id": name, "CreatedDate": text(0)} for name in ids), fields=("CreatedDate",))


def told(rules, activities, ids=("1",), past=None):
    fields = ("CreatedDate", "Status", "Minutes")
    return [one.to_list() for one in measured(MAPPING, leads(*ids), frame(*activities, fields=fields), rules, past)]


def test_every_measure_is_tried():
    assert set(RULES) == set(MEASURES)


def test_a_handful_of_activities_gives_these_measures():
    happened = [
        activity(-1, Status="Sent", Minutes="5"),
        activity(2, Status="Responded", Minutes="2.5"),
        activity(4, Status="responded ", Minutes="many"),
        activity(6, Status="Responded", Minutes="1"),
        activity(8, Status=" "),
        activity(11, Status="Late", Minutes="100"),
        {"id": "x", "link": "1", "Status": "Responded", "Minutes": "100"},
    ]

    found = dict(zip(RULES, told(RULES.values(), happened), strict=True))

    assert found == {
        "count": [2.0],
        "share": [0.4],
        "first_days": [2.0],
        "last_days": [8.0],
        "distinct": [2.0],
        "sum": [8.5],
        "first": ["Sent"],
        "last": ["responded "],
    }


def test_where_nothing_happened_only_what_can_be_counted_is_there():
    found = dict(zip(RULES, told(RULES.values(), []), strict=True))

    assert found == {name: [0.0 if name in {"count", "sum", "distinct"} else None] for name in RULES}


def test_a_lead_of_unknown_creation_has_no_measure():
    unknown = frame({"id": "1"}, fields=("CreatedDate",))

    found = measured(MAPPING, unknown, frame(activity(1, Status="Sent")), list(RULES.values()))

    assert [one.to_list() for one in found] == [[None]] * len(RULES)


def test_an_activity_fades_by_its_distance_from_the_end_of_the_window():
    happened = [activity(10), activity(8), activity(6), activity(11)]

    assert told([FADING], happened) == [[pytest.approx(1 + 0.5 + 0.25)]]
    assert told([Count("CreatedDate", 10, measure="sum", field="Minutes", half_life_days=2.0)], [
        activity(8, Minutes="6"), activity(10, Minutes="x"),
    ]) == [[pytest.approx(3.0)]]  # fmt: skip


def test_what_is_known_early_fades_no_more_later():
    happened = [activity(1), activity(3)]
    past = Past(no_changes(), no_changes(), no_changes())

    assert told([FADING], happened) == told([FADING], happened, past=past)


def test_with_a_past_the_values_are_those_of_then():
    mapping = mapped(
        "{name: n, label: N, kind: category, family: engagement, "
        "count: {at: CreatedDate, window_days: 10, measure: last, field: Status}}"
    )
    changed = pl.DataFrame([("a0", "Status", text(50), "Sent")], schema=CHANGES, orient="row")
    past = Past(no_changes(), no_changes(), changed)
    happened = frame(activity(1, Status="Responded"))

    assert feature_frame(mapping, leads("1"), frame(), happened, past)["n"].to_list() == ["Sent"]
    assert feature_frame(mapping, leads("1"), frame(), happened, unchanged())["n"].to_list() == ["Responded"]


def test_each_kind_of_activity_is_measured_alone():
    task = Entity.of_object("Task")
    rules = [Count("CreatedDate", 10), Count("CreatedDate", 10, entity=task)]
    happened = [activity(1), activity(2, entity=task.value), activity(3, entity=task.value)]

    assert told(rules, happened) == [[1.0], [2.0]]


HAPPENED = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "9"]),
        st.sampled_from([-30.0, -0.5, 0.0, 1.0, 4.999, 5.0, 10.0, 10.001]),
        st.sampled_from([None, "", "Sent", "Responded", "RESPONDED"]),
        st.sampled_from([None, "x", "0.1", "0.2", "0.3", "1e308", "nan"]),
    ),
    max_size=8,
)


def rows(happened):
    return [
        activity(days, lead, number, Status=status, Minutes=minutes)
        for number, (lead, days, status, minutes) in enumerate(happened)
    ]


@settings(max_examples=60)
@given(HAPPENED, st.randoms(use_true_random=False))
def test_the_order_of_activities_and_the_other_leads_do_not_matter(happened, chance):
    rules = [*RULES.values(), FADING]
    batch = told(rules, rows(happened), ids=("1", "2"))
    turned = rows(happened)
    chance.shuffle(turned)

    assert told(rules, turned, ids=("2", "1")) == [values[::-1] for values in batch]
    for place, lead in enumerate(("1", "2")):
        own = [row for row in rows(happened) if row["link"] == lead]
        assert told(rules, own, ids=(lead,)) == [[values[place]] for values in batch]


@settings(max_examples=40)
@given(HAPPENED, HAPPENED)
def test_no_later_activity_changes_a_measure(happened, more):
    rules = [*RULES.values(), FADING]
    later = [row | {"id": "l" + row["id"], "CreatedDate": text(10.1 + place)} for place, row in enumerate(rows(more))]

    assert told(rules, rows(happened) + later, ids=("1", "2")) == told(rules, rows(happened), ids=("1", "2"))


@settings(max_examples=60)
@given(HAPPENED)
def test_counts_are_those_of_a_plain_loop(happened):
    own = [one for one in happened if one[0] == "1" and one[1] <= 10]
    meeting = [one for one in own if (one[2] or "").lower() == "responded"]

    count, share, first, last, distinct, _, _, _ = (values[0] for values in told(RULES.values(), rows(happened)))

    assert count == len(meeting)
    assert share == (len(meeting) / len(own) if own else None)
    assert first == (min(one[1] for one in meeting) if meeting else None)
    assert last == (pytest.approx(max(one[1] for one in own)) if own else None)
    assert distinct == len({one[2].lower() for one in own if one[2]})


@pytest.mark.parametrize("name", RULES)
def test_each_field_that_a_measure_reads_moves_the_inputs_hash(name):
    rule = RULES[name]
    needs = MEASURES[name]
    said = f"measure: {name}" + (", field: Minutes" if needs.needs_field else "")
    kind = "category" if name in {"first", "last"} else "number"
    mapping = mapped(
        f"{{name: n, label: N, kind: {kind}, family: engagement, "
        f"count: {{at: CreatedDate, window_days: 10, where: {{Status: [Responded]}}, {said}}}}}"
    )
    before = activity(1, Status="Sent", Minutes="1")

    def hashed(row, created=0):
        return input_hashes(mapping, frame({"id": "1", "CreatedDate": text(created)}), frame(), frame(row)).item()

    moved = [before | {"Status": "Responded"}, before | {"CreatedDate": text(2)}]
    moved += [before | {"Minutes": "2"}] if rule.field else []
    assert hashed(before) not in [hashed(row) for row in moved]
    assert len({hashed(row) for row in moved}) == len(moved)
    assert (hashed(before, created=-1) != hashed(before)) == needs.dated


BROKEN = {
    "no field": ("measure: sum", "tells the sum of no field", "add field"),
    "a field for nothing": ("field: Status", "looks at no field for the measure count", "measure: distinct, sum"),
    "a share of all": ("measure: share", "which is 1", "add where"),
    "fading days": ("measure: last_days, half_life_days: 3", "cannot fade", "measure: count, sum"),
    "no such measure": ("measure: averge", "cannot be averge", "share"),
    "half a life": ("half_life_days: 0", "is 0", "a number above 0"),
    "a field that knows": ("measure: last, field: 'a b'", "names the field 'a b'", "API name"),
}


@pytest.mark.parametrize(("said", "message", "fix"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_told_with_its_mend(said, message, fix):
    from mappings.file.load import MappingInvalid

    line = f"{{name: n, label: N, kind: number, family: engagement, count: {{at: A, window_days: 3, {said}}}}}"

    with pytest.raises(MappingInvalid) as caught:
        mapped(line)

    assert any(message in problem.message and fix in problem.fix for problem in caught.value.problems), caught.value
