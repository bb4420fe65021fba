import orjson
import polars as pl

from connector.crm import Entity
from tasks.store.records import Row
from tasks.verbs.frames import frame, named_by_kind


def row(record_id, key=None, link=None, **values):
    return Row(record_id, key, link, orjson.dumps(values).decode())


def test_values_are_text_and_what_is_missing_is_null():
    made = frame(
        [row("1", link="acme", size="10", name='É "x"\n'), row("2", key="k", other="left out")], ("name", "size")
    )

    assert made.to_dicts() == [
        {"id": "1", "key": None, "link": "acme", "name": 'É "x"\n', "size": "10"},
        {"id": "2", "key": "k", "link": None, "name": None, "size": None},
    ]
    assert set(made.dtypes) == {pl.String}


def test_no_rows_make_a_frame_with_all_columns():
    made = frame([], ("name", "size"))

    assert made.columns == ["id", "key", "link", "name", "size"]
    assert set(made.dtypes) == {pl.String}


def test_the_order_of_many_rows_is_kept():
    rows = [row(str(number), name=str(number)) for number in range(50_000)]

    made = frame(rows, ("name",))

    assert made["name"].to_list() == made["id"].to_list() == [one.id for one in rows]


def test_records_without_any_value_are_rows_too():
    assert frame([row("1"), row("2", name="x"), row("3")], ("name",))["name"].to_list() == [None, "x", None]


def test_the_ids_of_an_objects_records_tell_the_kind_and_nothing_else_is_touched():
    made = frame([row("1", link="lead", name="x")], ("name",))

    assert named_by_kind(Entity.of_object("Task"), made).to_dicts() == [
        {"id": f"{Entity.of_object('Task').value}/1", "key": None, "link": "lead", "name": "x"}
    ]
    assert named_by_kind(Entity.ACTIVITY, made).equals(made)
