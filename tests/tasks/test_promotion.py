from datetime import timedelta

import pytest

from connector.errors import Misconfigured
from mappings.file.load import parse, preset_text
from mappings.file.problems import MappingInvalid
from tasks import promotion
from tasks.ready import companies_lack, require_ready, written_back
from tasks.settings import SettingsInvalid
from tasks.store import audit, dictionaries, models, write_backs
from tasks.store.backs import Ended, Planned, State
from tasks.store.supply import leads_a_week
from tests.tasks.installation import NAME, NOW, made_world, opened
from tests.tasks.store.conftest import hold


@pytest.fixture(scope="module")
def world():
    return made_world(60)


@pytest.fixture
def plant(tmp_path, world):
    home = tmp_path / "home"
    home.mkdir()
    (home / "own.yaml").write_text(preset_text("hubspot"), encoding="utf-8")
    with opened(home, world, more="mapping: own.yaml") as plant:
        yield plant


def another(plant, *changes, file="candidate.yaml"):
    text = preset_text("hubspot")
    for old, new in changes or [("emails_replied, from: 1, points: 20", "emails_replied, from: 1, points: 35")]:
        assert old in text
        text = text.replace(old, new)
    path = plant.home / file
    path.write_text(text, encoding="utf-8")
    return path


def promote(plant, path, because="it is better"):
    return promotion.promote(plant.wiring, NAME, path, because=because)


def test_before_anything_was_promoted_an_edit_of_the_file_counts_at_once(plant):
    before = plant.wiring.mapping(NAME).version

    another(plant, file="own.yaml")

    assert plant.wiring.mapping(NAME).version != before
    assert promotion.unpromoted(plant.wiring, NAME) is None


def test_a_promoted_mapping_is_in_force_for_every_worker_at_once(plant):
    other, before = plant.another_worker(), plant.wiring.mapping(NAME).version

    done = promote(plant, another(plant))

    assert other.wiring.mapping(NAME).version == done.promoted.version != before
    assert done.before == before
    assert any("all scores anew" in step for step in done.next_steps)
    other.store.close()


def test_it_is_on_record_who_did_it_when_and_why(plant):
    promote(plant, another(plant), because="  Replies count\n more ")

    [kept, _] = dictionaries.every(plant.store, NAME)
    [line] = audit.newest(plant.store, limit=1)
    assert (kept.why, kept.applied_at) == ("Replies count more", plant.clock.now())
    assert (line.action, line.subject, line.detail["number"]) == ("map.promote", NAME, 2)
    assert line.actor == kept.applied_by


def test_promoting_twice_does_it_once(plant):
    path = another(plant)
    promote(plant, path)

    again = promote(plant, path)

    assert again.was_already
    assert again.promoted == dictionaries.in_force(plant.store, NAME)
    assert len(dictionaries.every(plant.store, NAME)) == len(audit.newest(plant.store, limit=5)) == 2


def test_the_first_promotion_can_be_taken_back(plant):
    before = plant.wiring.mapping(NAME).version
    promote(plant, another(plant))

    done = promotion.rollback(plant.wiring, NAME, to=None, because="not what we thought")

    assert (done.promoted.number, plant.wiring.mapping(NAME).version) == (3, before)
    assert dictionaries.numbered(plant.store, NAME, 1).why == "In force before the first promotion."
    assert promotion.unpromoted(plant.wiring, NAME) is None


def test_a_file_that_was_edited_since_is_told_and_not_used(plant):
    promote(plant, plant.home / "own.yaml")
    in_force = plant.wiring.mapping(NAME).version
    assert promotion.unpromoted(plant.wiring, NAME) is None

    another(plant, file="own.yaml")

    assert plant.wiring.mapping(NAME).version == in_force
    assert "was edited since it was promoted" in promotion.unpromoted(plant.wiring, NAME)
    assert "truegrade map promote acme" in promotion.unpromoted(plant.wiring, NAME)


def test_a_file_that_is_an_older_promotion_is_told_as_that(plant):
    promote(plant, plant.home / "own.yaml")
    promote(plant, another(plant))

    assert "is promotion 1; in force is promotion 2" in promotion.unpromoted(plant.wiring, NAME)


def test_a_rollback_is_a_new_entry_and_back_again_is_another(plant):
    promote(plant, plant.home / "own.yaml")
    first = plant.wiring.mapping(NAME).version
    promote(plant, another(plant))
    second = plant.wiring.mapping(NAME).version

    back = promotion.rollback(plant.wiring, NAME, to=None, because="reps complained")
    assert (back.promoted.number, plant.wiring.mapping(NAME).version) == (3, first)
    forth = promotion.rollback(plant.wiring, NAME, to=2, because="they were wrong")

    assert (forth.promoted.number, plant.wiring.mapping(NAME).version) == (4, second)
    assert [line.action for line in audit.newest(plant.store, limit=2)] == ["map.rollback", "map.rollback"]


def test_a_rollback_works_while_the_crm_does_not_answer(plant):
    promote(plant, plant.home / "own.yaml")
    promote(plant, another(plant))
    plant.secret(NAME, "wrong")

    assert promotion.rollback(plant.wiring, NAME, to=1, because="now").promoted.number == 3


@pytest.mark.parametrize("to", [None, 7])
def test_a_rollback_to_nothing_says_what_there_is(plant, to):
    with pytest.raises(Misconfigured, match="Nothing was ever promoted"):
        promotion.rollback(plant.wiring, NAME, to=to, because="why not")
    promote(plant, plant.home / "own.yaml")

    with pytest.raises(Misconfigured, match="map history acme"):
        promotion.rollback(plant.wiring, NAME, to=to, because="why not")


def test_a_mapping_that_the_crm_cannot_fill_is_not_promoted(plant):
    path = another(plant, ("from: jobtitle", "from: job_of_theirs"))

    with pytest.raises(Misconfigured, match="job_of_theirs"):
        promote(plant, path)

    assert dictionaries.in_force(plant.store, NAME) is None


def test_a_file_with_mistakes_or_of_another_crm_is_not_promoted(plant):
    wrong = another(plant, ("kind: category", "kind: categorie"))
    other = plant.home / "salesforce.yaml"
    other.write_text(preset_text("salesforce"), encoding="utf-8")

    with pytest.raises(MappingInvalid):
        promote(plant, wrong)
    with pytest.raises(SettingsInvalid, match="is for salesforce"):
        promote(plant, other)
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        promote(plant, plant.home / "nowhere.yaml")
    with pytest.raises(SettingsInvalid, match="--because is empty"):
        promote(plant, another(plant), because="  ")

    assert dictionaries.in_force(plant.store, NAME) is None


def test_companies_that_are_new_ask_for_a_training_that_keeps_the_model(plant):
    learned(plant, "only", ["department"])
    path = another(plant)
    path.write_text(path.read_text(encoding="utf-8") + "companies: {}\n", encoding="utf-8")

    told = " ".join(promote(plant, path).next_steps)

    assert "How likely any lead of a company wins is told once `truegrade train acme` has run" in told


def test_companies_whose_fields_are_missing_are_a_next_step_and_stop_no_push(plant):
    path = another(plant)
    path.write_text(path.read_text(encoding="utf-8") + "companies: {}\n", encoding="utf-8")

    [told] = [step for step in promote(plant, path).next_steps if "truegrade provision" in step]

    assert told.startswith("Companies get nothing until this is mended, while leads are scored and written as before")
    with plant.wiring.crm(NAME) as crm:
        mapping = plant.wiring.mapping(NAME)
        require_ready(crm, mapping)
        assert len(companies_lack(crm, mapping)) == len(mapping.companies.outputs)


BOOK = "{name: book, table: %s, key: domain, of: [email], fields: {sector: sector}%s}"


def enriching(plant, table, more=""):
    """A candidate that looks into a table of the customer's own."""
    path = another(plant)
    path.write_text(f"{path.read_text(encoding='utf-8')}enrich: [{BOOK % (table, more)}]\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("field", "told"), [("their_segment", "no such field"), ("hs_email_optout", "read-only")])
def test_what_cannot_be_written_back_keeps_the_mapping_from_being_promoted(plant, field, told):
    (plant.home / "firms.csv").write_text("domain,sector\nacme.example,Banking\n", encoding="utf-8")

    with pytest.raises(Misconfigured, match=told) as caught:
        promote(plant, enriching(plant, "firms.csv", f", write_back: {{sector: {field}}}"))

    assert "Nothing was promoted" in caught.value.fix
    assert dictionaries.in_force(plant.store, NAME) is None


def test_values_that_were_written_back_stay_and_a_rollback_says_so(plant):
    (plant.home / "firms.csv").write_text("domain,sector\nacme.example,Banking\n", encoding="utf-8")
    promote(plant, enriching(plant, "firms.csv", ", write_back: {sector: fax}"))
    hold(plant.store, NAME, "1", "2")
    with plant.store.write() as tx:
        write_backs.plan(tx, NAME, [Planned(lead, "fax", "book", "Banking") for lead in "12"], now=plant.clock.now())
        found = write_backs.find(tx, NAME, "12")
    write_backs.save(plant.store, NAME, [Ended(b, State.WRITTEN, written="Banking") for b in found], now=NOW)

    done = promotion.rollback(plant.wiring, NAME, to=None, because="too much")

    [told] = [step for step in done.next_steps if "enriched value" in step]
    assert told.startswith("2 enriched values that we wrote stay in the CRM, and nobody renews them: fax (2).")


def test_what_cannot_be_written_back_is_missing_on_the_screen_of_connect(plant):
    mapped = {
        field: parse(enriching(plant, "firms.csv", f", write_back: {{sector: {field}}}").read_text(), "new.yaml")
        for field in ("their_segment", "fax")
    }

    with plant.wiring.crm(NAME) as crm:
        [lacking] = written_back(crm, mapped["their_segment"])
        [well] = written_back(crm, mapped["fax"])

    assert (lacking.well, well.well) == (False, True)
    assert "no such field" in lacking.told


def test_a_table_that_is_not_there_keeps_the_mapping_from_being_promoted(plant):
    with pytest.raises(Misconfigured, match=r"frms\.csv"):
        promote(plant, enriching(plant, "frms.csv"))

    assert dictionaries.in_force(plant.store, NAME) is None


def test_fields_of_ours_that_the_crm_lacks_are_the_next_step(plant):
    done = promote(plant, another(plant, ("routes: {A: sales", "routes: {A: partners")))

    assert any("partners" in step and "truegrade provision acme" in step for step in done.next_steps)


def test_the_next_unit_of_any_worker_scores_by_it(plant):
    plant.sync()
    held = plant.in_crm()

    promote(plant, another(plant, ("C: nurture, D: nurture", "C: sales, D: sales")))
    plant.sync()

    assert {values["tg_route"] for values in held.values()} == {"sales", "nurture"}
    assert {values["tg_route"] for values in plant.in_crm().values()} == {"sales"}


def learned(plant, version, features, at=0):
    """A model of the connection, as far as its card tells."""
    outcome = plant.wiring.mapping(NAME).outcome
    card = {
        "milestone": outcome.milestone,
        "horizon_days": outcome.horizon_days,
        "features": dict.fromkeys(features, 1),
    }
    now = plant.clock.now() + timedelta(minutes=at)
    models.register(plant.store, NAME, version=version, path=version, card=card, now=now)


def without_seniority(plant):
    text = preset_text("hubspot")
    [line] = [line for line in text.splitlines() if "{name: seniority," in line]
    return another(plant, (line + "\n", ""), ("    - {feature: seniority, is: [c_level, vp], points: 20}\n", ""),
                   ("    - {feature: seniority, is: director, points: 15}\n", ""),
                   ("    - {feature: seniority, is: manager, points: 10}\n", ""))  # fmt: skip


def test_a_model_that_fits_the_new_mapping_no_more_is_told_with_one_that_does(plant):
    learned(plant, "older", ["department"])
    learned(plant, "newer", ["seniority", "department"], at=1)

    done = promote(plant, without_seniority(plant))

    assert any("newer, does not fit" in step and "truegrade use acme older" in step for step in done.next_steps)


def test_a_model_that_fits_needs_nothing_and_points_ask_for_no_training(plant):
    assert not [step for step in promote(plant, without_seniority(plant)).next_steps if "model" in step]
    learned(plant, "only", ["department"])

    done = promotion.rollback(plant.wiring, NAME, to=1, because="back again")

    assert [step for step in done.next_steps if "model" in step] == [
        "The model that scores does not know all of this (seniority): `truegrade train acme` learns one that does."
    ]


def test_of_a_model_only_what_it_could_learn_is_told_as_unknown(plant):
    learned(plant, "only", ["department"])
    more = [
        f"  - {{name: f{n}, kind: category, family: fit, from: city{', learned: false' * (n == 5)}}}" for n in range(6)
    ]

    done = promote(plant, another(plant, ("\nfeatures:\n", "\nfeatures:\n" + "\n".join(more[2:]) + "\n")))

    assert "not know all of this (f2, f3, f4):" in " ".join(done.next_steps)


def test_rules_that_the_model_was_learned_with_ask_for_no_training(plant):
    learned(plant, "only", ["department"])
    ruled = (
        "\nrules:\n  list:\n  - {name: rival, when: {feature: department, is: sales}, score: lowest, because: rival}\n"
    )
    path = another(plant)
    path.write_text(path.read_text(encoding="utf-8") + ruled, encoding="utf-8")

    plant.later(days=1)
    there = promote(plant, path)
    plant.later(days=1)
    back = promotion.rollback(plant.wiring, NAME, to=1, because="back again")

    assert any("by these rules from the next model" in step for step in there.next_steps)
    assert not any("next model" in step for step in back.next_steps)


def test_capacity_is_held_against_the_leads_that_come(plant):
    plant.sync()
    rate = leads_a_week(plant.store, NAME)
    learned(plant, "only", ["department"])

    done = promote(
        plant, another(plant, ("\nfeatures:\n", "\ngrades: {by: capacity, A: 40, B: 100, C: 200}\nfeatures:\n"))
    )

    assert 0 < rate < 40
    assert any(
        f"About {rate:,.3g} new leads" in step and "no lead becomes B or C or D" in step for step in done.next_steps
    )
