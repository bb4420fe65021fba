import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.codes import known_values
from model.features import Feature
from model.learn import train as learn
from model.model import load
from model.pool import to_pool
from model.rare import LEAST, RARE, as_known, pooled
from model.recipe import QUICK
from model.report.page import page
from model.tabulated import tabulate
from model.trees_fit import fit_member
from tests.model.conftest import FEATURES, NOW, leads

WORD = Feature("word", "Word", "category", "fit")
OTHER = Feature("other", "Other", "category", "fit")
WORDS = st.lists(st.sampled_from([*"abcdef", "", None]), max_size=40)
NAMES = tuple(f"Zoe Quill the {number}th" for number in range(60))


def column(values):
    return pl.DataFrame({"word": pl.Series(values, dtype=pl.String)})


@given(WORDS)
def test_what_is_left_is_held_by_enough_leads_and_the_rest_is_one_word(values):
    [told] = pooled(column(values), [WORD])

    for before, after in zip(values, told, strict=True):
        kept = before is None or values.count(before) >= LEAST
        assert after == (before if kept else RARE)


@given(WORDS)
def test_to_pool_twice_is_to_pool_once_but_for_a_single_rare_word(values):
    once = pooled(column(values), [WORD])

    assert pooled(once, [WORD]).equals(once)


@given(WORDS, WORDS)
def test_what_a_model_has_not_seen_is_rare_where_anything_was(learned, seen):
    known = {"word": sorted({word for word in pooled(column(learned), [WORD])["word"] if word is not None})}

    [told] = as_known(column(seen), known)

    for before, after in zip(seen, told, strict=True):
        stays = before is None or before in known["word"] or RARE not in known["word"]
        assert after == (before if stays else RARE)


@pytest.fixture(scope="module")
def crowded():
    """A market in which a category is mostly common words, and sixty leads hold a name, some up to four times."""
    rows, draw = leads(3_000, seed=5), np.random.default_rng(5)
    words = draw.choice(["north", "south", "east"], rows.height).astype(object)
    places = draw.permutation(rows.height)[: 2 * len(NAMES)]
    words[places] = [NAMES[number % len(NAMES)] for number in range(len(places))]
    other = draw.choice(["red", "green"], rows.height)
    return rows.with_columns(pl.Series("word", words.tolist(), dtype=pl.String), pl.Series("other", other.tolist()))


def learned(rows, **recipe):
    how = {"seed": 3, "now": NOW, "horizon_days": 90, "milestone": "won", "recipe": QUICK} | recipe
    return learn(rows, (*FEATURES, WORD, OTHER), **how)


@pytest.fixture(scope="module")
def model(crowded):
    return learned(crowded)


def test_no_file_card_or_report_of_a_model_holds_a_rare_word(model, tmp_path):
    model.save(tmp_path / "model")

    texts = [path.read_bytes() for path in (tmp_path / "model").iterdir()]
    texts += [json.dumps(told).encode() for told in (model.card, model.report)] + [page(model.report).encode()]
    assert len(texts) > 5
    assert any(b"north" in text for text in texts)
    assert not [text for text in texts if b"Zoe" in text or b"Quill" in text]


def test_a_rare_word_scores_as_any_other_and_as_one_never_seen(model, crowded, tmp_path):
    model.save(tmp_path / "model")
    row = crowded.head(1)
    asked = pl.concat(row.with_columns(pl.lit(word).alias("word")) for word in (NAMES[0], NAMES[7], "never seen", RARE))

    for one in (model, load(tmp_path / "model")):
        scored = one.score(asked)
        assert scored["margin"].n_unique() == 1
        assert scored["score"].n_unique() == 1


def test_a_word_never_seen_is_rare_where_statistics_of_pairs_are_learned(crowded):
    features = (WORD, OTHER)
    rows = pooled(crowded, features)
    label = rows["label"].cast(pl.Int8).to_numpy()
    shape = {"depth": 4}
    member = fit_member(
        to_pool(rows, features, label), features, trees=30, rate=0.2, seed=1, threads=1, shape=shape, pairs=True
    )
    tables = tabulate([member], features, known_values(rows, features))
    asked = pl.DataFrame({"word": [NAMES[0], "never seen", RARE], "other": ["red"] * 3})

    assert len(np.unique(tables.margins(asked))) == 1
    assert np.abs(np.ptp(tables.contributions(asked)[0], axis=0)).max() == 0
