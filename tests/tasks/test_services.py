"""Whole syncs beside a service that is a stranger: they end, with right values or none, within what may be spent."""

import os
from contextlib import suppress
from datetime import timedelta

import orjson
import pytest
from typer.testing import CliRunner

from connector.crm import Entity
from connector.errors import Misconfigured, Retryable
from mappings.file.load import preset_text
from mappings.parts import Source
from tasks import previews, run, services
from tasks.cli import app
from tasks.explained import explained
from tasks.settings import SettingsInvalid
from tasks.store import enrichments, records, spendings
from tasks.verbs import frames
from tasks.verbs.enriched import source_id
from tests import stranger
from tests.tasks.installation import NAME, made_world, opened
from tests.tasks.killing import Killed

FEATURES = """\
  - {name: trade, label: Trade, kind: category, family: fit, from: enriched.trade}
  - {name: line, label: Line, kind: category, family: fit, from: enriched.phone_line}
"""
RULE = "    - {feature: trade, is: Tools, points: 30}\n"
HOSTILE = {
    "html": stranger.html,
    "invalid": stranger.invalid,
    "huge": stranger.huge,
    "bomb": stranger.bomb,
    "half": stranger.half,
    "slow": stranger.slow,
    "429": stranger.status(429, Retry_After="3"),
    "500": stranger.status(500),
    "401": stranger.status(401),
    "elsewhere": stranger.elsewhere("http://127.0.0.1:1/"),
    "deep": lambda handler: handler.send(200, b"[" * 100_000),
    "other type": stranger.well({"trade": {"a": [1]}}),
}


@pytest.fixture(scope="module")
def world():
    return made_world(90)


@pytest.fixture
def service():
    with stranger.stranger() as served:
        served.behaves = stranger.well({"trade": "Tools"})
        yield served


@pytest.fixture
def plant(tmp_path, world):
    home = tmp_path / "home"
    home.mkdir()
    (home / "mine.yaml").write_text(preset_text("hubspot"))
    with opened(home, world, more="mapping: mine.yaml") as plant:
        plant.secret(NAME, "pat-na1-integration")
        yield plant


def enriching(plant, item):
    text = preset_text("hubspot")
    first = text.index("features:\n") + len("features:\n")
    text = text[:first] + FEATURES + text[first:]
    text = text.replace("  rules:\n    - {feature: seniority", "  rules:\n" + RULE + "    - {feature: seniority", 1)
    (plant.home / "mine.yaml").write_text(text + f"\nenrich:\n  - {item}\n")


def ask_at(plant, service, **more):
    told = {"timeout_s": 1, "keep_days": 30, "per_second": 1000, **more}
    rest = ", ".join(f"{name}: {value}" for name, value in told.items())
    enriching(plant, f'{{name: provider, url: "{service.url}/{{domain}}", fields: {{trade: trade}}, {rest}}}')


def sync(plant):
    plant.later(minutes=5)
    return run.sync(plant.wiring, NAME)


def trades(plant):
    mapping = plant.wiring.mapping(NAME)
    rows = records.get(plant.store, NAME, Entity.LEAD, plant.leads())
    return frames.lead_frame(plant.store, mapping, NAME, rows)["enriched.trade"].to_list()


def domains(service):
    return [path for path, _, _ in service.asked]


def test_each_company_is_asked_for_once_and_its_leads_are_scored_with_it(plant, service):
    ask_at(plant, service, most_a_run=500)

    synced = sync(plant)

    assert synced.reconciles()
    assert synced.pushed.counts.written > 50
    assert len(domains(service)) == len(set(domains(service))) > 20
    found = trades(plant)
    assert found.count("Tools") > 40
    assert None in found  # free mail and no address
    assert all("@" not in path for path in domains(service))


def test_a_second_sync_asks_nothing_and_writes_nothing(plant, service):
    ask_at(plant, service, most_a_run=500)
    sync(plant)
    asked = len(service.asked)

    assert sync(plant).pushed.counts.written == 0
    assert len(service.asked) == asked


def test_what_is_over_the_bound_of_a_run_is_asked_later_and_scored_then(plant, service):
    ask_at(plant, service, most_a_run=7)

    first = sync(plant)
    assert len(service.asked) == 7
    told = trades(plant).count("Tools")
    second = sync(plant)

    assert first.scored.scored > 80
    assert len(service.asked) == 14
    assert trades(plant).count("Tools") > told
    assert 0 < second.scored.scored <= 90 - told


def test_an_old_answer_is_asked_for_again(plant, service):
    ask_at(plant, service, most_a_run=500)
    sync(plant)
    asked = len(service.asked)
    service.behaves = stranger.well({"trade": "Roads"})

    plant.later(days=31)
    sync(plant)

    assert len(service.asked) == 2 * asked
    assert set(trades(plant)) == {"Roads", None}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_sync_ends_beside_a_stranger_and_goes_on_without_it(plant, service, how):
    ask_at(plant, service, cost=1, most_cost_a_day=8, most_a_run=20)
    service.behaves = HOSTILE[how]

    synced = sync(plant)

    assert synced.reconciles()
    assert synced.scored.scored > 80
    assert set(trades(plant)) == {None}
    assert len(service.asked) <= 8
    assert spendings.of_day(plant.store, "provider", now=plant.clock.now()).cost == len(service.asked)


def test_a_service_that_is_down_is_let_alone_for_a_while_and_then_asked_again(plant, service):
    ask_at(plant, service, most_a_run=500)
    service.behaves = stranger.status(500)
    sync(plant)
    asked = len(service.asked)
    assert asked == 6  # three keys, twice

    sync(plant)
    assert len(service.asked) == asked
    service.behaves = stranger.well({"trade": "Tools"})
    plant.later(hours=2)
    sync(plant)

    assert trades(plant).count("Tools") > 40


def test_leads_wait_for_a_service_that_is_down_if_the_mapping_says_so(plant, service):
    ask_at(plant, service, most_a_run=500, when_down="wait")
    service.behaves = stranger.status(500)

    for _ in range(2):
        with pytest.raises(Retryable, match="provider answers 500"):
            sync(plant)
    assert plant.states() == {}
    service.behaves = stranger.well({"trade": "Tools"})
    plant.later(hours=2)

    assert sync(plant).scored.scored > 80


def test_one_bad_key_keeps_no_other_from_being_asked(plant, service):
    ask_at(plant, service, most_a_run=500)
    seen = []

    def some(handler):
        seen.append(handler.path)
        (stranger.html if len(seen) % 3 == 0 else stranger.well({"trade": "Tools"}))(handler)

    service.behaves = some
    sync(plant)

    assert trades(plant).count("Tools") > 20


def test_the_day_s_money_is_never_passed_and_the_next_day_goes_on(plant, service):
    ask_at(plant, service, cost=0.1, most_cost_a_day=0.5, most_a_run=500)

    sync(plant)
    sync(plant)
    assert len(service.asked) == 5
    plant.later(days=1)
    sync(plant)

    assert len(service.asked) == 10


def test_a_secret_that_is_not_there_is_told_before_anything_is_asked(plant, service):
    ask_at(plant, service, auth='{header: X-Key, secret: "env:TG_NO_SUCH_KEY"}')

    with pytest.raises(SettingsInvalid, match="TG_NO_SUCH_KEY"):
        sync(plant)

    assert service.asked == []


def test_no_key_and_no_secret_is_logged_or_stored_in_plain(plant, service, caplog, capfd):
    (plant.home / "key").write_text("s3cret-value")
    ask_at(plant, service, auth='{header: X-Key, secret: "file:key"}', most_a_run=500)
    sync(plant)
    [host, *_] = [path.removeprefix("/") for path in domains(service)]

    said = caplog.text + "".join(capfd.readouterr())
    with plant.store.read() as tx:
        kept = str(
            [list(map(tuple, tx.exec_driver_sql(f"SELECT * FROM {name}"))) for name in ("answers", "enrichments")]
        )

    assert service.asked[0][1]["X-Key"] == "s3cret-value"
    for text in (said, kept):
        assert host not in text
        assert "s3cret-value" not in text


def test_what_was_told_has_its_source_and_moment(plant, service):
    ask_at(plant, service, most_a_run=500)
    sync(plant)
    [source] = plant.wiring.mapping(NAME).enrich.sources

    told = enrichments.of(plant.store, NAME, plant.leads())

    assert {(one.source, one.values.get("trade")) for some in told.values() for one in some} == {
        (source_id(source), "Tools")
    }
    assert all(plant.clock.now() - one.made_at < timedelta(hours=1) for some in told.values() for one in some)


def test_an_explanation_names_source_and_moment(plant, service):
    ask_at(plant, service, most_a_run=500)
    sync(plant)
    [lead, *_] = [lead for lead, trade in zip(plant.leads(), trades(plant), strict=True) if trade]

    told = explained(plant.wiring, NAME, lead)["enriched"]

    assert told["trade"]["value"] == "Tools"
    assert told["trade"]["source"] == "provider"
    assert told["trade"]["at"].startswith("2026-11-03T12:")


def test_asking_for_all_asks_for_leads_that_need_no_score(plant, service):
    ask_at(plant, service, most_a_run=500)
    run.pull(plant.wiring, NAME)

    [done] = services.before_scoring(plant.wiring, NAME, plant.wiring.mapping(NAME), everything=True)
    [again] = services.before_scoring(plant.wiring, NAME, plant.wiring.mapping(NAME), everything=True)

    assert done.asked == len(service.asked) > 20
    assert done.noted == done.leads > 40
    assert (again.asked, again.noted) == (0, 0)


def firms(plant, sector):
    rows = records.get(plant.store, NAME, Entity.LEAD, plant.leads())
    found = sorted({orjson.loads(row.data).get("email", "@").rpartition("@")[2] for row in rows} - {""})
    lines = [f"{domain},{sector if number else 'Roads'}" for number, domain in enumerate(found)]
    (plant.home / "firms.csv").write_text("\n".join(["domain,Trade", *lines]) + "\n")


TABLE = "{name: firms, table: firms.csv, key: domain, of: email, fields: {trade: Trade}}"


def test_a_changed_table_rescores_the_leads_whose_row_changed_and_no_others(plant):
    enriching(plant, TABLE)
    run.pull(plant.wiring, NAME)
    firms(plant, "Roads")
    sync(plant)
    assert sync(plant).scored.scored == 0

    firms(plant, "Tools")
    os.utime(plant.home / "firms.csv", ns=(1, 1))
    changed = sync(plant)

    assert 0 < changed.scored.scored < changed.scored.looked_at
    assert changed.reconciles()
    assert sync(plant).pushed.counts.written == 0


def test_a_table_that_is_gone_stops_the_sync_with_what_to_do(plant):
    enriching(plant, TABLE)

    with pytest.raises(Misconfigured, match=r"firms\.csv"):
        sync(plant)


def test_offline_fields_alone_ask_nobody(plant):
    enriching(plant, TABLE.replace("firms.csv", "none.csv"))
    text = (plant.home / "mine.yaml").read_text().replace("enriched.trade", "enriched.region")
    (plant.home / "mine.yaml").write_text(text)

    assert sync(plant).reconciles()
    assert plant.wiring.mapping(NAME).lines[Source(Entity.LEAD, "enriched.region")] > 0


@pytest.mark.parametrize("step", [3, 9, 15, 22, 30, 45])
def test_asking_that_is_killed_anywhere_ends_the_same_when_it_is_run_again(plant, service, step):
    ask_at(plant, service, most_a_run=500)
    run.pull(plant.wiring, NAME)
    mapping = plant.wiring.mapping(NAME)

    call_off = plant.die_at(step)
    with suppress(Killed):
        services.before_scoring(plant.wiring, NAME, mapping)
    call_off()
    services.before_scoring(plant.wiring, NAME, mapping)

    asked = domains(service)
    assert len(asked) - len(set(asked)) <= 1  # the one that was paid for and not saved
    [source] = mapping.enrich.sources
    assert enrichments.waiting(plant.store, NAME, source_id(source), now=plant.clock.now()) == (
        0, trades(plant).count("Tools"),
    )  # fmt: skip


def test_a_service_may_be_asked_by_a_field_of_the_company(plant, service):
    ask_at(plant, service, most_a_run=500, of="[company.domain]")

    synced = sync(plant)
    held = {values["domain"] for values in plant.simulator.hubspot.snapshot("companies").values()}

    assert synced.reconciles()
    assert trades(plant).count("Tools") > 40
    assert {path.removeprefix("/") for path in domains(service)} <= held
    [lead, *_] = [lead for lead, trade in zip(plant.leads(), trades(plant), strict=True) if trade]
    assert explained(plant.wiring, NAME, lead)["enriched"]["trade"]["of"] == "company.domain"
    assert sync(plant).pushed.counts.written == 0


def test_a_company_that_gets_another_key_is_asked_for_again(plant, service):
    ask_at(plant, service, most_a_run=500, of="[company.domain]")
    sync(plant)
    [company, *_] = plant.portal.pick("companies", limit=1)
    plant.portal.edit("companies", company, {"domain": "quite-another.example"})

    sync(plant)

    leads = plant.portal.contacts_of_company(company)
    assert domains(service).count("/quite-another.example") == (1 if leads else 0)


def test_values_are_written_back_beside_the_scores_and_told_where_they_stand(plant):
    rows = TABLE.replace("}}", "}, write_back: {trade: fax}}")
    enriching(plant, rows)
    run.pull(plant.wiring, NAME)
    firms(plant, "Tools")

    run.score(plant.wiring, NAME)
    looked = previews.waiting(plant.wiring, NAME)
    previewed = previews.preview(plant.wiring, NAME)
    synced = sync(plant)
    counts = synced.as_dict()

    held = {lead: values["fax"] for lead, values in plant.portal.snapshot("contacts").items() if values["fax"]}
    assert {"Tools"} <= set(held.values()) <= {"Roads", "Tools"}
    assert looked["write"] == synced.pushed.counts.written + len(held)
    assert (
        previewed["fields"]["fax"] == counts["written_back"]["written"] == counts["written_back"]["taken"] == len(held)
    )
    [lead, *_] = held
    told = explained(plant.wiring, NAME, lead)["written_back"]
    assert (told["fax"]["value"], told["fax"]["source"]) == (held[lead], "firms")
    again = sync(plant)
    assert (again.pushed.counts.written, again.scored.scored, "written_back" in again.as_dict()) == (0, 0, False)


def test_a_value_that_is_refused_holds_up_no_score_and_is_shown(plant):
    enriching(plant, TABLE.replace("}}", "}, write_back: {trade: fax}}"))
    run.pull(plant.wiring, NAME)
    firms(plant, "T" * 70_000)

    synced = sync(plant)

    assert synced.pushed.counts.refused == 0
    assert synced.back.refused > 20
    shown = CliRunner().invoke(app, ["refusals", NAME, "--home", str(plant.home)])
    assert shown.exit_code == 0
    assert "enriched values that were refused" in " ".join(shown.output.split())
    retried = CliRunner().invoke(app, ["refusals", NAME, "--retry", "--json", "--home", str(plant.home)])
    assert f'"retried": {synced.back.refused}' in retried.output
