"""The scores that the CRM should hold: to be compared with what our fields hold, and queued again where they differ."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.scores import State
from tasks.store.tables import scores
from tasks.store.times import to_text

AT_REST = (
    "connection = ? AND state = 'written' AND waiting = 0 AND outputs IS NOT NULL AND outputs_hash = written_hash "
    "AND (written_at IS NULL OR written_at < ?)"
)
AGAIN = ("state", "waiting", "written_hash", "outputs_hash", "connection", "lead_id")


class Written(NamedTuple):
    """A score that was written: `outputs` are its values for the CRM by field, as JSON."""

    lead_id: str
    outputs: str
    outputs_hash: str


def written(store: Store, connection: str, leads: Sequence[str], *, before: datetime) -> list[Written]:
    """Return those of the leads' scores that the CRM holds since before that moment and that nobody is to send."""
    with store.read() as tx:
        bound = (connection, to_text(before))
        found = bulk.find(tx, scores, Written._fields, where=AT_REST, bound=bound, column="lead_id", values=leads)
    return list(map(Written._make, found))


def requeue(store: Store, connection: str, rows: Sequence[Written]) -> int:
    """Let the next push send these scores once more, but those that were scored anew meanwhile; returns how many.

    What the CRM holds of them is no longer known. Repeatable.
    """
    wanted = [(State.PENDING.value, 1, None, row.outputs_hash, connection, row.lead_id) for row in rows]
    with store.write() as tx:
        return bulk.update(tx, scores, AGAIN, wanted, if_still=("outputs_hash",))


BOTH = (Entity.LEAD, Entity.COMPANY)


def forget(store: Store, connection: str, of: Collection[Entity] = BOTH) -> None:
    """Let the next push send every score of the connection, of leads and of companies: our fields are made anew.

    They were taken out of the CRM, or are about to be created, `of` these records. Repeatable. Excluded leads stay as
    they are.
    """
    leads = (
        "UPDATE scores SET state = 'pending', waiting = 1, written_hash = NULL, written_at = NULL, "
        "previous_score = NULL, previous_at = NULL, previous_inputs = NULL "
        "WHERE connection = ? AND state <> 'excluded' AND outputs IS NOT NULL"
    )
    companies = (
        "UPDATE company_scores SET state = 'pending', waiting = 1, written_hash = NULL, written_at = NULL "
        "WHERE connection = ? AND outputs IS NOT NULL"
    )
    with store.write() as tx:
        for entity, statement in ((Entity.LEAD, leads), (Entity.COMPANY, companies)):
            if entity in of:
                tx.exec_driver_sql(bulk.sql(tx, statement), (connection,))
