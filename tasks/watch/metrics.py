"""Figures for Prometheus, read from the store when they are asked for: any process can serve those of all.

All are gauges: what a counter would count, the store keeps by the row. Labels hold names of connections, queues, verbs
and the CRM's codes; no id of a lead and nothing personal. The README lists every one of them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tasks import budget
from tasks.store import alerts, backfills, figures, pauses, processes, refusals, schedule, scores
from tasks.store.engine import StoreUnreachable
from tasks.wiring import Wiring

COUNTED_EVERY = timedelta(minutes=5)  # what reads every score: seconds, for a million leads
NO_ROWS = {"ranges", "parts", "rows", "wins"}  # what backfills and trainings count of themselves
Rows = Iterable[tuple[tuple[str, ...], float]]

# Name, labels, and what the README says of it.
NAMES: dict[str, tuple[tuple[str, ...], str]] = {
    "store_up": ((), "1 if the store answers; without it there are no other figures."),
    "units": (("queue", "state"), "Units of work by state; parked ones need a person."),
    "due_units": (("queue",), "Units that could be begun now."),
    "due_seconds": (("queue",), "Age of the oldest of them."),
    "last_success_timestamp_seconds": (("connection", "verb"), "When a run of the verb last succeeded."),
    "failures_in_a_row": (("connection", "verb"), "Failed runs since the last success."),
    "rows_last_day": (
        ("connection", "term"),
        "Rows that runs counted in 24 hours: pulled, scored, written, refused ...",
    ),
    "refusals": (("connection", "code"), "Leads whose score the CRM refuses, by its code."),
    "paused": (("connection", "kind"), "1 while a connection is paused: misconfigured or quota."),
    "calls_used": (
        ("connection",),
        "API calls of the CRM's day, by anybody, as the CRM last reported, or our own if these are more.",
    ),
    "calls_allowed": (("connection",), "API calls that the CRM allows in its day, to everybody together."),
    "calls_granted": (("connection",), "API calls of these that the admin grants us."),
    "calls_own": (("connection", "purpose"), "API calls of our own in the CRM's day, by the queue they were made for."),
    "scores": (("connection", "state"), "Leads by what became of their score; counted every 5 minutes."),
    "unscored_leads": (("connection",), "Leads that changed and wait for a new score."),
    "unscored_seconds": (("connection",), "At most so long ago changed a lead whose score does not know it."),
    "unwritten_seconds": (("connection",), "Age of the oldest score that is not on its lead yet."),
    "backfill_units": (("connection", "backfill", "state"), "Units of the backfills that have not ended."),
    "process_seen_timestamp_seconds": (("process", "kind"), "When a process was last heard of."),
    "process_worked_timestamp_seconds": (("process", "kind"), "When it last ended a piece of work."),
    "schedule_slot_timestamp_seconds": (("schedule",), "When the slot began that was last claimed."),
    "alerts": (("connection", "kind"), "Alerts that hold now."),
}


class StoreCollector(Collector):
    """Reads the store at each scrape."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._scores: dict[str, dict[str, int]] = {}
        self._counted_at: datetime | None = None

    def collect(self) -> Iterator[Metric]:
        """Give all figures; of a store that does not answer only that."""
        try:
            found = list(self._all())
        except StoreUnreachable:
            found = [_gauge("store_up", [((), 0)])]
        yield from found

    def _all(self) -> Iterator[Metric]:
        now = self._wiring.clock.now()
        yield _gauge("store_up", [((), 1)])
        yield from _work(self._wiring, now)
        yield from _runs(self._wiring, now)
        yield from _of_connections(self._wiring, now)
        yield _gauge("scores", self._counted(now))
        yield from _processes(self._wiring)

    def _counted(self, now: datetime) -> Rows:
        if self._counted_at is None or abs(now - self._counted_at) >= COUNTED_EVERY:
            store = self._wiring.store
            self._scores = {
                name: {state.value: count for state, count in scores.by_state(store, name).items()}
                for name in self._wiring.connections
            }
            self._counted_at = now
        return [((name, state), count) for name, found in self._scores.items() for state, count in found.items()]


def registry(wiring: Wiring) -> CollectorRegistry:
    """Make a registry with our figures alone."""
    made = CollectorRegistry()
    made.register(StoreCollector(wiring))
    return made


def _gauge(name: str, rows: Rows) -> Metric:
    labels, told = NAMES[name]
    family = GaugeMetricFamily(f"truegrade_{name}", told, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _work(wiring: Wiring, now: datetime) -> Iterator[Metric]:
    found = figures.queues(wiring.store, now=now)
    states = [((name, state), count) for name, queue in found.items() for state, count in queue.states.items()]
    yield _gauge("units", states)
    yield _gauge("due_units", [((name,), queue.due) for name, queue in found.items()])
    yield _gauge("due_seconds", [((name,), _age(queue.due_since, now)) for name, queue in found.items()])
    open_ones = [(name, one.id) for name in wiring.connections for one in backfills.open_ones(wiring.store, name)]
    yield _gauge("backfill_units", [row for name, one in open_ones for row in _backfill(wiring, name, one)])


def _backfill(wiring: Wiring, name: str, backfill: str) -> Rows:
    by_state: dict[str, int] = {}
    for (_, state), count in backfills.by_state(wiring.store, backfill).items():
        by_state[state.value] = by_state.get(state.value, 0) + count
    return [((name, backfill, state), count) for state, count in by_state.items()]


def _runs(wiring: Wiring, now: datetime) -> Iterator[Metric]:
    slots = schedule.all_slots(wiring.store)
    yield _gauge("schedule_slot_timestamp_seconds", [((name,), slot) for name, (_, slot) in slots.items()])
    succeeded, failed, unscored = [], [], []
    for name in wiring.connections:
        scheduled = [slot.partition(":")[0] for slot in slots if slot.partition(":")[2] == name]
        verbs = figures.verbs(wiring.store, name, scheduled)
        succeeded += [
            ((name, key), found.succeeded_at.timestamp()) for key, found in verbs.items() if found.succeeded_at
        ]
        failed += [((name, key), float(found.failures)) for key, found in verbs.items()]
        if "sync" in verbs:
            unscored.append(((name,), _age(verbs["sync"].begun_at or verbs["sync"].first_at, now)))
    yield _gauge("last_success_timestamp_seconds", succeeded)
    yield _gauge("failures_in_a_row", failed)
    yield _gauge("unscored_seconds", unscored)


def _of_connections(wiring: Wiring, now: datetime) -> Iterator[Metric]:
    store, names, day = wiring.store, list(wiring.connections), now - timedelta(days=1)
    rows = {name: figures.rows(store, name, since=day) for name in names}
    rows = {name: {term: n for term, n in found.items() if term not in NO_ROWS} for name, found in rows.items()}
    yield _gauge("rows_last_day", _by(rows))
    yield _gauge("refusals", _by({name: refusals.by_code(store, name) for name in names}))
    yield from _calls(wiring, now)
    paused = [(name, pause.kind) for name in names if (pause := pauses.of(store, name))]
    yield _gauge("paused", [(labels, 1) for labels in paused])
    yield _gauge("unscored_leads", [((name,), figures.unscored(store, name)) for name in names])
    unwritten = [((name,), _age(figures.unwritten_since(store, name), now)) for name in names]
    yield _gauge("unwritten_seconds", unwritten)


def _calls(wiring: Wiring, now: datetime) -> Iterator[Metric]:
    known = {name: budget.quota_of(wiring.store, one, now=now) for name, one in wiring.connections.items()}
    quotas = {name: quota for name, quota in known.items() if quota}
    used = [((name,), max(one.used, sum(one.ours.values()))) for name, one in quotas.items() if one.used is not None]
    yield _gauge("calls_used", used)
    yield _gauge("calls_allowed", [((name,), one.granted) for name, one in quotas.items() if one.granted is not None])
    yield _gauge("calls_granted", [((name,), one.calls) for name, one in quotas.items() if one.calls is not None])
    yield _gauge("calls_own", _by({name: dict(one.ours) for name, one in quotas.items()}))


def _processes(wiring: Wiring) -> Iterator[Metric]:
    found = processes.every(wiring.store)
    seen = [((one.name, one.kind), one.seen_at.timestamp()) for one in found]
    yield _gauge("process_seen_timestamp_seconds", seen)
    worked = [((one.name, one.kind), one.worked_at.timestamp()) for one in found if one.worked_at]
    yield _gauge("process_worked_timestamp_seconds", worked)
    held = [kept.alert for kept in alerts.every(wiring.store) if not kept.is_over]
    labels = [(alert.connection or "", alert.kind) for alert in held]
    yield _gauge("alerts", [(label, labels.count(label)) for label in sorted(set(labels))])


def _by(counted: dict[str, dict[str, int]]) -> Rows:
    return [((name, term), count) for name, found in counted.items() for term, count in found.items()]


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
