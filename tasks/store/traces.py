"""Where words stand in the store: every column of every table is looked at, whatever its case."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Table, Text, case, cast, func, or_, select

from tasks.store import tables
from tasks.store.engine import Store
from tasks.store.words import WHOLE, sought, spellings

NAME, NAME_PARTS = re.compile(r"[^\W\d_][^\d@;:/]{1,60}"), 4
AT_ONCE = 20  # words that one pass over the records looks for


def naming(store: Store, *words: str) -> dict[str, int]:
    """Count the rows of each table in which one of these words stands in any column, whatever its case."""
    with store.read() as tx:
        counts = {table.name: _number(tx, table, words) for table in tables.metadata.sorted_tables}
    return {name: number for name, number in counts.items() if number}


def shared(tx: Connection, words: Sequence[str]) -> set[str]:
    """Tell which of these words stand in a record that is here, of whatever connection: also names in two fields."""
    records, found = tables.records, set()
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
    texts = [column for column in table.columns if isinstance(column.type, Text)]
    wanted = [word for word in words if word.strip()]
    if not texts or not wanted:
        return 0
    near = or_(*(_holds(column, wanted) for column in texts))
    if min(map(len, wanted)) >= WHOLE:
        return int(tx.execute(select(func.count()).select_from(table).where(near)).scalar_one())
    names = _telling(wanted)
    return sum(any(held is not None and names(held) for held in row) for row in tx.execute(select(*texts).where(near)))


def _telling(words: Sequence[str]) -> Callable[[str], bool]:
    """Give what tells whether a column's text has one of the words. A short number is an id, never a number of JSON."""
    ids = [word for word in words if word.isdigit() and len(word) < WHOLE]
    others = sought(word for word in words if word not in ids)
    alone = re.compile(rf"(?:^|[\s\"';/])(?:{'|'.join(ids)})(?:$|[\s\"';/])") if ids else None
    return lambda held: others.stands_in(held.encode()) or (alone is not None and bool(alone.search(held)))


def _holds(column: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    small = func.lower(cast(column, Text))
    return or_(*(small.contains(one, autoescape=True) for word in words for one in sorted(spellings(word))))
