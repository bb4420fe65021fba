import pytest

from connector.crm import Field, Kind
from tasks.verbs.predicted import judge

FIELDS = (
    Field("TG_Score__c", "Score", Kind.NUMBER),
    Field("TG_Grade__c", "Grade", Kind.OPTION, ("A", "B"), restricted=True),
    Field("TG_Route__c", "Route", Kind.OPTION, ("sales",)),
    Field("TG_Top_Reason__c", "Reason", Kind.TEXT, length=5),
    Field("TG_Model__c", "Model", Kind.TEXT, writable=False),
)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"TG_Score__c": 70, "TG_Grade__c": "A", "tg_top_reason__c": " five5 "}, None),
        ({"TG_Score__c": None, "TG_Grade__c": None, "TG_Top_Reason__c": None}, None),
        ({"TG_Score__c": "hot"}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ({"TG_Grade__c": "C"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"TG_Route__c": "nobody offers this"}, None),
        ({"TG_Top_Reason__c": "sixsix"}, "STRING_TOO_LONG"),
        ({"TG_Model__c": None}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"TG_Fit__c": 3}, "INVALID_FIELD"),
    ],
)
def test_salesforce_s_refusals_are_told_by_its_describe(values, code):
    found = judge("salesforce", FIELDS)(values)

    assert (found.code if found else None) == code


def test_every_picklist_of_hubspot_is_restricted():
    found = judge("hubspot", [Field("tg_route", "Route", Kind.OPTION, ("sales",))])({"tg_route": "Sales"})

    assert found.code == "INVALID_OPTION"
    assert "Sales" in found.told


def test_the_first_field_that_is_refused_is_told():
    found = judge("salesforce", FIELDS)({"TG_Fit__c": 1, "TG_Grade__c": "Z"})

    assert (found.code, found.field) == ("INVALID_FIELD", "TG_Fit__c")
