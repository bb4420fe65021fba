"""An installation on a simulator, and the command line run on it as a person would."""

import shutil

import pytest

from connector.clock import SystemClock
from connector.simulator.spec import Contents, Spec, build
from tasks import run, simulate
from tasks.settings import load_settings
from tasks.store import models
from tasks.wiring import open_wiring
from tests.commandline import truegrade, truegrade_here


class Installation:
    """A home folder connected to a simulator of this process; it learns quickly."""

    def __init__(self, home, simulator, crms, *, deals=False):
        self.home = home
        self.simulator = simulator
        self.crms = crms
        limits = {"burst_per_10s": 100_000, "searches_per_s": 10_000}
        simulate.install(home, url=simulator.url, crms=crms, deals=deals, **limits)

    def wiring(self, clock=None, recipe="quick"):
        settings = load_settings(self.home).model_copy(update={"recipe": recipe, "threads": 1})
        return open_wiring(settings, clock=clock)

    def truegrade(self, *arguments, **options):
        return truegrade_here(*arguments, home=self.home, **options)

    def truegrade_apart(self, *arguments, **options):
        return truegrade(*arguments, home=self.home, **options)


class Taught:
    """Models by the world that they were learned from: a journey that is not about learning begins with one."""

    def __init__(self, folder):
        self.folder = folder
        self.models = {}

    def teach(self, home, crm, world):
        """Let the installation score with the model of such a world, which is learned when it is first asked for."""
        if world not in self.models:
            self.models[world] = self._learned(home.simulator, crm)
        folder, model = self.models[world]
        shutil.copytree(folder / model.path, home.home / "models" / model.path)
        wiring = home.wiring()
        now = wiring.clock.now()
        models.register(wiring.store, crm, version=model.version, path=model.path, card=model.card, now=now)
        wiring.store.close()

    def _learned(self, simulator, crm):
        school = Installation(self.folder / f"{len(self.models)}", simulator, (crm,))
        wiring = school.wiring()
        run.pull(wiring, crm)
        run.train(wiring, crm)
        model = models.current(wiring.store, crm)
        wiring.store.close()
        simulator.log.clear()
        return wiring.settings.models_folder, model


@pytest.fixture(scope="session")
def taught(tmp_path_factory):
    return Taught(tmp_path_factory.mktemp("taught"))


LIMITS_OFF = {
    "burst_per_10s": None,
    "oauth_burst_per_10s": None,
    "search_per_s": None,
    "associations_per_10s": None,
    "index_lag_s": 0.0,
}


def spec(*, crms, leads, seed=3, deals=0):
    return Spec(
        salesforce=Contents(leads=leads, deals=deals) if "salesforce" in crms else None,
        hubspot=Contents(leads=leads, deals=deals, options=LIMITS_OFF) if "hubspot" in crms else None,
        seed=seed,
    )


@pytest.fixture
def installed(tmp_path, taught):
    """Make an installation on a new simulator: `installed("salesforce", leads=300)`; `knowing`: with a model.

    `deals`: so many pursued ones are in the CRM, and a connection that scores them, called `salesforce-deals`.
    """
    opened = []

    def make(*crms, leads=1_200, seed=3, folder="home", knowing=False, deals=0):
        simulator = build(spec(crms=crms, leads=leads, seed=seed, deals=deals), SystemClock())
        simulator.__enter__()
        opened.append(simulator)
        home = Installation(tmp_path / folder, simulator, crms, deals=deals > 0)
        for crm in crms if knowing else ():
            taught.teach(home, crm, (crm, leads, seed))
        return home

    yield make
    for simulator in opened:
        simulator.__exit__(None, None, None)
