"""One fault, on any read and on any write, on either CRM: the run survives, and ends as if nothing had happened."""

import pytest

from connector.clock import MovableClock, SystemClock
from connector.simulator.spec import build
from tasks import run
from tasks.provisioning import provisioned
from tests.journeys.conftest import Installation, spec

FAULTS = ["503", "429", "expired", "reset", "reset-after", "cut"]
LEADS = 1_200
SEED = 5
PERISHABLE = {"TG_Scored_At__c", "tg_scored_at", "TG_Model__c", "tg_model"}
OBJECT = {"salesforce": "Lead", "hubspot": "contacts"}


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """One simulator for each CRM and one learned model: the faults hit syncs of new stores on the same world."""
    made = {}

    def make(crm):
        if crm not in made:
            simulator = build(spec(crms=(crm,), leads=LEADS, seed=SEED), SystemClock())
            simulator.__enter__()
            home = Installation(tmp_path_factory.mktemp(crm) / "home", simulator, (crm,))
            by_oauth(home.home)
            wiring = home.wiring(clock=MovableClock(SystemClock().now()))  # waiting costs no time
            provisioned(wiring, crm, dry_run=False)
            run.sync(wiring, crm, train=True)
            made[crm] = (home, wiring, outputs(home, crm))
        return made[crm]

    yield make
    for home, wiring, _ in made.values():
        wiring.store.close()
        home.simulator.__exit__(None, None, None)


STATIC = 'sign_in: {kind: token, token: "file:secrets/hubspot"}'
OAUTH = """sign_in:
      kind: refresh_token
      client_id: file:secrets/salesforce-id
      client_secret: file:secrets/salesforce
      refresh_token: file:secrets/hubspot-refresh"""


def by_oauth(home):
    """Let a HubSpot connection sign in with tokens that expire: a static one never does."""
    path = home / "connections.yaml"
    path.write_text(path.read_text().replace(f"    {STATIC}", f"    {OAUTH}"))
    (home / "secrets" / "hubspot-refresh").write_text("na1-refresh")


def outputs(home, crm):
    """Our fields as the CRM holds them, but for the moment of scoring."""
    dialect = getattr(home.simulator, crm)
    return {
        record: {
            name: value for name, value in values.items() if name.lower().startswith("tg_") and name not in PERISHABLE
        }
        for record, values in dialect.snapshot(OBJECT[crm]).items()
    }


def forget(wiring, crm):
    """Empty the store of this connection, but keep its model: the next sync pulls, scores and pushes everything."""
    with wiring.store.write() as tx:
        for table in ("records", "cursors", "stale", "scores", "refusals", "marks"):
            tx.exec_driver_sql(f"DELETE FROM {table}")


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
@pytest.mark.parametrize("kind", ["read", "write"])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_changes_nothing_in_the_end(wide, crm, kind, fault):
    home, wiring, calm = wide(crm)
    forget(wiring, crm)
    home.simulator.faults.add(crm, kind, fault, after=1)

    synced = run.sync(wiring, crm)

    assert home.simulator.faults.planned() == (), "the fault was never met"
    assert synced.reconciles()
    assert synced.pushed.counts.written == synced.pushed.taken > 0
    assert outputs(home, crm) == calm


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_no_assignment_rule_fires_and_nothing_of_theirs_is_touched(wide, crm):
    home, wiring, _ = wide(crm)
    dialect = getattr(home.simulator, crm)
    before = theirs(dialect, crm)
    forget(wiring, crm)

    run.sync(wiring, crm)

    assert theirs(dialect, crm) == before
    if crm == "salesforce":
        assert dialect.mails() == 0


STAMPS = {"SystemModstamp", "LastModifiedDate", "LastModifiedById", "lastmodifieddate", "hs_lastmodifieddate"}


def theirs(dialect, crm):
    return {
        record: {
            name: value for name, value in values.items() if not name.lower().startswith("tg_") and name not in STAMPS
        }
        for record, values in dialect.snapshot(OBJECT[crm]).items()
    }
