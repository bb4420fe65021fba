"""The rows of a bulk job on disk."""

from contextlib import closing

import pytest

from connector.crm import Kind, Update
from connector.errors import Misconfigured
from connector.salesforce.options import SalesforceOptions
from connector.salesforce.spool import Spool

KINDS = {"Score__c": Kind.NUMBER, "Reasons__c": Kind.TEXT}
LONG = "001A000001LjwTvIAJ"


def row(number, **values):
    return Update(f"00Q{number:012}AAA", values)


def spool(columns=("Score__c", "Reasons__c"), **options):
    return closing(Spool(columns, KINDS, SalesforceOptions(**options)))


def test_the_file_is_what_the_vendor_documents():
    rows = [
        Update("001A000001LjwTv", {"Score__c": 87, "Reasons__c": 'a "b",\nÜ\0'}),
        row(1, Score__c=None, Reasons__c=""),
        row(2, Reasons__c="only this"),
        row(3, Score__c=12.34),
    ]

    with spool() as full:
        assert full.fill(iter(rows)) == []
        text = full.rows().read().decode()

    assert text == (
        "Id,Score__c,Reasons__c\n"
        f'{LONG},87,"a ""b"",\nÜ"\n'
        "00Q000000000001AAA,#N/A,#N/A\n"
        "00Q000000000002AAA,,only this\n"
        "00Q000000000003AAA,12.34,\n"
    )


def test_rows_come_back_as_they_went_in():
    rows = [
        Update("001A000001LjwTv", {"Score__c": 87, "Reasons__c": "a\r\nb"}),
        row(1, Score__c=None),
        row(2, Score__c=1.5),
    ]

    with spool() as full:
        full.fill(iter(rows))

        assert list(full.updates({LONG, "00Q000000000002AAA"})) == [rows[0], rows[2]]
        assert list(full.updates(set(full.waiting))) == rows


def test_only_rows_that_wait_go_into_the_next_job():
    with spool() as full:
        full.fill(row(number, Score__c=number) for number in range(5))
        for number in (0, 3):
            del full.waiting[f"00Q{number:012}AAA"]

        lines = full.rows().read().decode().splitlines()

    assert [line.split(",")[1] for line in lines] == ["Score__c", "1", "2", "4"]


@pytest.mark.parametrize(("options", "taken"), [({"bulk_job_rows": 700}, 700), ({"bulk_job_bytes": 20_000}, 1_000)])
def test_a_job_has_a_size(options, taken):
    rows = iter([row(number, Score__c=7) for number in range(2_000)])

    with spool(**options) as full:
        assert full.fill(rows) == []
        assert len(full.waiting) == taken

    assert len(list(rows)) == 2_000 - taken


def test_a_row_with_a_column_of_its_own_is_given_back():
    other = row(2, Score__c=1, Reasons__c="x")

    with spool(columns=("Score__c",)) as full:
        left = full.fill(iter([row(1, Score__c=1), other, row(3, Score__c=1)]))

        assert left == [other]
        assert len(full.waiting) == 1


def test_a_field_that_is_not_shown_is_named():
    with pytest.raises(Misconfigured, match="Other__c"):
        Spool(("Other__c",), KINDS, SalesforceOptions())


def test_two_rows_for_one_record_are_refused():
    with spool() as full, pytest.raises(ValueError, match="same record"):
        full.fill(iter([Update("001A000001LjwTv", {}), Update(LONG, {})]))
