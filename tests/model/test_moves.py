from dataclasses import replace

import polars as pl
from hypothesis import given, settings

from model import learn
from model.moves import Cause, moves
from model.points import Points
from model.recipe import QUICK
from model.reference import ranks
from model.scorecard import PointsRule, Scorecard, When
from tests.model.conftest import FEATURES, NOW, leads
from tests.model.test_model import FRAMES, frame


def score_of(model, rows):
    return model.score(rows)["score"].to_list()


def test_a_single_input_that_changed_is_the_whole_cause(model):
    before = frame([("retail", 100.0, True, 0.0)])
    after = frame([("retail", 100.0, True, 12.0)])
    held = score_of(model, before)

    [[cause]] = moves(model, before, after, held)

    assert cause == Cause("Visits", score_of(model, after)[0] - held[0], "0", "12")


def test_what_stayed_moves_nothing(model):
    some = leads(20, seed=4)

    assert moves(model, some, some, score_of(model, some)) == [()] * 20
    assert moves(model, some[:0], some[:0], []) == []


def test_what_the_same_inputs_score_otherwise_is_due_to_the_new_model(model):
    some = leads(3, seed=4)
    held = [score - 7 for score in score_of(model, some)]

    assert moves(model, some, some, held) == [(Cause("new model", 7),)] * 3


@given(FRAMES, FRAMES)
@settings(max_examples=40)
def test_points_add_up_to_the_move_and_name_only_what_changed(model, one, other):
    size = min(len(one), len(other))
    before, after = frame(one[:size]), frame(other[:size])
    held = [min(99, score + 3) for score in score_of(model, before)]

    found = moves(model, before, after, held)

    now = score_of(model, after)
    for row, causes in enumerate(found):
        assert sum(cause.points for cause in causes) == now[row] - held[row]
        sizes = [abs(cause.points) for cause in causes]
        assert sizes == sorted(sizes, reverse=True)
        changed = {f.label for f in model.features if before[f.name].ne_missing(after[f.name])[row]}
        assert {cause.label for cause in causes} <= changed | {"new model"}


@given(FRAMES, FRAMES)
@settings(max_examples=20)
def test_a_way_is_walked_by_the_ranks_of_its_steps(model, one, other):
    before, after = frame(one[:1]), frame(other[:1])
    base, then = model.contributions(before)
    _, now = model.contributions(after)

    [causes] = moves(model, before, after, score_of(model, before))

    moved = now.to_numpy()[0] - then.to_numpy()[0]
    changed = [before[f.name].ne_missing(after[f.name])[0] for f in model.features]
    if sum(changed) == 2 and abs(moved[[not c for c in changed]]).max(initial=0) == 0:
        strongest = max(range(len(moved)), key=lambda place: abs(moved[place]))
        start = then.to_numpy().sum() + base
        step = ranks(start + moved[strongest], model.reference.total) - ranks(start, model.reference.total)
        told = {cause.label: cause.points for cause in causes}
        assert told.get(model.features[strongest].label, 0) == step


def test_features_of_one_field_are_one_cause_and_what_may_not_be_told_is_not_named():
    features = {"industry": {"told": False}, "employees": {"field": "size"}, "visits": {"field": "size"}}
    named = [replace(feature, **features.get(feature.name, {})) for feature in FEATURES]
    how = {"seed": 3, "now": NOW, "horizon_days": 90, "milestone": "won", "recipe": QUICK}
    model = learn.train(leads(3_000), named, **how)  # so many that each of the three surely tells
    before = frame([("retail", 60.0, True, 2.0)])
    after = frame([("banking", 300.0, True, 4.0)])

    [causes] = moves(model, before, after, score_of(model, before))

    assert len(causes) == 2
    assert {cause.label for cause in causes} - {"Employees", "Visits"} == {"other inputs"}
    assert sum(cause.points for cause in causes) == score_of(model, after)[0] - score_of(model, before)[0]


def test_what_moves_points_is_told_in_points_of_the_score():
    rules = (PointsRule("industry", When(values=("banking",)), 20), PointsRule("visits", When(low=3), 30))
    points = Points(Scorecard((*rules, PointsRule("has_phone", When(values=("true",)), 50))), FEATURES)
    before = frame([("retail", 20.0, False, 0.0)] * 2)
    after = frame([("banking", 9.0, False, 9.0), ("retail", 20.0, True, 0.0)])

    found = moves(points, before, after, score_of(points, before))

    assert found == [
        (Cause("Visits", 29, "0", "9"), Cause("Industry", 20, "retail", "banking")),
        (Cause("Phone number", 49, "no", "yes"),),
    ]


def test_an_unknown_value_is_told_as_such(model):
    before = frame([("banking", 100.0, True, 12.0)]).with_columns(pl.lit(None, dtype=pl.Float64).alias("visits"))

    [[cause]] = moves(model, before, frame([("banking", 100.0, True, 12.0)]), score_of(model, before))

    assert (cause.was, cause.now) == ("not known", "12")
