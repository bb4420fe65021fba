"""Every metadata file that ships for Salesforce is one that the vendor's WSDL takes, and wrong ones are found."""

import json
from pathlib import Path

import pytest

from tests.assets.metadata import problems_in

APP = Path(__file__).resolve().parents[2] / "connector" / "salesforce" / "app"
FILES = sorted(APP.rglob("*-meta.xml"))
SCORE = APP / "force-app/main/default/lwc/truegradeScore/truegradeScore.js-meta.xml"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_metadata_file_is_what_the_wsdl_says(path):
    assert problems_in(path.read_bytes()) == []


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("<isExposed>yes<", "<isExposed>true<", "'yes' is not a valid value"),
        ("<masterLable>Truegrade Score</masterLable>", "<masterLabel>Truegrade Score</masterLabel>", "masterLable"),
        ('type="Medium"', 'type="Large"', "'Medium' is not an element of the set"),
        ('type="Number"', 'type="Integer"', "'Number' is not an element of the set"),
        ("<target>lightning__RecordPage", "<target>lightning__RecordPage</target", "line"),
        ("LightningBundle", "LightningComponentBundle", "the WSDL has no type LightningBundle"),
    ],
)
def test_a_wrong_file_is_found(wrong, right, told):
    text = SCORE.read_text(encoding="utf-8")
    assert right in text

    [problem, *_] = problems_in(text.replace(right, wrong).encode())

    assert told in problem


def test_the_component_is_for_the_four_record_pages_on_desktop_and_phone():
    text = SCORE.read_text(encoding="utf-8")

    for name in ("Lead", "Contact", "Account", "Opportunity"):
        assert f"<object>{name}</object>" in text
    assert text.count("<supportedFormFactor ") == 2
    assert "lightning__RecordPage" in text


def test_every_component_has_its_metadata_and_nothing_else_is_exposed():
    folders = sorted((APP / "force-app/main/default/lwc").iterdir())

    for folder in folders:
        text = (folder / f"{folder.name}.js-meta.xml").read_text(encoding="utf-8")
        assert ("<isExposed>true</isExposed>" in text) == (folder.name == "truegradeScore"), folder.name


def test_the_project_names_the_folders_that_it_has():
    project = json.loads((APP / "sfdx-project.json").read_text(encoding="utf-8"))

    assert all((APP / entry["path"]).is_dir() for entry in project["packageDirectories"])
    assert project["sourceApiVersion"] == "63.0"
