import numpy as np
import polars as pl
import pytest

from model.card import describe
from model.errors import NotEnoughHistory
from tests.model.conftest import leads, train


def test_it_finds_what_is_there_and_says_how_well(model):
    figures = model.card["figures"]

    assert figures["auc"] > 0.7
    assert figures["log_loss"] < figures["log_loss_prior"]
    assert figures["rows"] == model.backtest.height == 600
    assert model.card["data"] == {**model.card["data"], "rows": 3_000}
    assert "Usable" in describe(model.card)


def test_a_model_that_was_learned_quickly_says_so(model):
    choices = model.card["choices"]

    assert choices["recipe"] == "quick"
    assert "for trials" in describe(model.card)
    assert "for trials" not in describe(model.card | {"choices": choices | {"recipe": "full"}})


def test_the_back_test_is_of_later_time_than_it_learned_from(model):
    examples = leads(3_000)

    assert model.backtest["id"].to_list() == examples["id"][2_400:].to_list()


def test_changing_later_rows_does_not_change_what_the_back_test_says_of_them():
    examples = leads(1_500)
    flipped = examples.with_columns(
        pl.when(pl.int_range(pl.len()) >= 1_200).then(~pl.col("label")).otherwise("label").alias("label")
    )

    one, other = train(examples), train(flipped)

    assert np.allclose(one.backtest["likelihood"], other.backtest["likelihood"])


@pytest.fixture(scope="module")
def learned():
    return train(leads(1_200))


def test_the_order_in_which_rows_come_does_not_matter(learned):
    assert train(leads(1_200).reverse()).version == learned.version


def test_the_same_data_and_seed_give_the_same_model(learned):
    assert train(leads(1_200)).version == learned.version
    assert train(leads(1_200), seed=4).version != learned.version


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        (leads(0), "0 leads"),
        (leads(150), "150 leads"),
        (leads(600).with_columns(pl.lit(value=False).alias("label")), "0 of them won"),
        (leads(600).with_columns(pl.lit(value=True).alias("label")), "600 of them won"),
    ],
)
def test_too_little_history_is_said_with_its_numbers_and_what_to_do(examples, words):
    with pytest.raises(NotEnoughHistory, match=words) as told:
        train(examples)

    assert told.value.fix


def test_columns_that_never_vary_teach_nothing_and_are_named():
    flat = leads(800).with_columns(pl.lit(1.0).alias("visits"))

    model = train(flat)

    assert model.card["constant"] == ["visits"]


def test_nothing_to_learn_from_is_said():
    flat = leads(800).with_columns(
        pl.lit("x").alias("industry"),
        pl.lit(1.0).alias("employees"),
        pl.lit(1.0).alias("visits"),
        pl.lit(value=True).alias("has_phone"),
    )

    with pytest.raises(NotEnoughHistory, match="same value"):
        train(flat)


def test_noise_is_called_noise():
    assert "No usable signal" in train(leads(2_000, signal=0.0)).card["verdict"]
