"""What becomes of scores when hard rules and decisions by hand have been heard: one pure function for all who score.

A decision by hand that sets a grade goes before every rule. Of rules, the first that holds counts, or all do; whoever
decides first wins. The reasons for it stand before all others, with codes of their own.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from mappings.languages import Phrases, phrases
from mappings.mapping import Mapping
from mappings.outputs import DISQUALIFY
from mappings.ruling import BY_HAND, LOWEST_GRADE, LOWEST_SCORE, ByHand, Condition, Every, HardRule, Has, Not, Some
from model.features import Feature
from model.firing import fired

REASON = pl.Struct({"code": pl.String, "feature": pl.String, "text": pl.String, "effect": pl.Float64})
HAND = {"id": pl.String, "hand grade": pl.String, "hand route": pl.String, "hand text": pl.String}
LOW_GRADES = frozenset({"C", "D"})
FOR, AGAINST = 1.0, -1.0  # of a decision only the sign counts: it has no part in the margin
A_MOMENT = timedelta(microseconds=1)


def decided(
    mapping: Mapping, scores: pl.DataFrame, features: pl.DataFrame, by_hand: Dict[str, ByHand] | None = None
) -> pl.DataFrame:
    """Hear rules and decisions by hand: `scores` with what they set, and the column "route"; the order is kept.

    `scores` and `features` are a scorer's frame and the frame that it scored, of the same leads in the same order;
    `by_hand` are by lead id. What changes is grade, route and reasons; of disqualified leads, score and likelihood too.
    The reasons for it speak the mapping's language.
    """
    rules, said = mapping.ruling.rules, phrases(mapping.language)
    if not rules and not by_hand:
        return scores.with_columns(_usual_route(mapping, pl.col("grade")).alias("route"))
    found = _holding(mapping, features)
    hand = pl.DataFrame(
        [(lead, one.grade, one.route, told(one, said)) for lead, one in (by_hand or {}).items()], HAND, orient="row"
    )
    whole = pl.concat([scores, found], how="horizontal").join(hand, on="id", how="left", maintain_order="left")
    whole = whole.with_columns(_counting(len(rules), first=mapping.ruling.apply == "first"))
    whole = whole.with_columns(_says(rules, "grade"), _says(rules, "route"), _is_lowest(rules))
    return whole.with_columns(_set(mapping)).with_columns(_reasons(rules, said)).select(*scores.columns, "route")


def grades_by_rule(mapping: Mapping, features: pl.DataFrame) -> dict[str, str]:
    """Tell the grade that hard rules give, by id of the leads that one decides; `features` as `decided` takes them."""
    rules = mapping.ruling.rules
    if not rules:
        return {}
    by_rules = _holding(mapping, features).with_columns(features["id"], pl.lit(None, pl.String).alias("hand grade"))
    by_rules = by_rules.with_columns(_counting(len(rules), first=mapping.ruling.apply == "first"))
    lowest = pl.when(_is_lowest(rules)).then(pl.lit(LOWEST_GRADE))
    found = by_rules.select("id", lowest.otherwise(_says(rules, "grade")).alias("grade"))
    return dict(found.drop_nulls().iter_rows())


def told(one: ByHand, said: Phrases) -> str:
    """Say to reps what was decided by hand: "Set by hand until 31 Dec 2026: key account"."""
    until = one.until
    head = said.by_hand_until.format(date=said.dated((until - A_MOMENT).date())) if until else said.by_hand
    return f"{head}{said.language.colon}{one.because}"


def holding(condition: Condition, features: Dict[str, Feature]) -> pl.Expr:
    """Make the expression that tells where a condition holds; never null."""
    match condition:
        case Has(feature, when):
            return fired(when, features[feature])
        case Every(parts):
            return pl.all_horizontal([holding(part, features) for part in parts])
        case Some(parts):
            return pl.any_horizontal([holding(part, features) for part in parts])
        case Not(part):
            return ~holding(part, features)


def _holding(mapping: Mapping, features: pl.DataFrame) -> pl.DataFrame:
    """Tell for each rule where it holds: columns "rule 0", "rule 1" ..."""
    known = {feature.name: feature for feature in mapping.features}
    tested = [holding(rule.when, known).alias(f"rule {place}") for place, rule in enumerate(mapping.ruling.rules)]
    return features.select(tested)


def _counting(rules: int, *, first: bool) -> list[pl.Expr]:
    """Leave of the rules those that count: none for a lead with a grade by hand, else the first or all that hold."""
    is_free = pl.col("hand grade").is_null()
    counting = []
    for place in range(rules):
        before = [pl.col(f"rule {earlier}") for earlier in range(place)] if first else []
        counts = pl.all_horizontal(pl.col(f"rule {place}"), is_free, *(~other for other in before))
        counting.append(counts.alias(f"rule {place}"))
    return counting


def _says(rules: Sequence[HardRule], what: str) -> pl.Expr:
    """Give what rules say for a lead, the first of them that says anything."""
    said = [
        pl.when(pl.col(f"rule {place}")).then(pl.lit(getattr(rule, what), pl.String))
        for place, rule in enumerate(rules)
    ]
    return pl.coalesce([*said, pl.lit(None, pl.String)]).alias(f"ruled {what}")


def _is_lowest(rules: Sequence[HardRule]) -> pl.Expr:
    lowest = [pl.col(f"rule {place}") for place, rule in enumerate(rules) if rule.is_lowest]
    return pl.any_horizontal([*lowest, pl.lit(value=False)]).alias("is lowest")


def _set(mapping: Mapping) -> list[pl.Expr]:
    lowest = pl.col("is lowest")
    ruled = pl.when(lowest).then(pl.lit(LOWEST_GRADE)).otherwise(pl.coalesce("ruled grade", "grade"))
    grade = pl.coalesce(pl.col("hand grade"), ruled)
    return [
        pl.col("grade").alias("first grade"),
        grade.alias("grade"),
        pl.coalesce("hand route", "ruled route", _usual_route(mapping, grade)).alias("route"),
        pl.when(~lowest).then(pl.col("score")).otherwise(pl.lit(LOWEST_SCORE)).cast(pl.Int16).alias("score"),
        pl.when(~lowest).then(pl.col("likelihood")).alias("likelihood"),
    ]


def _usual_route(mapping: Mapping, grade: pl.Expr) -> pl.Expr:
    return grade.replace_strict(dict(mapping.routes), default=None, return_dtype=pl.String)


def _reasons(rules: Sequence[HardRule], said: Phrases) -> pl.Expr:
    """Put why it was decided so before the other reasons."""
    # Letters of grades rise as leads get worse.
    is_against = (pl.col("grade") > pl.col("first grade")) | (pl.col("route") == DISQUALIFY) | pl.col("is lowest")
    effect = pl.when(is_against.fill_null(value=False)).then(AGAINST).otherwise(FOR)
    by_hand = _reason(BY_HAND, pl.col("hand text"), effect, pl.col("hand text").is_not_null())
    ruled = [
        _reason(rule.code, pl.lit(_because(rule, said)), _effect(rule, effect), pl.col(f"rule {place}"))
        for place, rule in enumerate(rules)
    ]
    return pl.concat_list([by_hand, *ruled]).list.drop_nulls().list.concat(pl.col("reasons")).alias("reasons")


def _because(rule: HardRule, said: Phrases) -> str:
    head = f"{said.language.disqualified}{said.language.colon}" if rule.is_lowest else ""
    return head + rule.because


def _effect(rule: HardRule, effect: pl.Expr) -> pl.Expr:
    """Tell a rule that asks for a low grade as speaking against a lead, even where the grade was that low before."""
    if rule.grade not in LOW_GRADES:
        return effect
    return pl.when(pl.col("grade") == pl.col("first grade")).then(AGAINST).otherwise(effect)


def _reason(code: str, text: pl.Expr, effect: pl.Expr, holds: pl.Expr) -> pl.Expr:
    made = pl.struct(
        pl.lit(code).alias("code"), pl.lit("").alias("feature"), text.alias("text"), effect.alias("effect")
    )
    return pl.when(holds).then(made.cast(REASON)).otherwise(pl.lit(None, REASON))
