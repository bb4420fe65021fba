import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from model.features import Feature
from tasks.verbs.inputs import packed, unpacked

FEATURES = (
    Feature("industry", "Industry", "category", "fit"),
    Feature("employees", "Employees", "number", "fit"),
    Feature("has_phone", "Phone number", "boolean", "fit"),
)
SCHEMA = {"industry": pl.String, "employees": pl.Float64, "has_phone": pl.Boolean}
ROWS = st.lists(
    st.tuples(
        st.none() | st.text(max_size=12) | st.just('"employees":'),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@given(ROWS)
def test_what_was_packed_is_read_back_to_the_last_digit(rows):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")

    assert unpacked(packed(frame, FEATURES), frame, FEATURES).equals(frame)


def test_a_feature_that_was_none_then_has_the_value_of_now():
    now = pl.DataFrame([("banking", 5.0, True)], schema=SCHEMA, orient="row")

    then = unpacked(['{"industry":"\\"employees\\":","has_phone":null}'], now, FEATURES)

    assert then.row(0) == ('"employees":', 5.0, None)


def test_a_feature_that_was_of_another_kind_then_has_the_value_of_now():
    now = pl.DataFrame([("banking", 5.0, True)], schema=SCHEMA, orient="row")

    assert unpacked(['{"employees":"20 to 100","industry":"energy"}'], now, FEATURES).row(0) == ("energy", 5.0, True)
