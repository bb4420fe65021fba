"""Where words stand in the store: every column of every table is looked at, whatever its case."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, Text, case, cast, false, func, or_, select

from connector.crm import Entity
from tasks.store import tables
from tasks.store.engine import Store
from tasks.store.words import NAME, WHOLE, is_name, longer, sought, spellings

NAME_PARTS = 4
NOBODY = (Entity.DEAL.value, Entity.COMPANY.value)
AT_ONCE = 20  # words that one pass over the records looks for


def naming(store: Store, *words: str) -> dict[str, int]:
    """Count the rows of each table in which one of these words stands in any column, whatever its case."""
    with store.read() as tx:
        counts = {str(table.name): _number(tx, table, words) for table in tables.metadata.sorted_tables}
    return {name: number for name, number in counts.items() if number}


def of_others(store: Store, words: Iterable[str]) -> set[str]:
    """Give the words of rows, in small letters, that one of these is only a part of: "ann parker" of Ann Park."""
    names, found = [word for word in words if is_name(word)], set[str]()
    with store.read() as tx:
        for table in tables.metadata.sorted_tables if names else ():
            for row in tx.execute(_near(table, names)):
                found |= {word for held in row if held is not None for word in longer(held, names)}
    return found


def shared(tx: Connection, words: Sequence[str]) -> set[str]:
    """Tell which of these words stand in a record that is here, of whatever connection: also names in two fields.

    The id of a deal or a company that is here is theirs, too: a lead names the deal that it became.
    """
    records, wanted = tables.records, sorted(set(words))
    ids = records.c.entity.in_(NOBODY) & records.c.id.in_(wanted)
    found = set(tx.execute(select(records.c.id).where(ids)).scalars())
    for start in range(0, len(words), AT_ONCE):
        some = words[start : start + AT_ONCE]
        held = [
            func.max(case((or_(_holds(records.c.data, [word]), *_in_two_fields(word)), 1), else_=0)) for word in some
        ]
        [row] = tx.execute(select(*held)).all()
        found |= {word for word, is_there in zip(some, row, strict=True) if is_there}
    return found


def _in_two_fields(word: str) -> Iterator[ColumnElement[bool]]:
    """Tell records that hold a full name in two values of their own: the first name, and the last."""
    parts, data = word.replace(",", " ").split(), tables.records.c.data
    if NAME.fullmatch(word) and len(parts) <= NAME_PARTS:
        for at in range(1, len(parts)):
            yield _holds(data, [f'"{" ".join(parts[:at])}"']) & _holds(data, [f'"{" ".join(parts[at:])}"'])


def _number(tx: Connection, table: Table, words: Iterable[str]) -> int:
    wanted = [word for word in words if word.strip()]
    if not _texts(table) or not wanted:
        return 0
    near = _near(table, wanted)
    if all(len(word) >= WHOLE and not is_name(word) for word in wanted):
        return int(tx.execute(select(func.count()).select_from(near.subquery())).scalar_one())
    names = _telling(wanted)
    return sum(any(held is not None and names(held) for held in row) for row in tx.execute(near))


def _texts(table: Table) -> list[Column[str]]:
    return [column for column in table.columns if isinstance(column.type, Text)]


def _near(table: Table, words: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Select the texts of the rows in which one of these words stands, also as a part of another."""
    texts = _texts(table)
    return select(*texts).where(or_(false(), *(_holds(column, words) for column in texts)))


def _telling(words: Sequence[str]) -> Callable[[str], bool]:
    """Give what tells whether a column's text has one of the words. A short number is an id, never a number of JSON."""
    ids = [word for word in words if word.isdigit() and len(word) < WHOLE]
    others = sought(word for word in words if word not in ids)
    alone = re.compile(rf"(?:^|[\s\"';/])(?:{'|'.join(ids)})(?:$|[\s\"';/])") if ids else None
    return lambda held: others.stands_in(held.encode()) or (alone is not None and bool(alone.search(held)))


def _holds(column: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    small = func.lower(cast(column, Text))
    return or_(*(small.contains(one, autoescape=True) for word in words for one in sorted(spellings(word))))
