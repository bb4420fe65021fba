"""One run of the whole on a simulated world: a load of everything, edits by people meanwhile, until all is quiet.

With a schedule of kills and faults, or without. Two runs of one `World` begin alike to the record: same leads, same
frozen model, same moment on the shifted clock; and people make the same edits, each as soon as the store has noted the
lead's first score as written. (An edit before that would find no score on the lead, and the note of change, "+12 since
3 Nov", tells what stood there: it would rightly be another one.) So what the leads carry at the end has to be equal,
field by field, but for the moment of scoring.
"""

import shutil
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import select

from connector.clock import ShiftedClock
from connector.simulator.remote import spawn
from connector.simulator.spec import Contents, Spec
from tasks import run, simulate
from tasks.provisioning import provisioned
from tasks.settings import load_settings
from tasks.store import tables
from tasks.store.engine import open_store
from tasks.wiring import open_wiring
from tests.people import LEAD, edits
from tests.processes import MACHINE, cluster

CRMS = ("salesforce", "hubspot")
BEGAN = datetime(2026, 3, 2, 4, 10, tzinfo=UTC)  # the simulated portal's day ends fifty minutes later, ours does not
LEARN_LEADS = 1_500
LOOK_EVERY_S = 0.25
INDEX_LAG_S = 3.0  # after which the simulated portal shows an edit to a search
HURRY_AFTER_S = 2.0
PATIENCE_S = 900.0  # without anything that moves


@dataclass(frozen=True)
class World:
    """What runs are alike in: folder of the learned installation, leads in each CRM, seed, and the processes."""

    folder: Path
    leads: int
    edits: int
    seed: int = 5
    crms: tuple[str, ...] = CRMS
    workers: int = 2
    sync_every_s: int = 5
    chunk_leads: int = 10_000
    latency_ms: float = 0.0
    options: dict[str, dict] = field(default_factory=dict)  # of each CRM's simulator

    def spec(self, clock_file, leads=None):
        slow = {"latency_ms": self.latency_ms, "jitter_ms": self.latency_ms}
        number = leads or self.leads
        contents = {crm: Contents(leads=number, options=slow | self.options.get(crm, {})) for crm in self.crms}
        return Spec(seed=self.seed, at=BEGAN.isoformat(), clock_file=str(clock_file), **contents)


@dataclass(frozen=True)
class Ended:
    """How a run ended. `held` are hashes of each record by CRM: of our fields, and of all others."""

    held: dict[str, dict[str, list[str | None]]]
    writes: dict[str, dict]
    answered: int
    calls: Counter  # the same by CRM and kind
    refused: Counter
    seconds: float
    versions: dict[str, str]
    kept: dict[str, int]  # leads that carry a score, by the store
    parked: list[str]  # units that a person would have to look at, with what they ended of
    failed: list[str]
    failures: list[str]  # what workers logged of bugs
    revived: int
    edited: frozenset
    kills: Counter = field(default_factory=Counter)


def prepare(world):
    """Learn the models that all runs of the world use, on a smaller world of the same kind."""
    world.folder.mkdir(parents=True, exist_ok=True)
    clock = ShiftedClock(world.folder / "learned.clock")
    clock.advance(BEGAN - clock.now())
    with spawn(world.spec(world.folder / "learned.clock", LEARN_LEADS)) as remote:
        home = world.folder / "learned"
        simulate.install(home, url=remote.url, crms=world.crms)
        settings = load_settings(home).model_copy(update={"recipe": "quick"})  # any model will do: all runs have it
        wiring = open_wiring(settings, clock=clock)
        for crm in world.crms:
            run.pull(wiring, crm)
            run.train(wiring, crm)
        wiring.store.close()


class Rehearsal:
    """One run while it runs."""

    def __init__(self, world, remote, cluster, clock):
        self.world, self.remote, self.cluster, self.clock = world, remote, cluster, clock
        self.crms = world.crms
        self.edits = edits(world, remote)
        self.edited = set()
        self.last_edit_at = None
        self.revived = 0
        self.asked = {}  # by CRM, the command that starts a backfill by hand

    def admin_asks(self):
        """Start a backfill of everything by hand, beside the load, once that writes; tells how many are to be started.

        The command may meet a database that was just killed: then it is given again, as a person would.
        """
        open_ones = [crm for crm in self.crms if self._answer(crm) != 0]
        rows = self.ask("SELECT DISTINCT connection FROM backfills WHERE stage = 'score'") or ()
        for crm in {row[0] for row in rows}.intersection(open_ones):
            if self._answer(crm) is not None or crm not in self.asked:
                self.asked[crm] = self.cluster.begin("backfill", "start", crm, "--yes", "--json")
        return len(open_ones)

    def _answer(self, crm):
        """Tell the command's exit code; None while it runs or was not given yet."""
        return self.asked[crm].poll() if crm in self.asked else None

    def people_edit(self, most=None):
        """Make the next edits whose time has come, at most so many; tells how many are left."""
        due = self._written({lead for _, lead, _ in self.edits if lead})
        left, made = [], 0
        for crm, lead, values in self.edits:
            if (most is not None and made >= most) or (lead and (crm, lead) not in due):
                left.append((crm, lead, values))
                continue
            self._edit(crm, lead, values)
            made += 1
        self.edits = left
        return len(left)

    def _edit(self, crm, lead, values):
        if lead:
            self.remote.operate(crm, "edit", object=LEAD[crm], id=lead, values=values)
        else:
            lead = self.remote.operate(crm, "create", object=LEAD[crm], values=values)
        self.edited.add((crm, lead))
        self.last_edit_at = self.clock.now()

    def _written(self, leads):
        """Tell which leads' scores the store has noted as written."""
        rows = self.ask(
            "SELECT connection, lead_id FROM scores "
            "WHERE lead_id = ANY(%s) AND written_hash IS NOT NULL AND waiting = 0",
            [sorted(leads)],
        )
        return set(rows or ())

    def ask(self, statement, bound=()):
        """Ask the store; None while it is away."""
        try:
            with self.cluster.postgres.connect() as connection:
                return connection.execute(statement, bound).fetchall()
        except psycopg.Error:
            return None

    def revive(self):
        """Start again what ended by itself, and count it."""
        for running in (*self.cluster.workers, *self.cluster.beats):
            if not running.is_up():
                running.start()
                self.revived += 1

    def is_quiet(self):
        """Whether nothing is left to do, and each connection was synced to the end after the last edit."""
        counted = self.ask(QUIET, [now_text(self.clock.now())])
        if counted is None or any(counted[0]):
            return False
        after = now_text((self.last_edit_at or BEGAN) + timedelta(seconds=INDEX_LAG_S))
        synced = self.ask("SELECT DISTINCT connection FROM runs WHERE verb = 'sync' AND state = 'succeeded' AND "
                          "started_at > %s", [after])  # fmt: skip
        return synced is not None and {row[0] for row in synced} >= set(self.crms)

    def fast_forward(self):
        """When all that is left waits for a moment to come, let it come."""
        now = now_text(self.clock.now())
        rows = self.ask(WAKES, [now])
        if rows is None or rows[0][0]:  # somebody works (a sync always does; it may well be interrupted)
            return
        wakes = sorted(wake for wake in rows[0][1:] if wake)
        if wakes and wakes[0] > now:
            wait_s = (datetime.fromisoformat(wakes[0]) - self.clock.now()).total_seconds()
            if wait_s > self.world.sync_every_s:
                self.clock.advance(timedelta(seconds=wait_s))


QUIET = """SELECT
  (SELECT count(*) FROM units WHERE state = 'working' OR (state = 'waiting' AND not_before <= %s)),
  (SELECT count(*) FROM stale),
  (SELECT count(*) FROM scores WHERE waiting = 1),
  (SELECT count(*) FROM backfills WHERE state NOT IN ('done', 'cancelled')),
  (SELECT count(*) FROM pauses)"""
WAKES = """SELECT
  (SELECT count(*) FROM units WHERE state = 'working' AND backfill IS NOT NULL
    AND lease IN (SELECT token FROM leases WHERE until > %s)),
  (SELECT min(not_before) FROM units WHERE state = 'waiting' AND connection NOT IN (SELECT connection FROM pauses)),
  (SELECT min(until) FROM pauses),
  (SELECT min(next_at) FROM refusals)"""
MOVED = """SELECT
  (SELECT count(*) FROM scores WHERE written_hash IS NOT NULL), (SELECT count(*) FROM records),
  (SELECT count(*) FROM units WHERE state = 'done' AND backfill IS NOT NULL), (SELECT count(*) FROM stale)"""


def now_text(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


@contextmanager
def begun(world, name, **environment):
    """Begin a run: a new simulator, a new cluster with the learned models, all processes up."""
    with ExitStack() as stack:
        clock = ShiftedClock(world.folder / f"{name}.clock")
        clock.advance(BEGAN - clock.now())
        remote = stack.enter_context(spawn(world.spec(world.folder / f"{name}.clock")))
        home = world.folder / name
        shutil.copytree(world.folder / "learned", home, ignore=shutil.ignore_patterns("truegrade.db*", "tokens"))
        simulate.install(home, url=remote.url, crms=world.crms)
        settings = {
            "TRUEGRADE_CLOCK_FILE": str(world.folder / f"{name}.clock"),
            "TRUEGRADE_SYNC_EVERY_S": str(world.sync_every_s),
            "TRUEGRADE_TICK_EVERY_S": "1",
            "TRUEGRADE_SWEEP_EVERY_S": "31622400",
            "TRUEGRADE_TRAIN_EVERY_S": "31622400",
            "TRUEGRADE_LEASE_S": "4",
            "TRUEGRADE_LIVE_LEADS": str(max(100, world.leads // 4)),
            "TRUEGRADE_CHUNK_LEADS": str(world.chunk_leads),
            "TRUEGRADE_DAILY_SHARE": "1.0",
            **environment,
        }
        made = stack.enter_context(cluster(home, workers=world.workers, **settings))
        take_over(world, home, made.postgres.url, clock)
        made.work()
        yield Rehearsal(world, remote, made, clock)


def take_over(world, home, database_url, clock):
    """Give a new store the learned models, and the CRMs our fields."""
    learned = open_store(f"sqlite:///{world.folder / 'learned' / 'truegrade.db'}")
    with learned.read() as tx:
        rows = [dict(row) for row in tx.execute(select(tables.models)).mappings()]
    learned.close()
    settings = load_settings(home).model_copy(update={"database_url": database_url})
    wiring = open_wiring(settings, clock=clock)
    with wiring.store.write() as tx:
        tx.execute(tables.models.insert(), rows)
    for crm in world.crms:
        provisioned(wiring, crm, dry_run=False)
    wiring.store.close()


def rehearse(world, name, *, killer=None, events=(), mean_gap_s=2.0, tell=print):
    """Run it to its quiet end, and tell how it ended. With `events`, `killer(rehearsal)` does them on the way."""
    with begun(world, name) as rehearsal:
        rehearsal.remote.clear_log()
        began = MACHINE.now().timestamp()
        hands = killer(rehearsal) if killer else None
        if hands:
            suffer(rehearsal, hands, events, mean_gap_s, tell)
        settle(rehearsal, tell)
        seconds = MACHINE.now().timestamp() - began
        return ended(rehearsal, seconds, hands.done if hands else Counter())


def suffer(rehearsal, hands, events, mean_gap_s, tell):
    """Let the events come, while people edit a share of what they will edit before each."""
    share = 1 + len(rehearsal.edits) // max(1, len(events))
    for event in events:
        end = MACHINE.now().timestamp() + event.after * mean_gap_s
        while MACHINE.now().timestamp() < end:
            MACHINE.sleep(LOOK_EVERY_S)
        rehearsal.admin_asks()
        rehearsal.people_edit(share)
        hands.do(event.what)
        rehearsal.revive()
        tell(f"{event.what}: {progress(rehearsal)}")


def settle(rehearsal, tell):
    """Wait until all edits are made and nothing is left to do. Raises AssertionError when nothing moves any more."""
    last, moved_at = None, MACHINE.now().timestamp()
    while rehearsal.admin_asks() or rehearsal.people_edit() or not rehearsal.is_quiet():
        now = MACHINE.now().timestamp()
        if (at := progress(rehearsal)) != last:
            last, moved_at = at, now
        if now - moved_at > PATIENCE_S:
            raise AssertionError(f"nothing moves any more: {at}")
        if now - moved_at > HURRY_AFTER_S:  # a call is tried again after waits: let them pass, and no lease with them
            rehearsal.clock.advance(timedelta(seconds=LOOK_EVERY_S))
        rehearsal.revive()
        rehearsal.fast_forward()
        MACHINE.sleep(LOOK_EVERY_S)
    tell(f"quiet: {progress(rehearsal)}")


PARKED = "SELECT id, error FROM units WHERE state = 'parked' ORDER BY id"


def progress(rehearsal):
    rows = rehearsal.ask(MOVED)
    return None if rows is None else dict(zip(("written", "records", "units", "stale"), rows[0], strict=True))


def ended(rehearsal, seconds, kills):
    remote, crms = rehearsal.remote, rehearsal.crms
    calls, refused = Counter(), Counter()
    for entry in remote.entries():
        if entry["status"] in {0, 403, 429} or entry["status"] >= 500:
            refused[entry["status"]] += 1
        else:
            calls[f"{entry['crm']} {entry['kind']}"] += 1
    return Ended(
        held={crm: remote.operate(crm, "digest", object=LEAD[crm]) for crm in crms},
        writes={crm: remote.operate(crm, "writes") for crm in crms},
        answered=calls.total(),
        calls=calls,
        refused=refused,
        seconds=seconds,
        versions=dict(rehearsal.ask("SELECT connection, version FROM models WHERE is_current = 1")),
        kept=dict(rehearsal.ask("SELECT connection, count(*) FROM scores WHERE written_hash IS NOT NULL GROUP BY 1")),
        parked=[f"{unit}: {error}" for unit, error in rehearsal.ask(PARKED)],
        failures=rehearsal.cluster.failures(),
        failed=[str(row[0]) for row in rehearsal.ask("SELECT error FROM runs WHERE error LIKE '%%econcile%%'")],
        revived=rehearsal.revived,
        edited=frozenset(rehearsal.edited),
        kills=kills,
    )
