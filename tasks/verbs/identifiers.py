"""The words that tell who a person is: what a proof of erasure looks for everywhere.

They are in memory alone, for as long as the proof takes; what is kept of them is how many there were.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from tasks.store.people import Person

MOST, MOST_IDENTIFIERS = 40, 200  # words that are looked for, and at most those that identify by themselves
IDENTIFIES, NAMES, TELLS = range(3)  # what comes first
LEAST_ID = 6  # a shorter id stands in many a number: it is looked for as an id alone
PACKED = {"records": "data", "enrichments": "data"}
SAID = {"changes": "old", "overrides": "because"}
FIELDS = re.compile(r"name|mail|phone|mobile|fax|street|address|linkedin|twitter|website", re.IGNORECASE)
TEXTS = re.compile(r"subject|title|body|text|preview|comment|description|domain", re.IGNORECASE)
NUMBERED = re.compile(r"phone|mobile|fax", re.IGNORECASE)
FIRST, LAST = re.compile(r"first_?name", re.IGNORECASE), re.compile(r"(?:last|family)_?name|surname", re.IGNORECASE)
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
OF_FIELDS, OF_OTHERS = 4, 8  # letters that a word must have: in a field that tells who somebody is, and in any other
DIGITS = 7
MOMENT = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*")
NUMBER = re.compile(r"[-+]?[\d.,]*")


def ids(who: Person) -> tuple[str, ...]:
    """Name the ids of a person that can be told from any other text: the lead's, and the contact's that it became."""
    return tuple(one for one in who.links if len(one) >= LEAST_ID)


def told(held: Mapping[str, Iterable[Mapping[str, Any]]]) -> tuple[str, ...]:
    """Name the values among a person's rows (`people.held`) that may tell who it is: what identifies alone first.

    Those are e-mail addresses, numbers to call and full names; then come names and addresses, then texts. Others may
    hold some of them as well; a title or an industry is no such word.
    """
    found = [(_rank(field, value), value) for field, value in ((name, value.strip()) for name, value in _values(held))]
    words = [(rank, word) for rank, word in found if rank == IDENTIFIES or _tells(word, is_named=rank == NAMES)]
    words += [(IDENTIFIES, name) for name in _full_names(held)]
    ordered = sorted((rank, -len(word), word) for rank, word in words)
    identifying = list(dict.fromkeys(word for rank, _, word in ordered if rank == IDENTIFIES))[:MOST_IDENTIFIERS]
    others = [word for rank, _, word in ordered if rank != IDENTIFIES and word not in identifying]
    return (*identifying, *list(dict.fromkeys(others))[: max(0, MOST - len(identifying))])


def _rank(field: str, value: str) -> int:
    if ADDRESS.fullmatch(value) or (NUMBERED.search(field) and _is_to_call(value)):
        return IDENTIFIES
    return NAMES if FIELDS.search(field) and not TEXTS.search(field) else TELLS


def _is_to_call(value: str) -> bool:
    return sum(letter.isdigit() for letter in value) >= DIGITS and not MOMENT.fullmatch(value)


def _full_names(held: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield first and last name together, in either order, with those that were held before."""
    first, last = set[str](), set[str]()
    for field, value in _values(held):
        for pattern, names in ((FIRST, first), (LAST, last)):
            if pattern.fullmatch(field) and value.strip():
                names.add(value.strip())
    for one, other in itertools.product(sorted(first), sorted(last)):
        yield from (f"{one} {other}", f"{other}, {one}")


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
