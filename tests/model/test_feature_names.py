"""Whatever a feature is called, nothing of the model mistakes it for a column of its own."""

import pytest

from model.features import Feature
from model.leaks.words import words_of_work
from model.linear import fit
from model.points import default_points
from model.report.groups import groups
from tests.model.conftest import leads

NAMES = ("count", "len", "by", "value", "row", "team", "won", "stage", "score", "literal", "index", "place")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_frames_use_changes_nothing(name):
    examples = leads(400)
    called = examples.rename({"industry": name})
    plain, odd = (Feature(one, "Industry", "category", "fit") for one in ("industry", name))

    scores = [default_points(frame, [one]).score(frame)["score"] for frame, one in ((called, odd), (examples, plain))]
    fitted = [
        fit(frame, [one], examples["label"].to_numpy(), None) for frame, one in ((called, odd), (examples, plain))
    ]
    assert scores[0].equals(scores[1])
    assert (fitted[0].margins(called) == fitted[1].margins(examples)).all()
    assert words_of_work(called[name]) == words_of_work(examples["industry"])
    assert [one.name for one in groups(odd, called[name])] == [one.name for one in groups(plain, examples["industry"])]
