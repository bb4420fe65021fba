"""The command reconcile as an admin runs it."""


def test_a_dry_run_counts_and_names_what_others_changed(installed):
    home = installed("hubspot", leads=300)
    home.truegrade("provision", "hubspot")
    home.truegrade("sync", "hubspot")
    gone = home.simulator.hubspot.pick("contacts", limit=1)
    home.simulator.hubspot.gdpr_delete(gone)

    told = home.truegrade("reconcile", "hubspot", "--dry-run")
    machine = home.truegrade("reconcile", "--dry-run", "--json")

    assert told.code == machine.code == 0
    assert "lead: the CRM counts 299, but the store holds 300" in told.out
    counted = machine.json["connections"]["hubspot"]
    assert (counted["counts"]["lead"]["in_crm"], counted["counts"]["lead"]["in_store"]) == (299, 300)
    assert counted["proven"] is False


def test_an_unknown_connection_is_told(installed):
    home = installed("hubspot", leads=100)

    told = home.truegrade("reconcile", "nobody")

    assert told.code == 3
    assert "There is no connection 'nobody'" in told.err
