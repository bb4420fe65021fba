from connector.crm import Entity
from mappings.file.load import load_preset, parse
from mappings.parts import Source
from tasks.store import labels
from tests.mappings.conftest import MINIMAL

INDUSTRY = Source(Entity.LEAD, "Industry")


def test_labels_are_kept_by_connection_entity_and_field(shelf):
    labels.save(shelf.store, shelf.name, Entity.LEAD, {"Industry": "Trade", "Country": "Land"})
    labels.save(shelf.store, shelf.name, Entity.COMPANY, {"Industry": "Sector"})
    labels.save(shelf.store, "other", Entity.LEAD, {"Industry": "Branche"})

    assert labels.known(shelf.store, shelf.name) == {
        INDUSTRY: "Trade",
        Source(Entity.LEAD, "Country"): "Land",
        Source(Entity.COMPANY, "Industry"): "Sector",
    }
    assert labels.known(shelf.store, "nobody") == {}


def test_a_new_label_takes_the_place_of_the_old_one_and_others_stay(shelf):
    labels.save(shelf.store, shelf.name, Entity.LEAD, {"Industry": "Trade", "Country": "Land"})

    for _ in range(2):
        labels.save(shelf.store, shelf.name, Entity.LEAD, {"Industry": "Sector"})

    assert labels.known(shelf.store, shelf.name)[INDUSTRY] == "Sector"
    assert len(labels.known(shelf.store, shelf.name)) == 2


def test_a_label_is_cleaned_before_it_is_kept(shelf):
    labels.save(shelf.store, shelf.name, Entity.LEAD, {"Industry": " Tra\x00de\ud800 \u202e: ", "Country": "\x1b\n"})

    assert labels.known(shelf.store, shelf.name) == {INDUSTRY: "Tra de"}


def test_a_label_that_is_none_is_kept_as_asked_for(shelf):
    assert not labels.are_kept(shelf.store, shelf.name, Entity.LEAD, ["Industry"])

    labels.save(shelf.store, shelf.name, Entity.LEAD, {"Industry": "", "Country": "Land"})

    assert labels.are_kept(shelf.store, shelf.name, Entity.LEAD, ["Industry", "Country"])
    assert not labels.are_kept(shelf.store, shelf.name, Entity.LEAD, ["Industry", "City"])
    assert not labels.are_kept(shelf.store, shelf.name, Entity.COMPANY, ["Industry"])


def test_nothing_to_keep_is_well(shelf):
    labels.save(shelf.store, shelf.name, Entity.LEAD, {})

    assert labels.known(shelf.store, shelf.name) == {}


def test_a_mapping_speaks_with_the_labels_of_its_connection(shelf):
    labels.save(shelf.store, shelf.name, Entity.LEAD, {"Industry": "Trade"})
    preset = load_preset("salesforce")

    spoken = labels.spoken(shelf.store, shelf.name, preset)

    assert {feature.name: feature.label for feature in spoken.features}["industry"] == "Trade"
    assert labels.spoken(shelf.store, "other", preset) == preset


def test_a_label_in_the_mapping_wins(shelf):
    labels.save(shelf.store, shelf.name, Entity.LEAD, {"Industry": "Trade"})

    assert labels.spoken(shelf.store, shelf.name, parse(MINIMAL, "x")).features[0].label == "Industry"
