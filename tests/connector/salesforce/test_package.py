"""The package that creates our fields: file by file as reviewed (golden/package), and valid by the vendor's WSDL."""

import io
import zipfile
from pathlib import Path

import pytest

from connector.crm import Kind, NewField
from connector.salesforce import package
from connector.salesforce.package import INTEGRATION, USER
from tests.assets.metadata import problems_in

GOLDEN = Path(__file__).parent / "golden" / "package"

FIELDS = [
    NewField("TG_Score__c", "Truegrade Score", Kind.NUMBER, "1 to 99; higher is likelier to win.", digits=3),
    NewField("TG_Likelihood__c", "Likelihood", Kind.NUMBER, "Chance & horizon", digits=5, decimals=2, percent=True),
    NewField("TG_Grade__c", "Grade", Kind.OPTION, "A to D.", length=2, options=(("A", "A"), ("B", "B"))),
    NewField("TG_Route__c", "Route", Kind.OPTION, "Where the lead goes."),
    NewField("TG_Top_Reason__c", "Top reason", Kind.TEXT, "One sentence.", length=255),
    NewField("TG_Reasons__c", "Reasons", Kind.TEXT, "A line each.", length=4000),
    NewField("TG_Scored_At__c", "Scored at", Kind.INSTANT, "When the values were made."),
]


def unpacked(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def packed(new=FIELDS, sets=(INTEGRATION, USER)):
    granted = [f"Lead.{field.name}" for field in FIELDS]
    fields = [package.custom_field("Lead", field) for field in new]
    return package.packed([*fields, *(package.permission_set(one, granted) for one in sets)], api_version="59.0")


def test_the_package_is_as_reviewed():
    files = unpacked(packed())

    assert files == {str(path.relative_to(GOLDEN)): path.read_text() for path in GOLDEN.rglob("*") if path.is_file()}


def test_every_file_is_valid_by_the_wsdl():
    files = unpacked(packed())

    assert {name: problems_in(content.encode()) for name, content in files.items()} == {name: [] for name in files}


def test_what_the_wsdl_does_not_know_is_found():
    wrong = unpacked(packed())["objects/Lead.object"].replace("<type>Text</type>", "<type>Texxt</type>")

    assert "Texxt" in problems_in(wrong.encode())[0]


def test_what_is_to_be_deleted_is_named_beside_an_empty_manifest():
    files = unpacked(package.packed([], api_version="59.0", doomed=[("CustomField", "Lead.TG_Score__c")]))

    assert set(files) == {"package.xml", "destructiveChanges.xml"}
    assert "<types>" not in files["package.xml"]
    assert "<members>Lead.TG_Score__c</members>" in files["destructiveChanges.xml"]
    assert "<version>" not in files["destructiveChanges.xml"]


def test_the_same_fields_give_the_same_bytes():
    assert packed() == packed()


def test_only_what_is_missing_is_in_it():
    files = unpacked(packed(new=FIELDS[:1], sets=()))

    assert set(files) == {"package.xml", "objects/Lead.object"}
    assert "TG_Grade__c" not in "".join(files.values())


def test_sets_alone_need_no_object_file():
    assert set(unpacked(packed(new=(), sets=(USER,)))) == {"package.xml", "permissionsets/Truegrade_User.permissionset"}


def test_a_kind_that_we_never_write_is_a_bug():
    with pytest.raises(ValueError, match="reference"):
        packed(new=[NewField("TG_X__c", "X", Kind.REFERENCE, "")])
