"""What outlives a lead that is gone: digests of the values that we may have written to it.

A record that was deleted can come back, and one that was merged lives on in another. What stands there of ours would
be taken for a person's, so that digests are kept as long as the lead's id is; they tell no value.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, exists, select

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.backs import Back, State
from tasks.store.engine import Store
from tasks.store.tables import records, write_backs
from tasks.store.write_backs import KEY, find

GONE = ("value", "state", "written", "message", "sent", *KEY)
HEIR = (*KEY, "source", "value", "state", "planned_at", "times", "sent")
_EVER = "1970-01-01T00:00:00.000Z"  # of what was on its way to another lead when somebody stopped


def keep(tx: Connection, connection: str, gone: Mapping[str, str | None]) -> None:
    """Keep the digests alone of what may be ours, for whoever leads that are gone come back as.

    `gone` names the lead that each was merged into, if any: what may be ours there is known for that one, too.
    """
    digests = {back: _digests(back) for back in find(tx, connection, gone)}
    kept = {back: sent for back, sent in digests.items() if sent}
    if kept:
        _inherit(tx, connection, kept, _merges(tx, connection, gone))
    rows = []
    for back, sent in kept.items():
        state = State.THEIRS if back.state == State.THEIRS else State.KNOWN
        rows.append(("", state.value, None, None, sent, connection, back.lead_id, back.field))
    bulk.update(tx, write_backs, GONE, rows)
    nothing = [(connection, back.lead_id, back.field) for back, sent in digests.items() if not sent]
    bulk.delete(tx, write_backs, KEY, nothing)


def _digests(back: Back) -> str:
    return back.noting(*filter(None, [back.written]))


def _inherit(tx: Connection, connection: str, kept: Mapping[Back, str], gone: Mapping[str, str | None]) -> None:
    """Add the digests to those of the leads that the others were merged into."""
    heirs = {back: heir for back in kept if (heir := _heir(back.lead_id, gone))}
    sents = {(one.lead_id, one.field): _digests(one) for one in find(tx, connection, heirs.values())}
    rows = {}
    for back, heir in heirs.items():
        key = (heir, back.field)
        sents[key] = " ".join(dict.fromkeys([*sents.get(key, "").split(), *kept[back].split()]))
        own = (back.source, "", State.KNOWN.value, back.written_at or _EVER, 0)
        rows[key] = (connection, *key, *own, sents[key])
    bulk.upsert(tx, write_backs, HEIR, list(rows.values()), update=("sent",))


def _merges(tx: Connection, connection: str, gone: Mapping[str, str | None]) -> dict[str, str | None]:
    """Add to these merges those of earlier pages that they lead to: what they were merged into may be gone itself."""
    found, where = dict(gone), "connection = ? AND entity = ? AND gone IS NOT NULL"
    bound, columns = (connection, Entity.LEAD.value), ("id", "merged_into")
    while asked := {heir for heir in found.values() if heir is not None} - found.keys():
        found |= dict.fromkeys(asked)  # one that is alive leads no further
        found |= dict(bulk.find(tx, records, columns, where=where, bound=bound, column="id", values=sorted(asked)))
    return found


def _heir(lead: str, gone: Mapping[str, str | None]) -> str | None:
    """Follow merges to the lead that is left, or that was deleted since and can come back."""
    passed, heir = {lead}, gone.get(lead)
    while heir is not None and heir not in passed and (after := gone.get(heir)) is not None:
        passed.add(heir)
        heir = after
    return heir


def forget(store: Store) -> int:
    """Delete what outlived leads whose very ids are no longer kept; returns how many rows went."""
    same = (records.c.connection == write_backs.c.connection) & (records.c.id == write_backs.c.lead_id)
    here = exists(select(records.c.id).where(same & (records.c.entity == Entity.LEAD.value)))
    with store.write() as tx:
        return tx.execute(delete(write_backs).where(~here)).rowcount
