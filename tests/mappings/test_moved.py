import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.moved import Moved, note
from model.moves import Cause

SINCE = date(2026, 11, 3)
LENGTH = 255


def told(score, was, *causes, model="20261124-ab12"):
    return note(score, Moved(was, SINCE, causes), model=model, length=LENGTH)


def test_it_names_the_inputs_their_values_and_the_points_of_each():
    causes = (Cause("Campaign responses", 9, "0", "2"), Cause("Industry", 3, "Retail", "Banking"))

    assert told(62, 50, *causes) == (
        "+12 since 3 Nov 2026: Campaign responses 0 → 2 (+9), Industry Retail → Banking (+3); model 20261124-ab12"
    )


def test_it_tells_a_new_model_from_new_inputs():
    causes = (Cause("Seniority", -6, "vp", "staff"), Cause("new model", 2))

    assert told(46, 50, *causes) == (
        "-4 since 3 Nov 2026: Seniority vp → staff (-6), new model (+2); model 20261124-ab12"
    )


def test_without_what_the_old_score_was_made_from_only_the_move_is_told():
    assert told(51, 50) == "+1 since 3 Nov 2026; model 20261124-ab12"


@pytest.mark.parametrize("moved", [None, Moved(50, SINCE, (Cause("A", 2, "x", "y"), Cause("B", -2, "x", "y")))])
def test_a_score_that_stands_where_it_was_has_no_note(moved):
    assert note(50, moved, model="m", length=LENGTH) is None


CAUSES = st.lists(
    st.builds(
        Cause,
        st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=90),
        st.integers(-98, 98).filter(bool),
        st.text("abc d_", max_size=90),
        st.text("abc d_", max_size=90),
    ),
    max_size=9,
)


@given(CAUSES, st.integers(1, 99))
def test_it_fits_the_field_and_what_it_says_adds_up(causes, score):
    causes = sorted(causes, key=lambda cause: -abs(cause.points))
    was = score - sum(cause.points for cause in causes)

    said = told(score, was, *causes, model="20261124-ab12cd34")

    if was == score:
        assert said is None
        return
    assert len(said) <= LENGTH
    assert said.endswith("; model 20261124-ab12cd34")
    points = [int(point) for point in re.findall(r"\(([+-]\d+)\)", said)]
    if points and not any("(" in cause.label for cause in causes):
        assert sum(points) == score - was
