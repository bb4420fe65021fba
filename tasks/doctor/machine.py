"""The steps of the installation itself, which all connections share."""

from tasks.doctor.steps import HERE, Step, not_yet, of, ok
from tasks.settings import SettingsInvalid
from tasks.store.engine import StoreUnreachable
from tasks.watch import health, machinery
from tasks.wiring import Wiring

STARTED = "here: `truegrade up` on one machine; in a cluster `truegrade worker` and `truegrade beat`"
PLACES = {
    "store": "here: TRUEGRADE_DATABASE_URL, and whether PostgreSQL runs",
    "schema": HERE,
    "redis": "here: TRUEGRADE_REDIS_URL, and whether Redis runs",
}


def invalid(error: SettingsInvalid) -> Step:
    """Tell a settings file that cannot be used."""
    return not_yet("settings", str(error), HERE)


def unreachable(error: StoreUnreachable) -> Step:
    """Tell a store that does not answer, without which nothing else can be looked at."""
    return not_yet("store", str(error), PLACES["store"])


def steps(wiring: Wiring) -> list[Step]:
    """Look at settings, disk, store and broker, on which all connections stand."""
    names = ", ".join(sorted(wiring.connections))
    full = machinery.disk(wiring.settings.home)
    parts = health.ready(wiring)
    return [
        ok("settings", f"{wiring.settings.home}: connections {names}"),
        not_yet("disk", full, HERE) if full else ok("disk", "has room"),
        *(of(part, PLACES.get(part.what, HERE)) for part in parts),
    ]


def at_work(wiring: Wiring) -> list[Step]:
    """Look at workers and schedule, which come last: they are started once all else is set up."""
    return [of(check, STARTED) for check in health.running(wiring)]
