"""A mapping held against the data: features that are empty, constant or leak, that drifted, and rules that are dead.

Pure judging over frames of features; what it knows of leaks and of sensitive features is what training knows.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Dict

import polars as pl

from connector.crm import Entity
from mappings.checks.findings import Finding, Places, Severity
from mappings.enrichment import PREFIX
from mappings.mapping import Mapping
from mappings.parts import Rule, Source
from mappings.verdicts import holding
from model.firing import fired
from model.scorecard import PointsRule
from model.screening import screened

NEARLY_EMPTY = 0.01
CONSTANT = 0.999
LEAST = 200  # leads, below which nothing is said of the data
LEAST_EXAMPLES = 300
MOVED = 0.25  # PSI; beyond it the population is usually called another (see model.drift)
SEED = 1


def against_features(mapping: Mapping, frame: pl.DataFrame, places: Places) -> Iterator[Finding]:
    """Tell which features say nothing, in a frame of all features of the newest leads.

    Those that cost nothing and are always empty are told together, at the first of them.
    """
    if frame.height < LEAST:
        return
    empty = [rule.feature.name for rule in mapping.rules if _is_free(rule) and not frame[rule.feature.name].count()]
    if len(empty) > 1:
        message = f"{len(empty)} features have a value on none of {frame.height:,} leads: {', '.join(empty)}"
        fix = "take them out, or have their fields filled"
        yield Finding(Severity.NOTE, mapping.file, places.feature(empty[0]), message, fix)
    for rule in mapping.rules:
        if len(empty) > 1 and rule.feature.name in empty:
            continue
        column = frame[rule.feature.name]
        line, label = places.feature(rule.feature.name), f"feature {rule.feature.name}"
        # What costs nothing is no fault: it may be of use where leads are others.
        severity = Severity.NOTE if _is_free(rule) else Severity.WARNING
        filled = 1 - column.null_count() / frame.height
        if filled < NEARLY_EMPTY:
            share = f"{filled:.1%}" if column.count() else "none"
            message = f"{label} has a value on {share} of {frame.height:,} leads"
            yield Finding(severity, mapping.file, line, message, "take it out, or have its field filled")
        elif (usual := _usual(column)) >= CONSTANT:
            share = "all" if usual == 1 else f"{usual:.1%} of the"
            message = f"{label} is the same on {share} leads that have it: nothing can be learned of it"
            fix = (
                "take it out"
                if filled > CONSTANT
                else "take it out; or, if whether there is one counts, use the transform present"
            )
            yield Finding(severity, mapping.file, line, message, fix)


def against_outcomes(mapping: Mapping, examples: pl.DataFrame, places: Places) -> Iterator[Finding]:
    """Tell which features training would leave out, because they leak or say who a person is; `examples` as learned."""
    if examples.height < LEAST_EXAMPLES:
        return
    found = screened(examples, mapping.features, seed=SEED)
    for one in (*found.findings, *found.sensitive):
        line = places.feature(one.feature)
        message = f"feature {one.feature}: {one.reason}"
        match one.verdict:
            case "dropped":
                fix = "take it out; or say trusted: true if you know that it is known in time"
                yield Finding(Severity.WARNING, mapping.file, line, f"{message} No model learns from it.", fix)
            case "doubted":
                yield Finding(Severity.NOTE, mapping.file, line, message, "ask who fills it, and when")
            case _:
                yield Finding(Severity.NOTE, mapping.file, line, f"{message} Kept by hand.", "look at it again")


def against_drift(mapping: Mapping, moved: Dict[str, float], places: Places) -> Iterator[Finding]:
    """Tell which features look otherwise in new leads than in those that the model was learned from, by PSI."""
    for feature in mapping.features:
        psi = moved.get(feature.name, 0.0)
        if psi > MOVED:
            message = (
                f"feature {feature.name} looks otherwise in new leads than when the model was learned (PSI {psi:.2f})"
            )
            fix = "look whether its field is filled otherwise now; then run `truegrade train`"
            yield Finding(Severity.WARNING, mapping.file, places.feature(feature.name), message, fix)


def against_history(mapping: Mapping, met: Dict[str, int], told: Dict[str, int]) -> Iterator[Finding]:
    """Tell which lead fields change without the CRM's history keeping it.

    `met` counts the changes by field that pulls met, `told` those that the CRM's own history told.
    """
    for field in mapping.remembered_fields(Entity.LEAD):
        if met.get(field) and not told.get(field):
            line = mapping.lines.get(Source(Entity.LEAD, field), 0)
            message = f"{field} changes ({met[field]:,} times seen), and the CRM's history does not tell when"
            fix = "let the CRM track its history; until then, examples from before we watched have its value of today"
            yield Finding(Severity.NOTE, mapping.file, line, message, fix)


def against_points(mapping: Mapping, frame: pl.DataFrame, places: Places) -> Iterator[Finding]:
    """Tell which points rules no lead meets, or meet only leads that another rule has dealt with already."""
    if frame.height < LEAST:
        return
    known = {feature.name: feature for feature in mapping.features}
    rules = mapping.points.rules
    meets = [frame.select(fired(rule.when, known[rule.feature]).alias("met"))["met"] for rule in rules]
    for place, (rule, met) in enumerate(zip(rules, meets, strict=True)):
        line, called = places.rule(place), f"points rule {place + 1} ({rule.feature})"
        if not met.any():
            message = f"{called} is met by none of {frame.height:,} leads"
            yield Finding(Severity.WARNING, mapping.file, line, message, "correct its condition, or take it out")
            continue
        other = _covering(place, rules, meets)
        if other is not None:
            message = (
                f"{called} says nothing more: all leads that meet it meet rule {other + 1} ({rules[other].feature})"
            )
            yield Finding(Severity.WARNING, mapping.file, line, message, "take one of them out")


def against_rules(mapping: Mapping, frame: pl.DataFrame) -> Iterator[Finding]:
    """Tell which hard rules hold for no lead."""
    features = {feature.name: feature for feature in mapping.features}
    for rule in mapping.ruling.rules if frame.height >= LEAST else ():
        if not frame.select(holding(rule.when, features).alias("met"))["met"].any():
            message = f"the rule {rule.name} holds for none of {frame.height:,} leads"
            yield Finding(Severity.WARNING, mapping.file, rule.line, message, "correct its conditions, or take it out")


def _is_free(rule: Rule) -> bool:
    """Whether a feature is optional, or made by enrichment alone."""
    return rule.optional or (bool(rule.reads) and all(source.field.startswith(PREFIX) for source in rule.reads))


def _covering(place: int, rules: tuple[PointsRule, ...], meets: list[pl.Series]) -> int | None:
    """Find the rule that makes this one idle: one that disqualifies the same leads, or the same rule once more.

    Points add up, so a wider rule that only gives points makes no other idle.
    """
    for other, rule in enumerate(rules):
        if other == place:
            continue
        covers = not (meets[place] & ~meets[other]).any()
        same = rule.feature == rules[place].feature and rule.when == rules[place].when and other < place
        wider = rule.disqualify and (
            not rules[place].disqualify or other < place or not _covers_back(place, other, meets)
        )
        if covers and (wider or (same and rule.disqualify == rules[place].disqualify)):
            return other
    return None


def _covers_back(place: int, other: int, meets: list[pl.Series]) -> bool:
    """Tell whether both rules are met by the same leads."""
    return not (meets[other] & ~meets[place]).any()


def _usual(column: pl.Series) -> float:
    known = column.drop_nulls()
    return float(known.alias("value").value_counts(sort=True)["count"][0] / len(known)) if len(known) else 1.0
