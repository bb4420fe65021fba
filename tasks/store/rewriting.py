"""Notes what the CRM's own flows have made of values that we wrote, as its page comes in: such a text is still ours.

A flow that trims a town or writes it in capitals runs within moments of our write, and the record's stamp says so.
Noted later, when the record has moved on, it could not be told from a person's correction.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from connector.crm import Page
from tasks.store import bulk
from tasks.store.backs import Back
from tasks.store.tables import write_backs
from tasks.store.write_backs import KEY, find


def note(tx: Connection, connection: str, page: Page, changed: Collection[str]) -> None:
    """Keep, beside the digests of what was sent, those of what flows made of it in these records of the page."""
    ours: dict[str, list[Back]] = {}
    for back in find(tx, connection, sorted(changed)):
        ours.setdefault(back.lead_id, []).append(back)
    rows = [(sent, connection, back.lead_id, back.field) for back, sent in _rewritten(page, ours)]
    bulk.update(tx, write_backs, ("sent", *KEY), rows)


def _rewritten(page: Page, ours: dict[str, list[Back]]) -> Iterator[tuple[Back, str]]:
    places = {name: place for place, name in enumerate(page.fields)}
    for record in page.records if ours else ():
        for back in ours.get(record.id, ()) if record.gone is None else ():
            held = record.values[places[back.field]] if back.field in places else None
            if held is not None and back.is_rewritten(held, record.stamp_at):
                yield back, back.noting(back.written or "", held)
