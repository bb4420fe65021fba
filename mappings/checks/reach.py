"""How far a mapping reaches: which share of the leads each feature, rule, grade and route gets hold of, and which none.

Pure counting over frames of the newest leads. What reaches nobody is told with its line; most such rules and thresholds
were written for words or sizes that this CRM's leads do not have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from connector.crm import Entity
from mappings.checks.findings import Finding, Places, Severity
from mappings.enrichment import PREFIX
from mappings.file.conditions import bands
from mappings.mapping import Mapping
from mappings.parts import Rule
from mappings.verdicts import holding
from model.firing import fired
from model.tally import FAMILIES, tally

LEAST = 200  # leads, below which nothing is said
LEAST_OF_A_SEGMENT = 50
MOST_SEGMENTS = 12
SOURCE = "source"  # how both CRMs' fields are called that tell where a lead came from: LeadSource, hs_analytics_source
USUALLY, HARDLY = 0.5, 0.05  # shares of two segments that a feature tells apart by being there at all


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing of the mapping, and how many of `of` leads it reaches.

    `what` is "feature", "points rule", "rule", "grade" or "route". Of a feature those are the leads that have a value,
    and `segments` tells the share of them in each segment of the leads, by the words of the feature `segmented_by`; of
    a rule the leads that it holds for, of which `decided` are those where no rule before it was heard.
    """

    what: str
    name: str
    leads: int
    of: int
    decided: int | None = None
    segmented_by: str = ""
    segments: tuple[tuple[str, float], ...] = ()

    @property
    def share(self) -> float:
        """The share of the leads; 0 where there are none."""
        return self.leads / self.of if self.of else 0.0


def reach(mapping: Mapping, features: pl.DataFrame, decided: pl.DataFrame | None) -> list[Reached]:
    """Count what everything reaches, in the order of the file.

    `features` are all features of some leads; `decided` the same leads' scores as `mappings.verdicts.decided` gives
    them (grade and route), None where nothing scores yet.
    """
    found = [*_of_features(mapping, features), *_of_points(mapping, features), *_of_rules(mapping, features)]
    return [*found, *(_of_ends(mapping, decided) if decided is not None else ())]


def segmenting(mapping: Mapping, features: pl.DataFrame) -> str:
    """Name the feature whose words part the leads into segments; "" where none does.

    Of the lead's own words as they stand in the CRM: the field that is called a source, however many words it has; else
    of those with a few, the one filled most.
    """
    as_told = [
        rule
        for rule in mapping.rules
        if rule.feature.kind == "category"
        and {step.name for step in rule.steps} <= {"trim", "lower"}
        and all(source.entity is Entity.LEAD and not source.field.startswith(PREFIX) for source in rule.sources)
        and rule.sources
    ]
    named = [rule.feature.name for rule in as_told if _is_source(rule)]
    few = [rule.feature.name for rule in as_told if features[rule.feature.name].n_unique() <= MOST_SEGMENTS + 1]
    for names in (named, few):
        filled = {name: features[name].count() for name in names if len(_segments(features, name)) > 1}
        if filled:
            return max(filled, key=lambda name: filled[name])
    return ""


def _is_source(rule: Rule) -> bool:
    return any(SOURCE in source.field.lower() for source in rule.sources)


def unreached(mapping: Mapping, found: Sequence[Reached], features: pl.DataFrame, places: Places) -> Iterator[Finding]:
    """Tell what reaches nobody, or only some segments of the leads; `found` is what `reach` counted of `features`."""
    if features.height < LEAST:
        return
    rules = {rule.name: rule for rule in mapping.ruling.rules}
    for one in found:
        match one.what:
            case "feature":
                yield from _told_apart(mapping, one, places)
            case "rule" if one.leads and not one.decided and mapping.ruling.apply == "first":
                message = f"the rule {one.name} holds for {one.leads:,} leads and decides none: rules before it do"
                fix = "put it before them, or take it out"
                yield Finding(Severity.WARNING, mapping.file, rules[one.name].line, message, fix)
            case "grade" if not one.leads:
                message = f"no lead of {one.of:,} gets the grade {one.name}"
                fix = "see `truegrade preview`; move what makes a grade, or give more points to what the best have"
                line = places.line("grades") or places.line("points")
                yield Finding(Severity.NOTE, mapping.file, line, message, fix)
            case "route" if not one.leads:
                message = f"no lead of {one.of:,} goes to the route {one.name}"
                yield Finding(Severity.NOTE, mapping.file, places.line("routes"), message, "take it out, or look why")
    yield from _empty_bands(mapping, features, places)
    yield from _idle_caps(mapping, features, places)


def _of_features(mapping: Mapping, features: pl.DataFrame) -> Iterator[Reached]:
    by = segmenting(mapping, features)
    names = [rule.feature.name for rule in mapping.rules]
    counted = features.select(pl.col(name).count() for name in names).row(0) if names else ()
    shares = _shares(features, by, [name for name in names if name != by])
    for name, number in zip(names, counted, strict=True):
        own = shares.get(name, ())
        yield Reached("feature", name, number, features.height, segmented_by=by if own else "", segments=own)


def _shares(features: pl.DataFrame, by: str, names: Sequence[str]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Tell by feature how much of each segment has a value of it, the largest segment first."""
    if not by:
        return {}
    segments = _segments(features, by)
    known = features.filter(pl.col(by).is_in(segments))
    rows = known.group_by(by).agg((pl.col(name).count() / pl.len()).alias(name) for name in names)
    by_segment = {row[by]: row for row in rows.iter_rows(named=True)}
    return {name: tuple((segment, by_segment[segment][name]) for segment in segments) for name in names}


def _segments(features: pl.DataFrame, by: str) -> list[str]:
    """List the words of a category that many leads have, the most frequent first, some at most."""
    counts = features[by].drop_nulls().alias("value").value_counts().sort("count", "value", descending=[True, False])
    return counts.filter(pl.col("count") >= LEAST_OF_A_SEGMENT)["value"].head(MOST_SEGMENTS).to_list()


def _of_points(mapping: Mapping, features: pl.DataFrame) -> Iterator[Reached]:
    known = {feature.name: feature for feature in mapping.features}
    rules = mapping.points.rules
    tests = [fired(rule.when, known[rule.feature]).sum().alias(str(place)) for place, rule in enumerate(rules)]
    for place, (rule, number) in enumerate(zip(rules, _row(features, tests), strict=True)):
        yield Reached("points rule", f"{place + 1} ({rule.feature})", number, features.height)


def _of_rules(mapping: Mapping, features: pl.DataFrame) -> Iterator[Reached]:
    known = {feature.name: feature for feature in mapping.features}
    rules = mapping.ruling.rules
    tests = [holding(rule.when, known) for rule in rules]
    free = [test & ~pl.any_horizontal([pl.lit(value=False), *tests[:place]]) for place, test in enumerate(tests)]
    holds = _row(features, [test.sum().alias(str(place)) for place, test in enumerate(tests)])
    decides = _row(features, [test.sum().alias(str(place)) for place, test in enumerate(free)])
    first = mapping.ruling.apply == "first"
    for rule, number, decided in zip(rules, holds, decides, strict=True):
        yield Reached("rule", rule.name, number, features.height, decided=decided if first else number)


def _row(features: pl.DataFrame, sums: Sequence[pl.Expr]) -> tuple[int, ...]:
    return tuple(int(number or 0) for number in features.select(sums).row(0)) if sums else ()


def _of_ends(mapping: Mapping, decided: pl.DataFrame) -> Iterator[Reached]:
    ends = (("grade", [grade for grade, _ in mapping.routes]), ("route", mapping.every_route))
    for what, names in ends:
        counts = dict(decided.group_by(what).len().iter_rows())
        for name in names:
            yield Reached(what, name, counts.get(name, 0), decided.height)


def _told_apart(mapping: Mapping, one: Reached, places: Places) -> Iterator[Finding]:
    """Tell of a feature that one segment usually has, and another hardly ever: that it is there tells the segment."""
    if not one.segments:
        return
    (most, filled), (least, empty) = (pick(one.segments, key=lambda pair: pair[1]) for pick in (max, min))
    if filled < USUALLY or empty > HARDLY:
        return
    message = (
        f"feature {one.name} has a value on {filled:.0%} of the leads whose {one.segmented_by} is {most}, and on "
        f"{empty:.0%} where it is {least}"
    )
    fix = "have its field filled there too, or know that its absence says where a lead came from"
    yield Finding(Severity.NOTE, mapping.file, places.feature(one.name), message, fix)


def _empty_bands(mapping: Mapping, features: pl.DataFrame, places: Places) -> Iterator[Finding]:
    for rule in mapping.rules:
        held = set(features[rule.feature.name].unique().to_list())
        empty = [band for band in _bands(rule) if band not in held]
        if empty and len(held) > 1:
            message = f"feature {rule.feature.name}: no lead of {features.height:,} is in the band {', '.join(empty)}"
            line = places.feature(rule.feature.name, "transforms")
            yield Finding(Severity.NOTE, mapping.file, line, message, "move the edges of its bands to where leads are")


def _bands(rule: Rule) -> tuple[str, ...]:
    return bands(rule.steps[-1].numbers) if rule.steps and rule.steps[-1].name == "bands" else ()


def _idle_caps(mapping: Mapping, features: pl.DataFrame, places: Places) -> Iterator[Finding]:
    """Tell which caps of points no lead reaches: the rules below them give less."""
    card = mapping.points
    if not card.rules or not card.caps:
        return
    counted = tally(card, mapping.features, features)
    most = {family: float(points.max()) for family, points in zip(FAMILIES, counted.families, strict=True)}
    for family, cap in card.caps:
        if most[family] < cap:
            message = f"the cap of {family} is {cap:g} points, and the most that a lead has is {most[family]:g}"
            line = places.line("points", "caps", family)
            yield Finding(Severity.NOTE, mapping.file, line, message, "lower it to where it holds, or leave it out")
