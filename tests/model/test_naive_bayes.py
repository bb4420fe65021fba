"""The published probabilities and factors of Odoo's own tests, and our adapter."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from model.features import Feature
from model.naive_bayes import fit
from model.odoo_pls import Stage, counted, factors, learn, score
from tests.model.conftest import FEATURES, leads

FIELDS = ("country", "state", "email", "phone", "source")
QUALITY = ("email", "phone")
STAGES = (Stage("1", 1), Stage("2", 2), Stage("3", 3), Stage("won", 70, is_won=True))
WON, LOST, OPEN = True, False, None
# (team, country, state, source, stage), how it ended
PUBLISHED = [
    (1, 1, 1, 1, 1, LOST), (1, 2, 2, 2, 2, LOST), (1, 3, 3, 3, 3, WON), (1, 1, 2, 3, 2, OPEN), (1, 2, 2, 2, 1, OPEN),
    (2, 1, 2, 2, 3, LOST), (2, 1, 2, 3, 2, LOST), (2, 1, 3, 3, 1, WON), (2, 1, 2, 3, 2, OPEN), (2, 2, 1, 2, 2, OPEN),
    (3, 2, 2, 2, 3, WON), (3, 1, 2, 1, 1, LOST), (3, 2, 3, 3, 1, LOST), (3, 1, 2, 3, 2, OPEN),
]  # fmt: skip
SCHEMA = dict.fromkeys(("team", *FIELDS, "stage"), pl.String) | {"won": pl.Boolean}


def odoo(rows):
    """Make a frame of (team, country, state, source, stage, won); a won lead stands in the won stage."""
    made = [
        dict.fromkeys(SCHEMA)
        | {name: None if value is None else str(value) for name, value in zip(NAMES, row[:-1], strict=True)}
        | {"won": row[-1]}
        for row in rows
    ]
    stage = pl.when(pl.col("won") == pl.lit(WON)).then(pl.lit("won")).otherwise("stage")
    return pl.DataFrame(made, schema=SCHEMA).with_columns(stage.alias("stage"))


NAMES = ("team", "country", "state", "source", "stage")


def rebuilt(frame):
    return learn(frame, fields=FIELDS, stages=STAGES, quality=QUALITY)


def changed(frame, row, **values):
    number = pl.int_range(pl.len())
    return frame.with_columns(
        pl.when(number == row).then(pl.lit(value, SCHEMA[name])).otherwise(name).alias(name)
        for name, value in values.items()
    )


def of(frequencies, frame, *rows):
    scores = score(frequencies, frame)
    return [scores[row] for row in rows]


def test_a_rebuild_gives_the_published_probabilities():
    frame = odoo(PUBLISHED)

    assert of(rebuilt(frame), frame, 3, 8, 13) == [33.49, 7.74, 35.09]


def test_leads_without_a_team_are_scored_by_all_teams():
    rows = [(None, *row[1:]) if number >= 10 else row for number, row in enumerate(PUBLISHED)]

    assert of(rebuilt(odoo(rows)), odoo(rows), 13) == [35.19]


def test_live_updates_give_the_published_probabilities():
    frame = odoo([(None, *row[1:]) if number >= 10 else row for number, row in enumerate(PUBLISHED)])
    table = rebuilt(frame)
    lost = changed(frame, 4, won=LOST)[4:5]

    table = counted(table, lost)
    table = counted(table, changed(frame, 9, won=WON)[9:10])
    table = counted(table, lost, weight=-1)

    frame = changed(changed(frame, 3, stage="1"), 8, stage="1")
    assert of(table, frame, 3, 8) == [20.87, 2.43]
    assert of(table, changed(frame, 8, country="2"), 8) == [34.38]


def test_the_frequency_table_holds_tenths_and_every_stage_of_a_won_lead():
    rows = rebuilt(odoo(PUBLISHED)).rows

    def row(team, variable, value):
        return rows.row(
            by_predicate=(pl.col("team") == team) & (pl.col("variable") == variable) & (pl.col("value") == value)
        )[3:]

    assert row("1", "stage", "1") == (1.1, 2.1)
    assert row("1", "stage", "2") == (1.1, 1.1)
    assert row("1", "stage", "won") == (1.1, 0.1)
    assert row("2", "country", "1") == (1.1, 2.1)
    assert row("1", "email", "False") == (1.1, 2.1)


@pytest.mark.parametrize("team", ["9", None])
def test_the_tooltip_tells_the_published_factors(team):
    frame = pl.DataFrame(
        [
            (team, "1", "1", "correct", "correct", "2", "1", WON),
            (team, "2", "1", "correct", "correct", None, "1", WON),
            (team, None, None, "correct", "incorrect", "1", "1", LOST),
            (team, "1", None, "correct", "incorrect", "1", "1", LOST),
            (team, None, "2", "correct", "correct", None, "3", LOST),
            (team, "1", "1", "correct", "correct", "1", "2", OPEN),
        ],
        schema=SCHEMA,
        orient="row",
    )
    table = rebuilt(frame)

    told = factors(table, frame[5:])

    assert of(table, frame, 5) == [74.30]
    assert dict(zip(told["variable"], told["factor"].round(3), strict=True)) == {
        "source": 0.08, "country": 0.353, "email": 0.5, "stage": 0.645, "phone": 0.735, "state": 0.92,
    }  # fmt: skip


def tagged(rows):
    stage = {True: "won", False: "1", None: "1"}
    made = [{"team": team, "stage": stage[won], "won": won, "tags": tags} for team, tags, won in rows]
    return pl.DataFrame(
        made, schema={"team": pl.String, "stage": pl.String, "won": pl.Boolean, "tags": pl.List(pl.String)}
    )


def test_a_rare_tag_is_left_out_and_several_tags_add_up():
    closed = [("1", ["hot"], WON)] * 60 + [("1", ["hot"], LOST)] * 20 + [("1", ["cold"], LOST)] * 60
    rare = [("1", ["rare"], WON)] * 30
    frame = tagged(
        [*closed, *rare, ("1", ["hot"], OPEN), ("1", ["hot", "cold"], OPEN), ("1", ["rare"], OPEN), ("1", None, OPEN)]
    )

    hot, both, rarely, none = score(learn(frame, fields=(), stages=STAGES), frame)[-4:]

    assert hot > none > both
    assert rarely == none


def test_a_lead_without_stage_has_no_chance_and_a_won_one_every():
    frame = odoo([*PUBLISHED, (1, 1, 1, 1, None, OPEN), (1, 1, 1, 1, "won", OPEN)])

    assert of(rebuilt(frame), frame, 14, 15) == [0.0, 100.0]


def test_nothing_is_promised_before_something_was_won_and_lost():
    frame = odoo([row for row in PUBLISHED if row[-1] is OPEN])

    assert rebuilt(frame).rows.is_empty()
    assert of(rebuilt(frame), frame, 0) == [None]


def test_probabilities_are_clamped():
    frame = odoo(
        [(1, 1, 1, 1, 3, LOST)] * 500 + [(1, 2, 2, 2, 1, WON)] * 500 + [(1, 1, 1, 1, 1, OPEN), (1, 2, 2, 2, 1, OPEN)]
    )

    assert of(rebuilt(frame), frame, -2, -1) == [0.01, 99.99]


def test_opening_a_lead_again_takes_away_what_closing_it_added():
    frame = odoo(PUBLISHED)
    table = rebuilt(frame)

    closed = changed(frame, 3, won=LOST)[3:4]
    back = counted(counted(table, closed), closed, weight=-1).rows

    kept = back.join(table.rows, on=["team", "variable", "value"], how="semi", nulls_equal=True)
    assert kept.equals(table.rows)
    assert counted(table, closed, weight=-1).rows["won"].min() >= 0.1


def test_numbers_are_not_used_and_what_is_not_known_is_left_out():
    examples = leads(2_000)
    bayes = fit(examples, FEATURES)

    assert [feature.name for feature in bayes.features] == ["industry", "has_phone"]
    alone = fit(examples, FEATURES[2:3]).likelihood(examples)
    unknown = examples.with_columns(pl.lit(None, pl.String).alias("industry"))
    assert np.allclose(bayes.likelihood(unknown), alone)


def test_without_usable_features_every_lead_gets_the_share_that_won():
    examples = leads(500)

    assert np.allclose(fit(examples, FEATURES[1:2]).likelihood(examples), examples["label"].mean(), atol=0.001)


def test_a_feature_may_be_named_as_a_column_of_odoo():
    examples = leads(300).rename({"industry": "stage", "has_phone": "won"})
    renamed = (Feature("stage", "Stage", "category", "fit"), Feature("won", "Won", "boolean", "fit"))

    same = fit(leads(300), (FEATURES[0], FEATURES[2])).likelihood(leads(300))
    assert np.array_equal(fit(examples, renamed).likelihood(examples), same)


ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", None]), st.sampled_from([True, False, None]), st.booleans()),
    min_size=2,
    max_size=30,
).filter(lambda rows: len({row[-1] for row in rows}) == 2)
PAIR = (Feature("word", "Word", "category", "fit"), Feature("flag", "Flag", "boolean", "fit"))


@given(ROWS)
def test_the_adapter_multiplies_ratios_as_the_rule_says(rows):
    frame = pl.DataFrame(rows, schema={"word": pl.String, "flag": pl.Boolean, "label": pl.Boolean}, orient="row")
    ended = [sum(row[-1] is won for row in rows) + 0.1 for won in (WON, LOST)]

    def share(place, value, won):
        counts = {
            one: 0.1 + sum(row[-1] is won and row[place] == one for row in rows)
            for one in {row[place] for row in rows} - {None}
        }
        return counts[value] / sum(counts.values()) if value is not None else 1.0

    expected = []
    for word, flag, _ in rows:
        won, lost = (ended[side] * share(0, word, how) * share(1, flag, how) for side, how in enumerate((WON, LOST)))
        expected.append(won / (won + lost))
    assert np.allclose(fit(frame, PAIR).likelihood(frame), np.clip(expected, 0.0001, 0.9999))


KNOWS_THE_OUTCOME = (
    "Tags", "Lead Quality", "Lead Profile", "Asymmetrique Activity Index", "Asymmetrique Profile Index",
    "Asymmetrique Activity Score", "Asymmetrique Profile Score", "Last Activity", "Last Notable Activity",
)  # fmt: skip
NO_WORDS = (
    "Prospect ID",
    "Lead Number",
    "Converted",
    "TotalVisits",
    "Total Time Spent on Website",
    "Page Views Per Visit",
)


@pytest.mark.tables
def test_a_real_table_gives_the_figures_measured_elsewhere(real_tables):
    table = pl.read_csv(real_tables / "x_education" / "Leads.csv", infer_schema=False)
    words = table.drop(*KNOWS_THE_OUTCOME, *NO_WORDS).with_columns(pl.all().replace("Select", None).fill_null("__NA__"))
    features = tuple(Feature(name, name, "category", "fit") for name in words.columns)
    examples = words.with_columns((table["Converted"] == "1").alias("label"))
    labels = examples["label"].to_numpy()
    aucs, losses = [], []

    for learned, judged in StratifiedKFold(5, shuffle=True, random_state=7).split(labels, labels):
        likelihood = fit(examples[learned], features).likelihood(examples[judged])
        aucs.append(roc_auc_score(labels[judged], likelihood))
        losses.append(log_loss(labels[judged], likelihood))

    assert np.mean(aucs) == pytest.approx(0.7733, abs=0.0001)
    assert np.mean(losses) == pytest.approx(0.6048, abs=0.0001)
