"""Salesforce's ids and describes, in our words."""

import pytest

from connector.crm import Field, Kind
from connector.salesforce.objects import fields_of, long_id


def entry(name, kind, **more):
    return {
        "name": name,
        "label": name,
        "type": kind,
        "updateable": True,
        "length": 0,
        "custom": False,
        "calculated": False,
        "picklistValues": [],
        **more,
    }


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001A000001LjwTv", "001A000001LjwTvIAJ"),  # an example of Salesforce's own documents
        ("000000000000000", "000000000000000AAA"),
        ("ABCDEabcdeABCDE", "ABCDEabcdeABCDE5A5"),
    ],
)
def test_a_short_id_gets_its_suffix(short, long):
    assert long_id(short) == long
    assert long_id(long) == long


def test_fields_are_listed_with_their_kinds():
    describe = {
        "fields": [
            entry("Id", "id", updateable=False, length=18),
            entry("Email", "email", length=80),
            entry("AnnualRevenue", "currency"),
            entry("TG_Fit__c", "double", custom=True, calculated=True),
        ]
    }

    assert fields_of(describe) == (
        Field("Id", "Id", Kind.REFERENCE, writable=False, length=18),
        Field("Email", "Email", Kind.TEXT, length=80),
        Field("AnnualRevenue", "AnnualRevenue", Kind.NUMBER),
        Field("TG_Fit__c", "TG_Fit__c", Kind.NUMBER, custom=True, calculated=True),
    )


@pytest.mark.parametrize(
    ("kind", "sizes", "digits"),
    [
        ("double", {"precision": 5, "scale": 2, "digits": 0}, 3),
        ("percent", {"precision": 3, "scale": 3}, 0),
        ("currency", {"precision": 18, "scale": 0}, 18),
        ("int", {"precision": 0, "digits": 8}, 8),
        ("double", {}, None),
        ("string", {"precision": 5}, None),
    ],
)
def test_a_number_has_so_many_digits_before_its_point(kind, sizes, digits):
    [field] = fields_of({"fields": [entry("Size__c", kind, **sizes)]})

    assert field.whole_digits == digits


@pytest.mark.parametrize(
    ("kind", "sizes", "decimals"),
    [
        ("currency", {"precision": 18, "scale": 2}, 2),
        ("int", {"digits": 8}, 0),
        ("double", {}, None),
        ("string", {"scale": 0}, None),
    ],
)
def test_a_number_is_rounded_to_so_many_digits_after_its_point(kind, sizes, decimals):
    [field] = fields_of({"fields": [entry("Size__c", kind, **sizes)]})

    assert field.decimals == decimals


def test_parts_of_compounds_and_encrypted_texts_are_told():
    entries = [
        entry("Name", "string", compoundFieldName="Name"),
        entry("City", "string", compoundFieldName="Address"),
        entry("Address", "address"),
        entry("Passport__c", "encryptedstring", length=40),
    ]

    fields = fields_of({"fields": entries})

    assert [(field.name, field.part_of, field.masked) for field in fields] == [
        ("Name", "", False),
        ("City", "Address", False),
        ("Passport__c", "", True),
    ]


def test_only_options_in_use_are_listed():
    values = [{"value": "Hot", "active": True}, {"value": "Old", "active": False}]

    [field] = fields_of({"fields": [entry("Rating", "picklist", picklistValues=values)]})

    assert field.options == ("Hot",)


@pytest.mark.parametrize("kind", ["address", "location", "base64", "anyType", "complexvalue"])
def test_what_holds_no_single_value_is_not_listed(kind):
    assert fields_of({"fields": [entry("Address", kind)]}) == ()
