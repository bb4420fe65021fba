from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.file.load import load_preset, parse
from mappings.frames.as_of import AS_OF, CHANGES, as_of, last_change, leads_then, no_changes, rewound
from tests.mappings.conftest import MINIMAL, frame

START = datetime(2026, 3, 1, tzinfo=UTC)
SALESFORCE = load_preset("salesforce")


def text(minute):
    return (START + timedelta(minutes=minute)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def changes(*rows):
    return pl.DataFrame(rows, schema=CHANGES, orient="row")


def then(rows, minute, *told):
    """What the records held at a minute, as (id, value) pairs of the field "a"."""
    at = pl.lit(START + timedelta(minutes=minute)).cast(pl.Datetime("us", "UTC")).alias(AS_OF)
    return rewound(frame(*rows).with_columns(at), changes(*told), {"a": "a"}).select("id", "a").rows()


@pytest.mark.parametrize(
    ("minute", "value"), [(0, "first"), (9, "first"), (10, None), (19, None), (20, "now"), (99, "now")]
)
def test_the_oldest_change_after_a_time_tells_what_was_known(minute, value):
    told = [("1", "a", text(20), None), ("1", "a", text(10), "first")]

    assert then([{"id": "1", "a": "now"}, {"id": "2", "a": "other"}], minute, *told) == [("1", value), ("2", "other")]


def test_fields_that_are_not_asked_for_and_records_that_are_not_there_do_not_matter():
    told = [("1", "b", text(20), "old"), ("9", "a", text(20), "old")]

    assert then([{"id": "1", "a": "now"}], 0, *told) == [("1", "now")]


def test_a_row_without_a_time_keeps_what_it_has():
    rows = frame({"id": "1", "a": "now"}).with_columns(pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias(AS_OF))

    assert rewound(rows, changes(("1", "a", text(20), "old")), {"a": "a"})["a"].to_list() == ["now"]


def test_one_record_may_be_looked_at_at_several_times():
    times = [START + timedelta(minutes=minute) for minute in (30, 0, 15)]
    rows = frame(*({"id": "1", "a": "now"} for _ in times)).with_columns(
        pl.Series(AS_OF, times, dtype=pl.Datetime("us", "UTC"))
    )
    told = changes(("1", "a", text(20), "middle"), ("1", "a", text(10), "first"))

    assert rewound(rows, told, {"a": "a"})["a"].to_list() == ["now", "first", "middle"]


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.sampled_from(["x", "y", None])), max_size=8, unique_by=lambda one: one[0]
    ),
    st.sampled_from(["x", "y", None]),
    st.integers(0, 60),
)
def test_going_back_undoes_what_was_written(writes, first, minute):
    told, value = [], first
    known = first
    for at, new in sorted(writes):
        if new != value:
            told.append(("1", "a", text(at), value))
        value = new
        known = new if at <= minute else known

    assert then([{"id": "1", "a": value}], minute, *told) == [("1", known)]


def test_a_lead_is_looked_at_so_many_days_after_its_creation():
    mapping = parse(MINIMAL.replace("horizon_days: 90", "horizon_days: 90\n  observe_days: 3"), "x")
    leads = frame({"id": "1", "CreatedDate": "2026-03-01T10:00:00.000Z"}, {"id": "2"}, fields=("CreatedDate",))

    assert leads.select(as_of(mapping)).to_series().to_list() == [datetime(2026, 3, 4, 10, tzinfo=UTC), None]


def test_a_lead_links_to_the_company_that_it_named_then():
    leads = frame(
        {"id": "1", "link": "new.com", "Website": "new.com", "CreatedDate": "2026-03-01"},
        {"id": "2", "link": "set by hand", "Website": "other.com", "CreatedDate": "2026-03-01"},
    )
    told = changes(("1", "Website", "2026-05-01T00:00:00.000Z", "https://www.old.com/home"))

    found = leads_then(SALESFORCE, leads, told)

    assert found["link"].to_list() == ["old.com", "set by hand"]
    assert leads_then(SALESFORCE, leads, no_changes())["link"].to_list() == ["new.com", "set by hand"]


def test_the_last_change_of_a_field_is_its_latest():
    told = changes(("1", "a", text(20), None), ("1", "a", text(30), "x"), ("1", "b", text(40), "x"))

    assert last_change(told, "a").rows() == [("1", START + timedelta(minutes=30))]
