"""What follows from putting another mapping in force: what is to be read, scored or learned, in sentences for people.

By the store alone: no CRM is asked.
"""

import getpass
from collections.abc import Sequence
from typing import Any

from connector.errors import Misconfigured
from mappings.file.load import Mapping, parse
from mappings.file.problems import MappingInvalid
from model.errors import DamagedModel
from model.grades import DEFAULT, LETTERS, Grades, are_drawn_so, supplied
from tasks.staying import staying
from tasks.store import cursors, dictionaries, models
from tasks.store.models import Registered
from tasks.store.supply import leads_a_week
from tasks.wiring import Wiring

FEW = 3  # of many, that are named


def first_few(names: Sequence[str]) -> str:
    """Name some of many, and say how many more there are, where that is shorter than one more name."""
    if len(names) <= FEW + 1:
        return ", ".join(names)
    return f"{', '.join(names[:FEW])} and {len(names) - FEW} more"


def steps(
    wiring: Wiring, name: str, before: Mapping | None, after: Mapping, *, fits_again: bool = False
) -> tuple[str, ...]:
    """Tell what follows from the change, as far as it is not done by itself.

    `fits_again`: a model that fits was put back already.
    """
    steps = []
    if missing := unpulled(wiring, name, after):
        steps.append(f"The next sync reads what was not pulled yet: {first_few(missing)}; `truegrade pull {name}` now.")
    if before is None or before.version != after.version:
        steps.append("The next sync makes all scores anew, and writes what differs.")
    if left := _written_to(before) - _written_to(after):
        steps += filter(None, [staying(wiring.store, name, fields=left)])
    return (*steps, *(() if fits_again else of_model(wiring, name, before, after)))


def _written_to(mapping: Mapping | None) -> set[str]:
    """Name the fields of the CRM's own that a mapping writes enriched values to."""
    return {one.field for one in mapping.enrich.write_back} if mapping else set()


def scoring_again(wiring: Wiring, name: str, mapping: Mapping) -> tuple[str, ...]:
    """Put back a kept model that fits, where the one that scores does not; says so. None where that needs no doing."""
    current = models.current(wiring.store, name)
    if current is None or _fits(current, mapping) or (back := _fitting(wiring, name, mapping)) is None:
        return ()
    from tasks.verbs.use import use  # noqa: PLC0415  loads the learner, which few rollbacks need

    how: dict[str, Any] = {"connection": name, "models_folder": wiring.settings.models_folder}
    try:
        use(
            wiring.store,
            mapping,
            back.version,
            **how,
            now=wiring.clock.now(),
            actor=getpass.getuser(),
            by="by map rollback",
        )
    except (Misconfigured, DamagedModel):  # told with the steps: what scores does not fit
        return ()
    return (f"The model {back.version}, which fits this mapping, scores again in place of {current.version}.",)


def _fitting(wiring: Wiring, name: str, mapping: Mapping) -> Registered | None:
    """Find the newest kept model that fits."""
    kept = [one for one in models.every(wiring.store, name) if _fits(one, mapping)]
    return max(kept, key=lambda one: one.created_at, default=None)


def of_model(wiring: Wiring, name: str, before: Mapping | None, after: Mapping) -> tuple[str, ...]:
    """Tell what the change asks of the model that scores, and what waits for the first one while points do."""
    current = models.current(wiring.store, name)
    supply = supplied(after.grades, leads_a_week(wiring.store, name)) if after.grades.by == "capacity" else None
    if current is None:
        return tuple(filter(None, [_from_first_model(after), supply, _moves_nothing(before, after)]))
    train = f"`truegrade train {name}` learns one that does"
    if not _fits(current, after):
        back = _fitting(wiring, name, after)
        instead = f"`truegrade use {name} {back.version}` puts back one that does, or {train}" if back else train
        return (f"The model that scores, {current.version}, does not fit this mapping, and syncs stop: {instead}.",)
    known = {feature.name for feature in before.features} if before else set[str]()
    learned = {feature.name for feature in after.features if feature.learned}
    unknown = sorted(learned - known - set(current.card["features"]))
    told = []
    if unknown:
        told.append(f"The model that scores does not know all of this ({first_few(unknown)}): {train}.")
    if (of_rules := _drawn_anew(wiring, name, current, before, after)) is not None:
        told.append(f"{of_rules} `truegrade train {name}` learns one now.")
    return tuple(filter(None, [*told, _of_companies(name, current, before, after), supply]))


def _of_companies(name: str, current: Registered, before: Mapping | None, after: Mapping) -> str | None:
    """Say that training tells how likely companies are, where the model was learned before they got values."""
    if not after.companies or (before and before.companies) or "line" in current.card.get("companies", {}):
        return None
    return (
        f"How likely any lead of a company wins is told once `truegrade train {name}` has run; the model that scores "
        "stays unless a better one is learned."
    )


def _from_first_model(after: Mapping) -> str | None:
    """Say that points have grades of their own, where the mapping asks for others than the usual ones."""
    if after.grades == DEFAULT:
        return None
    return f"Grades by {after.grades.by} ({_parts(after.grades)}) count from the first model on; points have their own."


def _moves_nothing(before: Mapping | None, after: Mapping) -> str | None:
    """Name new features that no points rule looks at: they count for nothing before a model is learned."""
    known = {feature.name for feature in before.features} if before else set[str]()
    counted = {rule.feature for rule in after.points.rules}
    idle = [one.name for one in after.features if one.learned and one.name not in known | counted]
    if not idle or before is None:
        return None
    return (
        f"While points score, what no points rule looks at moves no score: {first_few(idle)}. A model learns from it."
    )


def _drawn_anew(wiring: Wiring, name: str, current: Registered, before: Mapping | None, after: Mapping) -> str | None:
    """Say that the model that scores grades by what it was learned with; None where that is what the mapping asks."""
    drawn, wanted = current.card.get("grades"), after.grades
    if drawn is not None and not are_drawn_so(drawn, wanted):
        told = f"Grades by {wanted.by} ({_parts(wanted)})"
        return f"{told} count from the next model on; until then today's bounds hold."
    if before is None or before.ruling == after.ruling or wanted.by == "likelihood":
        return None
    learned_by = _learned_by(wiring, name, current)
    if learned_by is not None and learned_by.ruling == after.ruling:  # a rollback to what it was learned with
        return None
    return f"Grades by {wanted.by} are drawn among the leads that no rule decides; by these rules from the next model."


def _parts(grades: Grades) -> str:
    return ", ".join(f"{grade} {part:g}" for grade, part in zip(LETTERS, grades.parts, strict=False))


def _learned_by(wiring: Wiring, name: str, model: Registered) -> Mapping | None:
    """Read the mapping that was in force when a model was learned; None where that is not on record.

    What was in force before the first promotion is the history's first entry.
    """
    history = dictionaries.every(wiring.store, name)  # the newest first
    at_that_time = [one for one in history if one.applied_at <= model.created_at] or history[-1:]
    if not at_that_time:
        return None
    try:
        return wiring.spoken(name, parse(at_that_time[0].text, f"promotion {at_that_time[0].number} of {name}"))
    except MappingInvalid:  # written for an earlier version of the format
        return None


def _fits(model: Registered, mapping: Mapping) -> bool:
    """Tell by its card whether a model looks only at what the mapping makes, and tells what it asks."""
    asked = (mapping.outcome.milestone, mapping.outcome.horizon_days)
    made = {feature.name for feature in mapping.features}
    return (model.card["milestone"], model.card["horizon_days"]) == asked and made >= set(model.card["features"])


def unpulled(wiring: Wiring, name: str, mapping: Mapping) -> list[str]:
    """Name what a mapping reads, as "lead Title", and no pull has asked the CRM for.

    Optional fields that today's mapping names too are none: the CRM may lack them.
    """
    today = wiring.mapping_if_valid(name)
    missing = []
    for entity in mapping.entities:
        at = cursors.get(wiring.store, name, entity)
        may_lack = mapping.optional_fields(entity) & set(today.source_fields(entity) if today else ())
        wanted = set(mapping.source_fields(entity)) - set(at.fields if at else ()) - may_lack
        missing += [f"{entity.value} {field}" for field in sorted(wanted)]
    return missing
