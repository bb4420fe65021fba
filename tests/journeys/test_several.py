"""Several connections in one command, and several commands on one connection, do not disturb each other."""

from concurrent.futures import ThreadPoolExecutor


def test_a_broken_connection_does_not_keep_the_others_from_their_sync(installed):
    home = installed("salesforce", "hubspot", knowing=True)
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


def test_two_syncs_at_once_write_each_row_once(installed):
    home = installed("hubspot", knowing=True)
    assert home.truegrade("provision", "hubspot").code == 0
    with ThreadPoolExecutor(2) as both:
        told = list(both.map(lambda _: home.truegrade_apart("sync", "hubspot", "--json"), range(2)))

    assert [one.code for one in told] == [0, 0], [one.err for one in told]
    assert sorted(one.json["connections"]["hubspot"]["written"] > 0 for one in told) == [False, True]
    assert any("another run of hubspot" in one.err for one in told)
