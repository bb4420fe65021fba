"""Companies whose values may be out of date, by the key that leads point to: a queue that the roll-up empties.

Whoever looks at a lead, or finds that it points elsewhere or is gone, queues its company in the same transaction;
`mark` adds companies that changed themselves, all of them for other rules, and those with open leads on a new day.
All of these hold the connection's mark (`tasks.store.marks`), as the roll-up does, so that none is lost between.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from connector.crm import Entity
from tasks.store import bulk, marks
from tasks.store.engine import Store
from tasks.store.tables import company_marks, company_scores, company_stale, records

KEY = ("connection", "key")
INTO = "INSERT INTO company_stale (connection, key) "
IF_THERE = " ON CONFLICT (connection, key) DO NOTHING"
ALL = (
    "SELECT DISTINCT connection, link FROM records "
    "WHERE connection = ? AND entity = 'lead' AND gone IS NULL AND link IS NOT NULL"
)
REWARDED = "SELECT DISTINCT connection, key FROM company_scores WHERE connection = ?"
WITH_LEADS = f"{REWARDED} AND leads > 0"
CHANGED = "FROM records WHERE connection || ' ' || entity = ? AND version > ?"
NEWLY_KEYED = f"SELECT DISTINCT connection, key {CHANGED} AND key IS NOT NULL"
KEYED_BEFORE = f"{REWARDED} AND company_id IN (SELECT id {CHANGED})"


def add(tx: Connection, connection: str, keys: Iterable[str]) -> None:
    """Queue the companies of these keys."""
    bulk.upsert(tx, company_stale, KEY, [(connection, key) for key in sorted(set(keys))], update=())


def add_left(tx: Connection, connection: str, keys: Iterable[str]) -> None:
    """Queue the companies of keys that leads have pointed to: those that got something, no other has anything to lose.

    So no key is kept that nobody but a person who was erased may have had.
    """
    where, bound = "connection = ?", (connection,)
    known = bulk.find(tx, company_scores, ("key",), where=where, bound=bound, column="key", values=keys)
    add(tx, connection, [key for (key,) in known])


def keys_of(tx: Connection, connection: str, leads: Iterable[str]) -> set[str]:
    """Tell the keys that these leads point to."""
    where, bound = "connection = ? AND entity = ?", (connection, Entity.LEAD.value)
    found = bulk.find(tx, records, ("link",), where=where, bound=bound, column="id", values=leads)
    return {link for (link,) in found if link}


def mark(store: Store, connection: str, *, rules: str, day: str) -> int:
    """Queue what changed since this was last asked; returns how many keys are in the queue. Repeatable at any time.

    `rules` names all that values depend on beside records and scores, `day` the day as of which leads are open.
    """
    with store.write() as tx:
        at = marks.locked(tx, connection).version
        known = tx.execute(select(company_marks).where(company_marks.c.connection == connection)).one_or_none()
        if known is None or known.rules != rules:
            _insert(tx, ALL, (connection,))
            _insert(tx, REWARDED, (connection,))
        else:
            if at > known.version:
                changed = (f"{connection} {Entity.COMPANY.value}", known.version)
                _insert(tx, NEWLY_KEYED, changed)
                _insert(tx, KEYED_BEFORE, (connection, *changed))
            if day > known.day:
                _insert(tx, WITH_LEADS, (connection,))
        if known is None or (known.version, known.rules, known.day) != (at, rules, day):
            columns = ("connection", "version", "rules", "day")
            bulk.upsert(tx, company_marks, columns, [(connection, at, rules, day)], update=columns[1:])
        return length(tx, connection)


def _insert(tx: Connection, selected: str, parameters: tuple[object, ...]) -> None:
    tx.exec_driver_sql(bulk.sql(tx, INTO + selected + IF_THERE), parameters)


def length(tx: Connection, connection: str) -> int:
    """Count the keys in the queue."""
    mine = company_stale.c.connection == connection
    return int(tx.execute(select(func.count()).select_from(company_stale).where(mine)).scalar_one())


def some(tx: Connection, connection: str, *, size: int) -> list[str]:
    """Return the first keys of the queue; nobody adds to it until the transaction ends."""
    marks.locked(tx, connection)
    mine = select(company_stale.c.key).where(company_stale.c.connection == connection)
    return list(tx.execute(mine.order_by(company_stale.c.key).limit(size)).scalars())


def done(tx: Connection, connection: str, keys: Iterable[str]) -> None:
    """Take these keys out of the queue."""
    bulk.delete(tx, company_stale, KEY, [(connection, key) for key in keys])
