"""What somebody should be told: worked out from the store alone, so that any process may look, at any time.

`review` is a plain function of what the store holds and the time. `review_and_deliver` keeps what it found (see
`tasks.store.alerts`) and tells people; it is called often, does something once a minute, and never raises for a mail
server or a webhook that is down. The README's runbook has an entry for each kind.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from tasks.screens import named
from tasks.store import alerts, figures, processes, schedule
from tasks.store.alerts import Alert, Kept
from tasks.watch import deliver, grounds, machinery
from tasks.wiring import Wiring

EVERY_S = 60
FORGOTTEN_AFTER = timedelta(days=1)  # processes that were killed
EVENT_OF_A_TEST = "test"

log = structlog.get_logger()


class Kind(StrEnum):
    """What an alert is about; the runbook has an entry for each."""

    FAILING = "failing"  # runs of a verb failed several times in a row
    MISSING = "missing"  # the schedule fires, and no run succeeds
    PAUSED = "paused"  # a person has to mend a connection
    QUOTA = "quota"  # the CRM's calls of the day are spent
    PARKED = "parked"  # a unit was tried too often
    REFUSALS = "refusals"  # the CRM refuses too many rows
    HANDOVERS = "handovers"  # the mapping's webhook does not take newly hot leads
    STALE = "stale"  # scores are older than the service level
    STALLED = "stalled"  # work is due and nobody does any
    BEAT = "beat"  # the schedule does not fire
    DISK = "disk"  # the home folder's disk is nearly full
    STORE = "store"  # the database answers slowly


def review(wiring: Wiring, *, now: datetime) -> list[Alert]:
    """Return what holds now, of the installation first and then of each connection. Writes nothing."""
    slots = schedule.all_slots(wiring.store)
    found = of_installation(wiring, slots, now=now)
    for name in wiring.connections:
        found += of_connection(wiring, name, slots, now=now)
    return found + _told(Kind.STORE, None, machinery.slow(wiring, began=now))


def of_installation(wiring: Wiring, slots: dict[str, tuple[int, int]], *, now: datetime) -> list[Alert]:
    """Return what holds of the installation as a whole."""
    found = _told(Kind.BEAT, None, machinery.beat(wiring, slots, now=now))
    for queue, told in machinery.stalled(wiring, now=now):
        found += _told(Kind.STALLED, None, told, queue)
    return found + _told(Kind.DISK, None, machinery.disk(wiring.settings.home))


def of_connection(wiring: Wiring, name: str, slots: dict[str, tuple[int, int]], *, now: datetime) -> list[Alert]:
    """Return what holds of one connection, the worst first."""
    every_s = {verb: slot[0] for at, slot in slots.items() for verb, _, whose in [at.partition(":")] if whose == name}
    verbs = figures.verbs(wiring.store, name, every_s)
    paused = grounds.paused(wiring, name)
    found = _told(Kind.PAUSED, name, paused) + _told(Kind.QUOTA, name, grounds.quota(wiring, name))
    for verb, told in grounds.parked(wiring, name, verbs):
        found += _told(Kind.PARKED, name, told, verb)
    for verb, told in grounds.failing(wiring, name, verbs) if not found else ():
        found += _told(Kind.FAILING, name, told, verb)
    for verb, told in grounds.missing(wiring, name, verbs, every_s, now=now) if not found else ():
        found += _told(Kind.MISSING, name, told, verb)
    found += _told(Kind.REFUSALS, name, grounds.refusals(wiring, name, now=now))
    found += _told(Kind.HANDOVERS, name, grounds.untold(wiring, name, now=now))
    return found + _told(Kind.STALE, name, grounds.stale(wiring, name, verbs.get("sync"), every_s, now=now))


def _told(kind: Kind, connection: str | None, told: str | None, part: str = "") -> list[Alert]:
    """Make an alert of what was found, if anything was; its name is the kind and what it is about."""
    name = ":".join(word for word in (kind.value, connection, part) if word)
    return [Alert(name, connection, kind.value, named(told, connection) if connection else told)] if told else []


def review_and_deliver(wiring: Wiring) -> list[Alert]:
    """Review, keep what was found, and tell people what is due; returns what holds.

    For each tick and each worker's heartbeat to call: of all who do, one a minute looks. A webhook or a mail server
    that is down is noted and tried again later. Raises what the store raises, and nothing else.
    """
    now = wiring.clock.now()
    if not schedule.claim(wiring.store, "alerts", every_s=EVERY_S, now=now):
        return [kept.alert for kept in alerts.every(wiring.store) if not kept.is_over]
    processes.forget(wiring.store, before=now - FORGOTTEN_AFTER)
    found = review(wiring, now=now)
    for alert in alerts.note(wiring.store, found, now=now):
        log.error("alert.raised", kind=alert.kind, connection=alert.connection, name=alert.name)
    _deliver(wiring, now)
    return found


def _deliver(wiring: Wiring, now: datetime) -> None:
    """Send what is due; when nothing takes the first, the others wait too."""
    if not deliver.is_set_up(wiring.settings):
        return
    for kept in alerts.due(wiring.store, now=now):
        try:
            deliver.send(wiring, message(kept, now=now))
        except deliver.DeliveryFailed as error:
            alerts.failed(wiring.store, kept)
            log.error("alert.undelivered", kind=kept.alert.kind, tries=kept.tries + 1, reason=str(error))  # noqa: TRY400  its traceback may hold the webhook's address, which is a secret
            return
        alerts.sent(wiring.store, kept, now=now)
        log.info("alert.sent", kind=kept.alert.kind, connection=kept.alert.connection, is_over=kept.is_over)


def message(kept: Kept, *, now: datetime) -> deliver.Message:
    """Word an alert for those who get it."""
    event = "resolved" if kept.is_over else "raised" if kept.told_at is None else "repeated"
    alert = kept.alert
    return deliver.Message(event, alert.name, alert.kind, alert.connection, alert.told, since=kept.since, at=now)


def send_test(wiring: Wiring) -> None:
    """Send one message that says it is a test. Raises DeliveryFailed with what to set."""
    now = wiring.clock.now()
    told = "This is a test: alerts of this Truegrade arrive here."
    deliver.send(wiring, deliver.Message(EVENT_OF_A_TEST, "test", "test", None, told, since=now, at=now))
