"""Who kills: a seeded list of what goes wrong and when, and the hands that do it.

Kills are SIGKILL of whole processes or of one child of a worker, and of the servers. Faults happen between a client and
a CRM, or take what may be lost. The same seed gives the same list; when a kill falls into the work is the machine's.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from tests.processes import MACHINE, seeded, until

KILLS = ("worker", "child", "postgres", "redis", "worker", "child", "beat")  # in this proportion
FAULTS = ("reset", "429 storm", "reset-after", "expired token", "cut", "503", "redis flushed", "redis away", "clock")
QUOTA = "quota exhausted"
QUOTA_MIN = 40
AWAY_MIN = 3
STORM = 3  # calls in a row that are refused
OTHERS_CALLS = 10_000_000  # enough to use up any day
KINDS = ("read", "write", "poll")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that goes wrong, `after` it says which share of a mean gap passes first."""

    what: str
    after: float


def schedule(seed, kills):
    """List what goes wrong: so many kills, a fault after every second one, the quota's end once in the middle."""
    draw = seeded(seed, "schedule")
    wanted = [KILLS[number % len(KILLS)] for number in range(kills)]
    draw.shuffle(wanted)
    events = []
    for number, kill in enumerate(wanted):
        events.append(Event(kill, draw.uniform(0.2, 1.8)))
        if number % 2:
            events.append(Event(FAULTS[(number // 2 + seed) % len(FAULTS)], draw.uniform(0.0, 0.6)))
        if number == kills // 2:
            events.append(Event(QUOTA, draw.uniform(0.0, 0.6)))
    return events


@dataclass
class Killer:
    """Does what a schedule says to one rehearsal; counts what it did."""

    rehearsal: object
    seed: int
    done: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self._draw = seeded(self.seed, "hands")

    @property
    def kills(self):
        return sum(number for what, number in self.done.items() if what in KILLS)

    def do(self, what):
        """Do it, and put right what somebody would put right: what was killed starts again."""
        cluster = self.rehearsal.cluster
        match what:
            case "worker":
                self._process(self._draw.choice(cluster.workers))
            case "beat":
                self._process(self._draw.choice(cluster.beats))
            case "child":
                self._child(self._draw.choice(cluster.workers))
            case "postgres":
                cluster.postgres.running.kill()
                self._pause(0.2, 2.0)
                cluster.postgres.start()
            case "redis":
                cluster.redis.running.kill()
                self._pause(0.2, 2.0)
                cluster.redis.start()
            case "redis away":
                cluster.redis.running.kill()
                self.rehearsal.clock.advance(timedelta(minutes=AWAY_MIN))
                self._pause(1.0, 3.0)
                cluster.redis.start()
                self.done["redis"] += 1
            case "redis flushed":
                cluster.redis.flush()
            case "clock":
                self.rehearsal.clock.advance(timedelta(seconds=self._draw.choice([-30, 90])))
            case _:
                self._crm(what)
        self.done[what] += 1

    def _process(self, running):
        if running.is_up():
            running.kill()
        self._pause(0.1, 1.0)
        running.start()

    def _child(self, running):
        if not running.is_up():
            running.start()
        until(lambda: running.kill_child(self._draw), running)  # a worker needs seconds to start its children

    def _crm(self, what):
        remote, crm = self.rehearsal.remote, self._draw.choice(self.rehearsal.crms)
        match what:
            case "expired token":
                for each in self.rehearsal.crms:
                    remote.operate(each, "expire_tokens")
            case "429 storm":
                remote.add_fault(crm, "any", "429", times=STORM)
            case "quota exhausted":
                self._exhaust()
            case _:
                remote.add_fault(crm, self._draw.choice(KINDS), what, after=self._draw.randrange(3), times=2)

    def _exhaust(self):
        """Let others use the day's calls up for forty minutes of our time."""
        remote, crms = self.rehearsal.remote, self.rehearsal.crms
        for crm in crms:
            remote.operate(crm, "spend", calls=OTHERS_CALLS)
        for _ in range(QUOTA_MIN // 5):
            self.rehearsal.clock.advance(timedelta(minutes=5))
            self._pause(0.3, 0.9)
        for crm in crms:
            remote.operate(crm, "spend", calls=-OTHERS_CALLS)

    def _pause(self, least_s, most_s):
        MACHINE.sleep(self._draw.uniform(least_s, most_s))
