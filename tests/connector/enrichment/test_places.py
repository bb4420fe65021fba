from zoneinfo import ZoneInfo

import pytest

from connector.enrichment.places import place, places
from mappings import lexicon


def test_a_country_is_found_by_code_and_name():
    assert place("de").name == "Germany"
    assert place(" Germany ").time_zone == "Europe/Berlin"
    assert place("US").time_zone == ""
    assert place("Atlantis") is None
    assert place(None) is None


def test_every_country_that_our_spellings_mean_is_there():
    assert [name for name in set(lexicon.countries().values()) if place(name) is None] == []


def test_every_place_is_whole():
    known = set(places().values())

    assert len(known) == 249
    for one in known:
        assert len(one.code) == 2
        assert one.name
        assert one.continent in {"Africa", "Asia", "Europe", "North America", "Oceania", "South America"}
        assert one.subregion
        if one.time_zone:
            ZoneInfo(one.time_zone)


@pytest.mark.parametrize(("code", "language"), [("FR", "fr"), ("BR", "pt"), ("JP", "ja"), ("AT", "de"), ("NO", "no")])
def test_a_country_has_a_language(code, language):
    assert place(code).language == language
