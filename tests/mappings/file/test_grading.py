import pytest

from mappings.file.load import MappingInvalid, parse
from model.grades import DEFAULT, Grades
from tests.mappings.conftest import MINIMAL


def graded(text):
    return parse(MINIMAL + f"grades: {text}\n", "test.yaml").grades


def test_without_the_section_grades_go_by_share():
    assert parse(MINIMAL, "test.yaml").grades == DEFAULT == Grades("share", 10, 20, 30)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("{by: share, A: 5, B: 15.5, C: 79.5}", Grades("share", 5, 15.5, 79.5)),
        ("{by: likelihood, A: 0.3, B: 0.15, C: 0.05}", Grades("likelihood", 0.3, 0.15, 0.05)),
        ("{by: capacity, A: 40, B: 100, C: 200}", Grades("capacity", 40, 100, 200)),
    ],
)
def test_grades_are_read_as_they_are_written(text, read):
    assert graded(text) == read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{by: shares, A: 10, B: 20, C: 30}", "did you mean share?"),
        ("{by: share, A: 10, B: 20}", "grades has no C"),
        ("{by: share, A: 10, B: 20, C: 30, D: 40}", "there is no key D in grades"),
        ("{by: share, A: 0, B: 20, C: 30}", "write a number above 0"),
        ("{by: share, A: 50, B: 40, C: 30}", "120 % together"),
        ("{by: likelihood, A: 30, B: 15, C: 5}", "1 or more"),
        ("{by: likelihood, A: 0.1, B: 0.2, C: 0.05}", "do not fall"),
        ("{by: capacity, A: all, B: 1, C: 1}", "A of grades is all"),
        ("[A]", "write a block of keys"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_write(text, said):
    with pytest.raises(MappingInvalid) as caught:
        graded(text)

    assert said in str(caught.value)
    assert "test.yaml:13" in str(caught.value)


def test_other_grades_make_no_score_anew():
    other = parse(MINIMAL + "grades: {by: capacity, A: 40, B: 100, C: 200}\n", "test.yaml")

    assert other.version == parse(MINIMAL, "test.yaml").version
