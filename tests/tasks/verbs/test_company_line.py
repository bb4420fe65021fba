"""A model that was learned before companies got values: it is told how likely companies are, and goes on scoring."""

from dataclasses import replace

import pytest

from mappings.file.load import parse, preset_text
from model.model import load
from tasks.store import company_stale, models
from tasks.verbs import company_line, company_queue
from tasks.verbs.examples import gathered

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MAPPING = parse(preset_text("hubspot") + "\ncompanies: {}\n", "mapping.yaml")


@pytest.fixture
def ruled(learned, taught):
    """A house whose model was learned for leads alone; its mapping gives companies values since."""
    learned.use(taught)
    learned.mapping = MAPPING
    return learned


def made_up(house):
    now, chunk = house.clock.now(), 10_000
    some = gathered(house.store, house.mapping, connection=house.name, now=now, chunk_leads=chunk)
    how = {"connection": house.name, "models_folder": house.models_folder}
    return company_line.make_up(house.store, house.mapping, some.ends, **how)


def current(house):
    return models.current(house.store, house.name)


def marked(house):
    return company_queue.mark(house.store, house.mapping, house.name, now=house.clock.now())


def test_the_model_that_scores_gets_the_line_of_companies_without_being_replaced(ruled, taught):
    assert "companies" not in current(ruled).card

    told = made_up(ruled)

    assert current(ruled).version == taught.version
    assert current(ruled).card["companies"]["line"]
    assert told.startswith(f"For companies, by the model that scores, {taught.version}: Companies: ")
    assert made_up(ruled) is None


def test_companies_are_reckoned_anew_once_their_line_is_there(ruled):
    queued = marked(ruled)
    with ruled.store.write() as tx:
        company_stale.done(tx, ruled.name, company_stale.some(tx, ruled.name, size=queued))
    assert marked(ruled) == 0

    made_up(ruled)

    assert marked(ruled) == queued > 0


def test_without_companies_or_a_model_nothing_is_made_up(learned, taught):
    learned.mapping = MAPPING
    assert made_up(learned) is None
    learned.use(taught)
    learned.mapping = replace(MAPPING, companies=replace(MAPPING.companies, outputs=()))
    assert made_up(learned) is None


def test_a_model_that_was_measured_by_chance_says_why_there_is_no_line(learned, taught):
    model = load(taught.path)
    by_chance = replace(model, card=model.card | {"split": model.card["split"] | {"in_time": False}})

    found = company_line.with_line(by_chance, MAPPING, None)

    assert found.card["companies"] == {"told": company_line.BY_CHANCE}
