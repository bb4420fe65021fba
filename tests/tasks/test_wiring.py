import pytest

from connector.crm import Entity
from mappings.file.load import preset_text
from tasks.settings import Settings
from tasks.store import labels
from tasks.wiring import open_wiring

CONNECTIONS = """\
connections:
  plain:
    crm: hubspot
    sign_in: {kind: token, token: env:HUBSPOT_TOKEN}
  own:
    crm: hubspot
    mapping: own.yaml
    sign_in: {kind: token, token: env:HUBSPOT_TOKEN}
"""


@pytest.fixture
def wiring(tmp_path):
    own = preset_text("hubspot").replace("{name: industry, ", "{name: industry, label: Trade, ")
    (tmp_path / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    wiring = open_wiring(Settings(home=tmp_path))
    yield wiring
    wiring.store.close()


def called(wiring, name):
    return {feature.name: feature.label for feature in wiring.mapping(name).features}


def test_a_mapping_speaks_as_the_crm_of_its_connection_and_as_its_file_where_that_says_so(wiring):
    before, version = called(wiring, "own"), wiring.mapping("own").version

    labels.save(wiring.store, "own", Entity.LEAD, {"industry": "Branche", "country": "Land"})

    assert (before["industry"], before["country"]) == ("Trade", "Country")
    assert (called(wiring, "own")["industry"], called(wiring, "own")["country"]) == ("Trade", "Land")
    assert called(wiring, "plain")["country"] == "Country"
    assert wiring.mapping("own").version == version
