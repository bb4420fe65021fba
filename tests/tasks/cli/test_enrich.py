"""The commands of enrichment, as the README shows them, on a HubSpot and a service that are simulated."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import mappings
from mappings.file.load import preset_text
from tasks import run
from tasks.cli import app
from tests import stranger
from tests.tasks.installation import NAME, made_world, opened

README = Path(mappings.__file__).parent / "README.md"
SECTION = """
enrich:
  - {{name: firms, table: firms.csv, key: domain, of: email, fields: {{trade: Trade}}}}
  - {{name: provider, url: "{url}/{{domain}}", fields: {{staff: staff}}, cost: 1, most_cost_a_day: 9, per_second: 999}}
"""
FEATURES = """\
  - {name: trade, label: Trade, kind: category, family: fit, from: enriched.trade}
  - {name: staff, label: Staff, kind: number, family: fit, from: enriched.staff}
  - {name: mail, label: Mail, kind: category, family: fit, from: enriched.mail_kind}
"""
PLAIN = """\
version: 1
crm: hubspot
outcome:
  milestone: won
  horizon_days: 90
  created: createdate
  deal: {leads_field: associations.contacts, won: hs_is_closed_won, closed: hs_is_closed, closed_at: closedate}
features:
  - {name: title, label: Title, kind: category, family: fit, from: jobtitle}
"""


@pytest.fixture(scope="module")
def world():
    return made_world(60)


@pytest.fixture
def service():
    with stranger.stranger() as served:
        served.behaves = stranger.well({"staff": 12})
        yield served


@pytest.fixture
def plant(tmp_path, world, service):
    home = tmp_path / "home"
    home.mkdir()
    text = preset_text("hubspot").replace("features:\n", f"features:\n{FEATURES}", 1)
    (home / "mine.yaml").write_text(text + SECTION.format(url=service.url))
    (home / "firms.csv").write_text("domain,Trade\nnobody.example,Tools\nwww.nobody.example,Roads\n,None\n")
    with opened(home, world, more="mapping: mine.yaml") as plant:
        plant.secret(NAME, "pat-na1-integration")
        run.pull(plant.wiring, NAME)
        yield plant


def truegrade(plant, *words):
    return CliRunner().invoke(app, [*words, "--home", str(plant.home)])


def lines():
    [block] = [text for text in re.findall(r"```sh\n(.*?)```", README.read_text(), flags=re.DOTALL) if "enrich" in text]
    return [line.removeprefix("./dev truegrade ").split() for line in block.splitlines()]


def test_the_lines_of_the_readme_work_as_they_stand(plant):
    assert len(lines()) == 2
    for words in lines():
        told = truegrade(plant, *[NAME if word == "salesforce" else word for word in words])
        assert told.exit_code == 0, told.output


def test_a_check_tells_of_every_source_and_asks_nobody(plant, service):
    told = truegrade(plant, "enrich", "check", NAME)

    assert told.exit_code == 0
    assert "firms: 3 rows, 1 of which repeat an earlier row's key, 1 without a key." in told.output
    assert "Of rows with the same key the first counts" in told.output
    assert "provider: Its address holds the key" in told.output
    assert "mail_kind" in told.output
    assert service.asked == []


def test_asking_tells_what_came_of_it_and_what_is_left(plant, service):
    asked = truegrade(plant, "enrich", "ask", NAME, "--most", "4", "--json")
    told = truegrade(plant, "enrich", "check", NAME, "--json")

    [done] = json.loads(asked.output)["services"]
    assert (done["asked"], done["failed"]) == (4, 0)
    assert len(service.asked) == 4
    found = {one["source"]: one for one in json.loads(told.output)["sources"]}
    assert found["provider"]["matched"] == done["leads"]
    assert found["provider"]["waiting"] == done["noted"] - done["leads"] > 0
    assert (found["provider"]["calls"], found["provider"]["cost"]) == (4, 4.0)
    assert found["firms"]["matched"] == 0
    assert found["mail_kind"]["leads"] == 60


def test_the_day_s_money_being_spent_is_said_with_what_comes_next(plant, service):
    told = truegrade(plant, "enrich", "ask", NAME)

    assert told.exit_code == 0
    assert len(service.asked) == 9
    assert "provider has cost today what it may (9)" in " ".join(told.output.split())


def test_a_mapping_that_enriches_nothing_says_so(plant):
    (plant.home / "mine.yaml").write_text(PLAIN)

    assert "enriches nothing" in truegrade(plant, "enrich", "check", NAME).output
    assert "none is asked" in truegrade(plant, "enrich", "ask", NAME).output


def test_a_table_that_is_gone_is_told_in_the_check(plant):
    (plant.home / "firms.csv").unlink()

    told = truegrade(plant, "enrich", "check", NAME)

    assert told.exit_code == 3
    assert "firms.csv" in told.output
    assert "Put it there (relative paths start from" in told.output


def test_a_check_of_the_mapping_tells_other_errors_beside_a_table_that_is_gone(plant):
    (plant.home / "firms.csv").unlink()
    text = (plant.home / "mine.yaml").read_text().replace("from: jobtitle", "from: jobtitel", 1)
    (plant.home / "new.yaml").write_text(text)

    told = truegrade(plant, "map", "check", NAME, "--file", str(plant.home / "new.yaml"))

    assert told.exit_code == 3
    assert "lead has no field jobtitel" in " ".join(told.output.split())
    assert "firms.csv of firms cannot be used" in " ".join(told.output.split())


def test_a_candidate_s_table_is_looked_at_before_it_is_in_force_by_keys_that_no_pull_has_read(plant):
    cities = [values["city"] for values in plant.portal.snapshot("contacts").values() if values["city"]]
    (plant.home / "towns.csv").write_text(
        "\n".join(["town,Region", *sorted(set(cities))]).replace("\n", ",x\n") + ",x\n"
    )
    source = "{name: towns, table: towns.csv, key: exact, column: town, of: [city], fields: {zone: Region}}"
    feature = "  - {name: zone, label: Zone, kind: category, family: fit, from: enriched.zone}"
    text = (plant.home / "mine.yaml").read_text().replace("features:\n", f"features:\n{feature}\n", 1)
    (plant.home / "new.yaml").write_text(text.replace("enrich:\n", f"enrich:\n  - {source}\n"))

    told = truegrade(plant, "enrich", "check", NAME, "--file", str(plant.home / "new.yaml"), "--json")
    again = truegrade(plant, "enrich", "check", NAME, "--json")

    assert told.exit_code == 0, told.output
    found = {one["source"]: one for one in json.loads(told.stdout)["sources"]}
    assert found["towns"]["matched"] == found["towns"]["keyed"] == len(cities)
    assert "Reads" in told.stderr
    assert "towns" not in {one["source"] for one in json.loads(again.stdout)["sources"]}
