"""Several connections in one command: what stops one does not stop the others."""


def test_a_broken_connection_does_not_keep_the_others_from_their_sync(installed):
    home = installed("salesforce", "hubspot", leads=1_200)
    for crm in ("salesforce", "hubspot"):
        assert home.truegrade("provision", crm).code == 0
    (home.home / "secrets" / "salesforce").write_text("wrong", encoding="utf-8")

    people = home.truegrade("sync")
    machines = home.truegrade("sync", "--json")

    assert (people.code, machines.code) == (3, 3)
    assert "hubspot: synced" in people.out
    assert "truegrade: salesforce: " in people.err
    assert machines.json["connections"]["hubspot"]["written"] == 0
    assert machines.json["stopped"]["salesforce"]["error"] == "Misconfigured"
    assert len(home.simulator.hubspot.snapshot("contacts")) > 0
    assert home.simulator.log.count("salesforce", "write") == 0
