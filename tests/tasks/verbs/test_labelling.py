import pytest
import requests

from connector.crm import Entity
from mappings.file.load import parse, preset_text
from tasks.store import labels
from tasks.verbs.labelling import note_labels
from tests.tasks.verbs.conftest import NAME

FIELDS = ("industry", "numemployees", "jobtitle", "hs_analytics_source")


def called(house):
    return {feature.name: feature.label for feature in labels.spoken(house.store, NAME, house.mapping).features}


@pytest.fixture
def staffed(house):
    """A house whose portal has a property of its own for the size of a company; HubSpot's own keep their labels."""
    house.mapping = parse(preset_text("hubspot").replace("[company.numberofemployees, numemployees]", "staff"), "x")
    made = {"name": "staff", "type": "number", "fieldType": "number", "groupName": "contactinformation"}
    tell(house, "POST", "", made | {"label": "Headcount"})
    house.portal.edit("contacts", min(house.portal.snapshot("contacts")), {"staff": "250"})
    return house


def tell(house, method, path, content):
    """Change the properties of contacts, as an admin does."""
    address = f"{house.simulator.url}/crm/v3/properties/contacts{path}"
    headers = {"Authorization": "Bearer pat-na1-admin"}
    requests.request(method, address, json=content, headers=headers, timeout=10).raise_for_status()


def asked(house):
    return sum("/properties/" in entry.path for entry in house.simulator.log.entries())


def noted(house, crm, fields=FIELDS, *, mapping=None, again):
    how = {"connection": NAME, "entity": Entity.LEAD, "fields": fields, "again": again}
    note_labels(crm, house.store, mapping or house.mapping, **how)


def test_a_pull_learns_what_the_crm_calls_its_fields(house):
    assert called(house)["employees"] == "Numberofemployees"

    house.pull()

    assert called(house) == called(house) | {
        "employees": "Number of Employees",
        "source": "Original Traffic Source",
        "page_views": "Number of Pageviews",
        "emails_opened": "Marketing emails opened",
        "seniority": "Seniority",
    }


def test_only_labels_that_the_mapping_speaks_with_are_kept(house):
    house.pull()

    kept = {source.field for source in labels.known(house.store, NAME)}
    assert {"industry", "numberofemployees"} <= kept
    assert kept.isdisjoint({"jobtitle", "email", "firstname", "lifecyclestage"})


def test_a_renamed_field_is_noted_when_everything_is_read_and_makes_no_score_anew(staffed):
    staffed.pull()
    staffed.score()
    tell(staffed, "PATCH", "/staff", {"label": "Crew"})

    staffed.pull()
    followed = called(staffed)["employees"]
    staffed.pull(reload=True)
    staffed.mapping = labels.spoken(staffed.store, NAME, staffed.mapping)

    assert (followed, called(staffed)["employees"]) == ("Headcount", "Crew")
    assert staffed.score().looked_at == 0


def test_points_speak_with_the_crms_label_at_once(staffed):
    staffed.pull()
    staffed.mapping = labels.spoken(staffed.store, NAME, staffed.mapping)
    staffed.score()

    told = "\n".join(values.get("tg_reasons", "") for values in staffed.said().values())

    assert "Headcount: 250 (+15 points)" in told


def test_following_asks_only_for_what_was_never_kept(house):
    house.pull()
    house.simulator.log.clear()

    noted(house, house.crm(), again=False)
    quiet = asked(house)
    noted(house, house.crm(), (*FIELDS, "annualrevenue", "country"), again=False)
    noted(house, house.crm(), again=True)

    assert quiet == 0
    assert asked(house) == 1


def test_an_installation_from_before_labels_were_kept_learns_them_as_it_follows(house):
    house.pull()
    with house.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM labels")

    house.pull()

    assert called(house)["forms"] == "Number of Form Submissions"


def test_a_mapping_that_labels_all_features_asks_nothing(house):
    text = """\
version: 1
crm: hubspot
outcome: {milestone: converted, horizon_days: 30, created: createdate, converted_at: closedate}
features:
  - {name: industry, label: Trade, kind: category, family: fit, from: industry}
"""

    noted(house, house.crm(), mapping=parse(text, "x"), again=True)

    assert asked(house) == 0
