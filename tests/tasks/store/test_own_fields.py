"""Which scores are sent again when our fields are made anew: those of the records whose fields they are."""

import pytest
from sqlalchemy import insert, select

from connector.crm import Entity
from tasks.store import own_fields
from tasks.store.tables import company_scores, scores
from tests.tasks.store.conftest import hold

AT = "2026-03-01T12:00:00.000000Z"
SENT = {"connection": "sf", "state": "written", "waiting": 0, "outputs": "{}", "outputs_hash": "h", "written_hash": "h"}


def filled(table, **given):
    """A row with what the table cannot be without."""
    blank = {column.name: 0 if "INT" in str(column.type) else AT for column in table.columns if not column.nullable}
    return blank | SENT | {"written_at": AT} | given


@pytest.fixture(autouse=True)
def sent(store):
    hold(store, "sf", "L1")
    with store.write() as tx:
        tx.execute(insert(scores).values(filled(scores, lead_id="L1")))
        tx.execute(insert(company_scores).values(filled(company_scores, company_id="C1")))


def waiting(store):
    with store.read() as tx:
        return tuple(tx.execute(select(table.c.waiting)).scalar_one() for table in (scores, company_scores))


@pytest.mark.parametrize(
    ("of", "told"),
    [((Entity.LEAD,), (1, 0)), ((Entity.COMPANY,), (0, 1)), ((Entity.LEAD, Entity.COMPANY), (1, 1)), ((), (0, 0))],
)
def test_only_those_go_again_whose_fields_are_new(store, of, told):
    own_fields.forget(store, "sf", of)

    assert waiting(store) == told


def test_all_go_again_when_everything_was_taken_out(store):
    own_fields.forget(store, "sf")

    assert waiting(store) == (1, 1)
