"""A mapping drafted from what a CRM holds: which fields to learn from, as what, and which to leave out, each with why.

The draft begins with the CRM's preset, whose features, outcome and points stay. Judged are values first, then kinds,
then names; labels and names are strangers' text and only ever shown on one clean line. `mappings.drafts.draft` writes
it down.
"""

from dataclasses import dataclass, replace

import polars as pl

from connector.crm import Entity, Field
from mappings.checks.unread import OUR_OWN, UNASKED, by_describe
from mappings.drafts.naming import feature_names
from mappings.drafts.profile import Profile, profile
from mappings.drafts.roles import Role, family_of, role_of
from mappings.drafts.survey import Column, Survey, columns
from mappings.drafts.suspects import Told, found_by_detector, told_by_end, told_by_history
from mappings.frames import transforms
from mappings.frames.columns import completed, instant, share
from mappings.frames.enriched import with_offline
from mappings.frames.features import feature_frame
from mappings.frames.outcomes import outcomes
from mappings.labels import clean, readable
from mappings.mapping import Mapping
from mappings.outputs import PREFIXES
from mappings.parts import Rule, Step
from model.features import Feature

A_DAY_S = 86_400
LEAST_ENDED = 300  # leads with an outcome, below which leaks cannot be told


@dataclass(frozen=True, slots=True)
class Judged:
    """One field and what became of it. `name` and `family` are those of its feature, if it is kept."""

    column: Column
    profile: Profile
    role: Role
    name: str = ""
    family: str = ""

    @property
    def label(self) -> str:
        """What the CRM calls the field, on one clean line."""
        return clean(self.column.field.label) or readable(self.column.field.name)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The draft before it is written: all fields, and what was seen of the preset's own features.

    `preset_leaks` says by feature why one of the preset's own leaks, `fills` how many leads have a value of it; `ended`
    counts the leads that leaks were looked for in.
    """

    mapping: Mapping
    judged: tuple[Judged, ...]
    fills: dict[str, float]
    preset_leaks: dict[str, str]
    ended: int

    @property
    def kept(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.role.kept)

    @property
    def left(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if not one.role.kept)


def suggest(survey: Survey, preset: Mapping) -> Suggestion:
    """Judge every field of the survey. Deterministic by its arguments; the rows' order within a day does not matter."""
    first = _judged(survey, preset)
    names = feature_names([one.column.path for one in first if one.role.kept], taken=preset.features)
    named = [_named(one, names) for one in first]
    told = Told(outcomes(preset, survey.leads, survey.deals, now=survey.now))
    leads = with_offline(preset, survey.leads)  # what the records themselves tell counts as filled
    standard = feature_frame(preset, leads, survey.companies, _no_activities())
    fills = {rule.feature.name: _fill(rule, standard[rule.feature.name]) for rule in preset.rules if rule.sources}
    ended = int(told.is_example.sum())
    if ended < LEAST_ENDED:
        return Suggestion(preset, tuple(named), fills, {}, ended)
    early = [_suspected(one, told, survey) for one in named]
    kept = [one for one in early if one.role.kept]
    frame = standard.with_columns(_feature_column(one, survey, preset) for one in kept)
    leaks = found_by_detector((*preset.features, *map(_feature, kept)), frame, told)
    final = tuple(_accused(one, leaks.get(one.name, "")) for one in early)
    own = {feature.name: leaks[feature.name] for feature in preset.features if feature.name in leaks}
    return Suggestion(preset, final, fills, own, ended)


def worth_reading(field: Field, entity: Entity, *, crm: str) -> bool:
    """Tell whether a field's values can tell anything: no long text, and none that is left out whatever it holds."""
    own = field.name.lower().startswith(PREFIXES[crm].lower())
    return not own and by_describe(crm, entity, field) is None


def _judged(survey: Survey, preset: Mapping) -> list[Judged]:
    read = frozenset(
        path
        for entity, before in ((Entity.LEAD, ""), (Entity.COMPANY, "company."))
        for path in (before + name for name in preset.source_fields(entity))
    )
    created = completed(survey.leads, (preset.outcome.created,))[preset.outcome.created]
    own, judged = PREFIXES[survey.crm], []
    for column in columns(survey, preset):
        found = profile(column.values, column.rows)
        role = role_of(column, found, crm=survey.crm, read=read, created=created, own=own)
        judged.append(Judged(column, found, role))
    return judged + _unread(survey, preset)


def _unread(survey: Survey, preset: Mapping) -> list[Judged]:
    """Tell of the fields whose values were not even looked at."""
    own, nothing = PREFIXES[survey.crm].lower(), pl.Series([], dtype=pl.String)
    judged = []
    for entity, frame in ((Entity.LEAD, survey.leads), (Entity.COMPANY, survey.companies)):
        for field in survey.fields.get(entity, ()) if entity is Entity.LEAD or preset.links.company else ():
            if field.name in frame.columns:
                continue
            is_own = field.name.lower().startswith(own)
            why = OUR_OWN if is_own else by_describe(survey.crm, entity, field) or UNASKED
            judged.append(Judged(Column(entity, field, nothing, 0), profile(nothing, 0), Role(*why)))
    return judged


def _named(one: Judged, names: dict[str, str]) -> Judged:
    if not one.role.kept:
        return one
    return replace(one, name=names[one.column.path], family=family_of(one.column, one.role.kind))


def _suspected(one: Judged, told: Told, survey: Survey) -> Judged:
    why = (told_by_end(one.column, told) or told_by_history(one.column, told, survey)) if one.role.kept else ""
    return _accused(one, why)


def _accused(one: Judged, why: str) -> Judged:
    return replace(one, role=Role("leak", why)) if why else one


def _fill(rule: Rule, column: pl.Series) -> float:
    """Tell how many leads have a value; where the feature says whether there is one, how many it says yes of."""
    is_present = any(step.name == "present" for step in rule.steps)
    return share(column if is_present else column.is_not_null())


def _feature(one: Judged) -> Feature:
    kind = "category" if one.role.options else one.role.kind  # the set of options as one word
    return Feature(one.name, one.label, kind, one.family)  # type: ignore[arg-type]  # only features come here: kind, family are set


def _feature_column(one: Judged, survey: Survey, preset: Mapping) -> pl.Series:
    if one.role.between:
        created = completed(survey.leads, (preset.outcome.created,)).select(instant(preset.outcome.created))
        moments = pl.DataFrame({"created": created.to_series(), "it": one.column.values})
        days = (instant("it") - pl.col("created")).dt.total_seconds() / A_DAY_S
        return moments.select((days if one.role.between[1] else -days).clip(lower_bound=0))["it"].alias(one.name)
    value, is_set = pl.col("value"), bool(one.role.options)
    for step in () if is_set else one.role.steps:
        value = transforms.apply(value, Step(step))
    frame = pl.DataFrame({"value": one.column.values})
    return frame.select(transforms.ended(value, "category" if is_set else one.role.kind).alias(one.name))[one.name]


def _no_activities() -> pl.DataFrame:
    return pl.DataFrame(schema={"id": pl.String, "key": pl.String, "link": pl.String})
