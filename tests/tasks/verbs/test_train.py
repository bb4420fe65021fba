from dataclasses import replace

import pytest

from mappings.file.load import parse, preset_text
from model.errors import NotEnoughHistory
from model.model import load
from model.scorecard import NO_RULES
from tasks.store import models
from tasks.store.models import Verdict


def test_a_learned_model_is_kept_and_scores_from_now_on(learned):
    steps = []

    trained = learned.train(on_progress=lambda *step: steps.append(step))

    current = models.current(learned.store, learned.name)
    assert (current.version, learned.models_folder / current.path) == (trained.version, trained.path)
    assert load(trained.path).version == trained.version
    assert trained.examples > 1_000
    assert trained.as_dict()["figures"]["auc"] > 0.6
    assert (trained.verdict, trained.took_over, current.told) == (Verdict.CHAMPION, True, "It is the first model.")
    assert ("train: examples", 1_500, 1_500) in steps
    assert any(step.startswith("train: ") and share == 100 for step, share, _ in steps)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_records_seed_and_time_give_the_same_model(learned, taught):
    learned.use(taught)

    other = learned.train(chunk_leads=400)

    assert taught.version == other.version
    assert len(models.every(learned.store, learned.name)) == 1


def test_too_little_history_is_said_and_the_current_model_stays(few, taught):
    few.pull()
    few.use(taught)

    with pytest.raises(NotEnoughHistory):
        few.train()

    assert models.current(few.store, few.name).version == taught.version


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_little_history_leans_on_the_points_and_none_where_there_are_none(house):
    house.pull()

    trained = house.train()

    assert trained.card["data"]["wins"] < 40
    assert trained.card["choices"]["rules_share"] > 0.5
    assert trained.card["sureness"] in trained.told
    house.mapping = replace(house.mapping, points=NO_RULES)
    with pytest.raises(NotEnoughHistory, match="needs 200, with 40 won"):
        house.train()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_empty_portal_has_too_little_history(house):
    with pytest.raises(NotEnoughHistory):
        house.train()


JUNK = """
rules:
  list:
    - {name: free, when: {feature: free_mail, is: true}, score: lowest, because: a free address}
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_grades_are_drawn_among_the_leads_that_no_rule_decides(learned):
    learned.mapping = parse(preset_text("hubspot").replace("\nroutes:", f"{JUNK}\nroutes:"), "ruled.yaml")

    model = load(learned.train().path)

    examples = learned.examples()
    free = examples["free_mail"].fill_null(value=False).not_()
    graded = model.score(examples)["grade"]
    assert 0.1 < 1 - free.mean() < 0.9
    assert [round(graded.filter(free).eq(grade).mean(), 2) for grade in "ABC"] == pytest.approx(
        [0.1, 0.2, 0.3], abs=0.02
    )
    assert graded.eq("A").mean() != pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_horizon_is_another_model(learned, taught):
    learned.use(taught)
    learned.mapping = replace(learned.mapping, outcome=replace(learned.mapping.outcome, horizon_days=30))

    other = learned.train()

    assert taught.version != other.version
    assert models.current(learned.store, learned.name).version == other.version
