"""Words that are sought in bytes, whatever their case: as texts, tables, JSON and Excel's plain files spell them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

WHOLE = 6  # a shorter word is found as a word of its own alone: "Bo Li" is no part of "turbo lights"
LETTER = rb"[0-9A-Za-z_\x80-\xff]"


@dataclass(frozen=True, slots=True)
class Sought:
    """Words in small letters: `parts` stand anywhere, `whole` between other signs; `longest` is in bytes."""

    parts: tuple[bytes, ...]
    whole: re.Pattern[bytes] | None
    longest: int

    def stands_in(self, held: bytes) -> bool:
        """Tell whether one of the words stands there."""
        small = held.lower()
        return any(part in small for part in self.parts) or (self.whole is not None and bool(self.whole.search(small)))


def sought(words: Iterable[str]) -> Sought:
    """Make words ready to be looked for; blank ones are none."""
    wanted = [word for word in words if word.strip()]
    parts = sorted({one for word in wanted if len(word) >= WHOLE for one in _bytes(word)})
    short = sorted({one for word in wanted if len(word) < WHOLE for one in _bytes(word)})
    either = b"|".join(map(re.escape, short))
    whole = re.compile(b"(?<!%b)(?:%b)(?!%b)" % (LETTER, either, LETTER)) if short else None
    return Sought(tuple(parts), whole, max(map(len, [*parts, *short]), default=0) + 1)


def spellings(word: str) -> set[str]:
    """Give what a word looks like in small letters, as it is and as JSON has it.

    SQLite, and bytes, make small only the letters of ASCII; so a word in capitals keeps its others.
    """
    small = {word.lower(), _ascii_small(word), _ascii_small(word.upper())}
    return small | {orjson.dumps(one).decode()[1:-1] for one in small}


def _ascii_small(word: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)


def _bytes(word: str) -> set[bytes]:
    """Give the spellings in UTF-8, and in the code page of Western Europe, in which Excel saves a plain CSV file."""
    found = spellings(word)
    return {one.encode() for one in found} | {one.encode("cp1252") for one in found if _in_code_page(one)}


def _in_code_page(word: str) -> bool:
    try:
        word.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
