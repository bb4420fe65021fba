"""The words that tell who a person is: what a proof of erasure looks for everywhere.

They are in memory alone, for as long as the proof takes; what is kept of them is how many there were.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from tasks.store.people import Person

MOST = 40  # words that are looked for
LEAST_ID = 6  # a shorter id stands in many a number: it is looked for as an id alone
PACKED = {"records": "data", "enrichments": "data"}
SAID = {"changes": "old", "overrides": "because"}
FIELDS = re.compile(r"name|mail|phone|mobile|fax|street|address|linkedin|twitter|website", re.IGNORECASE)
OF_FIELDS, OF_OTHERS = 4, 8  # letters that a word must have: in a field that tells who somebody is, and in any other
DIGITS = 7
MOMENT = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*")
NUMBER = re.compile(r"[-+]?[\d.,]*")


def ids(who: Person) -> tuple[str, ...]:
    """Name the ids of a person that can be told from any other text: the lead's, and the contact's that it became."""
    return tuple(one for one in who.links if len(one) >= LEAST_ID)


def told(held: Mapping[str, Iterable[Mapping[str, Any]]]) -> tuple[str, ...]:
    """Name the values among a person's rows (`people.held`) that may tell who it is: names and addresses first.

    Others may hold some of them as well; a title or an industry is no such word.
    """
    found = [(not FIELDS.search(field), value.strip()) for field, value in _values(held)]
    words = sorted((other, -len(word), word) for other, word in found if _tells(word, is_named=not other))
    return tuple(dict.fromkeys(word for _, _, word in words))[:MOST]


def _values(held: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Yield (field, value) of what records hold, held before, and others told of them."""
    for table, column in PACKED.items():
        for row in held.get(table, ()):
            found = orjson.loads(row[column]) if row[column] else {}
            yield from ((name, value) for name, value in found.items() if isinstance(value, str))
    for table, column in SAID.items():
        for row in held.get(table, ()):
            if row[column]:
                yield str(row.get("field", "")), row[column]


def _tells(word: str, *, is_named: bool) -> bool:
    """Tell whether a value may stand for one person: an address, a number to call, a name, a text of its own.

    `is_named`: by its name, its field is for such values.
    """
    if MOMENT.fullmatch(word):
        return False
    digits = sum(letter.isdigit() for letter in word)
    if NUMBER.fullmatch(word):
        return digits >= DIGITS and (word.startswith("+") or is_named)
    if "@" in word or digits >= DIGITS:
        return True
    return len(word) >= (OF_FIELDS if is_named else OF_OTHERS)
