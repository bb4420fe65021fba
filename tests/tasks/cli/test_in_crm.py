"""What of ours the CRM still holds on somebody who is erased here: told, and cleared when that is asked."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from connector.crm import Outcome, Written
from connector.errors import Misconfigured
from mappings.file.load import parse, preset_text
from tasks import run
from tasks.cli import app
from tasks.cli.endings import UNWELL
from tasks.cli.in_crm import Cleared, show_companies
from tasks.store import write_backs
from tasks.store.backs import Ended, Planned, State
from tasks.verbs import first_model
from tasks.verbs.in_crm import clear
from tests.tasks.installation import NAME, NOW, made_world, opened

FAX = "fax"


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("home"), made_world(60)) as plant:
        first_model.put_off(plant.store, NAME, now=plant.clock.now())
        run.sync(plant.wiring, NAME)
        yield plant


@pytest.fixture
def lead(plant):
    """A lead whose score is in the CRM, and who was not erased by another test."""
    held = plant.in_crm()
    return next(one for one in plant.leads() if one in held)


def invoked(plant, *words):
    done = CliRunner().invoke(app, [*words, "--home", str(plant.home)])
    return done, " ".join(done.output.split())


def holds(plant, lead):
    return {name: value for name, value in plant.portal.snapshot("contacts")[lead].items() if name.startswith("tg_")}


def test_the_crm_s_values_are_told_and_explain_says_who_is_meant_without_naming_anyone(plant, lead):
    done, said = invoked(plant, "forget", NAME, "--lead", lead, "--yes")
    explained, _ = invoked(plant, "explain", lead)

    assert done.exit_code == 0, said
    assert f"The CRM still holds the last score of {lead} (tg_score and" in said
    assert f"forget {NAME} --lead {lead} --clear-crm --yes" in said
    assert holds(plant, lead)["tg_score"]
    told = str(explained.exception)
    assert "was erased here on" in told
    assert "--clear-crm" in told
    assert lead not in told
    assert "truegrade pull" not in told


def test_it_is_cleared_before_the_erasure_or_after_it_and_nothing_else_is_touched(plant, lead):
    before = plant.portal.snapshot("contacts")[lead]
    note_written_back(plant, lead)
    first, said = invoked(plant, "forget", NAME, "--lead", lead, "--clear-crm", "--yes")
    after = plant.portal.snapshot("contacts")[lead]
    again, _ = invoked(plant, "forget", NAME, "--lead", lead, "--clear-crm", "--yes", "--json")

    assert first.exit_code == again.exit_code == 0, said
    assert f"Our fields of {lead} are empty in {NAME} now" in said
    assert f"Enriched values that we wrote still stand in {FAX} of {lead}" in said
    assert not any(holds(plant, lead).values())
    moved = {name for name in before if before[name] != after[name] and not name.startswith("tg_")}
    assert moved <= {"lastmodifieddate"}
    [told] = json.loads(again.stdout.splitlines()[-1])["leads"]
    assert (told["cleared"], told["crm_holds"]) == ("written", [])


def test_a_field_that_is_switched_off_is_cleared_and_a_read_only_one_is_told(plant):
    held = plant.in_crm()
    one, other = [lead for lead in plant.leads() if lead in held][-2:]
    mapping = parse(preset_text("hubspot") + "outputs: {reasons: false, top_reason: false}\n", "mapping.yaml")
    assert holds(plant, one)["tg_reasons"]
    assert holds(plant, other)["tg_top_reason"]

    with plant.wiring.crm(NAME) as crm:
        [cleared] = clear(crm, mapping, [one])
        refused = clear(Locked(crm, "tg_top_reason"), mapping, [other, one])

    assert cleared.outcome is Outcome.WRITTEN
    assert not any(holds(plant, one).values())
    assert {done.id: done.outcome for done in refused} == {one: Outcome.WRITTEN, other: Outcome.REFUSED}
    assert [done.message for done in refused if "tg_top_reason may not be changed" in done.message]
    assert [name for name, value in holds(plant, other).items() if value] == ["tg_top_reason"]


class Locked:
    """A CRM that lets our user read a field, and not write it."""

    def __init__(self, crm, name):
        self._crm, self._name = crm, name

    def describe(self, entity):
        return tuple(replace(one, writable=one.name != self._name) for one in self._crm.describe(entity))

    def __getattr__(self, name):
        return getattr(self._crm, name)


def test_what_still_names_the_erased_on_a_company_is_told_with_what_to_do(capsys):
    refused = Written("9", Outcome.REFUSED, "NO", "not so")

    show_companies("acme", {"7": "1"}, Cleared(), is_given=True)
    show_companies("acme", {"7": "1"}, Cleared(), is_given=False)
    show_companies("acme", {"8": "1"}, Cleared({}, {"8": Written("8", Outcome.WRITTEN), "9": refused}), is_given=True)

    said = " ".join(capsys.readouterr().out.split())
    assert "Company 7 of acme still names 1 as its best lead until the next `truegrade sync acme`" in said
    assert "still names 1 as its best lead and nothing renews it: `truegrade forget acme --lead 1 --clear-crm" in said
    assert "is empty on 1 company of acme now" in said
    assert "acme still names the erased as best lead of company 9: NO: not so" in said
    assert not Cleared({}, {"9": refused}).is_all


def note_written_back(plant, lead):
    """Note a value of ours in a field of the CRM's own."""
    with plant.store.write() as tx:
        write_backs.plan(tx, NAME, [Planned(lead, FAX, "towns", "Berlin")], now=NOW)
    [back] = write_backs.of(plant.store, NAME, [lead])[lead].values()
    write_backs.save(plant.store, NAME, [Ended(back, State.WRITTEN, written="Berlin")], now=NOW)


def test_what_the_crm_refuses_is_told_and_the_person_is_erased_all_the_same(plant, lead):
    plant.portal.fail_row(lead, "Nobody clears here")

    done, said = invoked(plant, "forget", NAME, "--lead", lead, "--clear-crm", "--yes")

    assert done.exit_code == UNWELL
    assert "Nobody clears here" in said
    assert f"{lead} ({NAME}) is erased here" in said
    assert holds(plant, lead)["tg_score"]


def test_where_the_crm_cannot_be_reached_nobody_is_erased(plant, lead):
    plant.secret(NAME, "pat-na1-nobody")

    done, said = invoked(plant, "forget", NAME, "--lead", lead, "--clear-crm", "--yes")

    plant.secret(NAME, "pat-na1-integration")
    assert isinstance(done.exception, Misconfigured)
    assert "nobody was erased yet" in said
    assert lead in plant.leads()
