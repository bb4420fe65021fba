"""Where words stand in the store: every column of every table is looked at, whatever its case."""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import ColumnElement, Connection, Table, Text, case, cast, func, or_, select

from tasks.store import tables
from tasks.store.engine import Store

AT_ONCE = 20  # words that one pass over the records looks for


def naming(store: Store, *words: str) -> dict[str, int]:
    """Count the rows of each table in which one of these words stands in any column, whatever its case."""
    with store.read() as tx:
        counts = {table.name: _number(tx, table, words) for table in tables.metadata.sorted_tables}
    return {name: number for name, number in counts.items() if number}


def shared(tx: Connection, words: Sequence[str]) -> set[str]:
    """Tell which of these words stand in a record that is here, of whatever connection."""
    records, found = tables.records, set()
    for start in range(0, len(words), AT_ONCE):
        some = words[start : start + AT_ONCE]
        held = [func.max(case((_holds(records.c.data, [word]), 1), else_=0)) for word in some]
        [row] = tx.execute(select(*held)).all()
        found |= {word for word, is_there in zip(some, row, strict=True) if is_there}
    return found


def spellings(word: str) -> set[str]:
    """Give what a word looks like in small letters, as it is and as JSON has it.

    SQLite makes small only the letters of ASCII.
    """
    ascii_small = "".join(letter.lower() if letter.isascii() else letter for letter in word)
    small = {word.lower(), ascii_small}
    return small | {orjson.dumps(one).decode()[1:-1] for one in small}


def _number(tx: Connection, table: Table, words: Iterable[str]) -> int:
    texts = [column for column in table.columns if isinstance(column.type, Text)]
    wanted = list(words)
    if not texts or not wanted:
        return 0
    near = or_(*(_holds(column, wanted) for column in texts))
    return int(tx.execute(select(func.count()).select_from(table).where(near)).scalar_one())


def _holds(column: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    small = func.lower(cast(column, Text))
    return or_(*(small.contains(one, autoescape=True) for word in words for one in sorted(spellings(word))))
