"""What a unit's verb does: the live sync of a connection, its training, and the parts of a backfill.

A duty opens what it needs, does its part under the worker's lease, and says what was counted and which units follow.
What is too much for a sync (a first load, all scores anew for another model) it hands over to a backfill, so that fresh
leads never wait for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from connector.crm import Entity
from connector.errors import OutOfQuota
from mappings.file.load import Mapping as FieldMapping
from model.errors import NotEnoughHistory
from tasks import run
from tasks.budget import quota_of
from tasks.lease import Held
from tasks.store import backfills, marks, models, records, stale, units
from tasks.store.backfills import Stage
from tasks.store.records import PageCounts
from tasks.store.units import New, Unit
from tasks.verbs import backfill as backfilling
from tasks.verbs import first_model
from tasks.verbs import push as pushing
from tasks.verbs import score as scoring
from tasks.wiring import Wiring

OTHERS_OF_A_SYNC = 5_000  # scores of earlier runs that a sync writes beside its own; a backfill's own go with it
AUTOMATIC = "Truegrade itself"
SPENT = "The budget of API calls is spent; scores wait for it."


@dataclass(frozen=True, slots=True)
class Done:
    """What a unit counted, and which units follow it. `told` is for people.

    `asked` is whether the CRM was asked anything: only then is it known that the connection works.
    """

    counts: Mapping[str, Any] = field(default_factory=dict)
    then: Sequence[New] = ()
    told: str | None = None
    asked: bool = True


def sync_unit(connection: str, key: str) -> New:
    """Make the unit of one sync; one at a time for a connection."""
    return New(f"sync:{connection}:{key}", connection, units.LIVE, "sync", exclusive=f"sync:{connection}")


def train_unit(connection: str, key: str) -> New:
    """Make the unit of one training."""
    return New(f"train:{connection}:{key}", connection, units.TRAIN, "train", exclusive=f"train:{connection}")


def reconcile_unit(connection: str, key: str) -> New:
    """Make the unit of one reconciliation; not beside a sync."""
    return New(f"reconcile:{connection}:{key}", connection, units.BACKFILL, "reconcile", exclusive=f"sync:{connection}")


def sync(wiring: Wiring, unit: Unit, held: Held) -> Done:
    """Sync a connection, as far as it is little; the rest is a backfill's."""
    name = unit.connection
    loading = [one for one in backfills.open_ones(wiring.store, name) if one.stage.value in backfills.LOADING]
    if loading:
        return Done(told=f"backfill {loading[0].id} is loading the leads", asked=False)
    if begun := _load_is_needed(wiring, name, unit):
        return Done(told=f"backfill {begun} loads the leads")
    above = _hand_over(wiring, name, unit)
    others = pushing.Others(most=OTHERS_OF_A_SYNC)
    synced = run.sync(wiring, name, held=held, learn=False, part=scoring.Part(above=above), others=others)
    if synced.pushed.counts.parked:
        raise _spent(wiring, unit)
    then = [train_unit(name, unit.id)] if synced.wants_model and not _is_learned_already(wiring, name) else []
    return Done(synced.as_dict(), then)


def _is_learned_already(wiring: Wiring, name: str) -> bool:
    """Tell whether somebody is about to learn a model, so that the next syncs ask for no other."""
    with wiring.store.read() as tx:
        if units.is_open(tx, f"train:{name}", "train"):
            return True
    return any(one.stage is Stage.LEARN for one in backfills.open_ones(wiring.store, name))


def _load_is_needed(wiring: Wiring, name: str, unit: Unit) -> str | None:
    """Begin a backfill when there is much to load, and return its id."""
    mapping = wiring.mapping(name)
    how: dict[str, Any] = {"connection": name, "clock": wiring.clock}
    if backfilling.was_loaded(wiring.store, mapping, name):
        return None
    with wiring.crm(name) as crm:
        if backfilling.is_loaded(crm, wiring.store, mapping, **how):
            return None
        number = crm.count(Entity.LEAD)
    if number is None or number <= wiring.settings.live_leads:
        return None
    return _begin(wiring, name, f"load:{unit.id}", "load", Stage.BEGIN, {"leads": number})


def _hand_over(wiring: Wiring, name: str, unit: Unit) -> int:
    """Leave leads to a backfill when too many are to be scored; returns the change above which leads are ours."""
    store, mapping = wiring.store, wiring.mapping(name)
    # One that was not planned yet has left nothing to itself.
    behind = [one for one in backfills.open_ones(store, name) if "above" in one.plan]
    with store.read() as tx:
        at = marks.read(tx, name)
    # Another model or mapping: one at work scores with it, and syncs the rest after it; one that rests holds up nobody.
    at_work = any(one.state is backfills.State.RUNNING for one in behind)
    anew = at.marked_model != scoring.made_with(store, mapping, name) and not at_work
    above = stale.ALL if anew else max((one.plan["above"] for one in behind), default=stale.ALL)
    with store.read() as tx:
        waiting = stale.length(tx, name, above=above)
    leads = records.count(store, name).get(Entity.LEAD, 0) if anew else waiting
    if leads <= wiring.settings.live_leads or not _can_score(wiring, name, mapping):
        return above
    _begin(wiring, name, f"rescore:{unit.id}", "rescore", Stage.PLAN, {"leads": leads, "above": at.version})
    return at.version


def _can_score(wiring: Wiring, name: str, mapping: FieldMapping) -> bool:
    return models.current(wiring.store, name) is not None or bool(mapping.points.rules)


def _begin(wiring: Wiring, name: str, key: str, kind: str, stage: Stage, plan: dict[str, Any]) -> str:
    new = backfills.New(key.replace(":sync:", ":"), name, kind, stage, {}, plan, AUTOMATIC)
    backfills.start(wiring.store, new, now=wiring.clock.now())
    return new.id


def train(wiring: Wiring, unit: Unit, held: Held) -> Done:
    """Learn a model; scores follow at once. With too little history for the first one, syncs ask again tomorrow."""
    try:
        learned = run.train(wiring, unit.connection, held=held)
    except NotEnoughHistory as error:
        if models.current(wiring.store, unit.connection) is None:
            first_model.put_off(wiring.store, unit.connection, now=wiring.clock.now())
        return Done(told=f"{error} {error.fix}", asked=False)
    counts = {name: value for name, value in learned.items() if name != "told"}
    return Done(counts, [sync_unit(unit.connection, unit.id)], asked=False)


def begin(wiring: Wiring, unit: Unit, _held: Held) -> Done:
    """Begin a load: one unit for each part of it."""
    name = unit.connection
    with wiring.crm(name, purpose=unit.queue) as crm:
        parts = backfilling.begin(crm, wiring.store, wiring.mapping(name), connection=name, clock=wiring.clock)
    return Done({"parts": len(parts)}, [_part_of(unit, Stage.LOAD, number, part) for number, part in enumerate(parts)])


def load(wiring: Wiring, unit: Unit, held: Held) -> Done:
    """Read one part, from where an earlier try had come to."""
    store, mapping = wiring.store, wiring.mapping(unit.connection)
    how: dict[str, Any] = {"connection": unit.connection, "clock": wiring.clock}
    with wiring.crm(unit.connection, purpose=unit.queue) as crm:
        read = backfilling.read_as(crm, store, mapping, unit.arguments["entity"], **how)
        if "read_as" in unit.counts:  # an earlier try may have read with another mapping
            read = [name for name in read if name in unit.counts["read_as"]]

        def reached(last: str) -> None:
            units.note(store, unit, held.token, {"reached": last, "read_as": read})

        after = unit.counts.get("reached", "")
        number, ended = backfilling.load(crm, store, mapping, unit.arguments, **how, after=after, reached=reached)
    return Done(_counted(number, ended) | {"read_as": read})


def _counted(pulled: int, ended: PageCounts) -> dict[str, Any]:
    return {"pulled": pulled, **{f"pulled_{term}": count for term, count in asdict(ended).items()}}


def settle(wiring: Wiring, unit: Unit, _held: Held) -> Done:
    """End a load."""
    name, mapping = unit.connection, wiring.mapping(unit.connection)
    with wiring.crm(name, purpose=unit.queue) as crm:
        read = _read_of(units.of_backfill(wiring.store, unit.backfill or ""))
        number, ended = backfilling.settle(crm, wiring.store, mapping, read, connection=name, clock=wiring.clock)
    if (wiring.settings.history or mapping.needs_history) and models.current(wiring.store, name) is None:
        run.pull(wiring, name, history=True)
    _leave(wiring, unit, anew=True)
    return Done(_counted(number, ended))


def _read_of(parts: Sequence[Unit]) -> dict[str, set[str]]:
    """Name for each entity what all parts of its load were read with."""
    read: dict[str, set[str]] = {}
    for part in parts:
        if part.verb == "backfill.load":
            of_part = set(part.counts.get("read_as", ()))
            entity = part.arguments["entity"]
            read[entity] = read[entity] & of_part if entity in read else of_part
    return read


def _leave(wiring: Wiring, unit: Unit, *, anew: bool) -> None:
    """Leave to the backfill what changed until now; syncs score what changes from now on."""
    backfill = backfills.get(wiring.store, unit.backfill or "")
    if backfill is not None and (anew or "above" not in backfill.plan):
        with wiring.store.read() as tx:
            above = marks.read(tx, unit.connection).version
        backfills.set_plan(wiring.store, backfill.id, backfill.plan | {"above": above})


def learn(wiring: Wiring, unit: Unit, held: Held) -> Done:
    """Learn the first model, if there is none; where that is too early, points score, or nothing does yet."""
    if models.current(wiring.store, unit.connection) is not None:
        return Done(asked=False)
    learned = train(wiring, unit, held)
    return Done(learned.counts, (), learned.told, asked=False)


def plan(wiring: Wiring, unit: Unit, _held: Held) -> Done:
    """Cut the leads into ranges: one unit for each."""
    name, mapping = unit.connection, wiring.mapping(unit.connection)
    if not _can_score(wiring, name, mapping):
        return Done(told="There is no model yet, and the mapping has no points: nothing can score.", asked=False)
    _leave(wiring, unit, anew=False)
    scoring.mark(wiring.store, mapping, name)
    ranges = backfilling.ranges(wiring.store, name, leads=backfilling.RANGE_LEADS[mapping.crm])
    then = [_part_of(unit, Stage.SCORE, number, part) for number, part in enumerate(ranges)]
    return Done({"ranges": len(then)}, then, asked=False)


def score(wiring: Wiring, unit: Unit, held: Held) -> Done:
    """Score one range of leads, and write what differs."""
    name, mapping = unit.connection, wiring.mapping(unit.connection)
    backfill = backfills.get(wiring.store, unit.backfill or "")
    after, last = unit.arguments["after"], unit.arguments["last"]
    with wiring.crm(name, purpose=unit.queue) as crm:
        scored, pushed = backfilling.rescore(
            crm,
            wiring.store,
            mapping,
            unit.arguments,
            backfill.selection if backfill else {},
            connection=name,
            clock=wiring.clock,
            models_folder=wiring.settings.models_folder,
            held=held,
            above=backfill.plan.get("above") if backfill else None,
            chunk_leads=wiring.settings.chunk_leads,
            before_scoring=lambda: run.enrich(wiring, name, mapping, part=scoring.Part(after, last)),
        )
    if pushed.counts.parked:
        raise _spent(wiring, unit)
    return Done(scored.as_dict() | {f"push_{term}": count for term, count in pushed.as_dict().items()})


def reconcile(wiring: Wiring, unit: Unit, held: Held) -> Done:
    """Hold the store against the CRM."""
    told = run.reconcile(wiring, unit.connection, held=held)
    return Done({name: value for name, value in told.items() if name != "told"})


def _spent(wiring: Wiring, unit: Unit) -> OutOfQuota:
    """Say that scores wait for calls, and until when."""
    quota = quota_of(wiring.store, wiring.connection(unit.connection), now=wiring.clock.now())
    if quota is None:
        return OutOfQuota(SPENT)
    until = quota.until if unit.queue == units.LIVE else quota.backfill_until
    return OutOfQuota(f"{SPENT} {quota.why}".strip(), until=until)


def _part_of(unit: Unit, stage: Stage, number: int, arguments: Mapping[str, Any]) -> New:
    return New(
        id=f"{unit.backfill}:{stage.value}:{number:05d}",
        connection=unit.connection,
        queue=units.BACKFILL,
        verb=f"backfill.{stage.value}",
        arguments=arguments,
        backfill=unit.backfill,
        priority=unit.priority,
    )


DUTIES: Mapping[str, Callable[[Wiring, Unit, Held], Done]] = {
    "sync": sync,
    "train": train,
    "reconcile": reconcile,
    "backfill.begin": begin,
    "backfill.load": load,
    "backfill.settle": settle,
    "backfill.learn": learn,
    "backfill.plan": plan,
    "backfill.score": score,
}
