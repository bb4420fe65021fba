"""An installation on a simulator, and the command line run on it as a person would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.clock import SystemClock
from connector.simulator.spec import Contents, Spec, build
from tasks import simulate
from tasks.settings import load_settings
from tasks.wiring import open_wiring

PROGRAM = Path(sys.executable).parent / "truegrade"


@dataclass
class Told:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out.strip().splitlines()[-1])


def truegrade(*arguments, home=None, cwd=None, timeout=240, preexec_fn=None, **environment):
    """Run the command line in a process of its own, with nothing of ours in its environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
    command = [str(PROGRAM), *map(str, arguments)]
    if home is not None:
        command += ["--home", str(home)]
    env = {**kept, **environment}
    options = {"cwd": cwd, "timeout": timeout, "preexec_fn": preexec_fn}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False, **options)
    return Told(done.returncode, done.stdout, done.stderr)


class Installation:
    """A home folder connected to a simulator of this process."""

    def __init__(self, home, simulator, crms):
        self.home = home
        self.simulator = simulator
        self.crms = crms
        simulate.install(home, url=simulator.url, crms=crms, burst_per_10s=100_000, searches_per_s=10_000)

    def wiring(self, clock=None):
        return open_wiring(load_settings(self.home), clock=clock)

    def truegrade(self, *arguments, **options):
        return truegrade(*arguments, home=self.home, **options)


LIMITS_OFF = {
    "burst_per_10s": None,
    "oauth_burst_per_10s": None,
    "search_per_s": None,
    "associations_per_10s": None,
    "index_lag_s": 0.0,
}


def spec(*, crms, leads, seed=3):
    return Spec(
        salesforce=Contents(leads=leads) if "salesforce" in crms else None,
        hubspot=Contents(leads=leads, options=LIMITS_OFF) if "hubspot" in crms else None,
        seed=seed,
    )


@pytest.fixture
def installed(tmp_path):
    """Make an installation on a new simulator: `installed("salesforce", leads=1500)`."""
    opened = []

    def make(*crms, leads=1_500, seed=3, folder="home"):
        simulator = build(spec(crms=crms, leads=leads, seed=seed), SystemClock())
        simulator.__enter__()
        opened.append(simulator)
        return Installation(tmp_path / folder, simulator, crms)

    yield make
    for simulator in opened:
        simulator.__exit__(None, None, None)
